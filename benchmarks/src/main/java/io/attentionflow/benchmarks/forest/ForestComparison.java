package io.attentionflow.benchmarks.forest;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.sun.management.ThreadMXBean;
import io.attentionflow.learning.classify.ForestClassifier;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The forest and MOA's adaptive random forest on the same streams, asked before they are told,
 * chunk by chunk in turns, so that whatever else the machine does slows both.
 */
@Command(
    name = "forest",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description =
        "Runs the project's forest and MOA's adaptive random forest side by side, one thread each in"
            + " turns, test-then-train. Prints JSON.")
public final class ForestComparison implements Callable<Integer> {

  private static final int CHUNK = 1000;

  /** What MOA's generators can make: no one else's rows are needed. */
  private static final List<String> GENERATORS = List.of("AGRAWAL", "RBF", "LED", "SEA");

  @Option(
      names = "--stream",
      description = "Streams to generate: AGRAWAL, RBF, LED, SEA, each with drift; none for none.",
      split = ",",
      defaultValue = "AGRAWAL,RBF,LED,SEA")
  private List<String> streams;

  @Option(names = "--arff", description = "ARFF files to read, the class last.")
  private List<Path> files = List.of();

  @Option(
      names = "--table",
      description = "Pairs DATA:LABELS of files: numbers with blanks between, and a class a line.")
  private List<String> tables = List.of();

  @Option(
      names = "--log",
      description =
          "Logs in the Standard Workload Format: the features that the job makes, each label told once"
              + " its task has ended.")
  private List<Path> logs = List.of();

  @Option(names = "--examples", description = "At most so many of each.", defaultValue = "100000")
  private int examples;

  @Option(names = "--members", description = "Trees of both forests.", defaultValue = "10")
  private int members;

  @Option(
      names = "--leaves",
      description = "Leaves a tree of ours may have; 0: as the learner has them.",
      defaultValue = "0")
  private int leaves;

  @Option(
      names = "--share",
      description =
          "Share of attributes that a leaf of ours looks at, MOA's default being 0.6; 0: as the learner"
              + " does.",
      defaultValue = "0")
  private double share;

  @Option(names = "--seed", defaultValue = "1", description = "Of both forests.")
  private long seed;

  @Option(
      names = "--warm-up",
      description = "Examples that both learn beforehand, with models thrown away.",
      defaultValue = "20000")
  private int warmUp;

  @Option(names = "--ours-only", description = "Leave MOA out.")
  private boolean oursOnly;

  /** Takes the arguments of the command line. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new ForestComparison()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    List<Map<String, Object>> results = new ArrayList<>();
    for (String stream : streams) {
      if (!stream.equals("none")) {
        results.add(compare(Rows.generated(stream, generator(stream), examples)));
      }
    }
    for (Path file : files) {
      results.add(compare(Rows.arff(file, examples)));
    }
    for (String table : tables) {
      int colon = table.indexOf(':');
      if (colon < 0) {
        throw new CommandLine.ParameterException(
            new CommandLine(this), "--table %s is not DATA:LABELS".formatted(table));
      }
      Path data = Path.of(table.substring(0, colon));
      Path labels = Path.of(table.substring(colon + 1));
      results.add(compare(Rows.table(data, labels, examples)));
    }
    for (Path log : logs) {
      results.add(compare(LogStream.read(log, examples)));
    }
    ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    System.out.println(json.writeValueAsString(Map.of("streams", results)));
    return 0;
  }

  /** In MOA's words. Concepts change abruptly at each quarter; those of RBF move all the time. */
  private String generator(String stream) {
    return switch (stream) {
      case "AGRAWAL" -> drifting("generators.AgrawalGenerator -f %d -i %d", 1, 3, 5, 8);
      case "RBF" -> "generators.RandomRBFGeneratorDrift -c 5 -a 10 -n 50 -s 0.0001";
      case "LED" -> drifting("generators.LEDGeneratorDrift -d %d -i %d", 1, 3, 5, 7);
      case "SEA" -> drifting("generators.SEAGenerator -f %d -i %d", 1, 3, 2, 4);
      default ->
          throw new CommandLine.ParameterException(
              new CommandLine(this), "--stream %s is not of %s".formatted(stream, GENERATORS));
    };
  }

  private String drifting(String concept, int... functions) {
    int last = functions.length - 1;
    String stream = concept.formatted(functions[last], last + 1);
    for (int i = last - 1; i >= 0; i--) {
      stream =
          "ConceptDriftStream -s (%s) -d (%s) -p %d -w 50"
              .formatted(
                  concept.formatted(functions[i], i + 1), stream, examples / functions.length);
    }
    return stream;
  }

  private Map<String, Object> compare(Rows rows) {
    System.err.printf("%s: %d examples%n", rows.name(), rows.size());
    ForestClassifier.Parameters parameters = parameters(rows);
    Contestant.Ours ours = new Contestant.Ours(rows, parameters, seed);
    run(
        rows,
        Math.min(2 * warmUp, rows.order().length),
        ours,
        new Contestant.Moa(rows, members, seed));
    ours = new Contestant.Ours(rows, parameters, seed);
    Contestant.Moa moa = new Contestant.Moa(rows, members, seed);
    List<Score> scores = run(rows, rows.order().length, ours, moa);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("stream", rows.name());
    result.put("examples", rows.size());
    Map<String, Object> ofOurs = report(scores.get(0));
    ofOurs.put("leaves", ours.leaves());
    ofOurs.put("snapshotBytes", ours.snapshotBytes());
    prediction(rows, ours, ofOurs);
    result.put("forest", ofOurs);
    ofOurs.put("retainedBytes", retainedBy(ours::forget));
    if (!oursOnly) {
      Map<String, Object> ofMoa = report(scores.get(1));
      ofMoa.put("retainedBytes", retainedBy(moa::forget));
      result.put("moa", ofMoa);
      result.put("accuracyDifference", scores.get(0).accuracy() - scores.get(1).accuracy());
      result.put(
          "speedRatio", scores.get(0).examplesPerSecond() / scores.get(1).examplesPerSecond());
    }
    System.err.println(result);
    return result;
  }

  /** Of our forest: the learner's own, unless told otherwise. */
  private ForestClassifier.Parameters parameters(Rows rows) {
    ForestClassifier.Parameters parameters =
        ForestClassifier.Parameters.DEFAULT.withMembers(members);
    if (leaves > 0) {
      parameters = parameters.withLeaves(leaves);
    }
    int attributes = rows.header().numAttributes() - 1;
    return share > 0 ? parameters.withAttributes((int) Math.round(share * attributes)) : parameters;
  }

  /**
   * @param events how many of the stream's events to go through
   */
  private List<Score> run(Rows rows, int events, Contestant... contestants) {
    List<Score> scores = new ArrayList<>();
    for (int i = 0; i < contestants.length; i++) {
      scores.add(new Score(rows.schema().classes()));
    }
    for (int from = 0; from < events; from += CHUNK) {
      int to = Math.min(from + CHUNK, events);
      for (int i = 0; i < (oursOnly ? 1 : contestants.length); i++) {
        int turn = (i + from / CHUNK) % (oursOnly ? 1 : contestants.length);
        scores.get(turn).took(chunk(rows, from, to, contestants[turn], scores.get(turn)));
      }
    }
    return scores;
  }

  private static long chunk(Rows rows, int from, int to, Contestant contestant, Score score) {
    int[] answers = new int[to - from];
    long began = System.nanoTime();
    for (int i = from; i < to; i++) {
      int event = rows.order()[i];
      if (event >= 0) {
        answers[i - from] = contestant.answer(rows, event);
      } else {
        contestant.learn(rows, ~event);
      }
    }
    long took = System.nanoTime() - began;
    for (int i = from; i < to; i++) {
      int event = rows.order()[i];
      if (event >= 0) {
        score.add(rows.label(event), answers[i - from]);
      }
    }
    return took;
  }

  /** How much heap is free once a model is gone that was not before. */
  private static long retainedBy(Runnable forget) {
    long before = used();
    forget.run();
    return before - used();
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    long used = Long.MAX_VALUE;
    // A collector may need to be asked more than once.
    for (int i = 0; i < 3; i++) {
      runtime.gc();
      used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
    }
    return used;
  }

  private static Map<String, Object> report(Score score) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("accuracy", score.accuracy());
    report.put("kappa", score.kappa());
    report.put("examplesPerSecond", score.examplesPerSecond());
    return report;
  }

  /** Time and bytes of one prediction by the trained forest. */
  private static void prediction(Rows rows, Contestant.Ours ours, Map<String, Object> report) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int count = Math.min(rows.size(), 20_000);
    long[] nanos = new long[count];
    long allocated = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < count; i++) {
      ours.answer(rows, rows.size() - 1 - i);
    }
    allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
    for (int i = 0; i < count; i++) {
      long began = System.nanoTime();
      ours.answer(rows, rows.size() - 1 - i);
      nanos[i] = System.nanoTime() - began;
    }
    Arrays.sort(nanos);
    report.put("predictMedianNanos", nanos[count / 2]);
    report.put("predictP99Nanos", nanos[(int) (count * 0.99)]);
    report.put("predictAllocatedBytes", allocated / count);
  }
}
