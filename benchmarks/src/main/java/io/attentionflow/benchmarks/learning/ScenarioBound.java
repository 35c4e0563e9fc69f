package io.attentionflow.benchmarks.learning;

import io.attentionflow.learning.classify.Classifier;
import io.attentionflow.learning.classify.Learners;
import io.attentionflow.learning.evaluation.RunningEvaluation;
import io.attentionflow.learning.evaluation.Scores;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.runtime.RunTimeLearner;
import io.attentionflow.simulation.scenario.Scenario;
import io.attentionflow.simulation.scenario.ScenarioWorld;
import io.attentionflow.simulation.scenario.ScenarioWorld.Arrival;
import io.attentionflow.simulation.trace.TraceTask;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How good anybody can be who predicts the tasks of a scenario, and how good the mixture is: the
 * best possible knows everything about a task but chance, habits and hidden variants of tenants
 * included.
 *
 * <pre>
 * benchmarks/bound SCENARIO.yaml TASKS SEED...
 * </pre>
 */
public final class ScenarioBound {

  private static final ComplexityScale SCALE = ComplexityScale.DEFAULT;
  private static final double FADING = 0.999;

  /** Where chance says otherwise, such as a failure at once. */
  private static final double LEAST_PROBABILITY = 1e-9;

  private ScenarioBound() {}

  /** Writes a line for each seed. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 3) {
      System.err.println(
          "usage: benchmarks/bound SCENARIO TASKS SEED..., such as config/scenarios/general.yaml 10000 101");
      System.exit(2);
    }
    PrintStream out = System.out;
    Scenario scenario = Scenario.read(Path.of(arguments[0]));
    int tasks = Integer.parseInt(arguments[1]);
    out.println(
        "| seed | best accuracy | best log loss | mixture | its log loss"
            + " | lately | its log loss lately |\n| --- | --- | --- | --- | --- | --- | --- |");
    for (int i = 2; i < arguments.length; i++) {
      long seed = Long.parseLong(arguments[i]);
      List<Arrival> arrivals = arrivals(scenario, seed, tasks);
      RunningEvaluation best = best(arrivals);
      RunningEvaluation mixture = mixture(arrivals.stream().map(Arrival::task).toList());
      Scores lately = mixture.fading();
      out.println(
          "| %d | %.2f | %.3f | %.2f | %.3f | %.2f | %.3f |"
              .formatted(
                  seed,
                  100 * best.overall().accuracy(),
                  best.overall().logLoss(),
                  100 * mixture.overall().accuracy(),
                  mixture.overall().logLoss(),
                  100 * lately.accuracy(),
                  lately.logLoss()));
    }
  }

  private static List<Arrival> arrivals(Scenario scenario, long seed, int tasks) {
    ScenarioWorld world = new ScenarioWorld(scenario, seed, ScenarioWorld.Pace.natural());
    List<Arrival> arrivals = new ArrayList<>(tasks);
    for (int i = 0; i < tasks; i++) {
      arrivals.add(world.next());
    }
    return arrivals;
  }

  private static RunningEvaluation best(List<Arrival> arrivals) {
    double[] boundaries = SCALE.upperBounds().stream().mapToDouble(Duration::toSeconds).toArray();
    RunningEvaluation best = new RunningEvaluation(SCALE.classes(), FADING);
    for (Arrival arrival : arrivals) {
      double[] probabilities = arrival.classes(boundaries);
      for (int i = 0; i < probabilities.length; i++) {
        probabilities[i] = Math.max(LEAST_PROBABILITY, probabilities[i]);
      }
      best.add(probabilities, SCALE.classOf(arrival.task().truth().durationMillis(), 0));
    }
    return best;
  }

  /** Tasks end as soon as they would if each had a node of its own. */
  private static RunningEvaluation mixture(List<TraceTask> tasks) {
    Classifier classifier = Learners.create("mixture", FeatureSchema.ofTasks(SCALE), 1);
    RunTimeLearner runTimes = new RunTimeLearner(SCALE);
    double[] byRunTime = new double[runTimes.classes()];
    RunningEvaluation evaluation = new RunningEvaluation(SCALE.classes(), FADING);
    List<double[]> answers = new ArrayList<>();
    List<byte[]> memos = new ArrayList<>();
    LateLabels.of(tasks, SCALE)
        .follow(
            x -> {
              double[] answer = new double[SCALE.classes()];
              memos.add(classifier.answer(runTimes.expect(x, byRunTime), answer));
              answers.add(answer);
            },
            (task, example) -> {
              evaluation.add(answers.get(task), example.label());
              classifier.learn(example.features(), memos.get(task), example.label(), 1);
              double seconds = example.durationMillis() / 1000.0;
              runTimes.learn(example.features(), Classifier.NO_MEMO, seconds);
            });
    return evaluation;
  }
}
