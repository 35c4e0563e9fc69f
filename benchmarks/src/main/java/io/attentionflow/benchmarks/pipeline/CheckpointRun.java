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
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobID;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * How long decisions of a full pool pause while its state is saved, and how long until it decides
 * again when it is restored.
 *
 * <p>Commands are delivered at least once, so that they are seen when they are decided and not with
 * the next checkpoint; while there are checkpoints all the time, no probe may wait longer than a
 * pause is allowed to be. What is late counts from when it was due.
 */
final class CheckpointRun {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int WARM_UP_SECONDS = 10;

  private final TestBed bed;
  private final FullPool pool;
  private final int ratePerSecond;
  private final int seconds;
  private final Consumer<String> progress;
  private int probes;

  CheckpointRun(
      TestBed bed, FullPool pool, int ratePerSecond, int seconds, Consumer<String> progress) {
    this.bed = bed;
    this.pool = pool;
    this.ratePerSecond = ratePerSecond;
    this.seconds = seconds;
    this.progress = progress;
  }

  /**
   * What came of it.
   *
   * @param nanos from a probe to its command, ascending
   * @param longestGapNanos between two commands that came one after the other: the pause, and the
   *     time between two probes
   * @param checkpoints completed meanwhile
   * @param secondsToStop until the savepoint is written and the job has ended
   * @param secondsToRestore from the submission of the job to its first command
   */
  @SuppressWarnings("ArrayRecordComponent") // read once and thrown away
  record Result(
      long[] nanos,
      long longestGapNanos,
      long checkpoints,
      double secondsToStop,
      double secondsToRestore) {

    double millis(double part) {
      return Statistics.quantile(nanos, part) / 1e6;
    }
  }

  /** How long each probe took, as it was sent, and the longest time without a command. */
  @SuppressWarnings("ArrayRecordComponent") // read once and thrown away
  private record Probed(long[] nanos, long longestGapNanos) {}

  Result run(String prefix) throws Exception {
    TopicNames names = new TopicNames(prefix + ".");
    bed.createTopics(names);
    JobID job = bed.submit(Job.ALLOCATION, names, Guarantee.AT_LEAST_ONCE, 1);
    bed.awaitRunning(job);
    try (Feed feed = new Feed(bed.bootstrapServers(), names, Duration.ZERO);
        var reader =
            new CommittedReader(
                bed.bootstrapServers(), bed.partitions(names.of(Topic.ALLOCATION_COMMANDS)))) {
      fill(feed, job, names);
      probe(feed, reader, Math.min(WARM_UP_SECONDS, seconds) * ratePerSecond);
      progress.accept("%,d nodes, %,d tasks wait".formatted(pool.nodes(), pool.waiting()));
      long checkpointsBefore = bed.completedCheckpoints(job);
      Probed probed = probe(feed, reader, seconds * ratePerSecond);
      long checkpoints = bed.completedCheckpoints(job) - checkpointsBefore;
      long begun = System.nanoTime();
      String savepoint = bed.stopWithSavepoint(job);
      double secondsToStop = secondsSince(begun);
      begun = System.nanoTime();
      JobID restored = bed.resume(savepoint, names, Guarantee.AT_LEAST_ONCE, 1);
      probe(feed, reader, 1);
      double secondsToRestore = secondsSince(begun);
      bed.cancel(restored);
      bed.deleteTopics(names);
      return new Result(
          Statistics.sorted(probed.nanos()),
          probed.longestGapNanos(),
          checkpoints,
          secondsToStop,
          secondsToRestore);
    }
  }

  /** Each step waits for the one before: topics are read at different speeds. */
  private void fill(Feed feed, JobID job, TopicNames names) throws Exception {
    pool.joined(Instant.now()).forEach(feed::node);
    for (int i = 0; i < pool.nodes(); i++) {
      feed.task(pool.filler(i, Instant.now()));
    }
    feed.flush();
    bed.awaitCommitted(job, names.of(Topic.ALLOCATION_COMMANDS), pool.nodes());
    progress.accept("%,d nodes are full".formatted(pool.nodes()));
    for (int i = 0; i < pool.waiting(); i++) {
      feed.task(pool.waiting(i, Instant.now()));
    }
    feed.flush();
    bed.awaitCommitted(job, names.of(Topic.ALLOCATION_PENDING), pool.waiting());
  }

  /** Sends so many probes, in even steps. */
  private Probed probe(Feed feed, CommittedReader reader, int count) {
    long[] nanos = new long[count];
    int first = probes;
    probes += count;
    long begun = System.nanoTime();
    Thread sender =
        new Thread(
            () -> {
              for (int i = 0; i < count; i++) {
                long early = due(begun, i) - System.nanoTime();
                while (early > 0) {
                  LockSupport.parkNanos(early);
                  early = due(begun, i) - System.nanoTime();
                }
                feed.task(pool.probe(first + i, Instant.now()));
              }
            },
            "benchmark-sender");
    sender.setDaemon(true);
    sender.start();
    long deadline = due(begun, count) + PATIENCE.toNanos();
    int arrived = 0;
    long longestGap = 0;
    long latest = begun;
    while (arrived < count) {
      for (ConsumerRecord<byte[], byte[]> record : reader.poll(Duration.ofMillis(20))) {
        int index = FullPool.probe(new String(record.key(), StandardCharsets.UTF_8)) - first;
        if (index >= 0 && nanos[index] == 0) {
          long now = System.nanoTime();
          nanos[index] = now - due(begun, index);
          longestGap = Math.max(longestGap, now - latest);
          latest = now;
          arrived++;
        }
      }
      if (System.nanoTime() - deadline > 0) {
        throw new Failure("%d of %d probes were placed".formatted(arrived, count));
      }
    }
    return new Probed(Arrays.copyOf(nanos, count), longestGap);
  }

  private long due(long begunNanos, int index) {
    return begunNanos + 1_000_000_000L * index / ratePerSecond;
  }

  private static double secondsSince(long begunNanos) {
    return (System.nanoTime() - begunNanos) / 1e9;
  }
}
