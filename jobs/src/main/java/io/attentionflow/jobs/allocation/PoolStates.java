package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.NodeState;
import io.attentionflow.allocation.PoolHeader;
import io.attentionflow.allocation.TaskState;
import io.attentionflow.allocation.gpu.GpuMemory;
import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.jobs.layout.Packing;
import io.attentionflow.jobs.layout.TextLayout;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;

/**
 * Flink's state of the pool that is the current key: a value a node, so that a change writes as
 * little as it can, and one for several tasks, of which there are many: {@link Pages}.
 */
record PoolStates(
    ValueState<PoolHeader> header,
    MapState<String, NodeState> nodes,
    MapState<Integer, byte[]> tasks,
    Packing<TaskState> packing,
    ValueState<GpuMemory> gpuMemory) {

  /** In the state of a function, under names that begin in this way. */
  static PoolStates of(RuntimeContext context, String prefix) {
    return new PoolStates(
        context.getState(
            new ValueStateDescriptor<>(
                prefix + "pool", new LayoutTypeInfo<>(PoolHeaderLayout.INSTANCE))),
        context.getMapState(
            new MapStateDescriptor<>(
                prefix + "nodes",
                new LayoutTypeInfo<>(TextLayout.INSTANCE),
                new LayoutTypeInfo<>(NodeStateLayout.INSTANCE))),
        context.getMapState(Pages.descriptor(prefix + "tasks")),
        new Packing<>(TaskStateLayout.INSTANCE),
        context.getState(
            new ValueStateDescriptor<>(
                prefix + "gpu-memory", new LayoutTypeInfo<>(GpuMemoryLayout.INSTANCE))));
  }

  /** All but tasks. */
  void clear() {
    header.clear();
    nodes.clear();
    gpuMemory.clear();
  }
}
