package io.attentionflow.allocation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that wait, in the order of the policy.
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

  private static final Comparator<Ticket> FCFS =
      Comparator.comparing(Ticket::submittedAt).thenComparingLong(Ticket::sequence);

  private static final Comparator<Ticket> PRIORITY =
      Comparator.comparingInt(Ticket::priority).reversed().thenComparing(FCFS);

  private final Comparator<Ticket> order;
  private @Nullable Entry root;

  WaitingQueue(PoolPolicy.Ordering ordering) {
    order =
        switch (ordering) {
          case FCFS -> FCFS;
          case PRIORITY -> PRIORITY;
        };
  }

  /** What decides a task's place; it stays the same for as long as the task lives. */
  private record Ticket(String taskId, int priority, Instant submittedAt, long sequence) {

    static Ticket of(TaskState state) {
      TaskRequest task = state.task();
      return new Ticket(task.taskId(), task.priority(), task.submittedAt(), state.sequence());
    }
  }

  private static final class Entry {
    final Ticket ticket;
    final long heapKey;
    boolean aside;
    @Nullable Entry left;
    @Nullable Entry right;
    int size;
    int asides;

    Entry(Ticket ticket, boolean aside) {
      this.ticket = ticket;
      this.heapKey = Draws.mix(ticket.sequence() + 1);
      this.aside = aside;
      refresh();
    }

    void refresh() {
      size = 1 + sizeOf(left) + sizeOf(right);
      asides = (aside ? 1 : 0) + asidesOf(left) + asidesOf(right);
    }
  }

  /** All that wait, those aside too. */
  int size() {
    return sizeOf(root);
  }

  /** Adds a task that is not in it. */
  void add(TaskState task, boolean aside) {
    root = insert(root, new Entry(Ticket.of(task), aside));
  }

  /** Removes a task that is in it. */
  void remove(TaskState task) {
    root = delete(root, Ticket.of(task));
  }

  /** Sets a task aside that is in it, or takes it back. */
  void setAside(TaskState task, boolean aside) {
    mark(root, Ticket.of(task), aside);
  }

  /** The id of the first task that is not aside; null: there is none. */
  @Nullable String first() {
    Entry at = root;
    while (at != null && at.asides < at.size) {
      Entry left = at.left;
      if (left != null && left.asides < left.size) {
        at = left;
      } else if (!at.aside) {
        return at.ticket.taskId();
      } else {
        at = at.right;
      }
    }
    return null;
  }

  /** How many tasks are before this one, those aside too. */
  int position(TaskState task) {
    Ticket ticket = Ticket.of(task);
    int before = 0;
    Entry at = root;
    while (at != null) {
      if (order.compare(at.ticket, ticket) < 0) {
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
    if (order.compare(added.ticket, at.ticket) < 0) {
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
    } else if (order.compare(at.ticket, ticket) < 0) {
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
    int compared = order.compare(ticket, at.ticket);
    if (compared == 0) {
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
    int compared = order.compare(ticket, at.ticket);
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
