package io.attentionflow.launcher.pipeline;

import io.attentionflow.schema.wire.RecordCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * A topic, read from its beginning. Not thread-safe.
 *
 * @param <A> the record of the topic
 */
final class Log<A extends SpecificRecord> implements AutoCloseable {

  private final Consumer<byte[], byte[]> consumer;
  private final List<TopicPartition> partitions;
  private final RecordCodec<A> codec;
  private final List<Entry<A>> entries = new ArrayList<>();
  private final List<A> values = new ArrayList<>();

  /** What a reader gets to see. */
  enum Sees {
    COMMITTED,
    EVERYTHING
  }

  /**
   * One record of the topic.
   *
   * @param value null: a tombstone
   */
  @SuppressWarnings("ArrayRecordComponent") // never changed
  record Entry<A extends SpecificRecord>(
      int partition,
      long offset,
      byte @Nullable [] key,
      @Nullable A value,
      byte @Nullable [] bytes) {

    String text() {
      return key == null ? "" : new String(key, StandardCharsets.UTF_8);
    }
  }

  Log(String bootstrapServers, String topic, Class<A> record, Sees sees) {
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "isolation.level",
                sees == Sees.COMMITTED ? "read_committed" : "read_uncommitted",
                "max.poll.records",
                10_000,
                // A broker answers the requests of a connection in turn: while it waits for more to
                // send, nobody is told where the topic ends.
                "fetch.max.wait.ms",
                50),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    codec = RecordCodec.of(record);
    partitions =
        consumer.partitionsFor(topic).stream()
            .map(partition -> new TopicPartition(topic, partition.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** All that was read so far; in order within a partition. */
  List<Entry<A>> entries() {
    return Collections.unmodifiableList(entries);
  }

  /** Of what was read so far all that is no tombstone. */
  List<A> values() {
    return Collections.unmodifiableList(values);
  }

  /** Takes in what has come, waiting for it a little. */
  void poll(Duration patience) {
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(patience)) {
      byte[] bytes = record.value();
      A value = bytes == null ? null : codec.decode(bytes).orElseThrow();
      entries.add(new Entry<>(record.partition(), record.offset(), record.key(), value, bytes));
      if (value != null) {
        values.add(value);
      }
    }
  }

  /** Takes in all that is there now. */
  Log<A> readToEnd() {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      poll(Duration.ofMillis(100));
    }
    return this;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
