package io.attentionflow.benchmarks.pipeline;

import io.attentionflow.benchmarks.pipeline.TestBed.Job;
import io.attentionflow.jobs.allocation.PipelineOptions.Delivery.Guarantee;
import io.attentionflow.launcher.Failure;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.topic.TopicNames;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.JobID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * How long a command takes at a modest rate: from when its task event is handed to the producer to
 * when a reader of what is committed has the command.
 *
 * <p>Task events are due at even times; what is late counts from when it was due, so that a pause
 * of the sender does not hide a wait.
 */
final class LatencyRun {

  /** Not counted: classes are loaded and compiled, connections made, nodes heard of. */
  private static final int WARM_UP_SECONDS = 5;

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final TestBed bed;
  private final Workload workload;
  private final int ratePerSecond;
  private final int seconds;
  private final int parallelism;

  LatencyRun(TestBed bed, Workload workload, int ratePerSecond, int seconds, int parallelism) {
    this.bed = bed;
    this.workload = workload;
    this.ratePerSecond = ratePerSecond;
    this.seconds = seconds;
    this.parallelism = parallelism;
  }

  /**
   * What came of it.
   *
   * @param nanos of each task event that counts, ascending
   */
  @SuppressWarnings("ArrayRecordComponent") // read once and thrown away
  record Result(long[] nanos, MachineUse use) {

    double millis(double part) {
      return Statistics.quantile(nanos, part) / 1e6;
    }
  }

  Result run(Guarantee delivery, String prefix) throws Exception {
    TopicNames names = new TopicNames(prefix + ".");
    bed.createTopics(names);
    int warmUp = WARM_UP_SECONDS * ratePerSecond;
    int all = warmUp + seconds * ratePerSecond;
    long[] latencies = new long[all];
    JobID job = bed.submit(Job.ALLOCATION, names, delivery, parallelism);
    bed.awaitRunning(job);
    MachineUse use = new MachineUse();
    try (var reader =
        new CommittedReader(
            bed.bootstrapServers(), bed.partitions(names.of(Topic.ALLOCATION_COMMANDS)))) {
      Sender sender = new Sender(names, all);
      sender.start();
      long deadline =
          System.nanoTime()
              + Duration.ofSeconds(WARM_UP_SECONDS + seconds).plus(PATIENCE).toNanos();
      int arrived = 0;
      while (arrived < all) {
        for (ConsumerRecord<byte[], byte[]> record : reader.poll(Duration.ofMillis(20))) {
          int index = Workload.index(new String(record.key(), StandardCharsets.UTF_8));
          latencies[index] = System.nanoTime() - sender.dueNanos(index);
          arrived++;
        }
        sender.check();
        if (System.nanoTime() - deadline > 0) {
          throw new Failure("%d of %d commands came".formatted(arrived, all));
        }
      }
      sender.join();
    }
    bed.cancel(job);
    bed.deleteTopics(names);
    return new Result(Statistics.sorted(Arrays.copyOfRange(latencies, warmUp, all)), use);
  }

  /** Submitters and heartbeats, in even steps. */
  private final class Sender extends Thread {

    private final TopicNames names;
    private final int tasks;
    private final long begunNanos = System.nanoTime();
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

    Sender(TopicNames names, int tasks) {
      super("benchmark-sender");
      setDaemon(true);
      this.names = names;
      this.tasks = tasks;
    }

    /** When this task event is due. */
    long dueNanos(int index) {
      return begunNanos + 1_000_000_000L * index / ratePerSecond;
    }

    @Override
    public void run() {
      try (Feed feed = new Feed(bed.bootstrapServers(), names, Duration.ZERO)) {
        Instant spoken = Instant.now();
        workload.joined(spoken).forEach(feed::node);
        feed.flush();
        for (int i = 0; i < tasks; i++) {
          Instant now = Instant.now();
          if (now.isAfter(spoken.plus(Workload.BETWEEN_HEARTBEATS))) {
            spoken = now;
            workload.heartbeat(now).forEach(feed::node);
          }
          long early = dueNanos(i) - System.nanoTime();
          while (early > 0) {
            LockSupport.parkNanos(early);
            early = dueNanos(i) - System.nanoTime();
          }
          feed.task(workload.task(i, Instant.now()));
        }
        feed.flush();
      } catch (RuntimeException e) {
        failure.set(e);
      }
    }

    void check() {
      RuntimeException failed = failure.get();
      if (failed != null) {
        throw failed;
      }
    }
  }
}
