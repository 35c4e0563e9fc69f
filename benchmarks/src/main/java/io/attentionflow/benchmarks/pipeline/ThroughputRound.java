package io.attentionflow.benchmarks.pipeline;

import io.attentionflow.benchmarks.pipeline.TestBed.Job;
import io.attentionflow.jobs.allocation.PipelineOptions.Delivery.Guarantee;
import io.attentionflow.launcher.Failure;
import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.topic.TopicNames;
import io.attentionflow.schema.wire.RecordCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import org.apache.flink.api.common.JobID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * How fast a job works off a backlog: once.
 *
 * <p>The backlog is on the broker before the job starts. The clock is the broker's: from the time
 * of the committed record that is the last of the run-in to that of the last of all. So neither the
 * start of the job counts, nor what is compiled when it has just begun, nor the wait for its last
 * checkpoint, while the checkpoints in between do.
 */
final class ThroughputRound {

  /** Of the backlog's event time: what the topics are laid out for. */
  private static final int TASKS_PER_SECOND = 10_000;

  private static final Duration LINGER = Duration.ofMillis(5);

  private final TestBed bed;
  private final Workload workload;
  private final int runIn;
  private final int tasks;
  private final int copies;
  private final int parallelism;
  private final boolean agents;

  /**
   * @param runIn tasks of the backlog that go before those that count
   * @param tasks in the backlog of the job {@code allocation} that count
   * @param copies how many times as many the identity job is given: it would be through with these
   *     within a second; and the carrying job a quarter of that
   * @param agents whether nodes run what they are told to, and say so
   */
  ThroughputRound(
      TestBed bed,
      Workload workload,
      int runIn,
      int tasks,
      int copies,
      int parallelism,
      boolean agents) {
    this.bed = bed;
    this.workload = workload;
    this.runIn = runIn;
    this.tasks = tasks;
    this.copies = copies;
    this.parallelism = parallelism;
    this.agents = agents;
  }

  /**
   * What came of it.
   *
   * @param eventsPerSecond task events that count, from the last committed record before them to
   *     their last one
   * @param secondsUntilVisible from the submission of the job to when all was committed
   * @param cpuMicrosPerEvent CPU time of the whole process meanwhile, broker included
   * @param gcSeconds that collections took meanwhile
   * @param processorsUsedByOthers empty where the system does not tell
   */
  record Result(
      double eventsPerSecond,
      double secondsUntilVisible,
      double cpuMicrosPerEvent,
      double gcSeconds,
      OptionalDouble processorsUsedByOthers) {}

  /** From the last committed record of the run-in to the last of all. */
  private record Span(long fromMillis, long toMillis) {

    double seconds() {
      return Math.max(1, toMillis - fromMillis) / 1e3;
    }
  }

  /** What the job {@code allocation} writes of one task, for the carrying job to write of all. */
  CarryingJob.Sample sample(Guarantee delivery) throws Exception {
    String prefix = "sample-" + Deliveries.name(delivery);
    TopicNames names = new TopicNames(prefix + ".");
    bed.createTopics(names);
    writeBacklog(names, 1);
    JobID id = bed.submit(Job.ALLOCATION, names, delivery, parallelism);
    bed.awaitCommitted(id, names.of(Topic.ALLOCATION_COMMANDS), 1);
    bed.awaitCommitted(id, names.of(Topic.ALLOCATION_DECISIONS), 1);
    CarryingJob.Sample sample =
        new CarryingJob.Sample(
            first(names.of(Topic.ALLOCATION_COMMANDS)),
            first(names.of(Topic.ALLOCATION_DECISIONS)));
    bed.cancel(id);
    bed.deleteTopics(names);
    return sample;
  }

  private byte[] first(String topic) throws Exception {
    try (var reader = new CommittedReader(bed.bootstrapServers(), bed.partitions(topic))) {
      long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
      while (System.nanoTime() - deadline < 0) {
        for (ConsumerRecord<byte[], byte[]> record : reader.poll(Duration.ofMillis(100))) {
          return record.value();
        }
      }
    }
    throw new Failure("nothing in " + topic);
  }

  /**
   * Runs one job; {@code profiler} watches from when the run-in is committed, or the start of the
   * job, too, if there is no run-in.
   */
  Result run(Job job, Guarantee delivery, String prefix, @Nullable Profiler profiler)
      throws Exception {
    TopicNames names = new TopicNames(prefix + ".");
    int before = runIn * times(job);
    int events = before + tasks * times(job);
    bed.createTopics(names);
    writeBacklog(names, events);
    // One job's garbage is not to be another's cost.
    System.gc();
    long begunNanos = System.nanoTime();
    boolean answered = agents && job == Job.ALLOCATION;
    // An allocation, and a release when its end is known.
    long perEvent = answered ? 2 : 1;
    String commands = names.of(Topic.ALLOCATION_COMMANDS);
    try (UseTrack use = UseTrack.start();
        Agents nodes = answered ? Agents.start(bed, names) : null) {
      if (profiler != null && before == 0) {
        profiler.start();
      }
      JobID id = bed.submit(job, names, delivery, parallelism);
      if (profiler != null && before > 0) {
        bed.awaitRunning(id);
        bed.awaitCommitted(id, commands, perEvent * before);
        profiler.start();
      }
      bed.awaitCommitted(id, commands, perEvent * events);
      if (profiler != null) {
        profiler.stop();
      }
      double secondsUntilVisible = (System.nanoTime() - begunNanos) / 1e9;
      OptionalDouble others = use.whole().processorsUsedByOthers();
      Span span = read(commands, perEvent * before, perEvent * events, job);
      bed.cancel(id);
      bed.deleteTopics(names);
      return new Result(
          (events - before) / span.seconds(),
          secondsUntilVisible,
          use.cpuSeconds(span.fromMillis, span.toMillis) * 1e6 / (events - before),
          use.gcSeconds(span.fromMillis, span.toMillis),
          others);
    }
  }

  /** How many times as many tasks a job is given. */
  private int times(Job job) {
    return switch (job) {
      case IDENTITY -> copies;
      case CARRYING -> Math.max(1, copies / 4);
      case ALLOCATION -> 1;
    };
  }

  private void writeBacklog(TopicNames names, int events) {
    Duration span = Duration.ofMillis(1000L * events / TASKS_PER_SECOND);
    Instant until = Instant.now();
    Instant from = until.minus(span);
    try (Feed feed = new Feed(bed.bootstrapServers(), names, LINGER)) {
      workload.joined(from).forEach(feed::node);
      Instant heartbeat = from.plus(Workload.BETWEEN_HEARTBEATS);
      while (heartbeat.isBefore(until)) {
        workload.heartbeat(heartbeat).forEach(feed::node);
        heartbeat = heartbeat.plus(Workload.BETWEEN_HEARTBEATS);
      }
      for (int i = 0; i < events; i++) {
        TaskEvent task = workload.task(i, from.plusMillis(1000L * i / TASKS_PER_SECOND));
        feed.task(task);
      }
      feed.flush();
    }
  }

  private Span read(String topic, long before, long expected, Job job) throws Exception {
    Audit audit = job == Job.ALLOCATION ? new Audit(runIn + tasks) : null;
    List<Long> times = new ArrayList<>();
    try (var reader = new CommittedReader(bed.bootstrapServers(), bed.partitions(topic))) {
      long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
      while (times.size() < expected) {
        for (ConsumerRecord<byte[], byte[]> record : reader.poll(Duration.ofMillis(100))) {
          times.add(record.timestamp());
          if (audit != null) {
            audit.check(record.value());
          }
        }
        if (System.nanoTime() - deadline > 0) {
          throw new Failure("%d of %d records in %s".formatted(times.size(), expected, topic));
        }
      }
    }
    if (audit != null) {
      audit.close();
    }
    Collections.sort(times);
    return new Span(times.get((int) Math.max(0, before - 1)), times.get(times.size() - 1));
  }

  /** Speed is worth nothing if a task is not decided, or decided twice. */
  private static final class Audit {

    private final RecordCodec<AllocationCommand> codec = RecordCodec.of(AllocationCommand.class);
    private final BitSet allocated = new BitSet();
    private final int tasks;

    Audit(int tasks) {
      this.tasks = tasks;
    }

    void check(byte[] value) {
      AllocationCommand command = codec.decode(value).orElseThrow();
      if (command.getAction() == Action.ALLOCATE) {
        int index = Workload.index(command.getTaskId());
        if (allocated.get(index)) {
          throw new Failure("allocated twice: " + command.getTaskId());
        }
        allocated.set(index);
      } else if (command.getAction() != Action.RELEASE) {
        throw new Failure("not what the benchmark is about: " + command);
      }
    }

    void close() {
      if (allocated.cardinality() != tasks) {
        throw new Failure("allocated %d of %d tasks".formatted(allocated.cardinality(), tasks));
      }
    }
  }
}
