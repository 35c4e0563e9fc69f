package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.NodeState;
import io.attentionflow.allocation.PoolHeader;
import io.attentionflow.allocation.PoolStore;
import io.attentionflow.allocation.TaskState;
import io.attentionflow.allocation.gpu.GpuMemory;
import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.jobs.layout.TextLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * The pool of the current key, in Flink's state: a value a node and a task, so that a change writes
 * as little as it can.
 *
 * <p>An event may change a task several times: what became of it is written when the event is over,
 * by {@link #flush}.
 */
final class KeptPool implements PoolStore {

  private final ValueState<PoolHeader> header;
  private final MapState<String, NodeState> nodes;
  private final PackedStates<TaskState> tasks;
  private final ValueState<GpuMemory> gpuMemory;

  /** Of the event under way, in the order of change; null: removed. */
  private final Map<String, @Nullable TaskState> changes = new LinkedHashMap<>();

  /** The pool in the state of a function, under names that begin in this way. */
  static KeptPool of(RuntimeContext context, String prefix) {
    return new KeptPool(
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

  private KeptPool(
      ValueState<PoolHeader> header,
      MapState<String, NodeState> nodes,
      PackedStates<TaskState> tasks,
      ValueState<GpuMemory> gpuMemory) {
    this.header = header;
    this.nodes = nodes;
    this.tasks = tasks;
    this.gpuMemory = gpuMemory;
  }

  @Override
  public @Nullable PoolHeader header() {
    return KeptState.value(header);
  }

  @Override
  public Iterable<NodeState> nodes() {
    return KeptState.values(nodes);
  }

  @Override
  public Iterable<TaskState> tasks() {
    return tasks.values();
  }

  @Override
  public @Nullable GpuMemory gpuMemory() {
    return KeptState.value(gpuMemory);
  }

  @Override
  public void putGpuMemory(@Nullable GpuMemory memory) {
    if (memory == null) {
      gpuMemory.clear();
    } else {
      KeptState.update(gpuMemory, memory);
    }
  }

  @Override
  public void putHeader(PoolHeader newHeader) {
    KeptState.update(header, newHeader);
  }

  @Override
  public void putNode(NodeState node) {
    KeptState.put(nodes, node.nodeId(), node);
  }

  @Override
  public void removeNode(String nodeId) {
    KeptState.remove(nodes, nodeId);
  }

  @Override
  public void putTask(TaskState task) {
    changes.put(task.task().taskId(), task);
  }

  @Override
  public void removeTask(String taskId) {
    changes.put(taskId, null);
  }

  /** Writes what the event has changed. */
  void flush() {
    changes.forEach(
        (taskId, task) -> {
          if (task == null) {
            tasks.remove(taskId);
          } else {
            tasks.put(taskId, task);
          }
        });
    changes.clear();
  }

  /** Nothing is kept of the pool any more: it is new. */
  void clear() {
    changes.clear();
    header.clear();
    nodes.clear();
    tasks.clear();
    gpuMemory.clear();
  }
}
