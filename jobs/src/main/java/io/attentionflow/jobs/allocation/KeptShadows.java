package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.PoolEvent;
import io.attentionflow.allocation.PoolOutput;
import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.PoolStore;
import io.attentionflow.allocation.shadow.ShadowPool;
import io.attentionflow.allocation.shadow.ShadowRun;
import io.attentionflow.allocation.shadow.ShadowRuns;
import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.jobs.layout.TextLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.jspecify.annotations.Nullable;

/**
 * The shadows of pools that have one: each a pool of its own, in state of its own. It begins as a
 * copy of the real pool, and anew with every other policy.
 *
 * <p>The pool that is spoken of is always the current key.
 */
final class KeptShadows {

  /** No name of a shadow, which is followed by a version. */
  private static final String NONE = "";

  private final ValueState<String> identity;
  private final KeptPools pools;
  private final Runs runs;
  private final Map<String, ShadowPool> shadows = new HashMap<>();

  /** What {@link #identity} is of each pool, so that not every event has to ask state. */
  private final Map<String, String> identities = new HashMap<>();

  KeptShadows(RuntimeContext context) {
    identity = context.getState(new ValueStateDescriptor<>("shadow", Types.STRING));
    pools = new KeptPools(context, "shadow-", KeptPools.MOST_UNWRITTEN);
    runs =
        new Runs(
            context.getMapState(
                new MapStateDescriptor<>(
                    "shadow-runs",
                    new LayoutTypeInfo<>(TextLayout.INSTANCE),
                    new LayoutTypeInfo<>(ShadowRunLayout.INSTANCE))));
  }

  /** Runs in map state. */
  private record Runs(MapState<String, ShadowRun> state) implements ShadowRuns {
    @Override
    public @Nullable ShadowRun get(String taskId) {
      return KeptState.get(state, taskId);
    }

    @Override
    public void put(ShadowRun run) {
      KeptState.put(state, run.taskId(), run);
    }

    @Override
    public void remove(String taskId) {
      KeptState.remove(state, taskId);
    }
  }

  /**
   * Begins or ends the shadow, as is decreed, before the real pool hears of the next event.
   *
   * @param decreed null: there is to be none
   * @param policy as decreed
   * @param real what the shadow begins with
   */
  void become(String poolId, @Nullable PolicyMessage decreed, PoolPolicy policy, PoolStore real) {
    String wanted = decreed == null ? NONE : decreed.shadow() + "#" + decreed.version();
    if (wanted.equals(identity(poolId))) {
      return;
    }
    clear(poolId);
    if (decreed != null) {
      ShadowPool.copy(real, policy, pools.get(poolId), runs);
      KeptState.update(identity, wanted);
      identities.put(poolId, wanted);
    }
  }

  private String identity(String poolId) {
    return identities.computeIfAbsent(
        poolId, id -> Objects.requireNonNullElse(KeptState.value(identity), NONE));
  }

  /** What the shadow says to an event that the real pool has answered; nothing if there is none. */
  List<PoolOutput> on(String poolId, PoolEvent event, List<PoolOutput> answered) {
    if (identity(poolId).equals(NONE)) {
      return List.of();
    }
    ShadowPool shadow = shadows.computeIfAbsent(poolId, id -> new ShadowPool(pools.get(id), runs));
    List<PoolOutput> outputs = shadow.on(event, answered);
    pools.dealtWith(poolId);
    return outputs;
  }

  /**
   * Writes what was kept until now: state is about to be saved.
   *
   * @param become makes a pool the current key
   */
  void write(Consumer<String> become) {
    pools.write(become);
  }

  /** There is no shadow of the pool any more. */
  void clear(String poolId) {
    shadows.remove(poolId);
    identities.remove(poolId);
    identity.clear();
    pools.clear(poolId);
    runs.state.clear();
  }
}
