package io.attentionflow.learning.features;

/**
 * One task, as classifiers see it. Positions are those of a {@link FeatureSchema}.
 *
 * <p>Arrays are neither copied nor changed by whoever is given them.
 *
 * @param numbers numeric features; NaN: unknown
 * @param keys nominal features, hashed; 0: unknown
 */
@SuppressWarnings("ArrayRecordComponent") // carried by the million; a copy each would be the cost
public record FeatureVector(double[] numbers, long[] keys) {}
