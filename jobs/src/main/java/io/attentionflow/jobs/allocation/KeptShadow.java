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
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.jspecify.annotations.Nullable;

/**
 * The shadow of the current key's pool, if it has one: a pool of its own, in state of its own. It
 * begins as a copy of the real pool, and anew with every other policy.
 */
final class KeptShadow {

  private final ValueState<String> identity;
  private final KeptPool pool;
  private final Runs runs;
  private final Map<String, ShadowPool> shadows = new HashMap<>();

  KeptShadow(RuntimeContext context) {
    identity = context.getState(new ValueStateDescriptor<>("shadow", Types.STRING));
    pool = KeptPool.of(context, "shadow-");
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
    String wanted = decreed == null ? null : decreed.shadow() + "#" + decreed.version();
    String before = KeptState.value(identity);
    if (wanted == null ? before == null : wanted.equals(before)) {
      return;
    }
    clear(poolId);
    if (wanted != null) {
      ShadowPool.copy(real, policy, pool, runs);
      pool.flush();
      KeptState.update(identity, wanted);
    }
  }

  /** What the shadow says to an event that the real pool has answered; nothing if there is none. */
  List<PoolOutput> on(String poolId, PoolEvent event, List<PoolOutput> answered) {
    if (KeptState.value(identity) == null) {
      return List.of();
    }
    ShadowPool shadow = shadows.computeIfAbsent(poolId, id -> new ShadowPool(pool, runs));
    List<PoolOutput> outputs = shadow.on(event, answered);
    pool.flush();
    return outputs;
  }

  /** There is no shadow of the current key's pool any more. */
  void clear(String poolId) {
    shadows.remove(poolId);
    identity.clear();
    pool.clear();
    runs.state.clear();
  }
}
