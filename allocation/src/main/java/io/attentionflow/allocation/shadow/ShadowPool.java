package io.attentionflow.allocation.shadow;

import io.attentionflow.allocation.Command;
import io.attentionflow.allocation.Command.Action;
import io.attentionflow.allocation.PoolEngine;
import io.attentionflow.allocation.PoolEvent;
import io.attentionflow.allocation.PoolEvent.NodeHeartbeat;
import io.attentionflow.allocation.PoolEvent.Outcome;
import io.attentionflow.allocation.PoolEvent.PolicyChanged;
import io.attentionflow.allocation.PoolEvent.TaskStarted;
import io.attentionflow.allocation.PoolEvent.TaskStopped;
import io.attentionflow.allocation.PoolEvent.TaskSubmitted;
import io.attentionflow.allocation.PoolHeader;
import io.attentionflow.allocation.PoolOutput;
import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.allocation.PoolOutput.Ignored;
import io.attentionflow.allocation.PoolOutput.WakeAt;
import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.PoolStore;
import io.attentionflow.allocation.Reason;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.ShardPlacement;
import io.attentionflow.allocation.TaskState;
import io.attentionflow.allocation.TaskState.Phase;
import io.attentionflow.allocation.TaskState.ShardState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a pool that is run by another policy, on the events of the real one: what it decides is
 * recorded, and commanded to nobody.
 *
 * <pre>
 * real events --+--> real engine --> commands
 *               |        | what became of each task
 *               +--> shadow pool --> decisions of the shadow
 * </pre>
 *
 * <p>Submissions, cancellations, predictions and nodes are those of the real pool. What a task does
 * once it has a place is not: the shadow has it start where and when it was placed, and end after
 * the run time that it has in the real pool. So an end is known only once the real one is: where
 * the shadow is ahead, it holds the place until then, and looks a little worse than it is. A task
 * that the real pool gives up before it ran is taken to run as long as was expected of it. What
 * nodes report of their load is replaced by what the shadow has assigned to them. A single real
 * preemption is not heard of; a node that is lost is lost in both.
 *
 * <p>Deterministic, no clock, no I/O. One made over the same store and runs goes on as this one
 * would. Takes what its engine takes, and O(log tasks) more. Not thread-safe.
 */
public final class ShadowPool {

  private final ShadowRuns runs;
  private final Watch watch;
  private final PoolEngine engine;
  private final Set<String> alive = new HashSet<>();
  private final Map<String, Placed> placed = new HashMap<>();
  private final Map<String, Load> loads = new HashMap<>();
  private final TreeSet<End> ends =
      new TreeSet<>(Comparator.comparing(End::at).thenComparing(End::taskId));

  /** When the engine waits to be woken, if it has not said so since this was made. */
  private @Nullable Instant dueBefore;

  // Of the event under way.
  private List<PoolOutput> outputs = List.of();

  /** Where a task is in the shadow, all of it since the same time. */
  private record Placed(String taskId, int generation, List<ShardPlacement> shards, Instant since) {
    End endAfter(Duration length) {
      return new End(since.plus(length), taskId);
    }
  }

  /** A task ends in the shadow. */
  private record End(Instant at, String taskId) {}

  /** Sees every event that the shadow's engine is given, with the answer. */
  interface Watch {
    void heard(PoolEvent event, List<PoolOutput> outputs);
  }

  /**
   * Goes on with what the store holds.
   *
   * @param store a shadow's own, not that of the real pool
   * @param runs of the same shadow
   * @throws IllegalArgumentException if the store is empty: see {@link #copy}
   */
  public ShadowPool(PoolStore store, ShadowRuns runs) {
    this(store, runs, (event, answer) -> {});
  }

  ShadowPool(PoolStore store, ShadowRuns runs, Watch watch) {
    PoolHeader header = store.header();
    if (header == null) {
      throw new IllegalArgumentException("a shadow begins as a copy, and there is none");
    }
    this.runs = runs;
    this.watch = watch;
    this.engine = new PoolEngine(header.policy(), store);
    this.dueBefore = header.wakeAt();
    for (TaskState task : store.tasks()) {
      if (task.phase() != Phase.ENDED) {
        alive.add(task.task().taskId());
      }
      if (!task.shards().isEmpty()) {
        place(placedBefore(task));
      }
    }
  }

  private static Placed placedBefore(TaskState task) {
    List<ShardPlacement> shards = new ArrayList<>();
    Instant since = task.since();
    for (ShardState shard : task.shards()) {
      if (!shard.ended()) {
        shards.add(shard.placement());
        since = shard.startedAt() == null ? since : shard.startedAt();
      }
    }
    return new Placed(task.task().taskId(), task.generation(), shards, since);
  }

  /**
   * Makes a shadow's store a copy of a pool, run by another policy from its next event on.
   *
   * @param real is not changed
   * @param shadow must be empty, like {@code runs}
   */
  public static void copy(PoolStore real, PoolPolicy policy, PoolStore shadow, ShadowRuns runs) {
    PoolHeader header = real.header();
    shadow.putHeader(header == null ? PoolHeader.of(policy) : header.withPolicy(policy));
    shadow.putGpuMemory(real.gpuMemory());
    real.nodes().forEach(shadow::putNode);
    for (TaskState task : real.tasks()) {
      shadow.putTask(task.phase() == Phase.QUEUED ? task.sizedBy(policy.rightSizing()) : task);
      for (ShardState shard : task.shards()) {
        if (shard.startedAt() != null) {
          runs.put(new ShadowRun(task.task().taskId(), shard.startedAt(), null, null));
        }
      }
    }
  }

  /** The policy that the shadow is run by. */
  public PoolPolicy policy() {
    return engine.policy();
  }

  /**
   * Takes in an event of the real pool, and says what the shadow decides. A {@link WakeAt} asks for
   * {@link PoolEvent.TimePassed}, of which the real pool need not hear.
   *
   * @param answered what the real pool's engine said to the event; of time that passed for the
   *     shadow alone: nothing
   */
  public List<PoolOutput> on(PoolEvent event, List<PoolOutput> answered) {
    outputs = new ArrayList<>();
    if (dueBefore != null) {
      outputs.add(new WakeAt(dueBefore));
      dueBefore = null;
    }
    Instant wakeBefore = ends.isEmpty() ? null : ends.first().at();
    endUntil(event.at());
    take(event);
    for (PoolOutput output : answered) {
      if (output instanceof Commanded commanded) {
        noteEnd(commanded.command());
      }
    }
    endUntil(event.at());
    if (!ends.isEmpty() && !ends.first().at().equals(wakeBefore)) {
      outputs.add(new WakeAt(ends.first().at()));
    }
    return outputs;
  }

  private void take(PoolEvent event) {
    if (event instanceof TaskStarted start) {
      noteStart(start);
    } else if (event instanceof NodeHeartbeat beat) {
      Load load = loads.get(beat.nodeId());
      Resources usage = load == null ? Resources.NONE : load.resources();
      feed(new NodeHeartbeat(beat.nodeId(), beat.capacity(), usage, beat.gpuModel(), beat.at()));
    } else if (event instanceof TaskSubmitted submitted) {
      submit(submitted);
    } else if (!(event instanceof TaskStopped || event instanceof PolicyChanged)) {
      feed(event);
    }
  }

  private void submit(TaskSubmitted submitted) {
    String taskId = submitted.task().taskId();
    boolean fresh = alive.add(taskId);
    for (PoolOutput output : feed(submitted)) {
      if (fresh && output instanceof Ignored) {
        alive.remove(taskId);
      }
    }
  }

  /** When a task really started counts until it is known how long it ran. */
  private void noteStart(TaskStarted start) {
    ShadowRun known = runs.get(start.taskId());
    if (alive.contains(start.taskId()) && (known == null || known.length() == null)) {
      runs.put(new ShadowRun(start.taskId(), start.at(), null, null));
    }
  }

  /** A task that is over in the real pool shows how long it runs in the shadow. */
  private void noteEnd(Command command) {
    String taskId = command.task().taskId();
    Outcome outcome = outcome(command);
    if (outcome == null || !alive.contains(taskId)) {
      return;
    }
    ShadowRun known = runs.get(taskId);
    Instant startedAt = known == null ? null : known.startedAt();
    ShadowRun run = new ShadowRun(taskId, startedAt, length(command, startedAt), outcome);
    runs.put(run);
    Placed here = placed.get(taskId);
    if (here != null) {
      planEnd(here, run);
    }
  }

  private static Duration length(Command last, @Nullable Instant startedAt) {
    Duration expected = last.expectedDuration();
    Duration length =
        last.action() == Action.RELEASE && startedAt != null
            ? Duration.between(startedAt, last.decidedAt())
            : expected == null ? Duration.ZERO : expected;
    return length.isNegative() ? Duration.ZERO : length;
  }

  /** How a task ended by itself, if this is its last word; null: it goes on, or was cancelled. */
  private static @Nullable Outcome outcome(Command command) {
    boolean cancelled = command.reason() == Reason.CANCELLED;
    return switch (command.action()) {
      case ALLOCATE, RESIZE, PREEMPT -> null;
      case REJECT -> cancelled ? null : Outcome.SUCCEEDED;
      case RELEASE ->
          cancelled
              ? null
              : command.reason() == Reason.SUCCEEDED ? Outcome.SUCCEEDED : Outcome.FAILED;
    };
  }

  private void planEnd(Placed here, ShadowRun run) {
    if (run.length() != null) {
      ends.add(here.endAfter(run.length()));
    }
  }

  private void endUntil(Instant time) {
    while (!ends.isEmpty() && !ends.first().at().isAfter(time)) {
      End end = ends.first();
      ends.remove(end);
      Placed here = placed.get(end.taskId());
      ShadowRun run = runs.get(end.taskId());
      if (here == null || run == null || run.outcome() == null) {
        throw new IllegalStateException("%s ends and does not run".formatted(end));
      }
      for (ShardPlacement shard : here.shards()) {
        feed(
            new TaskStopped(
                here.taskId(),
                here.generation(),
                shard.shard(),
                shard.nodeId(),
                run.outcome(),
                end.at()));
      }
    }
  }

  private List<PoolOutput> feed(PoolEvent event) {
    List<PoolOutput> answer = engine.on(event);
    watch.heard(event, answer);
    outputs.addAll(answer);
    for (PoolOutput output : answer) {
      if (output instanceof Commanded commanded) {
        follow(commanded.command());
      }
    }
    return answer;
  }

  private void follow(Command command) {
    String taskId = command.task().taskId();
    switch (command.action()) {
      case ALLOCATE, RESIZE -> begin(command);
      case PREEMPT -> giveBack(taskId);
      case RELEASE, REJECT -> {
        giveBack(taskId);
        alive.remove(taskId);
        runs.remove(taskId);
      }
    }
  }

  /** It starts where and when it is placed. */
  private void begin(Command command) {
    giveBack(command.task().taskId());
    var here =
        new Placed(
            command.task().taskId(), command.generation(), command.shards(), command.decidedAt());
    place(here);
    for (ShardPlacement shard : here.shards()) {
      feed(
          new TaskStarted(
              here.taskId(), here.generation(), shard.shard(), shard.nodeId(), here.since()));
    }
  }

  private void place(Placed here) {
    placed.put(here.taskId(), here);
    for (ShardPlacement shard : here.shards()) {
      loads.computeIfAbsent(shard.nodeId(), node -> new Load()).add(shard.resources(), 1);
    }
    ShadowRun run = runs.get(here.taskId());
    if (run != null) {
      planEnd(here, run);
    }
  }

  private void giveBack(String taskId) {
    Placed here = placed.remove(taskId);
    if (here == null) {
      return;
    }
    for (ShardPlacement shard : here.shards()) {
      Load load = loads.get(shard.nodeId());
      if (load != null && load.add(shard.resources(), -1) == 0) {
        loads.remove(shard.nodeId());
      }
    }
    ShadowRun run = runs.get(taskId);
    if (run != null && run.length() != null) {
      ends.remove(here.endAfter(run.length()));
    }
  }

  /** What the shadow has assigned on a node. */
  private static final class Load {
    private int shards;
    private long cpuMillis;
    private long memoryMib;
    private long gpuMillis;
    private long ioMibps;

    /** How many shards are there now. */
    int add(Resources resources, int sign) {
      cpuMillis += sign * resources.cpuMillis();
      memoryMib += sign * resources.memoryMib();
      gpuMillis += sign * resources.totalGpuMillis();
      ioMibps += sign * resources.ioMibps();
      shards += sign;
      return shards;
    }

    /** Several GPUs are whole ones there: rounded up. */
    Resources resources() {
      int gpus = (int) ((gpuMillis + 999) / 1000);
      return new Resources(cpuMillis, memoryMib, gpus, gpus > 1 ? 1000 : gpuMillis, ioMibps);
    }
  }
}
