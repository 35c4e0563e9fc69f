package io.attentionflow.allocation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that wait, in some order.
 *
 * <p>A task may be <em>aside</em>: it keeps its place and its position, but it is not asked for,
 * and so does not block those behind it.
 *
 * <p>A treap (Aragon and Seidel, "Randomized Search Trees", FOCS 1989) whose random priorities are
 * hashes of the arrival numbers, with the number of tasks and of those aside in every subtree.
 * Adding, removing, finding the first and finding a position take O(log n) time, whatever is aside.
 * The shape depends on what is in it and not on how it came there.
 */
final class WaitingQueue {

  /** More classes than this are not told apart by their place. */
  private static final int MOST_CLASSES = 1000;

  private final ToLongFunction<TaskState> rank;
  private final ToLongFunction<TaskState> key;
  private final boolean searched;
  private @Nullable Entry root;

  /** The first task that is not aside, while it is known; null: there is none. */
  private @Nullable Entry first;

  private boolean isFirstKnown = true;

  private WaitingQueue(
      ToLongFunction<TaskState> rank, ToLongFunction<TaskState> key, boolean searched) {
    this.rank = rank;
    this.key = key;
    this.searched = searched;
  }

  /**
   * An empty queue in the order of a policy, or, by {@code ATTENTION}, of one class.
   *
   * @param searched whether {@link #next} will be asked for: it costs a little with every change
   */
  static WaitingQueue of(
      PoolPolicy.Ordering ordering, AttentionPolicy attention, boolean searched) {
    return switch (ordering) {
      case FCFS -> new WaitingQueue(task -> 0, task -> 0, searched);
      case PRIORITY -> new WaitingQueue(task -> -priority(task), task -> 0, searched);
      case SHORTEST_PREDICTED -> new WaitingQueue(task -> 0, RunTimes::inOrder, searched);
      case SLOWDOWN_DEADLINE -> new WaitingQueue(task -> 0, RunTimes::slowdownDeadline, searched);
      case CQED ->
          new WaitingQueue(
              task -> -priority(task) * (MOST_CLASSES + 1) + classOf(task),
              RunTimes::latestStart,
              searched);
      case ATTENTION ->
          new WaitingQueue(task -> 0, task -> RunTimes.latestStart(task, attention), searched);
    };
  }

  /** An empty queue in which the least important go first. */
  static WaitingQueue ofLeastImportant() {
    return new WaitingQueue(WaitingQueue::priority, task -> 0, false);
  }

  private static long priority(TaskState task) {
    return task.task().priority();
  }

  /** Where among the classes that the model knows its own is, the lightest first. */
  private static int classOf(TaskState state) {
    List<String> classes = state.prediction().classes();
    int index = classes.indexOf(state.prediction().complexity());
    return index < 0 ? MOST_CLASSES : Math.min(index, MOST_CLASSES);
  }

  /**
   * A task in a queue, until it is removed. What decides its place stays the same for as long as
   * the prediction does: lower goes first, by rank, within a rank by key; of equal ones, who was
   * submitted first.
   */
  static final class Entry implements Comparable<Entry> {
    private final WaitingTask task;
    private final long rank;
    private final long key;
    private final long heapKey;
    private final @Nullable Least least;
    private boolean aside;
    private @Nullable Entry left;
    private @Nullable Entry right;
    private int size;
    private int asides;

    private Entry(WaitingTask task, long rank, long key, boolean aside, @Nullable Least least) {
      this.task = task;
      this.rank = rank;
      this.key = key;
      this.heapKey = Draws.mix(task.sequence() + 1);
      this.aside = aside;
      this.least = least;
      refresh();
    }

    @Override
    public int compareTo(Entry other) {
      int compared = Long.compare(rank, other.rank);
      compared = compared == 0 ? Long.compare(key, other.key) : compared;
      return compared == 0 ? task.compareTo(other.task) : compared;
    }

    private void refresh() {
      size = 1 + sizeOf(left) + sizeOf(right);
      asides = (aside ? 1 : 0) + asidesOf(left) + asidesOf(right);
      if (least != null) {
        least.refresh(left, right);
      }
    }
  }

  private Entry entry(WaitingTask task, boolean aside) {
    TaskState state = task.state();
    return new Entry(
        task,
        rank.applyAsLong(state),
        key.applyAsLong(state),
        aside,
        searched ? new Least(state) : null);
  }

  /** What a task asks a node for at least, and the least of that in its subtree. */
  private static final class Least {
    final long cpuMillis;
    final long memoryMib;
    final long millis;
    long leastCpuMillis;
    long leastMemoryMib;
    long leastMillis;

    Least(TaskState task) {
      Resources part = Placer.shard(task.size().given(), task.task().maxShards());
      cpuMillis = part.cpuMillis();
      memoryMib = part.memoryMib();
      millis = RunTimes.expected(task);
    }

    void refresh(@Nullable Entry left, @Nullable Entry right) {
      leastCpuMillis = cpuMillis;
      leastMemoryMib = memoryMib;
      leastMillis = millis;
      include(left);
      include(right);
    }

    private void include(@Nullable Entry child) {
      if (child != null && child.least != null) {
        leastCpuMillis = Math.min(leastCpuMillis, child.least.leastCpuMillis);
        leastMemoryMib = Math.min(leastMemoryMib, child.least.leastMemoryMib);
        leastMillis = Math.min(leastMillis, child.least.leastMillis);
      }
    }
  }

  /** All that wait, those aside too. */
  int size() {
    return sizeOf(root);
  }

  /** Adds a task that is not in it; returns its entry, until it is removed. */
  Entry add(WaitingTask task, boolean aside) {
    Entry added = entry(task, aside);
    root = insert(root, added);
    if (isFirstKnown && !aside && (first == null || added.compareTo(first) < 0)) {
      first = added;
    }
    return added;
  }

  /**
   * Removes what is in it.
   *
   * @return whether it was aside
   */
  boolean remove(Entry entry) {
    root = delete(root, entry);
    isFirstKnown &= entry != first;
    return entry.aside;
  }

  /** Sets aside what is in it, or takes it back. */
  void setAside(Entry entry, boolean aside) {
    mark(root, entry, aside);
    isFirstKnown = false;
  }

  /** The task that has this state, and is in it. */
  WaitingTask find(TaskState state) {
    Entry sought = entry(new WaitingTask(state), false);
    Entry at = root;
    while (at != null) {
      int compared = sought.compareTo(at);
      if (compared == 0) {
        return at.task;
      }
      at = compared < 0 ? at.left : at.right;
    }
    throw new IllegalStateException(state.task().taskId() + " does not wait");
  }

  /** The first task that is not aside; null: there is none. */
  @Nullable WaitingTask first() {
    Entry entry = firstEntry();
    return entry == null ? null : entry.task;
  }

  /** How much of the wait that is granted to the first task has passed: 0, nothing, to 1, all. */
  double urgency(Instant now) {
    Entry entry = firstEntry();
    if (entry == null) {
      return 0;
    }
    long submittedAt = entry.task.task().submittedAt().toEpochMilli();
    double granted = (double) entry.key - submittedAt;
    double waited = (double) now.toEpochMilli() - submittedAt;
    return waited >= granted ? 1 : Math.max(0, waited / granted);
  }

  private @Nullable Entry firstEntry() {
    if (!isFirstKnown) {
      first = findFirst();
      isFirstKnown = true;
    }
    return first;
  }

  private @Nullable Entry findFirst() {
    Entry at = root;
    while (at != null && at.asides < at.size) {
      Entry left = at.left;
      if (left != null && left.asides < left.size) {
        at = left;
      } else if (!at.aside) {
        return at;
      } else {
        at = at.right;
      }
    }
    return null;
  }

  /**
   * The first task after another one that is not aside and may start in a gap; null: there is none.
   *
   * @param after null: from the start
   */
  @Nullable WaitingTask next(@Nullable Entry after, Gap gap) {
    Entry next = next(root, after, gap);
    return next == null ? null : next.task;
  }

  private @Nullable Entry next(@Nullable Entry at, @Nullable Entry after, Gap gap) {
    if (at == null || at.asides == at.size || at.least == null) {
      return null;
    }
    Least least = at.least;
    if (!gap.mayTake(least.leastCpuMillis, least.leastMemoryMib, least.leastMillis)) {
      return null;
    }
    if (after != null && at.compareTo(after) <= 0) {
      return next(at.right, after, gap);
    }
    Entry before = next(at.left, after, gap);
    if (before != null) {
      return before;
    }
    if (!at.aside && gap.mayTake(least.cpuMillis, least.memoryMib, least.millis)) {
      return at;
    }
    return next(at.right, null, gap);
  }

  /** How many tasks are before this one, those aside too. */
  int position(Entry entry) {
    if (entry == first && isFirstKnown && asidesOf(root) == 0) {
      return 0;
    }
    int before = 0;
    Entry at = root;
    while (at != null) {
      if (at.compareTo(entry) < 0) {
        before += 1 + sizeOf(at.left);
        at = at.right;
      } else {
        at = at.left;
      }
    }
    return before;
  }

  /** The tasks aside, in order. */
  List<WaitingTask> aside() {
    List<WaitingTask> found = new ArrayList<>(asidesOf(root));
    collectAside(root, found);
    return found;
  }

  private static void collectAside(@Nullable Entry at, List<WaitingTask> found) {
    if (at != null && at.asides > 0) {
      collectAside(at.left, found);
      if (at.aside) {
        found.add(at.task);
      }
      collectAside(at.right, found);
    }
  }

  private static Entry insert(@Nullable Entry at, Entry added) {
    if (at == null) {
      return added;
    }
    if (added.heapKey > at.heapKey) {
      split(at, added, added);
      added.refresh();
      return added;
    }
    if (added.compareTo(at) < 0) {
      at.left = insert(at.left, added);
    } else {
      at.right = insert(at.right, added);
    }
    at.refresh();
    return at;
  }

  /** Leaves in {@code halves} what comes before the entry on the left, the rest on the right. */
  private static void split(@Nullable Entry at, Entry entry, Entry halves) {
    if (at == null) {
      halves.left = null;
      halves.right = null;
    } else if (at.compareTo(entry) < 0) {
      split(at.right, entry, halves);
      at.right = halves.left;
      at.refresh();
      halves.left = at;
    } else {
      split(at.left, entry, halves);
      at.left = halves.right;
      at.refresh();
      halves.right = at;
    }
  }

  private static @Nullable Entry delete(@Nullable Entry at, Entry entry) {
    if (at == null) {
      throw new IllegalStateException(entry.task.task().taskId() + " does not wait");
    }
    if (at == entry) {
      return join(at.left, at.right);
    }
    if (entry.compareTo(at) < 0) {
      at.left = delete(at.left, entry);
    } else {
      at.right = delete(at.right, entry);
    }
    at.refresh();
    return at;
  }

  private static @Nullable Entry join(@Nullable Entry before, @Nullable Entry after) {
    if (before == null) {
      return after;
    }
    if (after == null) {
      return before;
    }
    if (before.heapKey > after.heapKey) {
      before.right = join(before.right, after);
      before.refresh();
      return before;
    }
    after.left = join(before, after.left);
    after.refresh();
    return after;
  }

  private static void mark(@Nullable Entry at, Entry entry, boolean aside) {
    if (at == null) {
      throw new IllegalStateException(entry.task.task().taskId() + " does not wait");
    }
    if (at == entry) {
      at.aside = aside;
    } else {
      mark(entry.compareTo(at) < 0 ? at.left : at.right, entry, aside);
    }
    at.refresh();
  }

  private static int sizeOf(@Nullable Entry entry) {
    return entry == null ? 0 : entry.size;
  }

  private static int asidesOf(@Nullable Entry entry) {
    return entry == null ? 0 : entry.asides;
  }
}
