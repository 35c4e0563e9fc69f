package io.attentionflow.learning.runtime;

import static io.attentionflow.learning.features.KeyFeature.ESTIMATE;
import static io.attentionflow.learning.features.KeyFeature.GROUP;
import static io.attentionflow.learning.features.KeyFeature.PREVIOUS_REQUEST;
import static io.attentionflow.learning.features.KeyFeature.QUEUE;
import static io.attentionflow.learning.features.KeyFeature.REQUEST;
import static io.attentionflow.learning.features.KeyFeature.SHAPE;

import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.Keys;
import io.attentionflow.learning.features.NumberFeature;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The situations in which run times are counted across tenants; a tenant's own are in {@link
 * OwnRunTimes}.
 *
 * <p>Each narrows the one it names as its parent, which stands before it and is believed for as
 * long as the narrower one has seen little. Each is a function of the feature vector alone.
 */
enum RunTimeContext {
  ALWAYS(null, x -> 1),
  OF_ESTIMATE(ALWAYS, x -> ESTIMATE.of(x)),
  OF_SHAPE(ALWAYS, x -> SHAPE.of(x)),
  OF_SHAPE_AND_ESTIMATE(OF_ESTIMATE, x -> both(SHAPE.of(x), ESTIMATE.of(x))),
  OF_QUEUE(ALWAYS, x -> QUEUE.of(x)),
  OF_QUEUE_AND_ESTIMATE(OF_ESTIMATE, x -> both(QUEUE.of(x), ESTIMATE.of(x))),
  OF_REQUEST(OF_SHAPE_AND_ESTIMATE, x -> REQUEST.of(x)),
  OF_GROUP(ALWAYS, x -> GROUP.of(x)),
  PREVIOUS_AND_ESTIMATE(OF_ESTIMATE, x -> both(previous(x), ESTIMATE.of(x))),
  AGES_AND_ESTIMATE(OF_ESTIMATE, x -> both(both(ages(x), lastOfRequest(x)), octaves(x))),
  RUNS_OF_REQUEST_AND_ESTIMATE(
      OF_ESTIMATE,
      x ->
          both(both(half(x, NumberFeature.MEAN_RUN_OF_REQUEST), lastOfRequest(x)), ESTIMATE.of(x))),
  LAST_RUNS_AND_ESTIMATE(OF_ESTIMATE, x -> both(both(last(x), secondLast(x)), ESTIMATE.of(x))),
  LAST_RUNS(
      OF_ESTIMATE,
      x ->
          both(
              both(lastOfRequest(x), half(x, NumberFeature.MEAN_RUN_OF_TYPE)),
              both(last(x), octaves(x)))),
  RATIO_AND_ESTIMATE(
      OF_ESTIMATE, x -> both(both(half(x, NumberFeature.RATIO), last(x)), octaves(x))),
  RATIO_OF_TYPE_AND_ESTIMATE(
      OF_ESTIMATE,
      x ->
          both(
              both(
                  half(x, NumberFeature.RATIO_OF_TYPE),
                  step(x, NumberFeature.LAST_CLASS_OF_TYPE, 1)),
              octaves(x))),
  RATIOS_AND_ESTIMATE(
      OF_ESTIMATE,
      x ->
          both(
              both(half(x, NumberFeature.LAST_RATIO), octave(x, NumberFeature.RATIO)),
              ESTIMATE.of(x))),
  LIMIT_HITS_AND_ESTIMATE(
      OF_ESTIMATE,
      x ->
          both(
              both(
                  step(x, NumberFeature.LIMIT_HITS, 0.1), octave(x, NumberFeature.SCALED_ESTIMATE)),
              ESTIMATE.of(x)));

  private static final RunTimeContext[] ALL = values();

  /** A factor of two, in natural logarithms. */
  private static final double OCTAVE = 0.6931471805599453;

  @SuppressWarnings("ImmutableEnumChecker") // the functions above have no state
  private final ToLongFunction<FeatureVector> situation;

  /** Position of the context that it narrows; -1: none. */
  final int parent;

  @SuppressWarnings("EnumOrdinal") // a parent is known by its place
  RunTimeContext(@Nullable RunTimeContext parent, ToLongFunction<FeatureVector> situation) {
    this.parent = parent == null ? -1 : parent.ordinal();
    this.situation = situation;
  }

  static int count() {
    return ALL.length;
  }

  /** For each context, the position of its parent. */
  static int[] parents() {
    int[] parents = new int[ALL.length];
    for (int i = 0; i < parents.length; i++) {
      parents[i] = ALL[i].parent;
    }
    return parents;
  }

  /**
   * The keys of all contexts that a task is in.
   *
   * @param keys length {@link #count()}; filled, none 0
   */
  static void keysOf(FeatureVector x, long[] keys) {
    for (int i = 0; i < keys.length; i++) {
      keys[i] = Keys.of(i, ALL[i].situation.applyAsLong(x));
    }
  }

  private static long both(long first, long second) {
    return Keys.of(first, second);
  }

  /** In which step of this width a number lies; unknown is a step of its own. */
  private static long step(FeatureVector x, NumberFeature feature, double width) {
    double number = feature.of(x);
    return Double.isNaN(number) ? Long.MIN_VALUE : (long) Math.floor(number / width);
  }

  private static long half(FeatureVector x, NumberFeature feature) {
    return step(x, feature, OCTAVE / 2);
  }

  private static long octave(FeatureVector x, NumberFeature feature) {
    return step(x, feature, OCTAVE);
  }

  private static long last(FeatureVector x) {
    return half(x, NumberFeature.LAST_RUN);
  }

  private static long secondLast(FeatureVector x) {
    return half(x, NumberFeature.SECOND_LAST_RUN);
  }

  private static long lastOfRequest(FeatureVector x) {
    return half(x, NumberFeature.LAST_RUN_OF_REQUEST);
  }

  private static long octaves(FeatureVector x) {
    return octave(x, NumberFeature.ESTIMATE);
  }

  private static long same(FeatureVector x) {
    return REQUEST.of(x) == PREVIOUS_REQUEST.of(x) ? 1 : 0;
  }

  private static long previous(FeatureVector x) {
    return both(
        both(step(x, NumberFeature.PREVIOUS_STATE, 1), step(x, NumberFeature.PREVIOUS_CLASS, 1)),
        both(octave(x, NumberFeature.NEWEST_AGE), same(x)));
  }

  private static long ages(FeatureVector x) {
    return both(
        octave(x, NumberFeature.NEWEST_AGE_OF_REQUEST),
        octave(x, NumberFeature.OLDEST_AGE_OF_REQUEST));
  }
}
