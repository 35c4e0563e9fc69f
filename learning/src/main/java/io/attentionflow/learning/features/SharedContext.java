package io.attentionflow.learning.features;

import static io.attentionflow.learning.features.KeyFeature.ATTRIBUTES;
import static io.attentionflow.learning.features.KeyFeature.CPU;
import static io.attentionflow.learning.features.KeyFeature.ESTIMATE;
import static io.attentionflow.learning.features.KeyFeature.GROUP;
import static io.attentionflow.learning.features.KeyFeature.MEMORY;
import static io.attentionflow.learning.features.KeyFeature.PREVIOUS_REQUEST;
import static io.attentionflow.learning.features.KeyFeature.QUEUE;
import static io.attentionflow.learning.features.KeyFeature.REQUEST;
import static io.attentionflow.learning.features.KeyFeature.TYPE;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * Situations that tasks of different tenants share: what a model counts classes in, where {@link
 * TenantContext} is what a tenant's own history counts them in.
 */
public enum SharedContext {
  ALWAYS(x -> 1),
  OF_TYPE(x -> key(x, TYPE)),
  OF_ESTIMATE(x -> key(x, ESTIMATE)),
  OF_CPU(x -> key(x, CPU)),
  OF_CPU_AND_ESTIMATE(x -> both(key(x, CPU), key(x, ESTIMATE))),
  OF_QUEUE(x -> key(x, QUEUE)),
  OF_QUEUE_AND_ESTIMATE(x -> both(key(x, QUEUE), key(x, ESTIMATE))),
  OF_GROUP(x -> key(x, GROUP)),
  OF_GROUP_AND_ESTIMATE(x -> both(key(x, GROUP), key(x, ESTIMATE))),
  OF_TYPE_AND_CPU(x -> both(key(x, TYPE), key(x, CPU))),
  OF_TYPE_CPU_AND_ESTIMATE(x -> both(key(x, TYPE), both(key(x, CPU), key(x, ESTIMATE)))),
  OF_MEMORY(x -> key(x, MEMORY)),
  OF_MEMORY_AND_ESTIMATE(x -> both(key(x, MEMORY), key(x, ESTIMATE))),
  OF_ATTRIBUTES(x -> key(x, ATTRIBUTES)),
  OF_REQUEST(x -> key(x, REQUEST)),

  SCALED_ESTIMATE(x -> step(x, NumberFeature.SCALED_ESTIMATE, 0.35)),
  SCALED_ESTIMATE_AND_MEAN_RUN(
      x -> both(step(x, NumberFeature.SCALED_ESTIMATE, 0.7), step(x, NumberFeature.MEAN_RUN, 1))),
  MEAN_AND_LAST_RUN_OF_REQUEST(
      x ->
          both(
              step(x, NumberFeature.MEAN_RUN_OF_REQUEST, 0.7),
              step(x, NumberFeature.LAST_RUN_OF_REQUEST, 1))),
  LAST_RUN_AND_ESTIMATE(x -> both(step(x, NumberFeature.LAST_RUN, 0.7), key(x, ESTIMATE))),
  LAST_TWO_RUNS(
      x -> both(step(x, NumberFeature.LAST_RUN, 0.7), step(x, NumberFeature.SECOND_LAST_RUN, 0.7))),
  RATIO_AND_ESTIMATE(x -> both(step(x, NumberFeature.RATIO, 0.5), key(x, ESTIMATE))),
  LIMIT_HITS_MEAN_RUN_AND_ESTIMATE(
      x ->
          both(
              step(x, NumberFeature.ESTIMATE, 0.7),
              both(step(x, NumberFeature.LIMIT_HITS, 0.2), step(x, NumberFeature.MEAN_RUN, 1)))),
  MEAN_RUN_OF_SHAPE_AND_ESTIMATE(
      x ->
          both(
              step(x, NumberFeature.MEAN_RUN_OF_SHAPE, 0.5), step(x, NumberFeature.ESTIMATE, 0.7))),
  PREVIOUS_AND_SAME(x -> both(previous(x), key(x, REQUEST) == key(x, PREVIOUS_REQUEST) ? 1 : 0)),
  LAST_CLASSES(
      x ->
          both(
              both(
                  step(x, NumberFeature.LAST_CLASS, 1),
                  step(x, NumberFeature.SECOND_LAST_CLASS, 1)),
              both(
                  step(x, NumberFeature.LAST_CLASS_OF_REQUEST, 1),
                  step(x, NumberFeature.SECOND_LAST_CLASS_OF_REQUEST, 1)))),
  AGES(
      x ->
          both(
              step(x, NumberFeature.NEWEST_AGE_OF_REQUEST, 1.5),
              step(x, NumberFeature.OLDEST_AGE, 1.5))),
  BURST(
      x ->
          both(
              both(
                  step(x, NumberFeature.IN_FLIGHT_OF_REQUEST, 0.7),
                  step(x, NumberFeature.SINCE_LAST_SUBMISSION, 1.5)),
              previous(x))),
  USUAL(x -> both(usual(x, TenantContext.ALWAYS), usual(x, TenantContext.OF_REQUEST))),
  USUAL_LAST_AND_PREVIOUS(
      x ->
          both(
              usual(x, TenantContext.OF_REQUEST),
              both(
                  step(x, NumberFeature.LAST_CLASS_OF_REQUEST, 1),
                  step(x, NumberFeature.PREVIOUS_CLASS, 1)))),
  USUAL_AND_MEAN_RUN_OF_REQUEST(
      x ->
          both(
              usual(x, TenantContext.OF_REQUEST),
              step(x, NumberFeature.MEAN_RUN_OF_REQUEST, 0.35)));

  private static final SharedContext[] ALL = values();

  @SuppressWarnings("ImmutableEnumChecker") // the functions above have no state
  private final ToLongFunction<FeatureVector> situation;

  SharedContext(ToLongFunction<FeatureVector> situation) {
    this.situation = situation;
  }

  /** Names, in order. */
  public static List<String> names() {
    return Arrays.stream(ALL).map(context -> context.name().toLowerCase(Locale.ROOT)).toList();
  }

  /** How many there are. */
  public static int count() {
    return ALL.length;
  }

  /**
   * The keys of all contexts that a task is in.
   *
   * @param x a vector of {@link FeatureSchema#ofTasks}
   * @param keys length {@link #count()}; filled, none 0
   */
  public static void keysOf(FeatureVector x, long[] keys) {
    for (int i = 0; i < keys.length; i++) {
      keys[i] = Keys.of(i, ALL[i].situation.applyAsLong(x));
    }
  }

  private static long key(FeatureVector x, KeyFeature feature) {
    return x.keys()[feature.position];
  }

  private static long both(long first, long second) {
    return Keys.of(first, second);
  }

  private static long step(FeatureVector x, NumberFeature feature, double width) {
    return Keys.step(feature.of(x), width);
  }

  private static long previous(FeatureVector x) {
    return both(step(x, NumberFeature.PREVIOUS_STATE, 1), step(x, NumberFeature.PREVIOUS_CLASS, 1));
  }

  /** The tenant's most frequent class in a context, and how clearly, in four steps. */
  private static long usual(FeatureVector x, TenantContext context) {
    byte[] evidence = x.evidence();
    int classes = evidence.length / (2 * TenantContext.count());
    int slow = (context.position * 2 + 1) * classes;
    double total = 0;
    double most = 0;
    int usual = 0;
    for (int label = 0; label < classes; label++) {
      double count = Evidence.decode(evidence[slow + label]);
      total += count;
      if (count > most) {
        most = count;
        usual = label;
      }
    }
    return total == 0 ? -1 : usual * 4L + (int) (3.999 * most / total);
  }
}
