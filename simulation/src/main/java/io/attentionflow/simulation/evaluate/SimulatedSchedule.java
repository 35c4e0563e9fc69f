package io.attentionflow.simulation.evaluate;

import io.attentionflow.allocation.Command;
import io.attentionflow.allocation.InMemoryPoolStore;
import io.attentionflow.allocation.PoolEngine;
import io.attentionflow.allocation.PoolEvent;
import io.attentionflow.allocation.PoolEvent.NodeDraining;
import io.attentionflow.allocation.PoolEvent.NodeHeartbeat;
import io.attentionflow.allocation.PoolEvent.NodeJoined;
import io.attentionflow.allocation.PoolEvent.NodeLeft;
import io.attentionflow.allocation.PoolEvent.Outcome;
import io.attentionflow.allocation.PoolEvent.TaskCancelled;
import io.attentionflow.allocation.PoolEvent.TaskStarted;
import io.attentionflow.allocation.PoolEvent.TaskStopped;
import io.attentionflow.allocation.PoolEvent.TaskSubmitted;
import io.attentionflow.allocation.PoolEvent.TasksPredicted;
import io.attentionflow.allocation.PoolEvent.TimePassed;
import io.attentionflow.allocation.PoolInvariants;
import io.attentionflow.allocation.PoolOutput;
import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.allocation.PoolOutput.WaitEnded;
import io.attentionflow.allocation.PoolOutput.Waiting;
import io.attentionflow.allocation.PoolOutput.WakeAt;
import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.Prediction;
import io.attentionflow.allocation.Reason;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.RightSizing.Mode;
import io.attentionflow.allocation.ShardPlacement;
import io.attentionflow.learning.features.TaskOutcome;
import io.attentionflow.simulation.cluster.AgentCommand;
import io.attentionflow.simulation.cluster.AgentWord;
import io.attentionflow.simulation.cluster.AgentWord.NodeWord;
import io.attentionflow.simulation.cluster.AgentWord.State;
import io.attentionflow.simulation.cluster.AgentWord.TaskWord;
import io.attentionflow.simulation.cluster.SimulatedAgents;
import io.attentionflow.simulation.evaluate.EvaluationReport.AllocationReport;
import io.attentionflow.simulation.evaluate.EvaluationReport.InvariantsReport;
import io.attentionflow.simulation.evaluate.EvaluationReport.PolicyReport;
import io.attentionflow.simulation.trace.Trace;
import io.attentionflow.simulation.trace.TraceNode;
import io.attentionflow.simulation.trace.TraceTask;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SortedMap;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The world around the pools' engines: tasks come as the trace says, agents obey, time jumps from
 * one thing to the next. Of things at the same time, what nodes say comes first, then wake-ups,
 * then cancellations, then submissions.
 *
 * <p>A pool decides once about all that happens at one time, as published results on traces of
 * whole seconds are got: where ends and submissions of one second are decided about one by one, the
 * schedule depends on their order. Where nothing may wait, tasks are decided about one by one.
 */
final class SimulatedSchedule {

  private static final long NEVER = Long.MAX_VALUE;

  /** Without heartbeats no node can be missed: longer than any trace. */
  private static final Duration UNHEARD = PoolPolicy.FOR_EVER;

  /** The whole of a pool's state is compared with the books kept of it so often, in events. */
  private static final int EVENTS_BETWEEN_COMPARISONS = 10_000;

  private final Trace trace;
  private final EvaluationOptions options;
  private final SimulatedAgents.Settings settings;
  private final SimulatedAgents agents;

  /** Whether tasks may get less than they request. */
  private final boolean cuts;

  private final LearningLane learning;
  private final LongSupplier nanos;
  private final DecisionSink decisions;
  private final ScheduleTally tally;
  private final SizingTally sizing = new SizingTally();
  private final Map<String, Pool> pools = new LinkedHashMap<>();
  private final Map<String, Progressing> tasks = new HashMap<>();
  private final PriorityQueue<Wake> wakes =
      new PriorityQueue<>(Comparator.comparingLong(Wake::atMillis).thenComparing(Wake::pool));
  private final boolean together;
  private long nowMillis;
  private boolean undecided;
  private boolean allArrived;
  private long engineNanos;
  private long decided;
  private long allocated;
  private long rejected;
  private long open;
  private long lastCommandMillis;
  private long finalChecks;
  private long finalViolations;
  private @Nullable String firstViolation;

  SimulatedSchedule(
      Trace trace,
      EvaluationOptions options,
      SimulatedAgents.Settings settings,
      LearningLane learning,
      LongSupplier nanos,
      DecisionSink decisions) {
    this.trace = trace;
    this.options = options.withPolicy(policy(trace, options.policy(), settings));
    this.settings = settings;
    this.cuts = policy(trace, options.policy(), settings).rightSizing().mode() == Mode.ON;
    this.agents = new SimulatedAgents(cuts ? settings.withLimitsEnforced() : settings);
    this.learning = learning;
    this.nanos = nanos;
    this.decisions = decisions;
    this.tally = new ScheduleTally(trace);
    this.together = trace.waits();
  }

  private static PoolPolicy policy(
      Trace trace, PoolPolicy policy, SimulatedAgents.Settings settings) {
    PoolPolicy suited =
        settings.heartbeatInterval().isZero() ? policy.withHeartbeatTimeout(UNHEARD) : policy;
    return trace.waits() ? suited : suited.withMaxQueued(0);
  }

  /** A pool, and who watches it. */
  private static final class Pool {
    private final String name;
    private final InMemoryPoolStore store = new InMemoryPoolStore();
    private final PoolEngine engine;
    private final PoolInvariants invariants = new PoolInvariants();
    private boolean undecided;
    private long comparisons;

    Pool(String name, PoolPolicy policy) {
      this.name = name;
      this.engine = new PoolEngine(policy, store);
    }
  }

  /** A task, and how far it has come. */
  private static final class Progressing {
    private final TraceTask task;
    private boolean started;
    private boolean allocated;
    private boolean over;
    private @Nullable Reason waitsBecause;

    /** Null: it has none. */
    private @Nullable Commanded placement;

    Progressing(TraceTask task) {
      this.task = task;
    }
  }

  private record Wake(long atMillis, String pool) {}

  /**
   * Runs to the end: until all have been submitted and nothing more happens.
   *
   * @param submitted is told after each task how many have been
   */
  void run(IntConsumer submitted) {
    Instant start = trace.tasks().isEmpty() ? Instant.EPOCH : trace.tasks().get(0).submittedAt();
    for (TraceNode node : trace.nodes()) {
      agents.join(node, start);
    }
    Iterator<TraceTask> cancelled =
        trace.tasks().stream()
            .filter(task -> cancelledAt(task) != NEVER)
            .sorted(Comparator.comparingLong(SimulatedSchedule::cancelledAt))
            .iterator();
    TraceTask nextCancelled = next(cancelled);
    int next = 0;
    while (true) {
      long arrival =
          next < trace.tasks().size() ? millis(trace.tasks().get(next).submittedAt()) : NEVER;
      long cancellation = nextCancelled == null ? NEVER : cancelledAt(nextCancelled);
      long word = nextWordMillis();
      long wake = wakes.isEmpty() ? NEVER : wakes.peek().atMillis;
      long now = Math.min(Math.min(arrival, cancellation), Math.min(word, wake));
      if (undecided && now > nowMillis) {
        decide();
        continue;
      }
      boolean settled = !undecided;
      nowMillis = now;
      if (settled && arrival == NEVER && cancellation == NEVER && isOver(word, now)) {
        break;
      }
      if (word == now) {
        agents.advanceTo(Instant.ofEpochMilli(now)).forEach(this::heard);
      } else if (wake == now) {
        String pool = wakes.remove().pool;
        apply(pool(pool), new TimePassed(Instant.ofEpochMilli(now)));
      } else if (nextCancelled != null && cancellation == now) {
        apply(
            pool(nextCancelled.pool()),
            new TaskCancelled(nextCancelled.taskId(), Instant.ofEpochMilli(now)));
        nextCancelled = next(cancelled);
      } else {
        submit(trace.tasks().get(next));
        next++;
        submitted.accept(next);
      }
    }
    checkTheEnd();
  }

  private static @Nullable TraceTask next(Iterator<TraceTask> tasks) {
    return tasks.hasNext() ? tasks.next() : null;
  }

  /** A cancellation before the submission is one at the submission. */
  private static long cancelledAt(TraceTask task) {
    Instant at = task.cancelledAt();
    return at == null ? NEVER : Math.max(millis(at), millis(task.submittedAt()));
  }

  private long nextWordMillis() {
    Instant at = agents.nextAt();
    return at == null ? NEVER : millis(at);
  }

  /**
   * Whether nothing more can become of any task. Where nodes beat and fall silent there is always
   * something to come: then it is over when all tasks are, or when nothing runs and, for far longer
   * than a silence, nothing was commanded.
   */
  private boolean isOver(long nextWord, long now) {
    if (nextWord == NEVER || open == 0) {
      return true;
    }
    long patience =
        10 * (settings.silence().toMillis() + options.policy().heartbeatTimeout().toMillis());
    return !settings.heartbeatInterval().isZero()
        && agents.running() == 0
        && now - lastCommandMillis > patience;
  }

  private void submit(TraceTask task) {
    Progressing progressing = new Progressing(task);
    if (tasks.putIfAbsent(task.taskId(), progressing) != null) {
      throw new IllegalArgumentException("task %s again".formatted(task.taskId()));
    }
    open++;
    tally.arrives(task.request().request());
    agents.expect(task.taskId(), task.truth(), needs(task));
    apply(
        pool(task.pool()),
        new TaskSubmitted(task.request(), learning.submitted(task), task.submittedAt()));
  }

  /** Where the trace was taken, the task did with what it requests. */
  private Resources needs(TraceTask task) {
    Resources peak = task.truth().peakUsage();
    if (settings.limitsEnforced()) {
      return peak;
    }
    Resources request = task.request().request();
    return new Resources(
        Math.min(peak.cpuMillis(), request.cpuMillis()),
        Math.min(peak.memoryMib(), request.memoryMib()),
        peak.gpuCount(),
        peak.gpuMillis(),
        peak.ioMibps());
  }

  private Pool pool(String name) {
    return pools.computeIfAbsent(name, pool -> new Pool(pool, options.policy()));
  }

  private void heard(AgentWord word) {
    if (word instanceof TaskWord ofTask) {
      heard(ofTask);
    } else if (word instanceof NodeWord ofNode) {
      apply(pool(ofNode.node().pool()), event(ofNode));
    } else {
      throw new IllegalStateException("No case for " + word);
    }
  }

  private static PoolEvent event(NodeWord word) {
    TraceNode node = word.node();
    return switch (word.kind()) {
      case JOINED -> new NodeJoined(node.nodeId(), node.capacity(), node.gpuModel(), word.at());
      case HEARTBEAT ->
          new NodeHeartbeat(
              node.nodeId(), node.capacity(), word.usage(), node.gpuModel(), word.at());
      case DRAINING -> new NodeDraining(node.nodeId(), word.at());
      case LEFT -> new NodeLeft(node.nodeId(), word.at());
    };
  }

  private void heard(TaskWord word) {
    Progressing progressing = progressing(word.taskId());
    if (word.state() == State.STARTED) {
      if (!progressing.started) {
        tally.starts(millis(word.at()) - millis(progressing.task.submittedAt()));
      }
      progressing.started = true;
      learning.started(progressing.task, millis(word.at()));
      apply(
          pool(word.pool()),
          new TaskStarted(
              word.taskId(), word.generation(), word.shard(), word.nodeId(), word.at()));
      return;
    }
    boolean byItself = word.state() == State.SUCCEEDED || word.state() == State.FAILED;
    predictAgain(
        progressing.task,
        new TaskOutcome(
            millis(word.at()),
            word.durationMillis(),
            byItself,
            word.state() == State.OUT_OF_MEMORY,
            word.peakUsage().cpuMillis(),
            word.peakUsage().memoryMib(),
            word.peakUsage().totalGpuMillis()));
    noteSize(progressing, word);
    boolean wasOver = progressing.over;
    apply(
        pool(word.pool()),
        new TaskStopped(
            word.taskId(),
            word.generation(),
            word.shard(),
            word.nodeId(),
            outcome(word.state()),
            word.at()));
    if (byItself && progressing.over && !wasOver) {
      long stayed = millis(word.at()) - millis(progressing.task.submittedAt());
      tally.ends(stayed - word.durationMillis(), word.durationMillis());
    }
  }

  private void noteSize(Progressing progressing, TaskWord word) {
    Commanded placement = progressing.placement;
    if (placement != null
        && placement.command().generation() == word.generation()
        && placement.command().shards().size() == 1) {
      sizing.stops(
          progressing.task.request().request(),
          placement.decision().size(),
          word,
          needs(progressing.task).memoryMib());
    }
  }

  /** An end is learned from before the pool hears of it and decides what it makes room for. */
  private void predictAgain(TraceTask task, TaskOutcome outcome) {
    SortedMap<String, Prediction> predictions = learning.stopped(task, outcome);
    if (!predictions.isEmpty()) {
      apply(
          pool(task.pool()),
          new TasksPredicted(predictions, Instant.ofEpochMilli(outcome.endedAtMillis())));
    }
  }

  private static Outcome outcome(State state) {
    return switch (state) {
      case SUCCEEDED -> Outcome.SUCCEEDED;
      case FAILED -> Outcome.FAILED;
      case OUT_OF_MEMORY -> Outcome.OUT_OF_MEMORY;
      case PREEMPTED -> Outcome.PREEMPTED;
      case LOST -> Outcome.LOST;
      case STARTED -> throw new IllegalStateException("a start is no outcome");
    };
  }

  private void apply(Pool pool, PoolEvent event) {
    long began = nanos.getAsLong();
    List<PoolOutput> outputs = pool.engine.hear(event);
    engineNanos += nanos.getAsLong() - began;
    pool.invariants.heard(event, outputs);
    obey(pool, outputs);
    pool.undecided = true;
    undecided = true;
    if (!together) {
      decide();
    }
  }

  /** Time is about to go on: every pool decides about what it heard. */
  private void decide() {
    undecided = false;
    for (Pool pool : List.copyOf(pools.values())) {
      if (pool.undecided) {
        pool.undecided = false;
        long began = nanos.getAsLong();
        List<PoolOutput> outputs = pool.engine.decide();
        engineNanos += nanos.getAsLong() - began;
        note(pool.invariants.decided(outputs));
        if (pool.invariants.checked() / EVENTS_BETWEEN_COMPARISONS > pool.comparisons) {
          pool.comparisons++;
          note(pool.invariants.against(pool.store));
        }
        obey(pool, outputs);
      }
    }
    if (!allArrived && tasks.size() == trace.tasks().size()) {
      allArrived = true;
      tally.lastArrived();
    }
  }

  private void obey(Pool pool, List<PoolOutput> outputs) {
    for (PoolOutput output : outputs) {
      if (output instanceof Commanded commanded) {
        commanded(pool, commanded);
      } else if (output instanceof Waiting waiting) {
        progressing(waiting.task().taskId()).waitsBecause = waiting.reason();
      } else if (output instanceof WaitEnded ended) {
        progressing(ended.taskId()).waitsBecause = null;
      } else if (output instanceof WakeAt wake) {
        wakes.add(new Wake(Math.max(millis(wake.at()), nowMillis), pool.name));
      }
    }
  }

  private void commanded(Pool pool, Commanded commanded) {
    Command command = commanded.command();
    Progressing progressing = progressing(command.task().taskId());
    long at = millis(command.decidedAt());
    lastCommandMillis = at;
    decisions.decided(pool.name, commanded);
    switch (command.action()) {
      case ALLOCATE, RESIZE -> {
        decided++;
        allocated += progressing.allocated ? 0 : 1;
        progressing.allocated = true;
        leaves(progressing, at);
        progressing.placement = commanded;
        sizing.places(commanded.decision().size().sizing());
        allocates(command, true, at);
      }
      case PREEMPT -> leaves(progressing, at);
      case RELEASE -> {
        leaves(progressing, at);
        end(progressing);
      }
      case REJECT -> {
        decided++;
        rejected += progressing.allocated ? 0 : 1;
        end(progressing);
      }
    }
    agents.accept(AgentCommand.of(pool.name, command), command.decidedAt());
  }

  private void leaves(Progressing progressing, long atMillis) {
    if (progressing.placement != null) {
      allocates(progressing.placement.command(), false, atMillis);
      progressing.placement = null;
    }
  }

  private void allocates(Command command, boolean gives, long atMillis) {
    for (ShardPlacement shard : command.shards()) {
      tally.allocates(shard.resources(), gives, atMillis);
    }
  }

  private void end(Progressing progressing) {
    progressing.over = true;
    open--;
    learning.forget(progressing.task);
  }

  private Progressing progressing(String taskId) {
    Progressing progressing = tasks.get(taskId);
    if (progressing == null) {
      throw new IllegalStateException("an engine speaks of %s, never submitted".formatted(taskId));
    }
    return progressing;
  }

  /** Every task is over, or has a place, or waits with a reason; and no agent got too much. */
  private void checkTheEnd() {
    for (Pool pool : pools.values()) {
      note(pool.invariants.against(pool.store));
    }
    List<String> violations = new ArrayList<>();
    for (TraceTask task : trace.tasks()) {
      Progressing progressing = progressing(task.taskId());
      boolean somewhere =
          progressing.over || progressing.placement != null || progressing.waitsBecause != null;
      if (!somewhere) {
        violations.add(task.taskId() + " is nowhere");
      }
    }
    if (agents.overcommitments() > 0) {
      violations.add(
          "agents were given more than they have %d times".formatted(agents.overcommitments()));
    }
    finalChecks++;
    finalViolations += violations.size();
    note(violations);
  }

  private void note(List<String> violations) {
    if (firstViolation == null && !violations.isEmpty()) {
      firstViolation = violations.get(0);
    }
  }

  InvariantsReport invariants() {
    long checked = finalChecks;
    long violated = finalViolations;
    for (Pool pool : pools.values()) {
      checked += pool.invariants.checked();
      violated += pool.invariants.violated();
    }
    return new InvariantsReport(checked, violated, firstViolation);
  }

  AllocationReport report() {
    long pending = tasks.values().stream().filter(task -> task.waitsBecause != null).count();
    return new AllocationReport(
        policyReport(),
        allocated,
        rejected,
        pending,
        tally.meanWaitSeconds(),
        tally.meanSlowdown(),
        tally.p95Slowdown(),
        tally.maxWaitSeconds(),
        tally.utilization(),
        tally.gpuAllocationRatio(),
        trace.waits() ? null : tally.gpuAllocationRatioAt(),
        sizing.report(),
        engineNanos <= 0 ? null : Double.valueOf(decided * 1e9 / engineNanos));
  }

  private PolicyReport policyReport() {
    PoolPolicy policy = options.policy();
    return new PolicyReport(
        policy.ordering().name(),
        policy.placement().name(),
        lower(policy.placementRules().ties()),
        lower(policy.backfill()),
        policy.patience().compareTo(PoolPolicy.FOR_EVER) < 0
            ? Double.valueOf(policy.patience().toMillis() / 1000.0)
            : null,
        lower(options.durations()),
        lower(policy.rightSizing().mode()),
        policy.maxQueued(),
        policy.seed());
  }

  private static String lower(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static long millis(Instant at) {
    return at.toEpochMilli();
  }
}
