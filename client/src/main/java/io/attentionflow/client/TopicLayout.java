package io.attentionflow.client;

import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.topic.TopicNames;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * How the topics of one installation are to be laid out, where it differs from the catalogue.
 *
 * @param names what they are called
 * @param replicationFactor copies of each partition, at least 1; empty: the broker's default
 * @param partitions of these topics; the others get the catalogue's
 */
public record TopicLayout(
    TopicNames names, OptionalInt replicationFactor, Map<Topic, Integer> partitions) {

  /** Kafka's name of the largest that a topic takes; one that takes more is as well. */
  static final String MAX_MESSAGE_BYTES = "max.message.bytes";

  /** The catalogue's layout, no prefix, the broker's replication factor. */
  public static final TopicLayout STANDARD =
      new TopicLayout(TopicNames.PLAIN, OptionalInt.empty(), Map.of());

  /**
   * @throws IllegalArgumentException if a number is below 1, or beyond what Kafka takes
   */
  public TopicLayout {
    partitions = Map.copyOf(partitions);
    replicationFactor.ifPresent(
        factor -> {
          if (factor < 1 || factor > Short.MAX_VALUE) {
            throw new IllegalArgumentException("replication factor " + factor);
          }
        });
    partitions.forEach(
        (topic, count) -> {
          if (count < 1) {
            throw new IllegalArgumentException(
                "%d partitions for %s".formatted(count, topic.baseName()));
          }
        });
  }

  /** The same, with other names. */
  public TopicLayout withNames(TopicNames other) {
    return new TopicLayout(other, replicationFactor, partitions);
  }

  /** The same, with so many copies of each partition. */
  public TopicLayout withReplicationFactor(int factor) {
    return new TopicLayout(names, OptionalInt.of(factor), partitions);
  }

  /** The same, with so many partitions of one topic. */
  public TopicLayout withPartitions(Topic topic, int count) {
    Map<Topic, Integer> changed = new LinkedHashMap<>(partitions);
    changed.put(topic, count);
    return new TopicLayout(names, replicationFactor, changed);
  }

  /** How many partitions a topic is to have. */
  public int partitionsOf(Topic topic) {
    return partitions.getOrDefault(topic, topic.defaultPartitions());
  }

  /** Kafka's own settings of a topic, by Kafka's names, in a fixed order. */
  public Map<String, String> settingsOf(Topic topic) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("cleanup.policy", topic.cleanup().policy());
    topic
        .defaultRetention()
        .ifPresent(retention -> settings.put("retention.ms", Long.toString(retention.toMillis())));
    settings.put("message.timestamp.type", "LogAppendTime");
    // Whatever brokers are configured to take: records are written up to it.
    settings.put(MAX_MESSAGE_BYTES, Integer.toString(topic.maxMessageBytes()));
    return settings;
  }
}
