package io.attentionflow.allocation;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the model expects of a task, as far as it knows.
 *
 * @param complexity name of the most probable class, such as {@code LIGHT}
 * @param classes names of all classes, lightest first; empty: no model yet
 * @param probabilities probability of each class, in that order; sums to 1
 * @param expectedDuration mean of the run time; null: unknown
 * @param durationP50 its median; null: unknown
 * @param durationP90 its 90th percentile; null: unknown
 * @param durationP95 its 95th percentile; null: unknown
 * @param expectedUsage peak usage; null: not enough history
 * @param usageP95 what 95 in 100 of its like do not exceed at their peak; null: not known
 * @param modelVersion version of the model that says so; 0: none yet
 * @param drift how fresh the last change is that the model has noticed, from 0, long ago or never,
 *     to 1, just now: as long as it is high, expect less of the rest
 */
public record Prediction(
    String complexity,
    List<String> classes,
    List<Double> probabilities,
    @Nullable Duration expectedDuration,
    @Nullable Duration durationP50,
    @Nullable Duration durationP90,
    @Nullable Duration durationP95,
    @Nullable Resources expectedUsage,
    @Nullable Resources usageP95,
    long modelVersion,
    double drift) {

  /** One with fewer quantiles, by a model that has noticed no change. */
  public Prediction(
      String complexity,
      List<String> classes,
      List<Double> probabilities,
      @Nullable Duration expectedDuration,
      @Nullable Duration durationP50,
      @Nullable Duration durationP95,
      @Nullable Resources expectedUsage,
      long modelVersion) {
    this(
        complexity,
        classes,
        probabilities,
        expectedDuration,
        durationP50,
        null,
        durationP95,
        expectedUsage,
        null,
        modelVersion,
        0);
  }

  public Prediction {
    if (!(drift >= 0 && drift <= 1)) {
      throw new IllegalArgumentException("drift %s is not from 0 to 1".formatted(drift));
    }
    classes = List.copyOf(classes);
    probabilities = Probabilities.copyOf(probabilities);
    if (classes.size() != probabilities.size()) {
      throw new IllegalArgumentException(
          "%d classes, %d probabilities".formatted(classes.size(), probabilities.size()));
    }
  }

  /** The same, with the run time that another expects. */
  Prediction withRunTimeOf(Prediction other) {
    return new Prediction(
        complexity,
        classes,
        probabilities,
        other.expectedDuration,
        other.durationP50,
        other.durationP90,
        other.durationP95,
        expectedUsage,
        usageP95,
        modelVersion,
        drift);
  }
}
