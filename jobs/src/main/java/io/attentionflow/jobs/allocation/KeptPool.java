package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.NodeState;
import io.attentionflow.allocation.PoolHeader;
import io.attentionflow.allocation.PoolStore;
import io.attentionflow.allocation.TaskState;
import io.attentionflow.allocation.gpu.GpuMemory;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One pool, in Flink's state and what has not been written there yet.
 *
 * <p>State has to be right when it is saved, and not before: between two checkpoints an engine
 * changes its header with every event, and most tasks several times. So what an event changed is
 * kept until then, a bounded number of changes. Of nodes the one that was changed longest ago is
 * written first.
 *
 * <p>To be used while the pool is the current key. Not thread-safe.
 */
final class KeptPool implements PoolStore {

  private static final int SMALLEST_STEP = 8;

  private final PoolStates states;
  private final PagedStates<TaskState> tasks;

  /** What the event of now has changed, null: removed. Most tasks that it changes it does twice. */
  private final Map<String, @Nullable TaskState> changedTasks = new LinkedHashMap<>();

  /** Changes by id, the latest last. */
  private final Map<String, @Nullable NodeState> nodes = new LinkedHashMap<>(16, 0.75f, true);

  private @Nullable PoolHeader header;
  private @Nullable GpuMemory gpuMemory;
  private boolean gpuMemoryChanged;

  /** The pool that is the current key. */
  KeptPool(PoolStates states) {
    this.states = states;
    tasks = new PagedStates<>(states.tasks(), states.packing());
  }

  @Override
  public @Nullable PoolHeader header() {
    write();
    return KeptState.value(states.header());
  }

  @Override
  public Iterable<NodeState> nodes() {
    write();
    return KeptState.values(states.nodes());
  }

  @Override
  public Iterable<TaskState> tasks() {
    write();
    return tasks.values();
  }

  @Override
  public @Nullable GpuMemory gpuMemory() {
    write();
    return KeptState.value(states.gpuMemory());
  }

  @Override
  public void putHeader(PoolHeader newHeader) {
    header = newHeader;
  }

  @Override
  public void putGpuMemory(@Nullable GpuMemory memory) {
    gpuMemory = memory;
    gpuMemoryChanged = true;
  }

  @Override
  public void putNode(NodeState node) {
    nodes.put(node.nodeId(), node);
  }

  @Override
  public void removeNode(String nodeId) {
    nodes.put(nodeId, null);
  }

  @Override
  public void putTask(TaskState task) {
    changedTasks.put(task.task().taskId(), task);
  }

  @Override
  public void removeTask(String taskId) {
    changedTasks.put(taskId, null);
  }

  /** Writes all that has changed: state is about to be saved or read. */
  void write() {
    writeNodes(nodes.size());
    layOutTasks();
    tasks.write();
    if (header != null) {
      KeptState.update(states.header(), header);
      header = null;
    }
    if (gpuMemoryChanged) {
      gpuMemoryChanged = false;
      if (gpuMemory == null) {
        states.gpuMemory().clear();
      } else {
        KeptState.update(states.gpuMemory(), gpuMemory);
        gpuMemory = null;
      }
    }
  }

  /**
   * An event has been dealt with. Writes some of what exceeds so many nodes, or so many tasks: few
   * for one event, so that none waits for long, and of nodes more the more there are.
   */
  void dealtWith(int most) {
    writeNodes(step(nodes.size() - most));
    layOutTasks();
    if (tasks.unwritten() > most) {
      tasks.write(PagedStates.STEP);
    }
  }

  private void layOutTasks() {
    if (changedTasks.isEmpty()) {
      return;
    }
    changedTasks.forEach(
        (taskId, task) -> {
          if (task == null) {
            tasks.remove(taskId);
          } else {
            tasks.put(taskId, task);
          }
        });
    changedTasks.clear();
  }

  /** So many, at most all, beginning with what was changed longest ago. */
  private void writeNodes(int count) {
    if (count <= 0) {
      return;
    }
    Iterator<Map.Entry<String, @Nullable NodeState>> eldest = nodes.entrySet().iterator();
    for (int left = Math.min(count, nodes.size()); left > 0; left--) {
      Map.Entry<String, @Nullable NodeState> change = eldest.next();
      NodeState node = change.getValue();
      if (node == null) {
        KeptState.remove(states.nodes(), change.getKey());
      } else {
        KeptState.put(states.nodes(), change.getKey(), node);
      }
      eldest.remove();
    }
  }

  private static int step(int excess) {
    return Math.min(excess, SMALLEST_STEP + excess / 64);
  }

  /** Nothing is kept of the pool any more: it is new. */
  void clear() {
    nodes.clear();
    changedTasks.clear();
    tasks.clear();
    header = null;
    gpuMemory = null;
    gpuMemoryChanged = false;
    states.clear();
  }
}
