package io.attentionflow.launcher.pipeline;

import static java.util.Objects.requireNonNull;

import io.attentionflow.client.TopicLayout;
import io.attentionflow.client.TopicProvisioner;
import io.attentionflow.jobs.allocation.AllocationJob;
import io.attentionflow.jobs.allocation.PipelineOptions;
import io.attentionflow.launcher.flink.FlinkInProcess;
import io.attentionflow.launcher.kafka.EmbeddedKafka;
import io.attentionflow.launcher.world.WorldRecords;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.TaskFeedback;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.topic.TopicNames;
import io.attentionflow.schema.wire.RecordCodec;
import io.attentionflow.simulation.cluster.AgentWord;
import io.attentionflow.simulation.cluster.SimulatedAgents;
import io.attentionflow.simulation.trace.TraceNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * All there is around the job {@code allocation}: its topics under a prefix of their own,
 * submitters, and node agents that do as the committed commands say, and tell what came of it.
 *
 * <p>Event time is what the test says, and a little more each time the agents are asked. One
 * thread.
 */
final class World implements AutoCloseable {

  /** Longer than any machine should take; a test that waits so long has failed. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** What takes three hours is over in half a second of event time. */
  private static final double SPEEDUP = 20_000;

  /** Agents are asked so often; as much event time passes each time. */
  private static final Duration TURN = Duration.ofMillis(50);

  private final EmbeddedKafka kafka;
  private final FlinkInProcess flink;
  private final TopicNames names;
  private final Map<String, String> options;
  private final Producer<byte[], byte[]> producer;
  private final Map<Class<?>, RecordCodec<?>> codecs = new HashMap<>();
  private final Log<AllocationCommand> commands;
  private final CommandBook book = new CommandBook();
  private final SimulatedAgents agents;
  private Courier courier = this::send;
  private int obeyed;
  private @Nullable JobID job;
  private Instant now = Instant.parse("2024-05-06T07:08:09Z");

  /** Where a record was written. */
  record Place(String topic, int partition, long offset) {}

  /** Takes what nodes say of tasks to Kafka; a test's own may lose, repeat or make up words. */
  interface Courier {
    void carry(TaskFeedback word) throws Exception;
  }

  /** What a test waits for. */
  interface Condition {
    boolean holds() throws Exception;
  }

  /** A little of what goes on. */
  interface Activity {
    void goOn() throws Exception;
  }

  /** What has still to go. */
  interface Rest {
    List<?> left() throws Exception;
  }

  /**
   * @param prefix of the topics, which are made
   * @param special options of the job that differ from what suits tests
   */
  World(EmbeddedKafka kafka, FlinkInProcess flink, String prefix, Map<String, String> special)
      throws InterruptedException {
    this.kafka = kafka;
    this.flink = flink;
    names = new TopicNames(prefix);
    options = options(kafka, prefix, special);
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      new TopicProvisioner(admin, layout()).provision();
    }
    producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                kafka.bootstrapServers(),
                "linger.ms",
                0,
                "max.request.size",
                16 * 1024 * 1024),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    commands = read(Topic.ALLOCATION_COMMANDS, AllocationCommand.class, Log.Sees.COMMITTED);
    agents =
        new SimulatedAgents(
            new SimulatedAgents.Settings(
                Duration.ZERO, Duration.ZERO, SPEEDUP, false, Duration.ZERO, Duration.ZERO, 0));
  }

  /** One partition of commands, so that there is one order of them to look at. */
  private TopicLayout layout() {
    return TopicLayout.STANDARD
        .withNames(names)
        .withReplicationFactor(1)
        .withPartitions(Topic.TASK_EVENTS, 4)
        .withPartitions(Topic.TASK_FEEDBACK, 3)
        .withPartitions(Topic.NODE_EVENTS, 2)
        .withPartitions(Topic.ALLOCATION_COMMANDS, 1);
  }

  private static Map<String, String> options(
      EmbeddedKafka kafka, String prefix, Map<String, String> special) {
    Map<String, String> options = new HashMap<>();
    options.put("kafka.bootstrap-servers", kafka.bootstrapServers());
    options.put("kafka.topic-prefix", prefix);
    options.put("kafka.group-id", prefix + "job");
    options.put("delivery.transaction-prefix", prefix + "job");
    options.put("delivery.checkpoint-interval", "500ms");
    options.put("learning.publish-examples", "20");
    // Nodes speak when a test lets them.
    options.put("policy.heartbeat-timeout", "1h");
    options.put("execution.flink.restart-strategy.type", "fixed-delay");
    options.put("execution.flink.restart-strategy.fixed-delay.attempts", "5");
    options.put("execution.flink.restart-strategy.fixed-delay.delay", "100ms");
    options.putAll(special);
    return options;
  }

  /** Starts the job with nothing to go on from. */
  void start(int parallelism) throws Exception {
    job = flink.submit(built(parallelism), names.prefix());
  }

  /** Starts the job where it was stopped. */
  void resume(int parallelism, String savepoint) throws Exception {
    job = flink.submit(built(parallelism), names.prefix(), savepoint);
  }

  private StreamExecutionEnvironment built(int parallelism) {
    Map<String, String> all = new HashMap<>(options);
    all.put("execution.parallelism", Integer.toString(parallelism));
    StreamExecutionEnvironment environment = flink.environment();
    AllocationJob.build(environment, PipelineOptions.with(all));
    return environment;
  }

  /** Lets the job commit what it has done, and ends it. */
  String stop() throws Exception {
    String savepoint = flink.stopWithSavepoint(job());
    job = null;
    return savepoint;
  }

  /** The same, and something goes on until it has ended. */
  String stopDuring(Activity activity) throws Exception {
    JobID stopping = job();
    CompletableFuture<String> savepoint = new CompletableFuture<>();
    Thread stopper =
        new Thread(
            () -> {
              try {
                savepoint.complete(flink.stopWithSavepoint(stopping));
              } catch (InterruptedException | ExecutionException e) {
                savepoint.completeExceptionally(e);
              }
            });
    stopper.start();
    do {
      activity.goOn();
    } while (!savepoint.isDone());
    job = null;
    return savepoint.get();
  }

  /** The job that runs. */
  JobID job() {
    if (job == null) {
      throw new IllegalStateException("no job runs");
    }
    return job;
  }

  Instant now() {
    return now;
  }

  void pass(Duration duration) {
    now = now.plus(duration);
  }

  /** The agents of all nodes. */
  SimulatedAgents agents() {
    return agents;
  }

  /** A node is there from now on, and says so at the next {@link #turn}. */
  void join(TraceNode node) {
    agents.join(node, now);
  }

  String name(Topic topic) {
    return names.of(topic);
  }

  <A extends SpecificRecord> Log<A> read(Topic topic, Class<A> record, Log.Sees sees) {
    return new Log<>(kafka.bootstrapServers(), names.of(topic), record, sees);
  }

  /** The committed commands, as far as they were read. */
  Log<AllocationCommand> commands() {
    return commands;
  }

  /** What the committed commands say, as far as the agents have read them. */
  CommandBook book() {
    return book;
  }

  Place send(TaskEvent event) throws Exception {
    return send(Topic.TASK_EVENTS, event.getTaskId(), event);
  }

  Place send(TaskFeedback feedback) throws Exception {
    return send(Topic.TASK_FEEDBACK, feedback.getTaskId(), feedback);
  }

  Place send(NodeEvent event) throws Exception {
    return send(Topic.NODE_EVENTS, event.getNodeId(), event);
  }

  <A extends SpecificRecord> Place send(Topic topic, String key, A record) throws Exception {
    return send(topic, null, key.getBytes(StandardCharsets.UTF_8), encode(record));
  }

  /**
   * Writes a record, and returns when the broker has it.
   *
   * @param partition null: as the key says
   */
  Place send(
      Topic topic, @Nullable Integer partition, byte @Nullable [] key, byte @Nullable [] value)
      throws Exception {
    var at = producer.send(new ProducerRecord<>(names.of(topic), partition, key, value)).get();
    return new Place(at.topic(), at.partition(), at.offset());
  }

  @SuppressWarnings("unchecked") // the class of a record is the class of its kind
  <A extends SpecificRecord> byte[] encode(A record) {
    RecordCodec<A> codec =
        (RecordCodec<A>)
            codecs.computeIfAbsent(
                record.getClass(), unused -> RecordCodec.of((Class<A>) record.getClass()));
    return codec.encode(record);
  }

  /** What becomes of a word about a task from now on. */
  void courier(Courier newCourier) {
    courier = newCourier;
  }

  /** Agents take in what was committed, time passes, and they say what came of it. */
  void turn() throws Exception {
    commands.poll(TURN);
    List<AllocationCommand> log = commands.values();
    for (AllocationCommand command : log.subList(obeyed, log.size())) {
      book.add(command);
      agents.accept(requireNonNull(WorldRecords.command(command)), now);
    }
    obeyed = log.size();
    pass(TURN);
    for (AgentWord word : agents.advanceTo(now)) {
      if (word instanceof AgentWord.TaskWord ofTask) {
        courier.carry(WorldRecords.feedback(ofTask));
      } else if (word instanceof AgentWord.NodeWord ofNode) {
        send(WorldRecords.nodeEvent(ofNode));
      } else {
        throw new IllegalStateException("No case for " + word);
      }
    }
  }

  /** Lets the agents work until something holds. */
  void await(String what, Condition condition) throws Exception {
    await(what, () -> condition.holds() ? List.of() : List.of(""));
  }

  /** Lets the agents work until nothing is left. */
  void await(String what, Rest rest) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    for (List<?> left = rest.left(); !left.isEmpty(); left = rest.left()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "Not in %s: %s %s. %d commands were committed. %s"
                .formatted(
                    PATIENCE,
                    what,
                    left.size() > 10 ? left.subList(0, 10) + " and more" : left,
                    commands.entries().size(),
                    job == null ? "No job runs." : flink.failure(job)));
      }
      turn();
    }
  }

  /** Ends the job, if it still runs. */
  @Override
  public void close() throws Exception {
    if (job != null && !flink.status(job).isGloballyTerminalState()) {
      flink.cancel(job);
    }
    producer.close();
    commands.close();
  }
}
