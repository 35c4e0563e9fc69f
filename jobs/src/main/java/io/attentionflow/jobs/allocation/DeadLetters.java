package io.attentionflow.jobs.allocation;

import io.attentionflow.schema.DeadLetter;
import io.attentionflow.schema.DeadLetterReason;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * What could not be used, on its way to its topic.
 *
 * <p>A letter is always small enough for a topic as brokers make them: one that was not would stop
 * the job, and again after each restart. Bytes that are too many stay where they were read, which
 * the letter says.
 */
final class DeadLetters {

  /** Most bytes of key and value that are copied: with the rest of a letter, below a megabyte. */
  private static final int MOST_BYTES = 900_000;

  private static final int MOST_DETAIL = 10_000;

  static final OutputTag<DeadLetter> TAG =
      new OutputTag<>("dead-letters", new AvroTypeInfo<>(DeadLetter.class));

  private DeadLetters() {}

  /** Of a record that is still as it came. */
  static DeadLetter of(RawRecord record, DeadLetterReason reason, String detail) {
    byte[] key = record.key();
    byte[] value = record.value();
    StringBuilder said = new StringBuilder(detail);
    int kept = 0;
    if (key != null && key.length > MOST_BYTES) {
      said.append("; the key of %d bytes is left out".formatted(key.length));
      key = null;
    } else if (key != null) {
      kept = key.length;
    }
    if (value != null && value.length > MOST_BYTES - kept) {
      said.append("; the value of %d bytes is left out".formatted(value.length));
      value = null;
    }
    return of(record.origin(), reason, said.toString(), key, value);
  }

  /** Of a record that the job would have written, had it not been larger than its topic takes. */
  static DeadLetter unwritten(String topic, byte[] key, Instant at, String detail) {
    Origin nowhere = new Origin(topic, -1, -1, at.toEpochMilli());
    boolean keepsKey = key.length <= MOST_BYTES;
    return of(nowhere, DeadLetterReason.ABSURD_AMOUNT, detail, keepsKey ? key : null, null);
  }

  /**
   * Of a message that made sense until it met what the job knows. Its bytes are in the topic: to
   * have them here, every message would have to carry them as far.
   */
  static DeadLetter of(Origin origin, DeadLetterReason reason, String detail) {
    return of(origin, reason, detail, null, null);
  }

  private static DeadLetter of(
      Origin origin,
      DeadLetterReason reason,
      String detail,
      byte @Nullable [] key,
      byte @Nullable [] value) {
    return DeadLetter.newBuilder()
        .setTopic(origin.topic())
        .setPartition(origin.partition())
        .setOffset(origin.offset())
        .setReason(reason)
        .setDetail(detail.length() > MOST_DETAIL ? detail.substring(0, MOST_DETAIL) : detail)
        .setObservedAt(Instant.ofEpochMilli(origin.brokerTimeMillis()))
        .setKey(key == null ? null : ByteBuffer.wrap(key))
        .setValue(value == null ? null : ByteBuffer.wrap(value))
        .build();
  }
}
