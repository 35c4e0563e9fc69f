package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.NodeState;
import io.attentionflow.allocation.PoolHeader;
import io.attentionflow.allocation.PoolStore;
import io.attentionflow.allocation.TaskState;
import io.attentionflow.allocation.gpu.GpuMemory;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One pool, in Flink's state and what has not been written there yet.
 *
 * <p>State has to be right when it is saved, and not before: between two checkpoints an engine
 * changes its header with every event, and most tasks several times. So what an event changed is
 * kept until then, a bounded number of changes, of which the one that was changed longest ago is
 * written first. While a checkpoint is written the bound is wide, so that state is left alone:
 * Flink's state on the heap would then copy all tasks of a pool for the first that touches one.
 *
 * <p>To be used while the pool is the current key. Not thread-safe.
 */
final class KeptPool implements PoolStore {

  private static final int SMALLEST_STEP = 8;

  private final PoolStates states;
  private final Unwritten<NodeState> nodes;
  private final Unwritten<TaskState> tasks;
  private @Nullable PoolHeader header;
  private @Nullable GpuMemory gpuMemory;
  private boolean gpuMemoryChanged;

  /** The pool that is the current key. */
  KeptPool(PoolStates states) {
    this.states = states;
    nodes =
        new Unwritten<>(
            (nodeId, node) -> KeptState.put(states.nodes(), nodeId, node),
            nodeId -> KeptState.remove(states.nodes(), nodeId));
    tasks = new Unwritten<>(states.tasks()::put, states.tasks()::remove);
  }

  /** Changes by id, the latest last. */
  private static final class Unwritten<T> {
    private final Map<String, @Nullable T> changes = new LinkedHashMap<>(16, 0.75f, true);
    private final BiConsumer<String, T> put;
    private final Consumer<String> remove;

    Unwritten(BiConsumer<String, T> put, Consumer<String> remove) {
      this.put = put;
      this.remove = remove;
    }

    int size() {
      return changes.size();
    }

    /** Writes so many, at most all, beginning with what was changed longest ago. */
    void write(int count) {
      if (count <= 0) {
        return;
      }
      Iterator<Map.Entry<String, @Nullable T>> eldest = changes.entrySet().iterator();
      for (int left = Math.min(count, changes.size()); left > 0; left--) {
        Map.Entry<String, @Nullable T> change = eldest.next();
        T value = change.getValue();
        if (value == null) {
          remove.accept(change.getKey());
        } else {
          put.accept(change.getKey(), value);
        }
        eldest.remove();
      }
    }
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
    return states.tasks().values();
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
    nodes.changes.put(node.nodeId(), node);
  }

  @Override
  public void removeNode(String nodeId) {
    nodes.changes.put(nodeId, null);
  }

  @Override
  public void putTask(TaskState task) {
    tasks.changes.put(task.task().taskId(), task);
  }

  @Override
  public void removeTask(String taskId) {
    tasks.changes.put(taskId, null);
  }

  /** Writes all that has changed: state is about to be saved or read. */
  void write() {
    nodes.write(nodes.size());
    tasks.write(tasks.size());
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
   * Writes some of what exceeds so many nodes, and so many tasks: few for one event, so that none
   * waits for long, and more the more there are.
   */
  void writeTowards(int most) {
    nodes.write(step(nodes.size() - most));
    tasks.write(step(tasks.size() - most));
  }

  private static int step(int excess) {
    return Math.min(excess, SMALLEST_STEP + excess / 64);
  }

  /** Nothing is kept of the pool any more: it is new. */
  void clear() {
    nodes.changes.clear();
    tasks.changes.clear();
    header = null;
    gpuMemory = null;
    gpuMemoryChanged = false;
    states.clear();
  }
}
