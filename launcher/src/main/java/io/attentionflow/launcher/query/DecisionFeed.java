package io.attentionflow.launcher.query;

import io.attentionflow.launcher.Failure;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.PendingTask;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.topic.TopicNames;
import io.attentionflow.schema.wire.Decoded;
import io.attentionflow.schema.wire.RecordCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Commands and changes of who waits, or dead letters, as they are committed. Reads every partition
 * itself, in no consumer group; partitions that are added later are found within half a minute, and
 * read from their beginning. Not thread-safe.
 */
final class DecisionFeed implements AutoCloseable {

  /** What is decided, and who waits. */
  static final List<Topic> DECISIONS = List.of(Topic.ALLOCATION_COMMANDS, Topic.ALLOCATION_PENDING);

  /** What could not be used. */
  static final List<Topic> DEAD_LETTERS = List.of(Topic.DEAD_LETTERS);

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration LOOK_FOR_PARTITIONS = Duration.ofSeconds(30);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final TopicNames names;
  private final List<Topic> followed;
  private final Interest interest;
  private final Consumer<String> say;
  private final Map<Topic, RecordCodec<? extends SpecificRecord>> codecs =
      new EnumMap<>(Topic.class);
  private final Set<TopicPartition> assigned = new HashSet<>();
  private long lookedAtNanos;

  /**
   * @param followed {@link #DECISIONS} or {@link #DEAD_LETTERS}
   * @param say is told of records that cannot be decoded
   */
  DecisionFeed(
      Map<String, Object> kafkaSettings,
      TopicNames names,
      List<Topic> followed,
      Interest interest,
      Consumer<String> say) {
    this.names = names;
    this.followed = followed;
    followed.forEach(topic -> codecs.put(topic, RecordCodec.of(topic.record())));
    this.interest = interest;
    this.say = say;
    Map<String, Object> settings = new HashMap<>(kafkaSettings);
    settings.put("isolation.level", "read_committed");
    settings.put("enable.auto.commit", false);
    settings.put("allow.auto.create.topics", false);
    settings.put("auto.offset.reset", "earliest");
    settings.remove("group.id");
    consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Takes its place in the topics.
   *
   * @param fromBeginning at their beginning, or else at their end as it is now
   * @throws Failure if a topic is missing
   */
  void begin(boolean fromBeginning) {
    Collection<TopicPartition> found = newPartitions();
    for (Topic topic : followed) {
      if (found.stream().noneMatch(partition -> partition.topic().equals(names.of(topic)))) {
        throw new Failure(
            """
            there is no topic %s.
            Is --topic-prefix right? The topics are made by: attention-flow topics create."""
                .formatted(names.of(topic)));
      }
    }
    if (fromBeginning) {
      consumer.seekToBeginning(found);
    } else {
      consumer.seekToEnd(found);
      // Sought only when asked for: now, and not with the first record that comes.
      found.forEach(consumer::position);
    }
  }

  /** What has come since the last time, if it is of interest; waits a little for it. */
  List<Change> poll() {
    if (System.nanoTime() - lookedAtNanos > LOOK_FOR_PARTITIONS.toNanos()) {
      Collection<TopicPartition> found = newPartitions();
      if (!found.isEmpty()) {
        // Of no partitions, Kafka takes it to mean all.
        consumer.seekToBeginning(found);
      }
    }
    List<Change> changes = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
      Change change = change(record);
      if (change != null && interest.in(change)) {
        changes.add(change);
      }
    }
    return changes;
  }

  private Collection<TopicPartition> newPartitions() {
    lookedAtNanos = System.nanoTime();
    Map<String, List<PartitionInfo>> there = consumer.listTopics();
    List<TopicPartition> found = new ArrayList<>();
    for (Topic topic : followed) {
      for (PartitionInfo info : there.getOrDefault(names.of(topic), List.of())) {
        TopicPartition partition = new TopicPartition(info.topic(), info.partition());
        if (assigned.add(partition)) {
          found.add(partition);
        }
      }
    }
    if (!found.isEmpty()) {
      consumer.assign(assigned);
    }
    return found;
  }

  /** What a record says; null: it cannot be read. */
  private @Nullable Change change(ConsumerRecord<byte[], byte[]> record) {
    Topic topic = names.find(record.topic()).orElseThrow();
    if (record.value() == null) {
      return record.key() == null ? null : change(topic, record, null);
    }
    RecordCodec<? extends SpecificRecord> codec = codecs.get(topic);
    if (codec != null
        && codec.decode(record.value()) instanceof Decoded.Value<?> decoded
        && decoded.value() instanceof SpecificRecord value) {
      return change(topic, record, value);
    }
    say.accept(
        "cannot decode the record at offset %d of %s-%d"
            .formatted(record.offset(), record.topic(), record.partition()));
    return null;
  }

  private static Change change(
      Topic topic, ConsumerRecord<byte[], byte[]> record, @Nullable SpecificRecord value) {
    return new Change(
        topic,
        record.partition(),
        record.offset(),
        Instant.ofEpochMilli(record.timestamp()),
        taskId(record, value),
        value);
  }

  private static String taskId(
      ConsumerRecord<byte[], byte[]> record, @Nullable SpecificRecord value) {
    if (value instanceof AllocationCommand command) {
      return command.getTaskId();
    }
    if (value instanceof PendingTask pending) {
      return pending.getTaskId();
    }
    if (value != null) {
      return "";
    }
    return new String(record.key(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    consumer.close();
  }
}
