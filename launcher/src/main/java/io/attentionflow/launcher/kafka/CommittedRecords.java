package io.attentionflow.launcher.kafka;

import io.attentionflow.launcher.Failure;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.topic.TopicNames;
import io.attentionflow.schema.wire.Decoded;
import io.attentionflow.schema.wire.RecordCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** All that is committed in a topic now, from its beginning. */
public final class CommittedRecords {

  private static final Duration POLL = Duration.ofMillis(200);

  private CommittedRecords() {}

  /**
   * Reads a topic from its beginning to where it ends now; each partition in order.
   *
   * @param type the record of the topic
   * @param timeout how long that may take
   * @param reader is given key and record; null for a tombstone. Records without a key, and those
   *     that cannot be decoded, are left out
   * @throws Failure if there is no such topic, or the time is over first
   * @throws KafkaException if it cannot be read
   */
  public static <T extends SpecificRecord> void read(
      KafkaOptions kafka,
      Topic topic,
      Class<T> type,
      Duration timeout,
      BiConsumer<String, @Nullable T> reader) {
    TopicNames names = kafka.topics();
    Map<String, Object> settings = new HashMap<>(kafka.clientSettings());
    settings.put("isolation.level", "read_committed");
    settings.put("enable.auto.commit", false);
    settings.put("allow.auto.create.topics", false);
    settings.remove("group.id");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = partitions(consumer, names.of(topic));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      read(consumer, consumer.endOffsets(partitions), RecordCodec.of(type), timeout, reader);
    }
  }

  private static List<TopicPartition> partitions(
      KafkaConsumer<byte[], byte[]> consumer, String topic) {
    List<PartitionInfo> found = consumer.listTopics().getOrDefault(topic, List.of());
    if (found.isEmpty()) {
      throw new Failure(
          """
          there is no topic %s.
          Is --topic-prefix right? The topics are made by: attention-flow topics create."""
              .formatted(topic));
    }
    return found.stream().map(info -> new TopicPartition(info.topic(), info.partition())).toList();
  }

  private static <T extends SpecificRecord> void read(
      KafkaConsumer<byte[], byte[]> consumer,
      Map<TopicPartition, Long> ends,
      RecordCodec<T> codec,
      Duration timeout,
      BiConsumer<String, @Nullable T> reader) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      if (System.nanoTime() - deadline > 0) {
        throw new Failure(
            "the topic could not be read up to now within %d s. Give it more by --timeout."
                .formatted(timeout.toSeconds()));
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.key() != null) {
          give(new String(record.key(), StandardCharsets.UTF_8), record.value(), codec, reader);
        }
      }
    }
  }

  private static <T extends SpecificRecord> void give(
      String key,
      byte @Nullable [] value,
      RecordCodec<T> codec,
      BiConsumer<String, @Nullable T> reader) {
    if (value == null) {
      reader.accept(key, null);
    } else if (codec.decode(value) instanceof Decoded.Value<T> decoded) {
      reader.accept(key, decoded.value());
    }
  }
}
