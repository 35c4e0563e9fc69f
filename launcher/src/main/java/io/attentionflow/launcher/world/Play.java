package io.attentionflow.launcher.world;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attentionflow.launcher.Console;
import io.attentionflow.launcher.StopSignal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;

/** Lets a simulated cluster work, and tells how far it is. */
final class Play {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(5);

  private final SimulatedCluster cluster;
  private final StopSignal stop;
  private final Console console;
  private final long startNanos = System.nanoTime();
  private long lines;

  Play(SimulatedCluster cluster, StopSignal stop, Console console) {
    this.cluster = cluster;
    this.stop = stop;
    this.console = console;
  }

  /**
   * Until it is to stop.
   *
   * @param most for how long at most; null: without end
   */
  ClusterCounts until(@Nullable Duration most) throws InterruptedException {
    while ((most == null || elapsed().compareTo(most) < 0) && !stop.await(LOOK)) {
      tell();
    }
    return cluster.counts();
  }

  /**
   * Until all tasks are over, or it is to stop.
   *
   * @param quiet how long no command must have come before what waits is taken to wait for ever
   */
  ClusterCounts untilFinished(Duration quiet) throws InterruptedException {
    while (!cluster.isFinished(quiet) && !stop.await(LOOK)) {
      tell();
    }
    return cluster.counts();
  }

  private Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }

  private void tell() {
    long due = elapsed().dividedBy(BETWEEN_LINES);
    if (due > lines) {
      lines = due;
      ClusterCounts counts = cluster.counts();
      console.say(
          "%02d:%02d  tasks %,d submitted, %,d over (%,d rejected), %,d running, %,d waiting | nodes %d/%d with tasks"
              .formatted(
                  elapsed().toMinutes(),
                  elapsed().toSecondsPart(),
                  counts.submitted(),
                  counts.over(),
                  counts.rejected(),
                  counts.running(),
                  counts.waiting(),
                  counts.busyNodes(),
                  counts.nodes()));
    }
  }

  /**
   * Says that tasks wait, if any do, and how to learn why.
   *
   * @param quiet for how long nothing was commanded
   */
  static void tellOfWaiting(ClusterCounts counts, Duration quiet, Console console) {
    if (counts.waiting() > 0) {
      console.say(
          "%,d tasks still wait, and nothing was commanded for %d s; `query pending POOL` says why."
              .formatted(counts.waiting(), quiet.toSeconds()));
    }
  }

  /** Says that tasks are not over, if any are not: without its nodes, all of them wait. */
  static void tellOfUnfinished(ClusterCounts counts, Console console) {
    long unfinished = counts.submitted() - counts.over();
    if (unfinished > 0) {
      console.say(
          "%,d tasks still wait in the pool; they were not cancelled.".formatted(unfinished));
    }
  }

  static ObjectNode toJson(ClusterCounts counts) {
    ObjectNode json = JSON.valueToTree(counts);
    return json.put("waiting", counts.waiting());
  }

  /** A pool that gave out more than it has is a failure, whoever is to blame. */
  static int exitCode(ClusterCounts counts) {
    return counts.overcommitments() == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
  }
}
