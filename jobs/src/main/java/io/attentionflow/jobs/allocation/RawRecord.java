package io.attentionflow.jobs.allocation;

import org.jspecify.annotations.Nullable;

/**
 * A record as the broker gave it.
 *
 * @param timestampMillis the broker's time of it
 * @param key null: none
 * @param value null: a tombstone
 */
@SuppressWarnings("ArrayRecordComponent") // carried by the million, and never changed
public record RawRecord(
    String topic,
    int partition,
    long offset,
    long timestampMillis,
    byte @Nullable [] key,
    byte @Nullable [] value) {

  Origin origin() {
    return new Origin(topic, partition, offset, timestampMillis);
  }
}
