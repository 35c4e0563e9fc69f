package io.attentionflow.learning.features;

import org.jspecify.annotations.Nullable;

/**
 * A task that ended by itself: what was known when it was submitted, and what it turned out to be.
 *
 * @param features as at submission
 * @param label index of its class in the {@link ComplexityScale}
 * @param cpu its peak, beside what was promised of it; null: there is nothing to judge
 * @param memory likewise
 * @param gpu likewise; of all its GPUs together
 */
public record LabelledExample(
    String taskId,
    FeatureVector features,
    int label,
    long durationMillis,
    long endedAtMillis,
    @Nullable JudgedPeak cpu,
    @Nullable JudgedPeak memory,
    @Nullable JudgedPeak gpu) {

  /** One of whose usage nothing was promised. */
  public LabelledExample(
      String taskId, FeatureVector features, int label, long durationMillis, long endedAtMillis) {
    this(taskId, features, label, durationMillis, endedAtMillis, null, null, null);
  }
}
