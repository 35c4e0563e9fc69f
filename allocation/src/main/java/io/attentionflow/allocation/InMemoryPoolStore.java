package io.attentionflow.allocation;

import io.attentionflow.allocation.gpu.GpuMemory;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A pool kept on the heap: for simulation, tests, and adapters that write it elsewhere themselves.
 *
 * <p>Not thread-safe.
 */
public final class InMemoryPoolStore implements PoolStore {

  private @Nullable PoolHeader header;
  private @Nullable GpuMemory gpuMemory;
  private final Map<String, NodeState> nodes = new LinkedHashMap<>();
  private final Map<String, TaskState> tasks = new LinkedHashMap<>();

  /** An empty store: a new pool. */
  public InMemoryPoolStore() {}

  /** A store that holds what another holds now, and goes its own way from here. */
  public static InMemoryPoolStore copyOf(PoolStore other) {
    InMemoryPoolStore copy = new InMemoryPoolStore();
    copy.header = other.header();
    copy.gpuMemory = other.gpuMemory();
    other.nodes().forEach(copy::putNode);
    other.tasks().forEach(copy::putTask);
    return copy;
  }

  @Override
  public @Nullable PoolHeader header() {
    return header;
  }

  @Override
  public Iterable<NodeState> nodes() {
    return nodes.values();
  }

  @Override
  public Iterable<TaskState> tasks() {
    return tasks.values();
  }

  /** The node; null: not known. */
  public @Nullable NodeState node(String nodeId) {
    return nodes.get(nodeId);
  }

  /** The task; null: not known. */
  public @Nullable TaskState task(String taskId) {
    return tasks.get(taskId);
  }

  @Override
  public void putHeader(PoolHeader newHeader) {
    header = newHeader;
  }

  @Override
  public @Nullable GpuMemory gpuMemory() {
    return gpuMemory;
  }

  @Override
  public void putGpuMemory(@Nullable GpuMemory memory) {
    gpuMemory = memory;
  }

  @Override
  public void putNode(NodeState node) {
    nodes.put(node.nodeId(), node);
  }

  @Override
  public void removeNode(String nodeId) {
    nodes.remove(nodeId);
  }

  @Override
  public void putTask(TaskState task) {
    tasks.put(task.task().taskId(), task);
  }

  @Override
  public void removeTask(String taskId) {
    tasks.remove(taskId);
  }
}
