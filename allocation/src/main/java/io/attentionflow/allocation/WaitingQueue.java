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
  private boolean removedAside;

  /** Of the first task that is not aside, while it is known; null: there is none. */
  private @Nullable Ticket first;

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
   * What decides a task's place; it stays the same for as long as the prediction does.
   *
   * @param rank lower goes first, whatever the key
   * @param key lower goes first within a rank; of equal ones, who was submitted first
   */
  private record Ticket(String taskId, long rank, long key, Instant submittedAt, long sequence)
      implements Comparable<Ticket> {

    @Override
    public int compareTo(Ticket other) {
      int compared = Long.compare(rank, other.rank);
      compared = compared == 0 ? Long.compare(key, other.key) : compared;
      compared = compared == 0 ? submittedAt.compareTo(other.submittedAt) : compared;
      return compared == 0 ? Long.compare(sequence, other.sequence) : compared;
    }
  }

  private Ticket ticket(TaskState state) {
    TaskRequest task = state.task();
    return new Ticket(
        task.taskId(),
        rank.applyAsLong(state),
        key.applyAsLong(state),
        task.submittedAt(),
        state.sequence());
  }

  private static final class Entry {
    final Ticket ticket;
    final long heapKey;
    boolean aside;
    @Nullable Entry left;
    @Nullable Entry right;
    int size;
    int asides;
    final @Nullable Least least;

    Entry(Ticket ticket, boolean aside, @Nullable Least least) {
      this.ticket = ticket;
      this.heapKey = Draws.mix(ticket.sequence() + 1);
      this.aside = aside;
      this.least = least;
      refresh();
    }

    void refresh() {
      size = 1 + sizeOf(left) + sizeOf(right);
      asides = (aside ? 1 : 0) + asidesOf(left) + asidesOf(right);
      if (least != null) {
        least.refresh(left, right);
      }
    }
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

  /** Adds a task that is not in it. */
  void add(TaskState task, boolean aside) {
    Ticket ticket = ticket(task);
    root = insert(root, new Entry(ticket, aside, searched ? new Least(task) : null));
    if (isFirstKnown && !aside && (first == null || ticket.compareTo(first) < 0)) {
      first = ticket;
    }
  }

  /**
   * Removes a task that is in it.
   *
   * @return whether it was aside
   */
  boolean remove(TaskState task) {
    Ticket ticket = ticket(task);
    root = delete(root, ticket);
    isFirstKnown &= first == null || ticket.sequence() != first.sequence();
    return removedAside;
  }

  /** Sets a task aside that is in it, or takes it back. */
  void setAside(TaskState task, boolean aside) {
    mark(root, ticket(task), aside);
    isFirstKnown = false;
  }

  /** The id of the first task that is not aside; null: there is none. */
  @Nullable String first() {
    Ticket ticket = firstTicket();
    return ticket == null ? null : ticket.taskId();
  }

  /** How much of the wait that is granted to the first task has passed: 0, nothing, to 1, all. */
  double urgency(Instant now) {
    Ticket ticket = firstTicket();
    if (ticket == null) {
      return 0;
    }
    long submittedAt = ticket.submittedAt().toEpochMilli();
    double granted = (double) ticket.key() - submittedAt;
    double waited = (double) now.toEpochMilli() - submittedAt;
    return waited >= granted ? 1 : Math.max(0, waited / granted);
  }

  /** When the first task that is not aside was submitted; null: there is none. */
  @Nullable Instant firstSubmittedAt() {
    Ticket ticket = firstTicket();
    return ticket == null ? null : ticket.submittedAt();
  }

  private @Nullable Ticket firstTicket() {
    if (!isFirstKnown) {
      first = findFirst();
      isFirstKnown = true;
    }
    return first;
  }

  private @Nullable Ticket findFirst() {
    Entry at = root;
    while (at != null && at.asides < at.size) {
      Entry left = at.left;
      if (left != null && left.asides < left.size) {
        at = left;
      } else if (!at.aside) {
        return at.ticket;
      } else {
        at = at.right;
      }
    }
    return null;
  }

  /**
   * The id of the first task after another one that is not aside and may start in a gap; null:
   * there is none.
   *
   * @param after null: from the start
   */
  @Nullable String next(@Nullable TaskState after, Gap gap) {
    Entry next = next(root, after == null ? null : ticket(after), gap);
    return next == null ? null : next.ticket.taskId();
  }

  private @Nullable Entry next(@Nullable Entry at, @Nullable Ticket after, Gap gap) {
    if (at == null || at.asides == at.size || at.least == null) {
      return null;
    }
    Least least = at.least;
    if (!gap.mayTake(least.leastCpuMillis, least.leastMemoryMib, least.leastMillis)) {
      return null;
    }
    if (after != null && at.ticket.compareTo(after) <= 0) {
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
  int position(TaskState task) {
    Ticket ticket = ticket(task);
    int before = 0;
    Entry at = root;
    while (at != null) {
      if (at.ticket.compareTo(ticket) < 0) {
        before += 1 + sizeOf(at.left);
        at = at.right;
      } else {
        at = at.left;
      }
    }
    return before;
  }

  /** The ids of the tasks aside, in order. */
  List<String> aside() {
    List<String> ids = new ArrayList<>(asidesOf(root));
    collectAside(root, ids);
    return ids;
  }

  private static void collectAside(@Nullable Entry at, List<String> ids) {
    if (at != null && at.asides > 0) {
      collectAside(at.left, ids);
      if (at.aside) {
        ids.add(at.ticket.taskId());
      }
      collectAside(at.right, ids);
    }
  }

  private Entry insert(@Nullable Entry at, Entry added) {
    if (at == null) {
      return added;
    }
    if (added.heapKey > at.heapKey) {
      split(at, added.ticket, added);
      added.refresh();
      return added;
    }
    if (added.ticket.compareTo(at.ticket) < 0) {
      at.left = insert(at.left, added);
    } else {
      at.right = insert(at.right, added);
    }
    at.refresh();
    return at;
  }

  /** Leaves in {@code halves} what comes before the ticket on the left, the rest on the right. */
  private void split(@Nullable Entry at, Ticket ticket, Entry halves) {
    if (at == null) {
      halves.left = null;
      halves.right = null;
    } else if (at.ticket.compareTo(ticket) < 0) {
      split(at.right, ticket, halves);
      at.right = halves.left;
      at.refresh();
      halves.left = at;
    } else {
      split(at.left, ticket, halves);
      at.left = halves.right;
      at.refresh();
      halves.right = at;
    }
  }

  private @Nullable Entry delete(@Nullable Entry at, Ticket ticket) {
    if (at == null) {
      throw new IllegalStateException(ticket + " does not wait");
    }
    int compared = ticket.compareTo(at.ticket);
    if (compared == 0) {
      removedAside = at.aside;
      return join(at.left, at.right);
    }
    if (compared < 0) {
      at.left = delete(at.left, ticket);
    } else {
      at.right = delete(at.right, ticket);
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

  private void mark(@Nullable Entry at, Ticket ticket, boolean aside) {
    if (at == null) {
      throw new IllegalStateException(ticket + " does not wait");
    }
    int compared = ticket.compareTo(at.ticket);
    if (compared == 0) {
      at.aside = aside;
    } else {
      mark(compared < 0 ? at.left : at.right, ticket, aside);
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
