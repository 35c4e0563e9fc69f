package io.attentionflow.client;

import io.attentionflow.schema.topic.TopicNames;
import java.time.Duration;

/**
 * How far back a view reads, and how much it keeps.
 *
 * @param names what the topics are called
 * @param lookBack how far back to begin in the topics that are not compacted; in each of their
 *     partitions the last {@value #LEAST_RECORDS} records are read in any case
 * @param retention how long tasks are kept that are over
 * @param mostSettled how many of them at most, at least 0
 */
public record ViewOptions(
    TopicNames names, Duration lookBack, Duration retention, int mostSettled) {

  /** Records read of each partition, however old. */
  static final long LEAST_RECORDS = 10_000;

  /** An hour back, kept for an hour, of no more than 100,000 tasks. */
  public static final ViewOptions STANDARD =
      new ViewOptions(TopicNames.PLAIN, Duration.ofHours(1), Duration.ofHours(1), 100_000);

  /** The same, with other names. */
  public ViewOptions withNames(TopicNames other) {
    return new ViewOptions(other, lookBack, retention, mostSettled);
  }
}
