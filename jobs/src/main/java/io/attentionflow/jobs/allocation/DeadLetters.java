package io.attentionflow.jobs.allocation;

import io.attentionflow.schema.DeadLetter;
import io.attentionflow.schema.DeadLetterReason;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/** What could not be used, on its way to its topic. */
final class DeadLetters {

  static final OutputTag<DeadLetter> TAG =
      new OutputTag<>("dead-letters", new AvroTypeInfo<>(DeadLetter.class));

  private DeadLetters() {}

  /** Of a record that is still as it came. */
  static DeadLetter of(RawRecord record, DeadLetterReason reason, String detail) {
    return of(record.origin(), reason, detail, record.key(), record.value());
  }

  /** Of a message that made sense until it met what the job knows; its bytes are in the topic. */
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
        .setDetail(detail)
        .setObservedAt(Instant.ofEpochMilli(origin.brokerTimeMillis()))
        .setKey(key == null ? null : ByteBuffer.wrap(key))
        .setValue(value == null ? null : ByteBuffer.wrap(value))
        .build();
  }
}
