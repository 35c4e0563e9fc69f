package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Packing;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.MapState;
import org.jspecify.annotations.Nullable;

/**
 * Values by id, in {@link Pages} of Flink's state and what has not been written there yet: state
 * has to be right when it is saved, and not before. A value is laid out when it is put, while all
 * of it is at hand.
 *
 * <p>For one key of Flink, which has to be the current one whenever it is used.
 */
final class PagedStates<T> {

  /** Changes that are written at once where there are too many: for one event, which waits. */
  static final int STEP = 128;

  private final Pages pages;
  private final Packing<T> packing;
  private final Map<String, byte[]> unwritten = new LinkedHashMap<>(0);

  PagedStates(MapState<Integer, byte[]> state, Packing<T> packing) {
    pages = new Pages(state);
    this.packing = packing;
  }

  /** Values that are changed and not written. */
  int unwritten() {
    return unwritten.size();
  }

  /** What is made of a value as it was laid out; null if there is none. */
  <R> @Nullable R get(String id, Pages.Reader<R> reader) {
    byte[] latest = unwritten.get(id);
    if (latest == null) {
      return pages.get(id, reader);
    }
    return latest == Pages.NOTHING ? null : reader.read(latest, 0, latest.length);
  }

  /**
   * Keeps a value.
   *
   * @return as it is laid out, for whoever has room in it
   */
  byte[] put(String id, T value) {
    byte[] packed = packing.pack(value);
    unwritten.put(id, packed);
    return packed;
  }

  void remove(String id) {
    unwritten.put(id, Pages.NOTHING);
  }

  /** All values. */
  List<T> values() {
    write();
    return pages.values(packing);
  }

  /**
   * Takes out values of which something holds.
   *
   * @return whether none is left
   */
  boolean removeIf(Pages.Test test) {
    write();
    return pages.removeIf(test);
  }

  /**
   * How many values there are as far as is known: of what is written, and 0 if nobody has asked for
   * any yet. The key need not be the current one.
   */
  int known() {
    return pages.known();
  }

  /** Writes all. */
  void write() {
    write(unwritten.size());
  }

  /** Writes so many, at most all: what was changed first. */
  void write(int count) {
    int most = Math.min(count, unwritten.size());
    if (most == 0) {
      return;
    }
    List<Pages.Change> changes = new ArrayList<>(most);
    Iterator<Map.Entry<String, byte[]>> first = unwritten.entrySet().iterator();
    while (changes.size() < most) {
      Map.Entry<String, byte[]> change = first.next();
      changes.add(Pages.Change.of(change.getKey(), change.getValue()));
      first.remove();
    }
    pages.change(changes);
  }

  void clear() {
    unwritten.clear();
    pages.clear();
  }
}
