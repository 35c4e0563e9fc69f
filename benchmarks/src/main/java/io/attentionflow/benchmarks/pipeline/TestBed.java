package io.attentionflow.benchmarks.pipeline;

import io.attentionflow.client.TopicLayout;
import io.attentionflow.client.TopicProvisioner;
import io.attentionflow.jobs.allocation.AllocationJob;
import io.attentionflow.jobs.allocation.PipelineOptions;
import io.attentionflow.launcher.Failure;
import io.attentionflow.launcher.flink.FlinkInProcess;
import io.attentionflow.launcher.kafka.EmbeddedKafka;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.topic.TopicNames;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * A broker and a Flink cluster in this process, and jobs on them one after the other. Each job has
 * topics of its own, told apart by their prefix.
 *
 * <p>{@link #close} may be called from any thread, and leaves nothing behind.
 */
final class TestBed implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

  private final EmbeddedKafka kafka;
  private final FlinkInProcess flink;
  private final Admin admin;
  private final Map<String, String> jobOptions;
  private CarryingJob.@Nullable Sample sample;

  private TestBed(
      EmbeddedKafka kafka, FlinkInProcess flink, Admin admin, Map<String, String> jobOptions) {
    this.kafka = kafka;
    this.flink = flink;
    this.admin = admin;
    this.jobOptions = new TreeMap<>(jobOptions);
  }

  /** Which job. */
  enum Job {
    IDENTITY,
    CARRYING,
    ALLOCATION
  }

  /**
   * Starts both.
   *
   * @param slots how parallel a job may be
   * @param jobOptions of the job {@code allocation}, by key; they override its defaults
   */
  static TestBed start(int slots, Map<String, String> jobOptions) throws Exception {
    EmbeddedKafka kafka = EmbeddedKafka.start();
    boolean started = false;
    try {
      FlinkInProcess flink = FlinkInProcess.start(1, slots);
      Admin admin =
          Admin.create(
              Map.of(
                  CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, (Object) kafka.bootstrapServers()));
      started = true;
      return new TestBed(kafka, flink, admin, jobOptions);
    } finally {
      if (!started) {
        kafka.close();
      }
    }
  }

  /** What the carrying job is to write of every task. */
  void carry(CarryingJob.Sample sample) {
    this.sample = sample;
  }

  private CarryingJob.Sample sample() {
    if (sample == null) {
      throw new IllegalStateException("nothing to carry");
    }
    return sample;
  }

  /** Where clients connect. */
  String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  /** Makes the topics of one run. */
  void createTopics(TopicNames names) throws InterruptedException {
    new TopicProvisioner(admin, TopicLayout.STANDARD.withNames(names)).provision();
  }

  /** Removes the topics of one run, so that runs do not fill the disk. */
  void deleteTopics(TopicNames names) throws InterruptedException, ExecutionException {
    admin.deleteTopics(Arrays.stream(Topic.values()).map(names::of).toList()).all().get();
  }

  /** Runs a job on the topics of this prefix, from their beginning; returns at once. */
  JobID submit(
      Job job, TopicNames names, PipelineOptions.Delivery.Guarantee delivery, int parallelism)
      throws Exception {
    return flink.submit(environment(job, names, delivery, parallelism), names.prefix());
  }

  /** Runs the job {@code allocation} on from a savepoint; returns at once. */
  JobID resume(
      String savepoint,
      TopicNames names,
      PipelineOptions.Delivery.Guarantee delivery,
      int parallelism)
      throws Exception {
    StreamExecutionEnvironment env = environment(Job.ALLOCATION, names, delivery, parallelism);
    return flink.submit(env, names.prefix(), savepoint);
  }

  /** Ends a job; returns where its state is. */
  String stopWithSavepoint(JobID job) throws InterruptedException, ExecutionException {
    return flink.stopWithSavepoint(job);
  }

  /** How many checkpoints a job has completed. */
  long completedCheckpoints(JobID job) throws InterruptedException, ExecutionException {
    return flink.completedCheckpoints(job);
  }

  private StreamExecutionEnvironment environment(
      Job job, TopicNames names, PipelineOptions.Delivery.Guarantee delivery, int parallelism) {
    Map<String, String> settings = new TreeMap<>(jobOptions);
    settings.put("kafka.bootstrap-servers", bootstrapServers());
    settings.put("kafka.topic-prefix", names.prefix());
    settings.put("kafka.group-id", names.prefix());
    settings.put("kafka.start", "earliest");
    settings.put("delivery.guarantee", Deliveries.name(delivery));
    settings.put("delivery.transaction-prefix", names.prefix());
    settings.put("execution.parallelism", Integer.toString(parallelism));
    PipelineOptions options = PipelineOptions.with(settings);
    StreamExecutionEnvironment env = flink.environment();
    switch (job) {
      case IDENTITY -> IdentityJob.build(env, options);
      case CARRYING -> CarryingJob.build(env, options, sample());
      case ALLOCATION -> AllocationJob.build(env, options);
    }
    return env;
  }

  /** Ends a job; returns when its tasks have ended. */
  void cancel(JobID job) throws InterruptedException, ExecutionException {
    flink.cancel(job);
  }

  /** Waits until every task of the job runs. */
  void awaitRunning(JobID job) throws InterruptedException, ExecutionException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!flink.isRunning(job)) {
      check(job);
      pause(deadline, "the job's tasks do not start");
    }
  }

  /** Waits until a topic has at least so many committed records, or some fewer and markers. */
  void awaitCommitted(JobID job, String topic, long records)
      throws InterruptedException, ExecutionException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    List<TopicPartition> partitions = partitions(topic);
    long committed = committedEnd(partitions);
    while (committed < records) {
      check(job);
      pause(deadline, "%d of %d records in %s".formatted(committed, records, topic));
      committed = committedEnd(partitions);
    }
    check(job);
  }

  /** Waits for something that the job is to bring about. */
  void await(JobID job, String what, BooleanSupplier condition)
      throws InterruptedException, ExecutionException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      check(job);
      pause(deadline, what);
    }
  }

  /** All partitions of a topic. */
  List<TopicPartition> partitions(String topic) throws InterruptedException, ExecutionException {
    return admin.describeTopics(List.of(topic)).allTopicNames().get().values().stream()
        .flatMap(description -> description.partitions().stream())
        .map(partition -> new TopicPartition(topic, partition.partition()))
        .toList();
  }

  private long committedEnd(List<TopicPartition> partitions)
      throws InterruptedException, ExecutionException {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
    return admin
        .listOffsets(latest, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
        .all()
        .get()
        .values()
        .stream()
        .mapToLong(ListOffsetsResultInfo::offset)
        .sum();
  }

  /** A job that failed, even if it went on, does not give figures. */
  private void check(JobID job) throws InterruptedException, ExecutionException {
    JobStatus status = flink.status(job);
    String failure = flink.failure(job);
    if (status.isTerminalState() || !failure.isEmpty()) {
      throw new Failure("the job is %s: %s".formatted(status, failure));
    }
  }

  private static void pause(long deadlineNanos, String what) throws InterruptedException {
    if (System.nanoTime() - deadlineNanos > 0) {
      throw new Failure("gave up after %d s: %s".formatted(PATIENCE.toSeconds(), what));
    }
    Thread.sleep(BETWEEN_LOOKS.toMillis());
  }

  @Override
  public void close() {
    try (EmbeddedKafka broker = kafka;
        FlinkInProcess cluster = flink) {
      admin.close(Duration.ZERO);
    }
  }
}
