package io.attentionflow.learning.features;

import static io.attentionflow.learning.features.KeyFeature.ATTRIBUTES;
import static io.attentionflow.learning.features.KeyFeature.CPU;
import static io.attentionflow.learning.features.KeyFeature.ESTIMATE;
import static io.attentionflow.learning.features.KeyFeature.EXECUTABLE;
import static io.attentionflow.learning.features.KeyFeature.GROUP;
import static io.attentionflow.learning.features.KeyFeature.MEMORY;
import static io.attentionflow.learning.features.KeyFeature.PREVIOUS_REQUEST;
import static io.attentionflow.learning.features.KeyFeature.QUEUE;
import static io.attentionflow.learning.features.KeyFeature.REQUEST;
import static io.attentionflow.learning.features.KeyFeature.TYPE;

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
  OF_CPU_AND_ESTIMATE(x -> bothKnown(x, CPU, ESTIMATE)),
  OF_QUEUE_AND_ESTIMATE(x -> bothKnown(x, QUEUE, ESTIMATE)),
  OF_GROUP_AND_ESTIMATE(x -> bothKnown(x, GROUP, ESTIMATE)),
  OF_TYPE_AND_CPU(x -> bothKnown(x, TYPE, CPU)),
  OF_TYPE_CPU_AND_ESTIMATE(x -> Keys.ofKnown(key(x, TYPE), bothKnown(x, CPU, ESTIMATE))),
  OF_MEMORY(x -> key(x, MEMORY)),
  OF_MEMORY_AND_ESTIMATE(x -> bothKnown(x, MEMORY, ESTIMATE)),
  OF_EXECUTABLE_AND_CPU(x -> bothKnown(x, EXECUTABLE, CPU)),
  OF_ATTRIBUTES(x -> key(x, ATTRIBUTES)),
  OF_REQUEST(x -> key(x, REQUEST)),
  OF_TYPE_AND_INPUT(x -> Keys.ofKnown(key(x, TYPE), input(x, 0.5))),

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
  PREVIOUS_AND_SAME(x -> both(previous(x), key(x, REQUEST) == key(x, PREVIOUS_REQUEST) ? 2 : 1)),
  LAST_CLASSES(
      x ->
          both(
              both(
                  step(x, NumberFeature.LAST_CLASS, 1),
                  step(x, NumberFeature.SECOND_LAST_CLASS, 1)),
              both(
                  step(x, NumberFeature.LAST_CLASS_OF_REQUEST, 1),
                  step(x, NumberFeature.SECOND_LAST_CLASS_OF_REQUEST, 1)))),
  REACH(
      x ->
          both(
              step(x, NumberFeature.REACH_OF_REQUEST, 1),
              both(
                  step(x, NumberFeature.REACH, 1),
                  step(x, NumberFeature.LAST_CLASS_OF_REQUEST, 1)))),
  REACH_AND_ESTIMATE(
      x -> both(step(x, NumberFeature.REACH_OF_REQUEST, 1), step(x, NumberFeature.ESTIMATE, 0.7))),
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
  private static final int FIRST_ATTRIBUTE = KeyFeature.QUEUE.position;
  private static final int ATTRIBUTES_KNOWN = KeyFeature.OTHER_6.position - FIRST_ATTRIBUTE + 1;

  @SuppressWarnings("ImmutableEnumChecker") // the functions above have no state
  private final ToLongFunction<FeatureVector> situation;

  SharedContext(ToLongFunction<FeatureVector> situation) {
    this.situation = situation;
  }

  /** How many there are, those of attributes included. */
  public static int count() {
    return ALL.length + ATTRIBUTES_KNOWN * (ATTRIBUTES_KNOWN + 1) / 2;
  }

  /**
   * The keys of all contexts that a task is in: the constants, then each attribute alone and with
   * each other one, whatever it is called.
   *
   * @param x a vector of {@link FeatureSchema#ofTasks}
   * @param keys length {@link #count()}; filled; 0: the task lacks what the context is of
   */
  public static void keysOf(FeatureVector x, long[] keys) {
    int count = 0;
    for (SharedContext context : ALL) {
      keys[count] = key(count, context.situation.applyAsLong(x));
      count++;
    }
    for (int i = 0; i < ATTRIBUTES_KNOWN; i++) {
      long one = x.keys()[FIRST_ATTRIBUTE + i];
      keys[count] = key(count, one);
      count++;
      for (int j = i + 1; j < ATTRIBUTES_KNOWN; j++) {
        keys[count] = key(count, Keys.ofKnown(one, x.keys()[FIRST_ATTRIBUTE + j]));
        count++;
      }
    }
  }

  private static long key(int context, long situation) {
    return situation == Keys.UNKNOWN ? Keys.UNKNOWN : Keys.of(context, situation);
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

  /** In which step of this width the logarithm of the input's size lies; 0: unknown. */
  private static long input(FeatureVector x, double width) {
    return Double.isNaN(NumberFeature.INPUT_BYTES.of(x))
        ? Keys.UNKNOWN
        : step(x, NumberFeature.INPUT_BYTES, width);
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
