package io.attentionflow.learning.features;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The nominal features of a task, by position. */
public enum KeyFeature {
  TENANT,
  TYPE,
  /** The submitter's estimate, exactly: people reuse round numbers, each for its own purpose. */
  ESTIMATE,
  CPU,
  MEMORY,
  /** CPU, memory, GPU and throughput asked for, together. */
  SHAPE,
  QOS_AND_PRIORITY,
  QUEUE,
  GROUP,
  EXECUTABLE,
  PARTITION,
  /** The first six attributes, by name, that are none of the above; name and value. */
  OTHER_1,
  OTHER_2,
  OTHER_3,
  OTHER_4,
  OTHER_5,
  OTHER_6,
  /** All attributes together. */
  ATTRIBUTES,
  /** Type, shape, estimate and all attributes: tasks with the same are repetitions. */
  REQUEST,
  /** As REQUEST, of the tenant's submission before this one. */
  PREVIOUS_REQUEST;

  private static final KeyFeature[] ALL = values();

  /** Where it stands in a vector. */
  @SuppressWarnings("EnumOrdinal") // the order of the constants is what this enum is for
  final int position = ordinal();

  /** Names, in order. */
  public static List<String> names() {
    return Arrays.stream(ALL).map(feature -> feature.name().toLowerCase(Locale.ROOT)).toList();
  }

  /** Its value in a vector; 0: unknown. */
  public long of(FeatureVector x) {
    return x.keys()[position];
  }

  static int count() {
    return ALL.length;
  }
}
