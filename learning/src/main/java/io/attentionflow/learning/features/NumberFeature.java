package io.attentionflow.learning.features;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The numeric features of a task, by position. Durations are natural logarithms of seconds, sizes
 * of one more than themselves.
 */
public enum NumberFeature {
  CPU,
  MEMORY,
  GPU,
  IO,
  ESTIMATE,
  /** The class it would have if it ran for as long as its estimate. */
  ESTIMATE_CLASS,
  INPUT_BYTES,
  PRIORITY,
  /** Hour of the day, UTC, from 0. */
  HOUR,
  /** Day of the week, UTC, Monday 0. */
  WEEKDAY,
  /** Time left until the deadline. */
  SLACK,

  /** Run time of the tenant's task that ended last, and of the one before. */
  LAST_RUN,
  SECOND_LAST_RUN,
  /** Decayed mean run times: of the tenant, and of its tasks of the same type, shape, request. */
  MEAN_RUN,
  MEAN_RUN_OF_TYPE,
  MEAN_RUN_OF_SHAPE,
  MEAN_RUN_OF_REQUEST,
  LAST_RUN_OF_REQUEST,
  /** Logarithm of the usual ratio of run time to estimate. */
  RATIO,
  RATIO_OF_TYPE,
  LAST_RATIO,
  /** Estimate times the usual ratio. */
  SCALED_ESTIMATE,
  /** Decayed share of tasks that ran to their estimate or beyond. */
  LIMIT_HITS,

  /** Classes of the tenant's tasks that ended last and before; of the same type, and request. */
  LAST_CLASS,
  SECOND_LAST_CLASS,
  LAST_CLASS_OF_TYPE,
  LAST_CLASS_OF_REQUEST,
  SECOND_LAST_CLASS_OF_REQUEST,

  SINCE_LAST_SUBMISSION,
  SINCE_LAST_END,
  /** How many of the tenant's tasks wait or run, logarithm of one more. */
  IN_FLIGHT,
  RUNNING,
  /** How long the tenant's running task that started last, and first, has run already. */
  NEWEST_AGE,
  OLDEST_AGE,
  /** The same among running tasks with the same request. */
  NEWEST_AGE_OF_REQUEST,
  OLDEST_AGE_OF_REQUEST,
  IN_FLIGHT_OF_REQUEST,
  /** How far the latest tasks of the tenant got by now, ended or not; and of the same request. */
  REACH,
  REACH_OF_REQUEST,
  /** Class that the previous submission has reached: by its end, or by its age so far. */
  PREVIOUS_CLASS,
  /** The previous submission: 0 waits, 1 runs, 2 ended. */
  PREVIOUS_STATE;

  private static final NumberFeature[] ALL = values();

  /** Where it stands in a vector. */
  @SuppressWarnings("EnumOrdinal") // the order of the constants is what this enum is for
  final int position = ordinal();

  /** Names, in order. */
  public static List<String> names() {
    return Arrays.stream(ALL).map(feature -> feature.name().toLowerCase(Locale.ROOT)).toList();
  }

  static int count() {
    return ALL.length;
  }

  /** Its value in a vector; NaN: unknown. */
  public double of(FeatureVector x) {
    return x.numbers()[position];
  }
}
