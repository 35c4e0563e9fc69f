package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.Command;
import io.attentionflow.allocation.PoolEngine;
import io.attentionflow.allocation.PoolEvent;
import io.attentionflow.allocation.PoolHeader;
import io.attentionflow.allocation.PoolOutput;
import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.Reason;
import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.AllocationDecision;
import io.attentionflow.schema.DeadLetterReason;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReadOnlyBroadcastState;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Runs {@link PoolEngine} per pool: keeps its state, timers and outputs, and decides nothing.
 * {@link WriteBehind} runs it, which lets it write before state is saved.
 *
 * <p>An engine is made of a pool's state when its first event comes, and then kept in memory; it is
 * made again after a restore, and after a change of policy: rare, and then the versions of a pool's
 * own policies need not be comparable with those for all pools. So a change takes effect with the
 * pool's next event, which every pool with a living node has soon. Of a pool that has and remembers
 * neither node nor task nothing is kept, so that names of pools cost nothing for ever. Without
 * state of its own it begins with the newest policies of the topic, so that no pool is run by
 * another one first.
 *
 * <p>A pool may have a shadow, see {@link KeptShadows}, which changes nothing of what it decides.
 */
final class AllocateFunction
    extends WriteBehind.Function<PoolMessage, PolicyMessage, AllocationCommand>
    implements CheckpointedFunction {

  static final OutputTag<AllocationDecision> DECISIONS =
      new OutputTag<>("decisions", new AvroTypeInfo<>(AllocationDecision.class));

  static final OutputTag<PendingChange> PENDING =
      new OutputTag<>("pending", TypeInformation.of(PendingChange.class));

  static final OutputTag<DemandMessage> DEMAND =
      new OutputTag<>("demand", new LayoutTypeInfo<>(DemandMessageLayout.INSTANCE));

  static final MapStateDescriptor<String, PolicyMessage> POLICIES =
      new MapStateDescriptor<>(
          "policies", Types.STRING, new LayoutTypeInfo<>(PolicyMessageLayout.INSTANCE));

  /** Policies of shadows, by the pool that they are of. */
  static final MapStateDescriptor<String, PolicyMessage> SHADOWS =
      new MapStateDescriptor<>(
          "shadows", Types.STRING, new LayoutTypeInfo<>(PolicyMessageLayout.INSTANCE));

  private final TreeMap<String, String> configuredSettings;
  private final Backlog<PolicyMessage> decreed;
  private transient PoolPolicy configured;
  private transient KeptPools pools;
  private transient KeptShadows shadows;
  private transient Map<String, PoolEngine> engines;
  private transient ReasonCounters ignored;
  private transient ReasonCounters stayed;
  private transient ReasonCounters deadLetters;
  private transient Counter commands;
  private transient Counter late;

  AllocateFunction(PoolPolicy configured, Backlog<PolicyMessage> decreed) {
    configuredSettings = new TreeMap<>(PolicySettings.format(configured));
    this.decreed = decreed;
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    if (!context.isRestored()) {
      decree(context, POLICIES, policy -> policy.shadow() == null);
      decree(context, SHADOWS, policy -> policy.shadow() != null);
    }
  }

  private void decree(
      FunctionInitializationContext context,
      MapStateDescriptor<String, PolicyMessage> kind,
      Predicate<PolicyMessage> isOfKind)
      throws Exception {
    context
        .getOperatorStateStore()
        .getBroadcastState(kind)
        .putAll(
            decreed.newest(
                PolicyMessage::pool,
                PolicyMessage::version,
                policy -> !policy.proposal() && isOfKind.test(policy)));
  }

  /** There is nothing to do: see {@link #write}. */
  @Override
  public void snapshotState(FunctionSnapshotContext context) {}

  @Override
  void write(Consumer<String> become) {
    pools.write(become);
    shadows.write(become);
  }

  @Override
  public void open(OpenContext context) {
    configured = PolicySettings.parse(configuredSettings, PoolPolicy.defaults());
    pools = new KeptPools(getRuntimeContext(), "", KeptPools.MOST_UNWRITTEN);
    shadows = new KeptShadows(getRuntimeContext());
    engines = new HashMap<>();
    MetricGroup group = getRuntimeContext().getMetricGroup();
    ignored = new ReasonCounters(group, "ignored_events_total");
    stayed = new ReasonCounters(group, "moves_refused_total");
    deadLetters = new ReasonCounters(group, "dead_letters_total");
    commands = Metrics.group(group).counter("commands_total");
    late = Metrics.group(group).counter("late_events_total");
    Metrics.group(group).gauge("pools", () -> engines.size());
  }

  @Override
  public void processElement(
      PoolMessage message, ReadOnlyContext ctx, Collector<AllocationCommand> out) throws Exception {
    if (message.at().toEpochMilli() <= ctx.currentWatermark()) {
      late.inc();
    }
    // A task that the pool refused is still thought to wait; nobody is to blame for that.
    boolean blamed = !(message.event() instanceof PoolEvent.TasksPredicted);
    run(message.event(), blamed ? message.origin() : null, ctx, out);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext ctx, Collector<AllocationCommand> out)
      throws Exception {
    Instant at = Instant.ofEpochMilli(timestamp);
    String poolId = ctx.getCurrentKey();
    PoolEngine engine = engine(poolId, ctx);
    if (engine.isDue(at)) {
      run(new PoolEvent.TimePassed(at), null, ctx, out);
    } else {
      // The shadow's alone: what it does must not show in what the pool decides.
      runShadow(new PoolEvent.TimePassed(at), List.of(), ctx);
      forgetIfEmpty(poolId, engine);
    }
  }

  private PoolEngine engine(String poolId, ReadOnlyContext ctx) throws Exception {
    PoolEngine engine = engines.get(poolId);
    if (engine == null) {
      engine = start(poolId, ctx);
      engines.put(poolId, engine);
    }
    return engine;
  }

  private void run(
      PoolEvent event,
      @Nullable Origin origin,
      ReadOnlyContext ctx,
      Collector<AllocationCommand> out)
      throws Exception {
    String poolId = ctx.getCurrentKey();
    PoolEngine engine = engine(poolId, ctx);
    PolicyMessage ofShadow = shadowOf(poolId, ctx);
    shadows.become(
        poolId, ofShadow, ofShadow == null ? configured : policyOf(ofShadow), pools.get(poolId));
    List<PoolOutput> outputs = engine.on(event);
    pools.dealtWith(poolId);
    runShadow(event, outputs, ctx);
    if (event instanceof PoolEvent.TaskSubmitted submitted && isTakenIn(outputs)) {
      ctx.output(
          DEMAND,
          new DemandMessage(
              poolId,
              submitted.prediction().complexity(),
              true,
              submitted.task().request(),
              event.at()));
    }
    emit(outputs, origin, ctx, out);
    forgetIfEmpty(poolId, engine);
  }

  private void forgetIfEmpty(String poolId, PoolEngine engine) {
    if (engine.isEmpty()) {
      engines.remove(poolId);
      pools.clear(poolId);
      shadows.clear(poolId);
    }
  }

  /** The shadow hears what the pool heard; of what it says, decisions are told. */
  private void runShadow(PoolEvent event, List<PoolOutput> answered, ReadOnlyContext ctx)
      throws Exception {
    String poolId = ctx.getCurrentKey();
    for (PoolOutput output : shadows.on(poolId, event, answered)) {
      if (output instanceof PoolOutput.Commanded commanded) {
        PolicyMessage ofShadow = shadowOf(poolId, ctx);
        String name = ofShadow == null ? null : ofShadow.shadow();
        ctx.output(
            DECISIONS,
            Records.shadowed(
                poolId, commanded.command(), commanded.decision(), name == null ? "" : name));
      } else if (output instanceof PoolOutput.WakeAt wake) {
        ctx.timerService().registerEventTimeTimer(wake.at().toEpochMilli());
      }
    }
  }

  /** The policy of the pool's own shadow, else that of the shadows of all pools; null: none. */
  private static @Nullable PolicyMessage shadowOf(String poolId, ReadOnlyContext ctx)
      throws Exception {
    ReadOnlyBroadcastState<String, PolicyMessage> shadows = ctx.getBroadcastState(SHADOWS);
    PolicyMessage message = shadows.get(poolId);
    if (message == null) {
      message = shadows.get(PolicyMessage.EVERY_POOL);
    }
    return message == null || message.ended() ? null : message;
  }

  /** A task that came before, or makes no sense to the pool, is not demand. */
  private static boolean isTakenIn(List<PoolOutput> outputs) {
    for (PoolOutput output : outputs) {
      if (output instanceof PoolOutput.Ignored) {
        return false;
      }
    }
    return true;
  }

  /** An engine over what is kept of the pool, run by the policy of now. */
  private PoolEngine start(String poolId, ReadOnlyContext ctx) throws Exception {
    PoolPolicy policy = policyOf(poolId, ctx);
    KeptPool pool = pools.get(poolId);
    PoolHeader header = pool.header();
    if (header != null && !header.policy().equals(policy)) {
      ctx.timerService().registerEventTimeTimer(header.now().toEpochMilli());
      pool.putHeader(header.withPolicy(policy));
    }
    return new PoolEngine(policy, pool);
  }

  /** The pool's own policy, else that of all pools, else the configured one. */
  private PoolPolicy policyOf(String poolId, ReadOnlyContext ctx) throws Exception {
    ReadOnlyBroadcastState<String, PolicyMessage> policies = ctx.getBroadcastState(POLICIES);
    PolicyMessage message = policies.get(poolId);
    if (message == null) {
      message = policies.get(PolicyMessage.EVERY_POOL);
    }
    return message == null ? configured : policyOf(message);
  }

  private PoolPolicy policyOf(PolicyMessage message) {
    return PolicySettings.parse(message.settings(), configured).withVersion(message.version());
  }

  @Override
  public void processBroadcastElement(
      PolicyMessage message, Context ctx, Collector<AllocationCommand> out) throws Exception {
    BroadcastState<String, PolicyMessage> policies =
        ctx.getBroadcastState(message.shadow() == null ? POLICIES : SHADOWS);
    PolicyMessage known = policies.get(message.pool());
    if (message.proposal() || (known != null && known.version() >= message.version())) {
      ignored.count(Reason.LATE);
      return;
    }
    policies.put(message.pool(), message);
    if (message.shadow() != null) {
      return;
    }
    if (message.pool().equals(PolicyMessage.EVERY_POOL)) {
      engines.clear();
    } else {
      engines.remove(message.pool());
    }
  }

  private void emit(
      List<PoolOutput> outputs,
      @Nullable Origin origin,
      ReadOnlyContext ctx,
      Collector<AllocationCommand> out) {
    String poolId = ctx.getCurrentKey();
    for (PoolOutput output : outputs) {
      if (output instanceof PoolOutput.Commanded commanded) {
        commands.inc();
        out.collect(Records.command(poolId, commanded.command()));
        ctx.output(DECISIONS, Records.decision(poolId, commanded.command(), commanded.decision()));
        if (isOver(commanded.command())) {
          ctx.output(DEMAND, ended(poolId, commanded.command()));
        }
      } else if (output instanceof PoolOutput.Waiting waiting) {
        ctx.output(
            PENDING, new PendingChange(waiting.task().taskId(), Records.pending(poolId, waiting)));
      } else if (output instanceof PoolOutput.WaitEnded ended) {
        ctx.output(PENDING, new PendingChange(ended.taskId(), null));
      } else if (output instanceof PoolOutput.WakeAt wake) {
        ctx.timerService().registerEventTimeTimer(wake.at().toEpochMilli());
      } else if (output instanceof PoolOutput.Ignored nothing) {
        ignore(nothing, origin, ctx);
      } else if (output instanceof PoolOutput.Stayed stays) {
        stayed.count(stays.reason());
      } else {
        throw new IllegalStateException("No case for " + output);
      }
    }
  }

  private static boolean isOver(Command command) {
    return switch (command.action()) {
      case RELEASE, REJECT -> true;
      case ALLOCATE, RESIZE, PREEMPT -> false;
    };
  }

  private static DemandMessage ended(String poolId, Command command) {
    return new DemandMessage(
        poolId, command.complexity(), false, command.task().request(), command.decidedAt());
  }

  private void ignore(PoolOutput.Ignored nothing, @Nullable Origin origin, ReadOnlyContext ctx) {
    ignored.count(nothing.reason());
    DeadLetterReason reason =
        switch (nothing.reason()) {
          case UNKNOWN_TASK -> DeadLetterReason.UNKNOWN_TASK;
          case UNKNOWN_NODE -> DeadLetterReason.UNKNOWN_NODE;
          // A node that has more than any pool takes: its agent would wait for tasks for ever.
          case INVALID_REQUEST -> DeadLetterReason.ABSURD_AMOUNT;
          default -> null;
        };
    if (reason != null && origin != null) {
      deadLetters.count(reason);
      ctx.output(
          DeadLetters.TAG,
          DeadLetters.of(origin, reason, "pool " + ctx.getCurrentKey() + aboutWhat(nothing)));
    }
  }

  private static String aboutWhat(PoolOutput.Ignored nothing) {
    String task = nothing.taskId() == null ? "" : ", task " + nothing.taskId();
    return nothing.nodeId() == null ? task : task + ", node " + nothing.nodeId();
  }
}
