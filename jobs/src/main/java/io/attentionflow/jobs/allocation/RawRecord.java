package io.attentionflow.jobs.allocation;

import org.apache.kafka.clients.consumer.ConsumerRecord;
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

  static RawRecord of(ConsumerRecord<byte[], byte[]> record) {
    return new RawRecord(
        record.topic(),
        record.partition(),
        record.offset(),
        record.timestamp(),
        record.key(),
        record.value());
  }

  Origin origin() {
    return new Origin(topic, partition, offset, timestampMillis);
  }
}
