package io.attentionflow.jobs.allocation;

import java.util.List;
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

  static <T> @Nullable T get(MapState<String, T> state, String key) {
    try {
      return state.get(key);
    } catch (Exception e) {
      throw failed(e);
    }
  }

  static <T> void put(MapState<String, T> state, String key, T value) {
    try {
      state.put(key, value);
    } catch (Exception e) {
      throw failed(e);
    }
  }

  static <T> void remove(MapState<String, T> state, String key) {
    try {
      state.remove(key);
    } catch (Exception e) {
      throw failed(e);
    }
  }

  static <T> Iterable<T> values(MapState<String, T> state) {
    try {
      Iterable<T> values = state.values();
      return values == null ? List.of() : values;
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
