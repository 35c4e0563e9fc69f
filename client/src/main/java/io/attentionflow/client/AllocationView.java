package io.attentionflow.client;

import io.attentionflow.client.AllocationIndex.Known;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.AllocationDecision;
import io.attentionflow.schema.ModelEvaluation;
import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.PendingTask;
import io.attentionflow.schema.ResourceDemand;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.wire.Decoded;
import io.attentionflow.schema.wire.RecordCodec;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Follows the allocation topics and answers where a task is and why, what is on a node, and how a
 * pool is.
 *
 * <p>Sees only what is committed. Reads every partition itself, in no consumer group, so any number
 * of views can run beside each other. Topics and partitions that appear later are found within half
 * a minute. A record that cannot be decoded is counted and passed over.
 *
 * <p>For one question: {@code start}, {@link #awaitCaughtUp}, ask, {@code close}.
 *
 * <p>Thread-safe; reads on one thread of its own. Memory as {@link AllocationIndex} has it.
 */
public final class AllocationView implements AutoCloseable {

  private static final List<Topic> FOLLOWED =
      List.of(
          Topic.ALLOCATION_COMMANDS,
          Topic.ALLOCATION_DECISIONS,
          Topic.ALLOCATION_PENDING,
          Topic.NODE_EVENTS,
          Topic.RESOURCE_DEMAND,
          Topic.MODEL_EVALUATIONS);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration LOOK_FOR_TOPICS = Duration.ofSeconds(30);

  private final ViewOptions options;
  private final Clock clock;
  private final Consumer<byte[], byte[]> consumer;
  private final Thread thread;
  private final Map<Topic, BiConsumer<byte[], Origin>> readers = new EnumMap<>(Topic.class);
  private final Set<TopicPartition> assigned = new HashSet<>();
  private final Queue<CatchUp> catchUps = new ConcurrentLinkedQueue<>();
  private final AtomicLong undecodable = new AtomicLong();
  private final AllocationIndex index;
  private volatile long lagRecords;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable KafkaException failure;

  /**
   * A view that is not reading yet.
   *
   * @param kafkaSettings at least {@code bootstrap.servers}; security as for any consumer
   * @throws KafkaException if a setting is wrong
   */
  public AllocationView(Map<String, Object> kafkaSettings, ViewOptions options) {
    this(consumer(kafkaSettings), options, Clock.systemUTC());
  }

  AllocationView(Consumer<byte[], byte[]> consumer, ViewOptions options, Clock clock) {
    this.consumer = consumer;
    this.options = options;
    this.clock = clock;
    index = new AllocationIndex(options.retention(), options.mostSettled());
    thread = new Thread(this::run, "allocation-view");
    thread.setDaemon(true);
    read(Topic.ALLOCATION_COMMANDS, AllocationCommand.class, index::apply);
    read(Topic.ALLOCATION_DECISIONS, AllocationDecision.class, index::apply);
    read(Topic.ALLOCATION_PENDING, PendingTask.class, index::apply);
    read(Topic.NODE_EVENTS, NodeEvent.class, index::apply);
    read(Topic.RESOURCE_DEMAND, ResourceDemand.class, index::apply);
    read(Topic.MODEL_EVALUATIONS, ModelEvaluation.class, index::apply);
  }

  private static Consumer<byte[], byte[]> consumer(Map<String, Object> kafkaSettings) {
    Map<String, Object> settings = new HashMap<>(kafkaSettings);
    settings.put("isolation.level", "read_committed");
    settings.put("enable.auto.commit", false);
    settings.put("allow.auto.create.topics", false);
    settings.put("auto.offset.reset", "earliest");
    settings.remove("group.id");
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private <T extends SpecificRecord> void read(
      Topic topic, Class<T> type, BiConsumer<T, Origin> apply) {
    RecordCodec<T> codec = RecordCodec.of(type);
    readers.put(
        topic,
        (value, origin) -> {
          if (codec.decode(value) instanceof Decoded.Value<T> decoded) {
            apply.accept(decoded.value(), origin);
          } else {
            undecodable.incrementAndGet();
          }
        });
  }

  /** Starts to read; once. */
  public void start() {
    thread.start();
  }

  /**
   * Waits until all has been read that was there when this was called.
   *
   * @return false if the time was over first
   * @throws KafkaException if reading has failed for good
   */
  public boolean awaitCaughtUp(Duration timeout) throws InterruptedException {
    var catchUp = new CatchUp();
    catchUps.add(catchUp);
    KafkaException failed = failure;
    if (failed != null) {
      throw new KafkaException("the view has stopped", failed);
    }
    try {
      catchUp.done.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new KafkaException("the view has stopped", e);
    }
  }

  /** Where is this task, and why? */
  public Answer<TaskAnswer> task(String taskId) {
    return answer(all -> all.task(taskId));
  }

  /** What is on this node? */
  public Answer<NodeAnswer> node(String nodeId) {
    return answer(all -> all.node(nodeId));
  }

  /** How is this pool? */
  public Answer<PoolAnswer> pool(String pool) {
    return answer(all -> all.pool(pool));
  }

  /**
   * What waits in this pool?
   *
   * @param most how many tasks to list, at least 0; all are counted
   */
  public Answer<PendingList> pending(String pool, int most) {
    return answer(all -> all.pending(pool, most));
  }

  /** How good are the learners? */
  public Answer<List<ModelAnswer>> models() {
    return answer(AllocationIndex::models);
  }

  /** Pools of which anything is known, in order. */
  public List<String> pools() {
    synchronized (index) {
      return index.pools();
    }
  }

  /** How many records could not be decoded. */
  public long undecodable() {
    return undecodable.get();
  }

  /** Stops reading, and waits until it has stopped. */
  @Override
  public void close() {
    closing.countDown();
    consumer.wakeup();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    consumer.close();
  }

  private <T> Answer<T> answer(Function<AllocationIndex, @Nullable Known<T>> question) {
    Known<T> known;
    synchronized (index) {
      known = question.apply(index);
    }
    if (known == null) {
      return new Answer<>(null, null, lagRecords);
    }
    Origin origin = known.origin();
    Answer.Position position =
        origin == null
            ? null
            : new Answer.Position(
                origin.topic().baseName(),
                origin.partition(),
                origin.offset(),
                Math.max(0, Duration.between(origin.writtenAt(), clock.instant()).toMillis()));
    return new Answer<>(known.value(), position, lagRecords);
  }

  private void run() {
    try {
      Instant lookAgain = Instant.MIN;
      while (closing.getCount() > 0) {
        if (assigned.isEmpty() || !clock.instant().isBefore(lookAgain)) {
          findPartitions();
          lookAgain = clock.instant().plus(LOOK_FOR_TOPICS);
        }
        readOnce();
      }
    } catch (WakeupException | InterruptedException e) {
      // close() woke us; nobody else can.
      return;
    } catch (KafkaException e) {
      failure = e;
    } finally {
      KafkaException cause = failure;
      failWaiting(cause == null ? new KafkaException("the view was closed") : cause);
    }
  }

  private void failWaiting(KafkaException cause) {
    for (CatchUp waiting = catchUps.poll(); waiting != null; waiting = catchUps.poll()) {
      waiting.done.completeExceptionally(cause);
    }
  }

  private void readOnce() throws InterruptedException {
    if (assigned.isEmpty()) {
      // No topic yet, and a consumer of nothing cannot be polled.
      closing.await(POLL.toMillis(), TimeUnit.MILLISECONDS);
    } else {
      var records = consumer.poll(POLL);
      synchronized (index) {
        records.forEach(this::apply);
      }
    }
    lagRecords = lag();
    completeCatchUps();
  }

  private void apply(ConsumerRecord<byte[], byte[]> record) {
    options
        .names()
        .find(record.topic())
        .ifPresent(
            topic -> {
              var origin =
                  new Origin(
                      topic,
                      record.partition(),
                      record.offset(),
                      Instant.ofEpochMilli(record.timestamp()));
              if (record.value() != null) {
                readers.getOrDefault(topic, (value, from) -> {}).accept(record.value(), origin);
              } else if (topic == Topic.ALLOCATION_PENDING && record.key() != null) {
                index.pendingNoMore(new String(record.key(), StandardCharsets.UTF_8), origin);
              }
            });
  }

  /** Reads all partitions there are, the new ones from where they are interesting. */
  private void findPartitions() {
    Map<String, List<PartitionInfo>> there = consumer.listTopics();
    List<TopicPartition> whole = new ArrayList<>();
    List<TopicPartition> recent = new ArrayList<>();
    for (Topic topic : FOLLOWED) {
      for (PartitionInfo info : there.getOrDefault(options.names().of(topic), List.of())) {
        var partition = new TopicPartition(info.topic(), info.partition());
        if (assigned.add(partition)) {
          (topic.cleanup() == Topic.Cleanup.DELETE ? recent : whole).add(partition);
        }
      }
    }
    if (!whole.isEmpty() || !recent.isEmpty()) {
      consumer.assign(assigned);
      if (!whole.isEmpty()) {
        // Of no partitions, Kafka takes it to mean all, and reads again what has been read.
        consumer.seekToBeginning(whole);
      }
      seekBack(recent);
    }
  }

  private void seekBack(List<TopicPartition> partitions) {
    Map<TopicPartition, Long> times = new HashMap<>();
    for (TopicPartition partition : partitions) {
      times.put(partition, clock.instant().minus(options.lookBack()).toEpochMilli());
    }
    Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
    for (TopicPartition partition : partitions) {
      long begin = begins.getOrDefault(partition, 0L);
      long latest = ends.getOrDefault(partition, 0L) - ViewOptions.LEAST_RECORDS;
      OffsetAndTimestamp since = found.get(partition);
      long wanted = since == null ? latest : Math.min(latest, since.offset());
      consumer.seek(partition, Math.max(begin, wanted));
    }
  }

  private long lag() {
    long sum = 0;
    for (TopicPartition partition : assigned) {
      sum += consumer.currentLag(partition).orElse(0);
    }
    return sum;
  }

  private void completeCatchUps() {
    catchUps.removeIf(
        waiting -> {
          boolean caughtUp = hasComeTo(ends(waiting));
          if (caughtUp) {
            waiting.done.complete(true);
          }
          return caughtUp;
        });
  }

  private Map<TopicPartition, Long> ends(CatchUp waiting) {
    if (waiting.ends == null) {
      findPartitions();
      waiting.ends = consumer.endOffsets(assigned);
    }
    return waiting.ends;
  }

  private boolean hasComeTo(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  /** Somebody waits until the view has come to where the topics ended when they asked. */
  private static final class CatchUp {

    final CompletableFuture<Boolean> done = new CompletableFuture<>();

    /** Known to the reading thread alone; null until it looked. */
    @Nullable Map<TopicPartition, Long> ends;
  }
}
