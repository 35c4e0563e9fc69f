package io.attentionflow.simulation.trace;

import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.Keys;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows in the Attribute-Relation File Format, plain or packed.
 *
 * <p>Numbers become numeric features, nominal attributes and texts become keys, {@code ?} is
 * unknown. Sparse rows are read, too; dates and relations are refused. The class is a nominal
 * attribute, the last one unless another is named.
 */
public final class ArffRows {

  private ArffRows() {}

  /**
   * Reads rows.
   *
   * @param classAttribute which attribute is the class, in any case; null: the last
   * @param start how many rows to leave out, at least 0
   * @param count the most rows to keep, at least 0
   * @throws TraceFormatException if the head cannot be read, there is no such class, or no row can
   *     be read
   * @throws IOException if the file cannot be read
   */
  public static LabelledRows read(Path file, @Nullable String classAttribute, int start, int count)
      throws IOException {
    Reading reading = new Reading(LineSource.name(file), start, count);
    try (BufferedReader in = LineSource.open(file)) {
      reading.readHead(in);
      reading.chooseClass(classAttribute);
      reading.readRows(in);
    }
    return reading.rows();
  }

  /**
   * A column.
   *
   * @param values position of each value of a nominal one, in that order; null: it is none
   */
  private record Attribute(String name, boolean isNumber, @Nullable Map<String, Integer> values) {}

  /** What has been read so far of one file. */
  private static final class Reading {
    private final String file;
    private final int start;
    private final int count;
    private final LineCount.Counter lines = new LineCount.Counter();
    private final List<Attribute> attributes = new ArrayList<>();
    private final List<FeatureVector> rows = new ArrayList<>();
    private final IntStream.Builder labels = IntStream.builder();
    private Map<String, Integer> classes = Map.of();
    private int classPosition;
    private int[] features = {};
    private int numbers;
    private int line;
    private int seen;

    Reading(String file, int start, int count) {
      this.file = file;
      this.start = start;
      this.count = count;
    }

    void readHead(BufferedReader in) throws IOException {
      for (String text = in.readLine(); text != null; text = in.readLine()) {
        line++;
        String stripped = text.strip();
        String lower = stripped.toLowerCase(Locale.ROOT);
        if (lower.startsWith("@data")) {
          return;
        }
        if (lower.startsWith("@attribute")) {
          attributes.add(attribute(stripped.substring("@attribute".length())));
        } else if (!stripped.isEmpty()
            && !stripped.startsWith("%")
            && !lower.startsWith("@relation")) {
          throw wrong("neither a comment nor a declaration: " + stripped);
        }
      }
      throw wrong("there is no @data");
    }

    private Attribute attribute(String declared) throws TraceFormatException {
      ArffLine text = new ArffLine(declared);
      try {
        String name = text.word();
        if (text.startsWith('{')) {
          Map<String, Integer> values = new LinkedHashMap<>();
          for (String value : text.braced()) {
            values.putIfAbsent(value, values.size());
          }
          return new Attribute(name, false, values);
        }
        String type = text.word().toLowerCase(Locale.ROOT);
        return switch (type) {
          case "numeric", "real", "integer" -> new Attribute(name, true, null);
          case "string" -> new Attribute(name, false, null);
          default ->
              throw new IllegalArgumentException(
                  "attribute %s is of type %s; there are: numeric, real, integer, string, {...}"
                      .formatted(name, type));
        };
      } catch (IllegalArgumentException e) {
        throw wrong(e.getMessage());
      }
    }

    void chooseClass(@Nullable String name) throws TraceFormatException {
      classPosition = attributes.size() - 1;
      for (int i = 0; name != null && i < attributes.size(); i++) {
        if (attributes.get(i).name.equalsIgnoreCase(name)) {
          classPosition = i;
          name = null;
        }
      }
      if (name != null || attributes.isEmpty()) {
        throw new TraceFormatException(
            "%s: no attribute %s; there are: %s"
                .formatted(
                    file,
                    name == null ? "at all" : name,
                    attributes.stream().map(Attribute::name).toList()));
      }
      Map<String, Integer> values = attributes.get(classPosition).values;
      if (values == null || values.size() < 2) {
        throw new TraceFormatException(
            "%s: the class %s is not one of several names"
                .formatted(file, attributes.get(classPosition).name));
      }
      classes = values;
      features = IntStream.range(0, attributes.size()).filter(i -> i != classPosition).toArray();
      numbers = (int) Arrays.stream(features).filter(i -> attributes.get(i).isNumber).count();
    }

    void readRows(BufferedReader in) throws IOException {
      for (String text = in.readLine(); text != null && rows.size() < count; text = in.readLine()) {
        line++;
        if (text.isBlank() || text.startsWith("%")) {
          continue;
        }
        try {
          read(cells(new ArffLine(text)));
          lines.used();
        } catch (IllegalArgumentException bad) {
          lines.bad(file, line, String.valueOf(bad.getMessage()));
        }
      }
    }

    private List<@Nullable String> cells(ArffLine text) {
      if (!text.startsWith('{')) {
        List<@Nullable String> cells = text.cells();
        if (cells.size() != attributes.size()) {
          throw new IllegalArgumentException(
              "%d cells for %d attributes".formatted(cells.size(), attributes.size()));
        }
        return cells;
      }
      List<@Nullable String> cells = new ArrayList<>();
      attributes.forEach(attribute -> cells.add(first(attribute)));
      for (String cell : text.braced()) {
        ArffLine pair = new ArffLine(cell);
        String position = pair.word();
        try {
          cells.set(Integer.parseInt(position), pair.cells().get(0));
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
          throw new IllegalArgumentException("there is no attribute " + position, e);
        }
      }
      return cells;
    }

    /** What a sparse row leaves out. */
    private static @Nullable String first(Attribute attribute) {
      if (attribute.isNumber) {
        return "0";
      }
      return attribute.values == null
          ? null
          : attribute.values.entrySet().stream()
              .filter(value -> value.getValue() == 0)
              .map(Map.Entry::getKey)
              .findAny()
              .orElse(null);
    }

    private void read(List<@Nullable String> cells) {
      String named = cells.get(classPosition);
      Integer label = named == null ? null : classes.get(named);
      if (label == null) {
        throw new IllegalArgumentException("there is no class " + named);
      }
      FeatureVector row = vector(cells);
      if (seen++ >= start) {
        rows.add(row);
        labels.add(label);
      }
    }

    private FeatureVector vector(List<@Nullable String> cells) {
      double[] values = new double[numbers];
      long[] keys = new long[features.length - numbers];
      int number = 0;
      int key = 0;
      for (int i : features) {
        Attribute attribute = attributes.get(i);
        String cell = cells.get(i);
        if (attribute.isNumber) {
          values[number++] = cell == null ? Double.NaN : number(attribute, cell);
        } else {
          keys[key++] = cell == null ? Keys.UNKNOWN : key(attribute, cell);
        }
      }
      return new FeatureVector(values, keys);
    }

    private static double number(Attribute attribute, String cell) {
      try {
        return Double.parseDouble(cell);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "%s is no number: %s".formatted(attribute.name, cell), e);
      }
    }

    private static long key(Attribute attribute, String cell) {
      if (attribute.values == null) {
        return Keys.of(cell);
      }
      Integer position = attribute.values.get(cell);
      if (position == null) {
        throw new IllegalArgumentException("%s is never %s".formatted(attribute.name, cell));
      }
      return 1L + position;
    }

    LabelledRows rows() throws TraceFormatException {
      LineCount counted = lines.close();
      FeatureSchema schema =
          FeatureSchema.ofRows("arff/1", names(true), names(false), classes.size());
      return new LabelledRows(
          "%s: %d rows of %d attributes and %d classes"
              .formatted(file, rows.size(), attributes.size() - 1, classes.size()),
          schema,
          List.copyOf(classes.keySet()),
          rows,
          labels.build().toArray(),
          counted);
    }

    private List<String> names(boolean ofNumbers) {
      return Arrays.stream(features)
          .mapToObj(attributes::get)
          .filter(attribute -> attribute.isNumber == ofNumbers)
          .map(Attribute::name)
          .toList();
    }

    private TraceFormatException wrong(@Nullable String what) {
      return new TraceFormatException("%s:%d: %s".formatted(file, line, what));
    }
  }
}
