package io.attentionflow.benchmarks.forest;

import com.yahoo.labs.samoa.instances.Attribute;
import com.yahoo.labs.samoa.instances.DenseInstance;
import com.yahoo.labs.samoa.instances.Instance;
import com.yahoo.labs.samoa.instances.Instances;
import com.yahoo.labs.samoa.instances.InstancesHeader;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import moa.options.ClassOption;
import moa.options.OptionHandler;
import moa.streams.ArffFileStream;
import moa.streams.ExampleStream;
import moa.streams.InstanceStream;

/**
 * A stream of labelled rows, in both learners' terms.
 *
 * @param name of the stream
 * @param header attributes, the last of them the class
 * @param instances as MOA takes them
 * @param vectors the same, as the forest takes them
 * @param schema what stands where in them
 * @param order what happens: a row's index where it is asked about, the index's complement where
 *     its label is told
 */
@SuppressWarnings("ArrayRecordComponent") // large, and never changed
record Rows(
    String name,
    InstancesHeader header,
    List<Instance> instances,
    List<FeatureVector> vectors,
    FeatureSchema schema,
    int[] order) {

  private static final Pattern BLANKS = Pattern.compile("\\s+");

  int label(int row) {
    return (int) instances.get(row).classValue();
  }

  int size() {
    return instances.size();
  }

  /** From a generator of MOA, given as on its command line. */
  static Rows generated(String name, String commandLine, int examples) {
    ExampleStream<?> stream;
    try {
      stream =
          (ExampleStream<?>) ClassOption.cliStringToObject(commandLine, InstanceStream.class, null);
    } catch (Exception e) {
      throw new IllegalArgumentException("No stream is made by " + commandLine, e);
    }
    ((OptionHandler) stream).prepareForUse();
    return of(name, stream, examples);
  }

  /** From an ARFF file, the class last. */
  static Rows arff(Path file, int examples) {
    ArffFileStream stream = new ArffFileStream(file.toString(), -1);
    stream.prepareForUse();
    return of(nameOf(file), stream, examples);
  }

  private static Rows of(String name, ExampleStream<?> stream, int examples) {
    List<Instance> instances = new ArrayList<>();
    while (instances.size() < examples && stream.hasMoreInstances()) {
      instances.add((Instance) stream.nextInstance().getData());
    }
    return of(name, stream.getHeader(), instances);
  }

  /** From two files: numbers, blank between them, a row a line; and a class number a line. */
  static Rows table(Path data, Path labels, int examples) throws IOException {
    List<String> lines = Files.readAllLines(data);
    List<String> classes = Files.readAllLines(labels).stream().map(String::strip).toList();
    int width = numbers(lines.get(0)).length;
    List<Attribute> attributes = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      attributes.add(new Attribute("number" + i));
    }
    List<String> names = classes.stream().distinct().sorted().toList();
    attributes.add(new Attribute("class", names));
    InstancesHeader header = new InstancesHeader(new Instances(nameOf(data), attributes, 0));
    header.setClassIndex(width);
    List<Instance> instances = new ArrayList<>();
    for (int row = 0; row < Math.min(examples, lines.size()); row++) {
      double[] cells = numbers(lines.get(row));
      Instance instance = new DenseInstance(width + 1);
      instance.setDataset(header);
      for (int i = 0; i < width; i++) {
        instance.setValue(i, cells[i]);
      }
      instance.setClassValue(names.indexOf(classes.get(row)));
      instances.add(instance);
    }
    return of(nameOf(data), header, instances);
  }

  private static double[] numbers(String line) {
    return BLANKS.splitAsStream(line.strip()).mapToDouble(Double::parseDouble).toArray();
  }

  static String nameOf(Path file) {
    return file.getFileName().toString().replaceFirst("(\\.[a-z]+)+$", "");
  }

  private static Rows of(String name, InstancesHeader header, List<Instance> instances) {
    List<Integer> numbers = new ArrayList<>();
    List<Integer> keys = new ArrayList<>();
    List<String> numberNames = new ArrayList<>();
    List<String> keyNames = new ArrayList<>();
    for (int i = 0; i < header.numAttributes() - 1; i++) {
      boolean nominal = header.attribute(i).isNominal();
      (nominal ? keys : numbers).add(i);
      (nominal ? keyNames : numberNames).add(header.attribute(i).name());
    }
    List<FeatureVector> vectors = new ArrayList<>(instances.size());
    for (Instance instance : instances) {
      double[] vectorNumbers = new double[numbers.size()];
      for (int i = 0; i < vectorNumbers.length; i++) {
        vectorNumbers[i] = instance.value(numbers.get(i));
      }
      long[] vectorKeys = new long[keys.size()];
      for (int i = 0; i < vectorKeys.length; i++) {
        vectorKeys[i] = 1 + (long) instance.value(keys.get(i));
      }
      vectors.add(new FeatureVector(vectorNumbers, vectorKeys));
    }
    return new Rows(
        name,
        header,
        instances,
        vectors,
        FeatureSchema.ofRows(name + "/1", numberNames, keyNames, header.numClasses()),
        atOnce(instances.size()));
  }

  /** Each row is asked about, and told. */
  private static int[] atOnce(int rows) {
    int[] order = new int[2 * rows];
    for (int row = 0; row < rows; row++) {
      order[2 * row] = row;
      order[2 * row + 1] = ~row;
    }
    return order;
  }
}
