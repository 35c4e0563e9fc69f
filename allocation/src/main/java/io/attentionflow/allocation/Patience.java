package io.attentionflow.allocation;

import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that wait by submission, to see who runs out of patience first.
 *
 * <p>A heap in which who leaves stays until it comes up, or until those that left are most of it.
 * So both adding one that was submitted last and removing one take constant time, and O(log tasks)
 * at worst, on average over many.
 */
final class Patience {

  /** So many may stay whoever else is there. */
  private static final int FEW = 64;

  private final PriorityQueue<Entry> bySubmission = new PriorityQueue<>();
  private int left;

  /** A task in it, until it leaves. */
  static final class Entry implements Comparable<Entry> {
    private final WaitingTask task;
    private boolean hasLeft;

    private Entry(WaitingTask task) {
      this.task = task;
    }

    @Override
    public int compareTo(Entry other) {
      return task.compareTo(other.task);
    }
  }

  /** Adds a task; returns its entry, until it is removed. */
  Entry add(WaitingTask task) {
    var entry = new Entry(task);
    bySubmission.add(entry);
    return entry;
  }

  /** Removes what is in it. */
  void remove(Entry entry) {
    if (entry.hasLeft) {
      throw new IllegalStateException(entry.task.task().taskId() + " has left before");
    }
    entry.hasLeft = true;
    left++;
    if (left > FEW && left > bySubmission.size() / 2) {
      bySubmission.removeIf(each -> each.hasLeft);
      left = 0;
    }
  }

  /** The task that was submitted first; null: there is none. */
  @Nullable WaitingTask first() {
    Entry first = bySubmission.peek();
    while (first != null && first.hasLeft) {
      bySubmission.remove();
      left--;
      first = bySubmission.peek();
    }
    return first == null ? null : first.task;
  }
}
