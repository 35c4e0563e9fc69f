package io.attentionflow.simulation.evaluate;

import io.attentionflow.allocation.Prediction;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.runtime.RunTimeDistribution;
import io.attentionflow.learning.runtime.RunTimeModel;
import io.attentionflow.learning.runtime.RunTimeScale;
import io.attentionflow.simulation.trace.TraceTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Predicts run times from what ended so far, and knows who waits and should be predicted again when
 * a task of the same tenant ends.
 */
final class RunTimes {

  /** Most tasks of a tenant that are predicted again at a time, those that waited longest. */
  private static final int AGAIN = 50;

  private final RunTimeModel model =
      new RunTimeModel(RunTimeScale.DEFAULT, RunTimeModel.DEFAULT_CONTEXTS);
  private final RunTimeDistribution distribution = new RunTimeDistribution(RunTimeScale.DEFAULT);
  private final Map<String, Map<String, TraceTask>> waiting = new HashMap<>();

  /** A task waits for its start. */
  void waits(TraceTask task) {
    waiting
        .computeIfAbsent(task.request().tenant(), tenant -> new LinkedHashMap<>())
        .put(task.taskId(), task);
  }

  /** A task has started, or is over. */
  void waitsNoMore(TraceTask task) {
    Map<String, TraceTask> ofTenant = waiting.get(task.request().tenant());
    if (ofTenant != null) {
      ofTenant.remove(task.taskId());
    }
  }

  /** Who of a tenant's waits, those that waited longest first. */
  List<TraceTask> waiting(String tenant) {
    List<TraceTask> first = new ArrayList<>();
    for (TraceTask task : waiting.getOrDefault(tenant, Map.of()).values()) {
      if (first.size() == AGAIN) {
        break;
      }
      first.add(task);
    }
    return first;
  }

  /** The same prediction, with the run time that is expected by now. */
  Prediction predict(TraceTask task, FeatureVector features, Prediction before) {
    model.predict(features, limitSeconds(task), distribution);
    return new Prediction(
        before.complexity(),
        before.classes(),
        before.probabilities(),
        duration(distribution.meanSeconds()),
        duration(distribution.quantileSeconds(0.5)),
        duration(distribution.quantileSeconds(0.95)),
        before.expectedUsage(),
        model.labels());
  }

  private static Duration duration(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  /** A task ended by itself. */
  void learn(TraceTask task, FeatureVector features, long durationMillis) {
    model.learn(features, limitSeconds(task), durationMillis / 1000.0);
  }

  private static double limitSeconds(TraceTask task) {
    @Nullable Duration estimate = task.request().requestedDuration();
    return estimate == null || estimate.isZero()
        ? Double.POSITIVE_INFINITY
        : estimate.toMillis() / 1000.0;
  }
}
