package io.attentionflow.launcher.local;

import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.EvaluationEvent;
import io.attentionflow.schema.ModelEvaluation;
import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.NodeEventKind;
import io.attentionflow.schema.ShardPlacement;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.topic.TopicNames;
import io.attentionflow.schema.wire.Decoded;
import io.attentionflow.schema.wire.RecordCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Counts what goes through the pipeline, by reading its topics from their beginning: what a person
 * who watches wants to know in one line.
 *
 * <p>Reads only what is committed, on one thread of its own. Thread-safe. Memory: a set of the ids
 * of tasks that are not over.
 */
final class PipelineTally implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(200);
  private static final List<Topic> FOLLOWED =
      List.of(
          Topic.ALLOCATION_COMMANDS,
          Topic.ALLOCATION_PENDING,
          Topic.NODE_EVENTS,
          Topic.MODEL_EVALUATIONS,
          Topic.DEAD_LETTERS);

  private final TopicNames topics;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> taskEvents;
  private final Thread thread = new Thread(this::run, "pipeline-tally");
  private final CountDownLatch closing = new CountDownLatch(1);
  private final RecordCodec<AllocationCommand> commands = RecordCodec.of(AllocationCommand.class);
  private final RecordCodec<NodeEvent> nodeEvents = RecordCodec.of(NodeEvent.class);
  private final RecordCodec<ModelEvaluation> evaluations = RecordCodec.of(ModelEvaluation.class);

  private final Map<String, List<String>> placed = new HashMap<>();
  private final Map<String, Integer> tasksOnNode = new HashMap<>();
  private final Set<String> nodes = new HashSet<>();
  private final Set<String> pending = new HashSet<>();
  private final Map<String, Model> models = new TreeMap<>();
  private long decided;
  private long rejected;
  private long deadLetters;
  private long drifts;
  private String lastDrift = "";
  private volatile Counts counts = Counts.NONE;
  private volatile @Nullable RuntimeException failure;

  /**
   * What has gone through so far.
   *
   * @param tasksIn records in the topic of task events
   * @param decided tasks that got their first place, or were turned away
   * @param rejected of these, those turned away
   * @param pending tasks that are reported waiting
   * @param busyNodes nodes that have a task
   * @param nodes nodes that are there
   * @param models how good the learners are, by name
   * @param drifts how often it was told that tasks have changed
   * @param lastDrift what was told last; empty: nothing
   */
  record Counts(
      long tasksIn,
      long decided,
      long rejected,
      long pending,
      int busyNodes,
      int nodes,
      long deadLetters,
      Map<String, Model> models,
      long drifts,
      String lastDrift) {

    static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0, Map.of(), 0, "");

    Counts {
      models = new TreeMap<>(models);
    }

    /** The learner whose answers are used; null: none has been evaluated. */
    @Nullable Model serving() {
      return models.values().stream().filter(Model::serving).findFirst().orElse(null);
    }
  }

  /**
   * How good a learner's answers were, given when tasks arrived; fractions of 1.
   *
   * @param serving whether its answers are used
   * @param majorityAccuracy the accuracy of always answering the most frequent class
   */
  record Model(
      String name,
      boolean serving,
      long examples,
      double accuracy,
      double recentAccuracy,
      double majorityAccuracy) {

    Model servingNoMore() {
      return new Model(name, false, examples, accuracy, recentAccuracy, majorityAccuracy);
    }
  }

  PipelineTally(Map<String, Object> clientSettings, TopicNames topics) {
    this.topics = topics;
    Map<String, Object> settings = new HashMap<>(clientSettings);
    settings.put("isolation.level", "read_committed");
    settings.put("enable.auto.commit", false);
    settings.put("allow.auto.create.topics", false);
    consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    taskEvents = partitions(Topic.TASK_EVENTS);
    thread.setDaemon(true);
  }

  /** Starts to read; once. */
  void start() {
    List<TopicPartition> followed = new ArrayList<>();
    FOLLOWED.forEach(topic -> followed.addAll(partitions(topic)));
    consumer.assign(followed);
    consumer.seekToBeginning(followed);
    thread.start();
  }

  private List<TopicPartition> partitions(Topic topic) {
    return consumer.partitionsFor(topics.of(topic)).stream()
        .map(info -> new TopicPartition(info.topic(), info.partition()))
        .toList();
  }

  /** What has gone through so far. */
  Counts counts() {
    RuntimeException failed = failure;
    if (failed != null) {
      throw failed;
    }
    return counts;
  }

  @Override
  public void close() {
    closing.countDown();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    consumer.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (closing.getCount() > 0) {
        consumer.poll(POLL).forEach(this::count);
        long in = consumer.endOffsets(taskEvents).values().stream().mapToLong(end -> end).sum();
        counts =
            new Counts(
                in,
                decided,
                rejected,
                pending.size(),
                tasksOnNode.size(),
                nodes.size(),
                deadLetters,
                models,
                drifts,
                lastDrift);
      }
    } catch (KafkaException e) {
      // Seen by whoever asks next.
      failure = e;
    }
  }

  private void count(ConsumerRecord<byte[], byte[]> record) {
    topics
        .find(record.topic())
        .ifPresent(
            topic -> {
              switch (topic) {
                case ALLOCATION_COMMANDS -> decode(commands, record.value(), this::command);
                case NODE_EVENTS -> decode(nodeEvents, record.value(), this::node);
                case MODEL_EVALUATIONS -> decode(evaluations, record.value(), this::evaluation);
                case ALLOCATION_PENDING -> pending(record);
                case DEAD_LETTERS -> deadLetters++;
                default -> throw new IllegalStateException(topic + " is not followed");
              }
            });
  }

  private static <T extends SpecificRecord> void decode(
      RecordCodec<T> codec, byte @Nullable [] value, Consumer<T> reader) {
    if (value != null && codec.decode(value) instanceof Decoded.Value<T> decoded) {
      reader.accept(decoded.value());
    }
  }

  private void command(AllocationCommand command) {
    leave(command.getTaskId());
    switch (command.getAction()) {
      case ALLOCATE, RESIZE -> {
        List<String> on =
            command.getShards().stream().map(ShardPlacement::getNodeId).distinct().toList();
        placed.put(command.getTaskId(), on);
        on.forEach(node -> tasksOnNode.merge(node, 1, Integer::sum));
        if (command.getGeneration() == 1) {
          decided++;
        }
      }
      case REJECT -> {
        rejected++;
        if (command.getGeneration() == 1) {
          decided++;
        }
      }
      case PREEMPT, RELEASE, UNKNOWN -> {
        // It holds nothing now, and was counted when it was decided about.
      }
    }
  }

  private void leave(String taskId) {
    List<String> on = placed.remove(taskId);
    if (on != null) {
      on.forEach(node -> tasksOnNode.computeIfPresent(node, (n, k) -> k == 1 ? null : k - 1));
    }
  }

  private void node(NodeEvent event) {
    if (event.getKind() == NodeEventKind.LEFT) {
      nodes.remove(event.getNodeId());
    } else {
      nodes.add(event.getNodeId());
    }
  }

  private void evaluation(ModelEvaluation evaluation) {
    if (evaluation.getEvent() == EvaluationEvent.DRIFT) {
      drifts++;
      lastDrift = "%s: %s".formatted(evaluation.getModel(), evaluation.getNote());
    }
    if (evaluation.getChampion()) {
      // What served before has not been heard of since.
      models.replaceAll((name, model) -> model.servingNoMore());
    }
    models.put(
        evaluation.getModel(),
        new Model(
            evaluation.getModel(),
            evaluation.getChampion(),
            evaluation.getExamples(),
            evaluation.getAccuracy(),
            evaluation.getRecentAccuracy(),
            evaluation.getMajorityAccuracy()));
  }

  private void pending(ConsumerRecord<byte[], byte[]> record) {
    if (record.key() == null) {
      return;
    }
    String taskId = new String(record.key(), StandardCharsets.UTF_8);
    if (record.value() == null) {
      pending.remove(taskId);
    } else {
      pending.add(taskId);
    }
  }
}
