package io.attentionflow.allocation;

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

  void putHeader(PoolHeader header);

  void putNode(NodeState node);

  void removeNode(String nodeId);

  void putTask(TaskState task);

  void removeTask(String taskId);
}
