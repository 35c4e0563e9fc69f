package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.BytesLayout;
import io.attentionflow.jobs.layout.Layout;
import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.jobs.layout.Packing;
import io.attentionflow.jobs.layout.TextLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
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
 *
 * <p>When a value was put stands before it in the same bytes. Flink's own time to live would wrap
 * each in another object: on the heap that is one more for a collector to follow and for a
 * checkpoint to write, of each of several hundred thousand.
 */
final class ExpiringEntries<T> implements Sweeps.Swept {

  private static final VarHandle TIME =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final MapState<String, byte[]> state;
  private final Packing<T> packing;
  private final long ttlMillis;

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
    packing = new Packing<>(layout, Long.BYTES);
    ttlMillis = ttl.toMillis();
  }

  @Nullable T get(String key, long nowMillis) {
    byte[] packed = KeptState.get(state, key);
    return packed == null || isExpired(packed, nowMillis) ? null : packing.unpack(packed);
  }

  void put(String key, T value, long nowMillis) {
    byte[] packed = packing.pack(value);
    TIME.set(packed, 0, nowMillis);
    KeptState.put(state, key, packed);
  }

  void remove(String key) {
    KeptState.remove(state, key);
  }

  private boolean isExpired(byte[] packed, long nowMillis) {
    return nowMillis - (long) TIME.get(packed, 0) >= ttlMillis;
  }

  @Override
  public boolean sweep(String key, long nowMillis) {
    boolean empty = true;
    Iterator<Map.Entry<String, byte[]>> entries = KeptState.entries(state).iterator();
    while (entries.hasNext()) {
      if (isExpired(entries.next().getValue(), nowMillis)) {
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
