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

  /** A look at state. */
  private interface Look<T> {
    @Nullable T run() throws Exception;
  }

  /** A change of state. */
  private interface Change {
    void run() throws Exception;
  }

  static <T> @Nullable T value(ValueState<T> state) {
    return look(state::value);
  }

  static <T> void update(ValueState<T> state, T value) {
    change(() -> state.update(value));
  }

  static <T> @Nullable T get(MapState<String, T> state, String key) {
    return look(() -> state.get(key));
  }

  static <T> void put(MapState<String, T> state, String key, T value) {
    change(() -> state.put(key, value));
  }

  static <T> void remove(MapState<String, T> state, String key) {
    change(() -> state.remove(key));
  }

  static <T> Iterable<T> values(MapState<String, T> state) {
    Iterable<T> values = look(state::values);
    return values == null ? List.of() : values;
  }

  private static <T> @Nullable T look(Look<T> look) {
    try {
      return look.run();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      // Exception is caught here and below only: Flink's state declares nothing narrower.
      throw new IllegalStateException("The state backend failed", e);
    }
  }

  private static void change(Change change) {
    look(
        () -> {
          change.run();
          return null;
        });
  }
}
