package io.attentionflow.launcher.world;

import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.TaskFeedback;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.topic.TopicNames;
import io.attentionflow.schema.wire.Decoded;
import io.attentionflow.schema.wire.RecordCodec;
import io.attentionflow.simulation.cluster.AgentCommand;
import io.attentionflow.simulation.cluster.AgentWord;
import io.attentionflow.simulation.cluster.SimulatedAgents;
import io.attentionflow.simulation.trace.TraceNode;
import io.attentionflow.simulation.trace.TraceTask;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Submits tasks to a real Kafka cluster, and plays the agents of all nodes: obeys the commands that
 * come back, and sends feedback.
 *
 * <pre>
 * tasks ------> task-events            allocation-commands --> agents --> task-feedback
 *                                                                 \-----> node-events
 * </pre>
 *
 * <p>Event time is the time of the clock that is passed in: a task goes out when its submission
 * time has come. Obeys only commands that are committed, and only those written after the start.
 *
 * <p>Works on one thread of its own. All public methods may be called from any thread.
 */
public final class SimulatedCluster implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(20);

  /** Submitted in one go at most, so that commands and heartbeats are not kept waiting. */
  private static final int MOST_AT_ONCE = 1000;

  private final TopicNames topics;
  private final List<TraceNode> nodes;
  private final Iterator<TraceTask> tasks;
  private final SimulatedAgents agents;
  private final Clock clock;
  private final Producer<String, byte[]> producer;
  private final Consumer<byte[], byte[]> consumer;
  private final Thread thread = new Thread(this::run, "simulated-cluster");
  private final CountDownLatch closing = new CountDownLatch(1);

  private final RecordCodec<TaskEvent> taskCodec = RecordCodec.of(TaskEvent.class);
  private final RecordCodec<TaskFeedback> feedbackCodec = RecordCodec.of(TaskFeedback.class);
  private final RecordCodec<NodeEvent> nodeCodec = RecordCodec.of(NodeEvent.class);
  private final RecordCodec<AllocationCommand> commandCodec =
      RecordCodec.of(AllocationCommand.class);

  private final PriorityQueue<TraceTask> cancellations =
      new PriorityQueue<>(Comparator.comparing(SimulatedCluster::cancelledAt));
  private final Set<String> open = new HashSet<>();
  private final Set<String> placed = new HashSet<>();
  private @Nullable TraceTask next;
  private long submitted;
  private long allocated;
  private long reallocated;
  private long rejected;
  private volatile ClusterCounts counts = new ClusterCounts(0, 0, 0, 0, 0, 0, 0, 0, 0);
  private volatile boolean exhausted;
  private volatile Instant lastCommand;
  private volatile @Nullable RuntimeException failure;

  /**
   * A cluster that does nothing yet.
   *
   * @param clientSettings of every Kafka client, at least {@code bootstrap.servers}
   * @param nodes whose agents are played
   * @param tasks in order of submission; may be endless
   * @param behaviour of the agents; intervals are event time
   * @param clock the event time
   * @throws KafkaException if a setting is wrong
   */
  public SimulatedCluster(
      Map<String, Object> clientSettings,
      TopicNames topics,
      List<TraceNode> nodes,
      Iterator<TraceTask> tasks,
      SimulatedAgents.Settings behaviour,
      Clock clock) {
    this.topics = topics;
    this.nodes = List.copyOf(nodes);
    this.tasks = tasks;
    this.agents = new SimulatedAgents(behaviour);
    this.clock = clock;
    lastCommand = clock.instant();
    producer = producer(clientSettings);
    consumer = consumer(clientSettings);
    thread.setDaemon(true);
  }

  private static Producer<String, byte[]> producer(Map<String, Object> clientSettings) {
    Map<String, Object> settings = new HashMap<>(clientSettings);
    settings.put("acks", "all");
    settings.put("linger.ms", 5);
    // Heartbeats are always under way, so a broker that is gone is noticed after this.
    settings.put("delivery.timeout.ms", 30_000);
    settings.put("request.timeout.ms", 10_000);
    settings.put("max.block.ms", 30_000);
    return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
  }

  private static Consumer<byte[], byte[]> consumer(Map<String, Object> clientSettings) {
    Map<String, Object> settings = new HashMap<>(clientSettings);
    settings.put("isolation.level", "read_committed");
    settings.put("enable.auto.commit", false);
    settings.put("allow.auto.create.topics", false);
    settings.put("fetch.max.wait.ms", 50);
    settings.remove("group.id");
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Starts to work; once. From here on no command is missed.
   *
   * @throws KafkaException if the commands cannot be read
   */
  public void start() {
    String commands = topics.of(Topic.ALLOCATION_COMMANDS);
    List<TopicPartition> partitions =
        consumer.partitionsFor(commands).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    // Seeking is lazy: only asking for the position settles it now.
    partitions.forEach(consumer::position);
    thread.start();
  }

  /** What has happened so far. */
  public ClusterCounts counts() {
    throwFailure();
    return counts;
  }

  /** Whether every task there is has been submitted. */
  public boolean hasSubmittedAll() {
    throwFailure();
    return exhausted;
  }

  /**
   * Whether nothing more will happen: every task is submitted and over, or nothing runs and no
   * command has come for a while.
   *
   * @param quiet how long no command must have come before what waits is taken to wait for ever
   */
  public boolean isFinished(Duration quiet) {
    throwFailure();
    ClusterCounts now = counts;
    return exhausted
        && (now.over() == now.submitted()
            || (now.running() == 0 && lastCommand.plus(quiet).isBefore(clock.instant())));
  }

  /**
   * Stops, and says of every node that it left: nobody speaks for it any more. Does nothing the
   * second time.
   */
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
    producer.close(Duration.ofSeconds(5));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void throwFailure() {
    RuntimeException failed = failure;
    if (failed != null) {
      throw failed;
    }
  }

  private void run() {
    try {
      Instant start = now();
      nodes.forEach(node -> agents.join(node, start));
      next = tasks.hasNext() ? tasks.next() : null;
      while (!isClosing()) {
        submit(now());
        obey();
        tell(now());
      }
      Instant end = now();
      nodes.forEach(node -> agents.leave(node.nodeId(), end));
      tell(end);
      producer.flush();
    } catch (RuntimeException e) {
      // Seen by whoever asks next.
      failure = e;
    }
  }

  private boolean isClosing() {
    throwFailure();
    return closing.getCount() == 0;
  }

  private Instant now() {
    return Instant.ofEpochMilli(clock.millis());
  }

  private void submit(Instant now) {
    for (int i = 0; i < MOST_AT_ONCE && next != null && !next.submittedAt().isAfter(now); i++) {
      agents.expect(next.taskId(), next.truth());
      open.add(next.taskId());
      submitted++;
      send(Topic.TASK_EVENTS, next.taskId(), taskCodec.encode(WorldRecords.submission(next)));
      if (next.cancelledAt() != null) {
        cancellations.add(next);
      }
      next = tasks.hasNext() ? tasks.next() : null;
    }
    while (!cancellations.isEmpty() && !cancelledAt(cancellations.peek()).isAfter(now)) {
      TraceTask task = cancellations.remove();
      if (open.contains(task.taskId())) {
        send(
            Topic.TASK_EVENTS,
            task.taskId(),
            taskCodec.encode(WorldRecords.cancellation(task, cancelledAt(task))));
      }
    }
  }

  private static Instant cancelledAt(TraceTask task) {
    Instant at = task.cancelledAt();
    if (at == null) {
      throw new IllegalStateException("%s is not cancelled".formatted(task.taskId()));
    }
    return at;
  }

  private void obey() {
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
      if (record.value() != null
          && commandCodec.decode(record.value())
              instanceof Decoded.Value<AllocationCommand> decoded) {
        AgentCommand command = WorldRecords.command(decoded.value());
        if (command != null) {
          count(command);
          agents.accept(command, now());
        }
      }
    }
  }

  private void count(AgentCommand command) {
    lastCommand = clock.instant();
    if (!open.contains(command.taskId())) {
      // Somebody else's, or a repeat.
      return;
    }
    switch (command.action()) {
      case ALLOCATE, RESIZE -> {
        placed.add(command.taskId());
        if (command.generation() == 1) {
          allocated++;
        } else {
          reallocated++;
        }
      }
      case PREEMPT -> placed.remove(command.taskId());
      case RELEASE -> {
        placed.remove(command.taskId());
        open.remove(command.taskId());
      }
      case REJECT -> {
        placed.remove(command.taskId());
        open.remove(command.taskId());
        rejected++;
      }
    }
  }

  private void tell(Instant now) {
    for (AgentWord word : agents.advanceTo(now)) {
      if (word instanceof AgentWord.TaskWord task) {
        send(Topic.TASK_FEEDBACK, task.taskId(), feedbackCodec.encode(WorldRecords.feedback(task)));
      } else if (word instanceof AgentWord.NodeWord node) {
        send(
            Topic.NODE_EVENTS,
            node.node().nodeId(),
            nodeCodec.encode(WorldRecords.nodeEvent(node)));
      } else {
        throw new IllegalStateException("No case for " + word);
      }
    }
    counts =
        new ClusterCounts(
            submitted,
            allocated,
            reallocated,
            rejected,
            submitted - open.size(),
            placed.size(),
            agents.busyNodes(),
            nodes.size(),
            agents.overcommitments());
    exhausted = next == null && cancellations.isEmpty();
  }

  private void send(Topic topic, String key, byte[] value) {
    // What goes wrong comes to the callback.
    var unused =
        producer.send(
            new ProducerRecord<>(topics.of(topic), key, value),
            (written, problem) -> {
              if (problem != null) {
                failure =
                    new KafkaException(
                        "cannot write to %s any more: %s"
                            .formatted(topics.of(topic), problem.getMessage()),
                        problem);
              }
            });
  }
}
