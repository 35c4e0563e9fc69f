package io.attentionflow.learning.features;

/**
 * A task that ended by itself: what was known when it was submitted, and what it turned out to be.
 *
 * @param features as at submission
 * @param label index of its class in the {@link ComplexityScale}
 */
public record LabelledExample(
    String taskId, FeatureVector features, int label, long durationMillis, long endedAtMillis) {}
