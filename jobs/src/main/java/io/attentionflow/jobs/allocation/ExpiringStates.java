package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Layout;
import io.attentionflow.jobs.layout.Packing;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.jspecify.annotations.Nullable;

/**
 * Map state as {@link PackedStates}, whose values are gone so long after they were put. For the
 * current key; by the machine's time, which whoever calls tells.
 *
 * <p>When a value was put stands before it in the same bytes. Flink's own time to live would wrap
 * each in another object: on the heap that is one more for a collector to follow and for a
 * checkpoint to write, of each of several hundred thousand.
 */
final class ExpiringStates<T> {

  private static final VarHandle TIME =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final MapState<String, byte[]> state;
  private final Packing<T> packing;
  private final long ttlMillis;

  /**
   * @param name of the state, for ever
   * @param ttl how long after it was put a value is there
   */
  ExpiringStates(RuntimeContext context, String name, Layout<T> layout, Duration ttl) {
    state = context.getMapState(PackedStates.descriptor(name));
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

  /**
   * Takes out what has expired.
   *
   * @return whether nothing is left
   */
  boolean sweep(long nowMillis) throws Exception {
    boolean empty = true;
    Iterator<Map.Entry<String, byte[]>> entries = state.iterator();
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
