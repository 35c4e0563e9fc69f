package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.BytesLayout;
import io.attentionflow.jobs.layout.Layout;
import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.jobs.layout.Packing;
import io.attentionflow.jobs.layout.TextLayout;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * Map state of packed values, which are gone so long after they were put. For the current key; by
 * the machine's time, which whoever calls tells.
 *
 * <p>An entry to each value, and nothing in memory: for what is by the million and is hardly ever
 * looked at again. What is looked at is better off in {@link ExpiringStates}.
 */
final class ExpiringEntries<T> implements Sweeps.Swept {

  private final MapState<String, byte[]> state;
  private final Packing<T> packing;
  private final TimeToLive ttl;

  /**
   * @param name of the state, for ever
   * @param ttl how long after it was put a value is there
   */
  ExpiringEntries(RuntimeContext context, String name, Layout<T> layout, Duration ttl) {
    state =
        context.getMapState(
            new MapStateDescriptor<>(
                name,
                new LayoutTypeInfo<>(TextLayout.INSTANCE),
                new LayoutTypeInfo<>(BytesLayout.INSTANCE)));
    packing = new Packing<>(layout, TimeToLive.ROOM);
    this.ttl = TimeToLive.of(ttl);
  }

  @Nullable T get(String key, long nowMillis) {
    byte[] packed = KeptState.get(state, key);
    return packed == null || ttl.isOver(packed, 0, nowMillis) ? null : packing.unpack(packed);
  }

  void put(String key, T value, long nowMillis) {
    byte[] packed = packing.pack(value);
    ttl.stamp(packed, nowMillis);
    KeptState.put(state, key, packed);
  }

  @Override
  public boolean sweep(String key, long nowMillis) {
    boolean empty = true;
    Iterator<Map.Entry<String, byte[]>> entries = KeptState.entries(state).iterator();
    while (entries.hasNext()) {
      if (ttl.isOver(entries.next().getValue(), 0, nowMillis)) {
        entries.remove();
      } else {
        empty = false;
      }
    }
    if (empty) {
      state.clear();
    }
    return empty;
  }
}
