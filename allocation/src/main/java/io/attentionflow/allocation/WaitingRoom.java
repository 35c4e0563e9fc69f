package io.attentionflow.allocation;

import io.attentionflow.allocation.Placing.Blocked;
import io.attentionflow.allocation.PoolOutput.Waiting;
import io.attentionflow.allocation.TaskState.Phase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that wait, and what each was told about why.
 *
 * <p>One task, the head, is looked at and blocks those behind it, which wait for it. A task that no
 * node could take even empty is set aside: it keeps its place and blocks nobody, until a node comes
 * that could take it.
 *
 * <p>Whatever happens within an event, a task is told once, at its end, and only if it begins to
 * wait or the reason is another than before. The reason that a task was told last is in its {@link
 * TaskState}: {@code WAITS_FOR_EARLIER} behind the head, {@code EXCEEDS_EVERY_NODE} aside, anything
 * else at the head.
 */
final class WaitingRoom {

  private static final SortedMap<Reason, Integer> NOT_ITS_TURN =
      Collections.unmodifiableSortedMap(new TreeMap<>());

  private final TaskTable tasks;
  private WaitingQueue queue;
  private final TreeSet<Deadline> deadlines =
      new TreeSet<>(Comparator.comparing(Deadline::at).thenComparingLong(Deadline::sequence));
  private @Nullable String head;
  private boolean stirred;

  // Of the event under way.
  private final Set<String> fresh = new LinkedHashSet<>();
  private final Set<String> behind = new LinkedHashSet<>();
  private final Map<String, Blocked> blocked = new LinkedHashMap<>();

  private record Deadline(Instant at, long sequence, String taskId) {}

  WaitingRoom(TaskTable tasks, PoolPolicy.Ordering ordering) {
    this.tasks = tasks;
    this.queue = new WaitingQueue(ordering);
    for (TaskState task : tasks.byArrival()) {
      if (task.phase() == Phase.QUEUED) {
        boolean aside = task.reason() == Reason.EXCEEDS_EVERY_NODE;
        queue.add(task, aside);
        noteDeadline(task);
        if (!aside && task.reason() != Reason.WAITS_FOR_EARLIER) {
          head = task.task().taskId();
        }
      }
    }
  }

  int size() {
    return queue.size();
  }

  int position(TaskState task) {
    return queue.position(task);
  }

  /** The earliest deadline of a task that waits; null: none has one. */
  @Nullable Instant firstDeadline() {
    return deadlines.isEmpty() ? null : deadlines.first().at();
  }

  /** The task that waits whose deadline is the earliest, if it is at that time or before. */
  @Nullable TaskState lateBy(Instant time) {
    return deadlines.isEmpty() || deadlines.first().at().isAfter(time)
        ? null
        : tasks.get(deadlines.first().taskId());
  }

  /** A task begins to wait. */
  void enter(TaskState task) {
    String taskId = task.task().taskId();
    queue.add(task, false);
    noteDeadline(task);
    fresh.add(taskId);
    behind.add(taskId);
    stirred |= taskId.equals(queue.first());
  }

  /**
   * A task waits no more.
   *
   * @return whether it had been told that it waits
   */
  boolean leave(TaskState task) {
    String taskId = task.task().taskId();
    queue.remove(task);
    Instant deadline = task.task().deadline();
    if (deadline != null) {
      deadlines.remove(new Deadline(deadline, task.sequence(), taskId));
    }
    if (taskId.equals(head)) {
      head = null;
      stirred = true;
    }
    behind.remove(taskId);
    blocked.remove(taskId);
    return !fresh.remove(taskId);
  }

  /** Something changed that may let the head start, or change why it does not. */
  void stir() {
    stirred = true;
  }

  /** Whether the first task has to be looked at again. */
  boolean isStirred() {
    return stirred;
  }

  /** The first task that may start; null: there is none. */
  @Nullable TaskState first() {
    String taskId = queue.first();
    return taskId == null ? null : tasks.get(taskId);
  }

  /** The first task was looked at and cannot start now; if there is none, nobody is at the head. */
  void head(@Nullable TaskState first, @Nullable Blocked why) {
    String before = head;
    stirred = false;
    head = first == null ? null : first.task().taskId();
    if (before != null && !before.equals(head)) {
      behind.add(before);
      blocked.remove(before);
    }
    if (head != null && why != null) {
      blocked.put(head, why);
    }
  }

  /** The first task cannot start until the pool changes: the next one is first. */
  void setAside(TaskState task, Blocked why) {
    String taskId = task.task().taskId();
    queue.setAside(task, true);
    if (taskId.equals(head)) {
      head = null;
    }
    blocked.put(taskId, why);
  }

  /** Tasks aside that this node could take, or a part of them, are so no more. */
  void recallFor(Node node) {
    if (node.status() != NodeState.Status.READY) {
      return;
    }
    for (String taskId : queue.aside()) {
      TaskState task = tasks.get(taskId);
      if (Placer.couldHelp(node, task.task())) {
        queue.setAside(task, false);
        behind.add(taskId);
        blocked.remove(taskId);
        stirred = true;
      }
    }
  }

  /** Puts all that wait into another order. */
  void reorder(PoolPolicy.Ordering ordering) {
    List<String> aside = queue.aside();
    var reordered = new WaitingQueue(ordering);
    for (TaskState task : tasks.byArrival()) {
      if (task.phase() == Phase.QUEUED) {
        reordered.add(task, false);
      }
    }
    for (String taskId : aside) {
      reordered.setAside(tasks.get(taskId), true);
    }
    queue = reordered;
    stirred = true;
  }

  /** Why this task was found blocked within this event; null: it was not looked at. */
  @Nullable Blocked blocked(TaskState task) {
    return blocked.get(task.task().taskId());
  }

  /** The event is over: tells those whose reason is new, by arrival. */
  void tell(Instant now, List<PoolOutput> outputs) {
    if (behind.isEmpty() && blocked.isEmpty()) {
      return;
    }
    behind.addAll(blocked.keySet());
    List<TaskState> concerned = new ArrayList<>();
    behind.forEach(taskId -> concerned.add(tasks.get(taskId)));
    concerned.sort(Comparator.comparingLong(TaskState::sequence));
    for (TaskState task : concerned) {
      Blocked why = blocked.get(task.task().taskId());
      if (why == null) {
        tell(task, Reason.WAITS_FOR_EARLIER, NOT_ITS_TURN, now, outputs);
      } else {
        tell(task, why.reason(), why.nodesFiltered(), now, outputs);
      }
    }
    fresh.clear();
    behind.clear();
    blocked.clear();
  }

  private void tell(
      TaskState task,
      Reason reason,
      SortedMap<Reason, Integer> nodesFiltered,
      Instant now,
      List<PoolOutput> outputs) {
    if (task.reason() != reason) {
      tasks.put(task.because(reason));
    } else if (!fresh.contains(task.task().taskId())) {
      return;
    }
    outputs.add(
        new Waiting(
            task.task(),
            task.prediction().complexity(),
            reason,
            queue.position(task),
            task.since(),
            nodesFiltered,
            now));
  }

  private void noteDeadline(TaskState task) {
    Instant deadline = task.task().deadline();
    if (deadline != null) {
      deadlines.add(new Deadline(deadline, task.sequence(), task.task().taskId()));
    }
  }
}
