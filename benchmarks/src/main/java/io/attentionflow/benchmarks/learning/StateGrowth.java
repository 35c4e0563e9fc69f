package io.attentionflow.benchmarks.learning;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.attentionflow.learning.classify.Classifier;
import io.attentionflow.learning.classify.Learners;
import io.attentionflow.learning.features.FeatureVector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How much heap a learner keeps while it learns from a stream without end. */
@Command(
    name = "memory",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description =
        "Lets learners learn from millions of made-up tasks whose tenants come and go and whose classes"
            + " change, and measures what each keeps. Prints JSON.")
public final class StateGrowth implements Callable<Integer> {

  @Option(names = "--learner", split = ",", defaultValue = "prior,logistic,mixture,forest")
  private List<String> learners;

  @Option(names = "--examples", defaultValue = "5000000", description = "How many to learn from.")
  private int examples;

  @Option(
      names = "--looks",
      defaultValue = "10",
      description = "How often the heap is looked at on the way.")
  private int looks;

  @Option(names = "--seed", defaultValue = "1", description = "Of the tasks and the learners.")
  private long seed;

  /** Takes the arguments of the command line. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new StateGrowth()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    for (String learner : learners) {
      if (!Learners.names().contains(learner)) {
        throw new CommandLine.ParameterException(
            new CommandLine(this),
            "--learner %s is not of %s".formatted(learner, Learners.names()));
      }
    }
    if (looks < 1 || examples < looks) {
      throw new CommandLine.ParameterException(
          new CommandLine(this), "--looks %d of --examples %d".formatted(looks, examples));
    }
    List<Map<String, Object>> results = new ArrayList<>();
    for (String learner : learners) {
      results.add(grow(learner));
    }
    ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    System.out.println(json.writeValueAsString(Map.of("learners", results)));
    return 0;
  }

  private Map<String, Object> grow(String learner) {
    DriftingTasks tasks = new DriftingTasks(seed);
    long before = used();
    Classifier classifier = Learners.create(learner, tasks.schema(), seed);
    List<Map<String, Object>> seen = new ArrayList<>();
    seen.add(look(classifier, 0, before, 0));
    double[] answer = new double[classifier.classes()];
    int right = 0;
    int since = 0;
    for (int i = 1; i <= examples; i++) {
      FeatureVector x = tasks.next();
      classifier.predict(x, answer);
      right += isLargest(answer, tasks.label()) ? 1 : 0;
      since++;
      classifier.learn(x, tasks.label(), 1);
      if (i % (examples / looks) == 0) {
        seen.add(look(classifier, i, before, (double) right / since));
        System.err.printf("%s %s%n", learner, seen.get(seen.size() - 1));
        right = 0;
        since = 0;
      }
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("learner", learner);
    result.put("tenants", tasks.tenants());
    result.put("changes", examples / DriftingTasks.CONCEPT);
    result.put("seen", seen);
    return result;
  }

  private static Map<String, Object> look(
      Classifier classifier, int example, long before, double accuracy) {
    Map<String, Object> look = new LinkedHashMap<>();
    look.put("examples", example);
    look.put("heapBytes", used() - before);
    look.put("snapshotBytes", classifier.snapshot().length);
    look.put("accuracySinceLast", accuracy);
    return look;
  }

  private static boolean isLargest(double[] probabilities, int label) {
    for (double probability : probabilities) {
      if (probability > probabilities[label]) {
        return false;
      }
    }
    return true;
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
}
