package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Layout;
import io.attentionflow.jobs.layout.Packing;
import io.attentionflow.jobs.layout.Page;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.jspecify.annotations.Nullable;

/**
 * Map state in {@link Pages}, whose values are gone so long after they were put; by the machine's
 * time, which whoever calls tells. What is changed is kept for a while, to be written many entries
 * at once: {@link #write} is to be called before state is saved.
 *
 * <p>When a value was put stands before it in the same bytes. Flink's own time to live would wrap
 * each in another object: on the heap that is one more for a collector to follow and for a
 * checkpoint to write, of each of several hundred thousand.
 */
final class ExpiringStates<T> implements Sweeps.Swept {

  /** Changes that are left for the next checkpoint, over all keys. */
  static final int MOST_UNWRITTEN = 1 << 12;

  /** Keys of Flink of which it is known where their values are, but for those with many. */
  private static final int MOST_KEYS = 1 << 17;

  private static final int FEW = 64;

  private static final VarHandle TIME =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final MapState<Integer, byte[]> state;
  private final Packing<T> packing;
  private final long ttlMillis;
  private final int mostUnwritten;
  private final int mostKeys;
  private final Map<String, OfKey> keys = new HashMap<>();
  private int changes;

  /**
   * @param name of the state, for ever
   * @param ttl how long after it was put a value is there
   */
  ExpiringStates(RuntimeContext context, String name, Layout<T> layout, Duration ttl) {
    this(context, name, layout, ttl, MOST_UNWRITTEN, MOST_KEYS);
  }

  /**
   * @param mostUnwritten {@link #MOST_UNWRITTEN}, unless it is a test
   * @param mostKeys {@link #MOST_KEYS}, unless it is a test
   */
  ExpiringStates(
      RuntimeContext context,
      String name,
      Layout<T> layout,
      Duration ttl,
      int mostUnwritten,
      int mostKeys) {
    state = context.getMapState(Pages.descriptor(name));
    packing = new Packing<>(layout, Long.BYTES);
    ttlMillis = ttl.toMillis();
    this.mostUnwritten = mostUnwritten;
    this.mostKeys = mostKeys;
  }

  /** The values of a key of Flink, which is the current one; for one event. */
  OfKey of(String key) {
    OfKey values = keys.get(key);
    if (values == null) {
      boolean kept = keys.size() < mostKeys;
      values = new OfKey(kept);
      if (kept) {
        keys.put(key, values);
      }
    }
    return values;
  }

  /** The values of one key, while it is the current one. */
  final class OfKey {
    private final PagedStates<T> values = new PagedStates<>(state, packing);
    private final boolean kept;

    /**
     * @param kept until state is saved, and its changes with it
     */
    private OfKey(boolean kept) {
      this.kept = kept;
    }

    @Nullable T get(String id, long nowMillis) {
      return values.get(
          id,
          (bytes, at, length) ->
              isExpired(bytes, at, nowMillis) ? null : packing.unpack(bytes, at, length));
    }

    void put(String id, T value, long nowMillis) {
      int before = values.unwritten();
      TIME.set(values.put(id, value), 0, nowMillis);
      changed(before);
    }

    void remove(String id) {
      int before = values.unwritten();
      values.remove(id);
      changed(before);
    }

    private void changed(int before) {
      changes += values.unwritten() - before;
      if (!kept) {
        write(values.unwritten());
      } else if (changes > mostUnwritten) {
        write(PagedStates.STEP);
      }
    }

    private void write(int count) {
      int before = values.unwritten();
      values.write(count);
      changes += values.unwritten() - before;
    }
  }

  private boolean isExpired(byte[] bytes, int at, long nowMillis) {
    return nowMillis - (long) TIME.get(bytes, at) >= ttlMillis;
  }

  /**
   * Writes all: state is about to be saved.
   *
   * @param become makes a key the current one
   */
  void write(Consumer<String> become) {
    keys.forEach(
        (key, values) -> {
          if (values.values.unwritten() > 0) {
            become.accept(key);
            values.write(values.values.unwritten());
          }
        });
    if (keys.size() > mostKeys / 2) {
      // What is found by few pages is soon found again.
      keys.values().removeIf(values -> values.values.known() <= FEW);
    }
  }

  @Override
  public boolean sweep(String key, long nowMillis) {
    OfKey values = keys.getOrDefault(key, new OfKey(false));
    values.write(values.values.unwritten());
    boolean empty =
        values.values.removeIf(
            (page, entry) -> isExpired(page, Page.valueOf(page, entry), nowMillis));
    if (empty) {
      keys.remove(key);
    }
    return empty;
  }
}
