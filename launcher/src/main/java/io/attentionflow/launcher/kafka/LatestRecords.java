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
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** The newest record of each key of a compacted topic, as it is committed now. */
public final class LatestRecords {

  private static final Duration POLL = Duration.ofMillis(200);

  private LatestRecords() {}

  /**
   * Reads a topic from its beginning to where it ends now.
   *
   * @param type the record of the topic
   * @param timeout how long that may take
   * @return by key; records that cannot be decoded are left out
   * @throws Failure if there is no such topic, or the time is over first
   * @throws KafkaException if it cannot be read
   */
  public static <T extends SpecificRecord> SortedMap<String, T> read(
      KafkaOptions kafka, Topic topic, Class<T> type, Duration timeout) {
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
      return read(consumer, consumer.endOffsets(partitions), type, timeout);
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

  private static <T extends SpecificRecord> SortedMap<String, T> read(
      KafkaConsumer<byte[], byte[]> consumer,
      Map<TopicPartition, Long> ends,
      Class<T> type,
      Duration timeout) {
    RecordCodec<T> codec = RecordCodec.of(type);
    SortedMap<String, T> latest = new TreeMap<>();
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
          keep(new String(record.key(), StandardCharsets.UTF_8), record.value(), codec, latest);
        }
      }
    }
    return latest;
  }

  private static <T extends SpecificRecord> void keep(
      String key, byte @Nullable [] value, RecordCodec<T> codec, SortedMap<String, T> latest) {
    if (value == null) {
      latest.remove(key);
    } else if (codec.decode(value) instanceof Decoded.Value<T> decoded) {
      latest.put(key, decoded.value());
    }
  }
}
