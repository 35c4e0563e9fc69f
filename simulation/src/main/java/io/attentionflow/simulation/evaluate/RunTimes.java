package io.attentionflow.simulation.evaluate;

import io.attentionflow.allocation.Prediction;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.runtime.QuantileLevels;
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
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Predicts run times from what ended so far, and knows who waits and should be predicted again when
 * a task of the same tenant ends.
 *
 * <p>The classes are as likely as the classifier says they are, and within a class the run time is
 * distributed as the run times' own model has it: both together are better than either.
 */
final class RunTimes {

  /** Most tasks of a tenant that are predicted again at a time, those that waited longest. */
  private static final int AGAIN = 50;

  /** Promises kept or broken before are not counted: there was too little to go by. */
  private static final int FIRST_COUNTED = 2000;

  private static final int MEDIAN = 0;
  private static final int P95 = 2;

  /** Whether the classes are those of the bins. */
  private final boolean sameClasses;

  private final boolean enforced;
  private final RunTimeModel model;
  private final RunTimeDistribution distribution;
  private final double[] classes;
  private final double[] scratch;
  private final QuantileLevels levels = new QuantileLevels(0.5, 0.9, 0.95, 0.99);
  private final Map<String, double[]> promises = new HashMap<>();
  private final Map<String, Map<String, TraceTask>> waiting = new HashMap<>();
  private final long[] kept = new long[levels.count()];
  private long judged;

  /**
   * @param scale the classes of predictions
   * @param enforced whether a task is killed at the submitter's estimate
   */
  RunTimes(ComplexityScale scale, boolean enforced) {
    this.enforced = enforced;
    sameClasses = RunTimeScale.suits(scale);
    RunTimeScale bins = sameClasses ? RunTimeScale.of(scale) : RunTimeScale.DEFAULT;
    model = new RunTimeModel(bins, RunTimeModel.DEFAULT_CONTEXTS);
    distribution = new RunTimeDistribution(bins);
    classes = new double[bins.classCount()];
    scratch = new double[bins.classCount()];
  }

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

  /** Nothing more is expected of a task. */
  void forget(TraceTask task) {
    waitsNoMore(task);
    promises.remove(task.taskId());
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
    if (sameClasses) {
      for (int i = 0; i < classes.length; i++) {
        classes[i] = before.probabilities().get(i);
      }
      distribution.reweigh(classes, scratch);
    }
    return new Prediction(
        before.complexity(),
        before.classes(),
        before.probabilities(),
        duration(distribution.meanSeconds()),
        duration(distribution.quantileSeconds(levels.rank(MEDIAN))),
        duration(distribution.quantileSeconds(levels.rank(P95))),
        before.expectedUsage(),
        before.usageP95(),
        model.labels(),
        before.drift());
  }

  /** The same of a task that has just arrived: what is promised now is judged when it has ended. */
  Prediction promise(TraceTask task, FeatureVector features, Prediction before) {
    Prediction prediction = predict(task, features, before);
    double[] promised = new double[levels.count()];
    for (int i = 0; i < promised.length; i++) {
      promised[i] = distribution.quantileSeconds(levels.rank(i));
    }
    promises.put(task.taskId(), promised);
    return prediction;
  }

  private static Duration duration(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  /** A task ended by itself. */
  void learn(TraceTask task, FeatureVector features, long durationMillis) {
    double seconds = durationMillis / 1000.0;
    double[] promised = promises.remove(task.taskId());
    if (promised != null) {
      judged++;
      for (int i = 0; i < promised.length; i++) {
        boolean below = seconds <= promised[i];
        levels.learn(i, below);
        kept[i] += below && judged > FIRST_COUNTED ? 1 : 0;
      }
    }
    model.learn(features, limitSeconds(task), seconds);
  }

  private double limitSeconds(TraceTask task) {
    @Nullable Duration estimate = task.request().requestedDuration();
    return !enforced || estimate == null || estimate.isZero()
        ? Double.POSITIVE_INFINITY
        : estimate.toMillis() / 1000.0;
  }

  /** Share of run times that were at most what was promised, by quantile; null: too few. */
  @Nullable SortedMap<String, Double> coverage() {
    if (judged <= FIRST_COUNTED) {
      return null;
    }
    SortedMap<String, Double> coverage = new TreeMap<>();
    for (int i = 0; i < kept.length; i++) {
      String quantile = "p" + Math.round(100 * levels.promised(i));
      coverage.put(quantile, (double) kept[i] / (judged - FIRST_COUNTED));
    }
    return coverage;
  }
}
