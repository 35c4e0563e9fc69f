package io.attentionflow.jobs.allocation;

import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.ValueState;
import org.jspecify.annotations.Nullable;

/**
 * Flink's state, for engines' interfaces that know no checked exception. A state backend that fails
 * fails the task: there is nothing else to be done about it.
 */
final class KeptState {

  private KeptState() {}

  static <T> @Nullable T value(ValueState<T> state) {
    try {
      return state.value();
    } catch (Exception e) {
      throw failed(e);
    }
  }

  static <T> void update(ValueState<T> state, T value) {
    try {
      state.update(value);
    } catch (Exception e) {
      throw failed(e);
    }
  }

  static <K, T> @Nullable T get(MapState<K, T> state, K key) {
    try {
      return state.get(key);
    } catch (Exception e) {
      throw failed(e);
    }
  }

  static <K, T> void put(MapState<K, T> state, K key, T value) {
    try {
      state.put(key, value);
    } catch (Exception e) {
      throw failed(e);
    }
  }

  static <K, T> void remove(MapState<K, T> state, K key) {
    try {
      state.remove(key);
    } catch (Exception e) {
      throw failed(e);
    }
  }

  static <T> Iterable<T> values(MapState<?, T> state) {
    try {
      Iterable<T> values = state.values();
      return values == null ? List.of() : values;
    } catch (Exception e) {
      throw failed(e);
    }
  }

  static <K, T> Iterable<Map.Entry<K, T>> entries(MapState<K, T> state) {
    try {
      Iterable<Map.Entry<K, T>> entries = state.entries();
      return entries == null ? List.of() : entries;
    } catch (Exception e) {
      throw failed(e);
    }
  }

  /** Exception is caught in this class only: Flink's state declares nothing narrower. */
  private static RuntimeException failed(Exception e) {
    return e instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException("The state backend failed", e);
  }
}
