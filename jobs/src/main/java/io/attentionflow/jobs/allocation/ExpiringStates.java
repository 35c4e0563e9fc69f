package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Layout;
import io.attentionflow.jobs.layout.Packing;
import io.attentionflow.jobs.layout.Page;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.jspecify.annotations.Nullable;

/**
 * Map state in {@link Pages}, whose values are gone so long after they were put; by the machine's
 * time, which whoever calls tells: {@link TimeToLive}. What is changed is kept for a while, to be
 * written many entries at once: {@link #write} is to be called before state is saved.
 */
final class ExpiringStates<T> implements Sweeps.Swept {

  /** Changes that are left for the next checkpoint, over all keys. */
  static final int MOST_UNWRITTEN = 1 << 12;

  /** Keys of Flink of which it is known where their values are, but for those with many. */
  private static final int MOST_KEYS = 1 << 17;

  /** Values that are soon found again. */
  private static final int FEW = 64;

  private final MapState<Integer, byte[]> state;
  private final Packing<T> packing;
  private final TimeToLive ttl;
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
    packing = new Packing<>(layout, TimeToLive.ROOM);
    this.ttl = TimeToLive.of(ttl);
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
              ttl.isOver(bytes, at, nowMillis) ? null : packing.unpack(bytes, at, length));
    }

    void put(String id, T value, long nowMillis) {
      int before = values.unwritten();
      ttl.stamp(values.put(id, value), nowMillis);
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
      keys.values().removeIf(values -> values.values.known() <= FEW);
    }
  }

  @Override
  public boolean sweep(String key, long nowMillis) {
    OfKey values = keys.getOrDefault(key, new OfKey(false));
    values.write(values.values.unwritten());
    boolean empty =
        values.values.removeIf(
            (page, entry) -> ttl.isOver(page, Page.valueOf(page, entry), nowMillis));
    if (empty) {
      keys.remove(key);
    }
    return empty;
  }
}
