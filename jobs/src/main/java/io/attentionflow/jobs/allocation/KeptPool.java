package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.NodeState;
import io.attentionflow.allocation.PoolHeader;
import io.attentionflow.allocation.PoolStore;
import io.attentionflow.allocation.TaskState;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.ValueState;
import org.jspecify.annotations.Nullable;

/**
 * The pool of the current key, in Flink's state: a value a node and a task, so that a change writes
 * as little as it can.
 */
final class KeptPool implements PoolStore {

  private final ValueState<PoolHeader> header;
  private final MapState<String, NodeState> nodes;
  private final MapState<String, TaskState> tasks;

  KeptPool(
      ValueState<PoolHeader> header,
      MapState<String, NodeState> nodes,
      MapState<String, TaskState> tasks) {
    this.header = header;
    this.nodes = nodes;
    this.tasks = tasks;
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
    return KeptState.values(tasks);
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
    KeptState.put(tasks, task.task().taskId(), task);
  }

  /** Nothing is kept of the pool any more: it is new. */
  void clear() {
    header.clear();
    nodes.clear();
    tasks.clear();
  }

  @Override
  public void removeTask(String taskId) {
    KeptState.remove(tasks, taskId);
  }
}
