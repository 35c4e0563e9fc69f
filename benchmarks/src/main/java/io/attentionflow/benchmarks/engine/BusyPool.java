package io.attentionflow.benchmarks.engine;

import io.attentionflow.allocation.Command;
import io.attentionflow.allocation.Command.Action;
import io.attentionflow.allocation.InMemoryPoolStore;
import io.attentionflow.allocation.PoolEngine;
import io.attentionflow.allocation.PoolEvent;
import io.attentionflow.allocation.PoolEvent.NodeHeartbeat;
import io.attentionflow.allocation.PoolEvent.NodeJoined;
import io.attentionflow.allocation.PoolEvent.Outcome;
import io.attentionflow.allocation.PoolEvent.TaskStarted;
import io.attentionflow.allocation.PoolEvent.TaskStopped;
import io.attentionflow.allocation.PoolEvent.TaskSubmitted;
import io.attentionflow.allocation.PoolEvent.TimePassed;
import io.attentionflow.allocation.PoolOutput;
import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.allocation.PoolOutput.WakeAt;
import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.Prediction;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.ShardPlacement;
import io.attentionflow.allocation.TaskRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A pool in its steady state: full, with a queue that is never empty. A task ends somewhere, what
 * it held goes to the first of the queue, new tasks take the places of those that left the queue,
 * and nodes beat.
 *
 * <p>All events that a placement takes in a pool are played: submission, start, end, and a
 * heartbeat to every fifth end. A millisecond of the pool's time passes with each end.
 */
final class BusyPool {

  private static final Prediction PREDICTION =
      new Prediction(
          "MODERATE",
          List.of("LIGHT", "MODERATE", "HEAVY", "EXTREME"),
          List.of(0.2, 0.5, 0.2, 0.1),
          Duration.ofSeconds(300),
          Duration.ofSeconds(200),
          Duration.ofSeconds(900),
          null,
          7);

  private static final int ENDS_BETWEEN_HEARTBEATS = 5;

  private final Workload workload;
  private final SplittableRandom random;
  private final int queued;
  private final PoolEngine engine;
  private final List<Seat> seats = new ArrayList<>();
  private final Map<String, Seat> seatsById = new HashMap<>();
  private final List<Command> running = new ArrayList<>();
  private final List<Command> toStart = new ArrayList<>();

  // What is told next, and what came of what was told last.
  private final List<PoolEvent> events = new ArrayList<>();
  private final List<List<PoolOutput>> answers = new ArrayList<>();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private @Nullable Instant wakeAt;
  private long ends;
  private long nextTask;
  private int waiting;
  private int nextBeat;
  private long decisions;
  private long engineNanos;

  /** A node, and what its tasks use of it. */
  private static final class Seat {
    final String nodeId;
    long cpuMillis;
    long memoryMib;
    long gpuMillis;

    Seat(String nodeId) {
      this.nodeId = nodeId;
    }

    /** Tasks use less than they ask for, but for GPUs. */
    Resources usage() {
      int wholeGpus = (int) (gpuMillis / 1000);
      return new Resources(
          cpuMillis / 10 * 7,
          memoryMib / 10 * 8,
          wholeGpus > 0 ? wholeGpus : gpuMillis > 0 ? 1 : 0,
          wholeGpus > 0 ? 1000 : gpuMillis,
          0);
    }
  }

  /**
   * A pool that is full already.
   *
   * @param queued how many tasks wait, at least 1
   */
  BusyPool(Workload workload, PoolPolicy policy, int queued, long seed) {
    this.workload = workload;
    this.random = new SplittableRandom(seed);
    this.queued = queued;
    this.engine =
        new PoolEngine(
            policy
                .withHeartbeatTimeout(Duration.ofMinutes(10))
                .withRetention(Duration.ofSeconds(30)),
            new InMemoryPoolStore());
    for (Workload.NodeKind node : workload.nodes()) {
      Seat seat = new Seat(node.nodeId());
      seats.add(seat);
      seatsById.put(node.nodeId(), seat);
      events.add(new NodeJoined(node.nodeId(), node.capacity(), node.gpuModel(), now));
    }
    tell();
    refill();
  }

  /**
   * A task ends, and the pool is full again, if there is a place for the first of the queue.
   *
   * @return how many tasks were placed
   */
  long endOne() {
    long before = decisions;
    now = now.plusMillis(1);
    ends++;
    if (ends % ENDS_BETWEEN_HEARTBEATS == 0) {
      beat();
    }
    if (wakeAt != null && !wakeAt.isAfter(now)) {
      wakeAt = null;
      events.add(new TimePassed(now));
    }
    Command ended = takeAny();
    for (ShardPlacement shard : ended.shards()) {
      use(shard, -1);
      events.add(
          new TaskStopped(
              ended.task().taskId(),
              ended.generation(),
              shard.shard(),
              shard.nodeId(),
              Outcome.SUCCEEDED,
              now));
    }
    tell();
    refill();
    return decisions - before;
  }

  private Command takeAny() {
    int any = random.nextInt(running.size());
    Command taken = running.get(any);
    Command last = running.remove(running.size() - 1);
    if (any < running.size()) {
      running.set(any, last);
    }
    return taken;
  }

  /** New tasks wait for those that were placed, which start; and so on for those placed then. */
  private void refill() {
    while (waiting < queued || !toStart.isEmpty()) {
      for (; waiting < queued; waiting++) {
        TaskRequest task = workload.task("task-" + nextTask++, random, now);
        events.add(new TaskSubmitted(task, PREDICTION, now));
      }
      for (Command started : toStart) {
        for (ShardPlacement shard : started.shards()) {
          events.add(
              new TaskStarted(
                  started.task().taskId(),
                  started.generation(),
                  shard.shard(),
                  shard.nodeId(),
                  now));
        }
      }
      running.addAll(toStart);
      toStart.clear();
      tell();
    }
  }

  private void beat() {
    Seat seat = seats.get(nextBeat++ % seats.size());
    events.add(new NodeHeartbeat(seat.nodeId, Resources.NONE, seat.usage(), null, now));
  }

  /** How long the engine has worked so far, without who made up its events. */
  long engineNanos() {
    return engineNanos;
  }

  /** Tells the engine what has happened; the clock is asked once for all of it. */
  private void tell() {
    long begun = System.nanoTime();
    for (int i = 0; i < events.size(); i++) {
      answers.add(engine.on(events.get(i)));
    }
    engineNanos += System.nanoTime() - begun;
    events.clear();
    for (int i = 0; i < answers.size(); i++) {
      for (PoolOutput output : answers.get(i)) {
        hear(output);
      }
    }
    answers.clear();
  }

  private void hear(PoolOutput output) {
    if (output instanceof Commanded commanded && commanded.command().action() == Action.ALLOCATE) {
      Command command = commanded.command();
      decisions++;
      waiting--;
      toStart.add(command);
      for (ShardPlacement shard : command.shards()) {
        use(shard, 1);
      }
    } else if (output instanceof WakeAt wake) {
      wakeAt = wake.at();
    }
  }

  private void use(ShardPlacement shard, int sign) {
    Seat seat = seatsById.get(shard.nodeId());
    if (seat == null) {
      throw new IllegalStateException("no node " + shard.nodeId());
    }
    seat.cpuMillis += sign * shard.resources().cpuMillis();
    seat.memoryMib += sign * shard.resources().memoryMib();
    seat.gpuMillis += sign * shard.resources().totalGpuMillis();
  }
}
