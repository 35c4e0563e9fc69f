package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.BytesLayout;
import io.attentionflow.jobs.layout.Layout;
import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.jobs.layout.Packing;
import io.attentionflow.jobs.layout.TextLayout;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * Map state of values that are laid out once, when they are put: see {@link Packing}. For the
 * current key.
 */
final class PackedStates<T> {

  private final MapState<String, byte[]> state;
  private final Packing<T> packing;

  PackedStates(MapState<String, byte[]> state, Layout<T> layout) {
    this.state = state;
    packing = new Packing<>(layout);
  }

  /** What the state is asked for by. */
  static MapStateDescriptor<String, byte[]> descriptor(String name) {
    return new MapStateDescriptor<>(
        name,
        new LayoutTypeInfo<>(TextLayout.INSTANCE),
        new LayoutTypeInfo<>(BytesLayout.INSTANCE));
  }

  @Nullable T get(String key) {
    byte[] packed = KeptState.get(state, key);
    return packed == null ? null : packing.unpack(packed);
  }

  void put(String key, T value) {
    KeptState.put(state, key, packing.pack(value));
  }

  void remove(String key) {
    KeptState.remove(state, key);
  }

  List<T> values() {
    List<T> values = new ArrayList<>();
    for (byte[] packed : KeptState.values(state)) {
      values.add(packing.unpack(packed));
    }
    return values;
  }

  void clear() {
    state.clear();
  }
}
