package io.attentionflow.allocation;

import java.util.ArrayDeque;
import java.util.PriorityQueue;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that wait by submission, to see who runs out of patience first.
 *
 * <p>Most come in the order in which they were submitted, and stand in a row; the others in a heap.
 * Who leaves stays there until it comes up, or until those that left are the most. So adding and
 * removing take constant time for those in the row, and O(log tasks) for others, on average over
 * many.
 */
final class Patience {

  /** So many may stay whoever else is there. */
  private static final int FEW = 64;

  private final ArrayDeque<Entry> row = new ArrayDeque<>();
  private final PriorityQueue<Entry> heap = new PriorityQueue<>();
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
    Entry last = row.peekLast();
    if (last == null || last.compareTo(entry) < 0) {
      row.add(entry);
    } else {
      heap.add(entry);
    }
    return entry;
  }

  /** Removes what is in it. */
  void remove(Entry entry) {
    if (entry.hasLeft) {
      throw new IllegalStateException(entry.task.task().taskId() + " has left before");
    }
    entry.hasLeft = true;
    left++;
    if (left > FEW && left > (row.size() + heap.size()) / 2) {
      row.removeIf(each -> each.hasLeft);
      heap.removeIf(each -> each.hasLeft);
      left = 0;
    }
  }

  /** The task that was submitted first; null: there is none. */
  @Nullable WaitingTask first() {
    Entry inRow = first(row);
    Entry inHeap = first(heap);
    if (inRow == null || inHeap == null) {
      return inRow != null ? inRow.task : inHeap != null ? inHeap.task : null;
    }
    return inRow.compareTo(inHeap) < 0 ? inRow.task : inHeap.task;
  }

  private @Nullable Entry first(Queue<Entry> some) {
    Entry first = some.peek();
    while (first != null && first.hasLeft) {
      some.remove();
      left--;
      first = some.peek();
    }
    return first;
  }
}
