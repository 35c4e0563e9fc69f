package io.attentionflow.allocation;

import io.attentionflow.allocation.TaskState.Phase;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Every task that the pool remembers, written through to the store; those that are over, in the
 * order in which they ended, so that forgetting them costs only what is forgotten.
 */
final class TaskTable {

  private final PoolStore store;
  private final Map<String, TaskState> tasks = new HashMap<>();
  private final ArrayDeque<TaskState> ended = new ArrayDeque<>();

  TaskTable(PoolStore store) {
    this.store = store;
    for (TaskState task : store.tasks()) {
      tasks.put(task.task().taskId(), task);
    }
    tasks.values().stream()
        .filter(task -> task.phase() == Phase.ENDED)
        .sorted(Comparator.comparing(TaskState::since).thenComparingLong(TaskState::sequence))
        .forEach(ended::add);
  }

  /** The task; null: not known, or no longer. */
  @Nullable TaskState find(String taskId) {
    return tasks.get(taskId);
  }

  /** The task, which the caller has from an index that must be right. */
  TaskState get(String taskId) {
    TaskState task = tasks.get(taskId);
    if (task == null) {
      throw new IllegalStateException("no task " + taskId);
    }
    return task;
  }

  boolean isEmpty() {
    return tasks.isEmpty();
  }

  /** All tasks by arrival. */
  List<TaskState> byArrival() {
    List<TaskState> all = new ArrayList<>(tasks.values());
    all.sort(Comparator.comparingLong(TaskState::sequence));
    return all;
  }

  /** Of one that is over only what is needed to recognise it is kept. */
  void put(TaskState task) {
    boolean over = task.phase() == Phase.ENDED;
    TaskState kept = over ? task.remembered() : task;
    tasks.put(task.task().taskId(), kept);
    store.putTask(kept);
    if (over) {
      ended.add(kept);
    }
  }

  /** When the first of those that are over ended; null: none is. */
  @Nullable Instant firstEnd() {
    TaskState first = ended.peek();
    return first == null ? null : first.since();
  }

  /**
   * Forgets what ended at that time or before.
   *
   * @param forgotten is told of each before
   */
  void forgetEndedBy(Instant time, Consumer<TaskState> forgotten) {
    while (!ended.isEmpty() && !ended.element().since().isAfter(time)) {
      forgotten.accept(ended.element());
      String taskId = ended.remove().task().taskId();
      tasks.remove(taskId);
      store.removeTask(taskId);
    }
  }
}
