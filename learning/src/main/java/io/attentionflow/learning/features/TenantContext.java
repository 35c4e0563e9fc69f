package io.attentionflow.learning.features;

import static io.attentionflow.learning.features.KeyFeature.ATTRIBUTES;
import static io.attentionflow.learning.features.KeyFeature.ESTIMATE;
import static io.attentionflow.learning.features.KeyFeature.EXECUTABLE;
import static io.attentionflow.learning.features.KeyFeature.MEMORY;
import static io.attentionflow.learning.features.KeyFeature.PREVIOUS_REQUEST;
import static io.attentionflow.learning.features.KeyFeature.QUEUE;
import static io.attentionflow.learning.features.KeyFeature.REQUEST;
import static io.attentionflow.learning.features.KeyFeature.SHAPE;
import static io.attentionflow.learning.features.KeyFeature.TYPE;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * The situations of one tenant in which {@link TenantHistory} counts which class followed.
 *
 * <p>Each is a function of the feature vector as it was at submission: nothing else has to be kept
 * until the label comes.
 */
public enum TenantContext {
  ALWAYS(x -> 1),
  OF_TYPE(x -> key(x, TYPE)),
  OF_ESTIMATE(x -> key(x, ESTIMATE)),
  OF_MEMORY(x -> key(x, MEMORY)),
  OF_QUEUE(x -> key(x, QUEUE)),
  OF_EXECUTABLE(x -> key(x, EXECUTABLE)),
  OF_SHAPE(x -> key(x, SHAPE)),
  OF_ATTRIBUTES(x -> key(x, ATTRIBUTES)),
  OF_TYPE_AND_ESTIMATE(x -> bothKnown(x, TYPE, ESTIMATE)),
  OF_SHAPE_AND_ESTIMATE(x -> both(key(x, SHAPE), key(x, ESTIMATE))),
  OF_REQUEST(x -> key(x, REQUEST)),
  OF_TYPE_AND_INPUT(x -> Keys.ofKnown(key(x, TYPE), input(x))),
  AFTER_REQUEST(x -> both(key(x, REQUEST), key(x, PREVIOUS_REQUEST))),
  PREVIOUS_AND_SAME(x -> both(previous(x), same(x))),
  PREVIOUS_AND_REQUEST(x -> both(previous(x), key(x, REQUEST))),
  REACH(x -> step(x, NumberFeature.REACH_OF_REQUEST, 1)),
  REACH_AND_REQUEST(x -> both(step(x, NumberFeature.REACH_OF_REQUEST, 1), key(x, REQUEST))),
  REACH_AND_LAST(x -> both(step(x, NumberFeature.REACH_OF_REQUEST, 1), last(x))),
  AGES(TenantContext::ages),
  AGES_AND_REQUEST(x -> both(ages(x), key(x, REQUEST))),
  SCALED_ESTIMATE(x -> step(x, NumberFeature.SCALED_ESTIMATE, 0.5)),
  RATIO_AND_ESTIMATE(x -> both(step(x, NumberFeature.RATIO, 0.7), key(x, ESTIMATE))),
  BURST(
      x ->
          both(
              both(step(x, NumberFeature.SINCE_LAST_SUBMISSION, 2), previous(x)),
              both(same(x), step(x, NumberFeature.IN_FLIGHT, 0.7))));

  private static final TenantContext[] ALL = values();

  /** Where its counts stand in the evidence. */
  @SuppressWarnings("EnumOrdinal") // the order of the constants is what this enum is for
  final int position = ordinal();

  @SuppressWarnings("ImmutableEnumChecker") // the functions above have no state
  private final ToLongFunction<FeatureVector> situation;

  TenantContext(ToLongFunction<FeatureVector> situation) {
    this.situation = situation;
  }

  /** Names, in order. */
  public static List<String> names() {
    return Arrays.stream(ALL).map(context -> context.name().toLowerCase(Locale.ROOT)).toList();
  }

  static int count() {
    return ALL.length;
  }

  /**
   * The keys of all contexts that a task is in.
   *
   * @param keys length {@link #count()}; filled; 0: the task lacks what the context is of
   */
  static void keysOf(FeatureVector x, long[] keys) {
    for (int i = 0; i < keys.length; i++) {
      long situation = ALL[i].situation.applyAsLong(x);
      keys[i] = situation == Keys.UNKNOWN ? Keys.UNKNOWN : Keys.of(i, situation);
    }
  }

  private static long key(FeatureVector x, KeyFeature feature) {
    return x.keys()[feature.position];
  }

  private static long bothKnown(FeatureVector x, KeyFeature first, KeyFeature second) {
    return Keys.ofKnown(key(x, first), key(x, second));
  }

  private static long both(long first, long second) {
    return Keys.of(first, second);
  }

  private static long step(FeatureVector x, NumberFeature feature, double width) {
    return Keys.of(Keys.step(feature.of(x), width));
  }

  /** In which step the logarithm of the input's size lies; 0: unknown. */
  private static long input(FeatureVector x) {
    return Double.isNaN(NumberFeature.INPUT_BYTES.of(x))
        ? Keys.UNKNOWN
        : step(x, NumberFeature.INPUT_BYTES, 0.5);
  }

  private static long last(FeatureVector x) {
    return step(x, NumberFeature.LAST_CLASS, 1);
  }

  private static long same(FeatureVector x) {
    return key(x, REQUEST) == key(x, PREVIOUS_REQUEST) ? 2 : 1;
  }

  private static long previous(FeatureVector x) {
    return both(step(x, NumberFeature.PREVIOUS_STATE, 1), step(x, NumberFeature.PREVIOUS_CLASS, 1));
  }

  private static long ages(FeatureVector x) {
    return both(
        step(x, NumberFeature.NEWEST_AGE_OF_REQUEST, 2), step(x, NumberFeature.OLDEST_AGE, 2));
  }
}
