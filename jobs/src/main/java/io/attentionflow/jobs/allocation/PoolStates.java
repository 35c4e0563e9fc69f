package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.NodeState;
import io.attentionflow.allocation.PoolHeader;
import io.attentionflow.allocation.TaskState;
import io.attentionflow.allocation.gpu.GpuMemory;
import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.jobs.layout.TextLayout;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;

/**
 * Flink's state of the pool that is the current key: a value a node and a task, so that a change
 * writes as little as it can.
 */
record PoolStates(
    ValueState<PoolHeader> header,
    MapState<String, NodeState> nodes,
    PackedStates<TaskState> tasks,
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
        new PackedStates<>(
            context.getMapState(PackedStates.descriptor(prefix + "tasks")),
            TaskStateLayout.INSTANCE),
        context.getState(
            new ValueStateDescriptor<>(
                prefix + "gpu-memory", new LayoutTypeInfo<>(GpuMemoryLayout.INSTANCE))));
  }

  void clear() {
    header.clear();
    nodes.clear();
    tasks.clear();
    gpuMemory.clear();
  }
}
