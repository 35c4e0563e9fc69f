package io.attentionflow.allocation;

import io.attentionflow.allocation.gpu.GpuMemory;
import org.jspecify.annotations.Nullable;

/**
 * Where a pool lives between events: one small value a node and a task, so that a large pool is
 * never written as a whole. The engine reads it once, when it is made, keeps its own indexes, and
 * writes through what an event changed.
 *
 * <p>Values are immutable: a store may keep the reference.
 */
public interface PoolStore {

  /** Everything but nodes and tasks; null: the pool is new. */
  @Nullable PoolHeader header();

  Iterable<NodeState> nodes();

  Iterable<TaskState> tasks();

  /** What was learned about what is asked for; null: nothing is. */
  @Nullable GpuMemory gpuMemory();

  void putHeader(PoolHeader header);

  /** Null: nothing is learned any more. */
  void putGpuMemory(@Nullable GpuMemory memory);

  void putNode(NodeState node);

  void removeNode(String nodeId);

  void putTask(TaskState task);

  void removeTask(String taskId);
}
