package io.attentionflow.simulation.evaluate;

import io.attentionflow.allocation.Prediction;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.runtime.RunTimeLearner;
import io.attentionflow.learning.runtime.RunTimePrediction;
import io.attentionflow.simulation.trace.TraceTask;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Run times predicted from what ended so far, as the job predicts them. */
final class RunTimes {

  private static final byte[] NOTHING = {};

  private final RunTimeLearner learner;
  private final double[] own;
  private final Map<String, byte[]> promises = new HashMap<>();

  /**
   * @param scale the classes of predictions
   */
  RunTimes(ComplexityScale scale) {
    learner = new RunTimeLearner(scale);
    own = new double[learner.classes()];
  }

  /** Nothing more is expected of a task. */
  void forget(TraceTask task) {
    promises.remove(task.taskId());
  }

  /** The features of a task with a second opinion on its class; the task is spoken of next. */
  FeatureVector expect(FeatureVector features) {
    return learner.expect(features, own);
  }

  /**
   * The same prediction, with the run time that is expected by now.
   *
   * @param classes how likely they are by now
   */
  Prediction predict(double[] classes, Prediction before) {
    return with(learner.predict(classes), before);
  }

  /** The same of a task that has just arrived: what is promised now is judged when it has ended. */
  Prediction promise(TraceTask task, double[] classes, Prediction before) {
    RunTimePrediction predicted = learner.predict(classes);
    promises.put(task.taskId(), predicted.memo());
    return with(predicted, before);
  }

  /** Of what has learned nothing yet, nothing is to be expected. */
  private Prediction with(RunTimePrediction predicted, Prediction before) {
    if (learner.labels() == 0) {
      return before;
    }
    return new Prediction(
        before.complexity(),
        before.classes(),
        before.probabilities(),
        duration(predicted.mean()),
        duration(predicted.quantiles()[RunTimePrediction.P50]),
        duration(predicted.quantiles()[RunTimePrediction.P90]),
        duration(predicted.quantiles()[RunTimePrediction.P95]),
        before.expectedUsage(),
        before.usageP95(),
        before.modelVersion(),
        before.drift());
  }

  private static Duration duration(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  /** A task ended by itself. */
  void learn(TraceTask task, FeatureVector features, long durationMillis) {
    byte[] promised = promises.remove(task.taskId());
    learner.learn(features, promised == null ? NOTHING : promised, durationMillis / 1000.0);
  }

  /** Share of run times that were at most what was promised, by quantile; null: too few. */
  @Nullable SortedMap<String, Double> coverage() {
    SortedMap<String, Double> coverage = learner.coverage();
    return coverage.isEmpty() ? null : coverage;
  }
}
