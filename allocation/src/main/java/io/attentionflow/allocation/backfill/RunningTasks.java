package io.attentionflow.allocation.backfill;

import java.util.Arrays;

/**
 * Running tasks by when they will end, to find when there will be room.
 *
 * <p>Every subtree knows the sum of what its tasks hold, so that finding the earliest time with
 * room takes O(d log n) for d resources.
 */
final class RunningTasks extends Treap {

  private final int dimensions;
  private long[] held;
  private long[] sums;

  /**
   * @param dimensions how many resources there are
   */
  RunningTasks(int dimensions) {
    this.dimensions = dimensions;
    held = new long[capacity() * dimensions];
    sums = new long[capacity() * dimensions];
  }

  @Override
  void resize(int capacity) {
    held = Arrays.copyOf(held, capacity * dimensions);
    sums = Arrays.copyOf(sums, capacity * dimensions);
  }

  /** Adds a task; returns its entry, until it is removed. */
  int add(long endMillis, long id, long[] demand) {
    int entry = claim(endMillis, id);
    System.arraycopy(demand, 0, held, entry * dimensions, dimensions);
    link(entry);
    return entry;
  }

  @Override
  void combine(int entry) {
    int at = entry * dimensions;
    System.arraycopy(held, at, sums, at, dimensions);
    add(at, left(entry));
    add(at, right(entry));
  }

  private void add(int at, int child) {
    if (child != NONE) {
      for (int i = 0; i < dimensions; i++) {
        sums[at + i] += sums[child * dimensions + i];
      }
    }
  }

  /**
   * The end with which there is room for a demand.
   *
   * @param demand that does not fit what is free
   * @param free what is free now
   * @param extra filled with what is left beside the demand at that time
   * @return that time, milliseconds; {@link Long#MAX_VALUE}: never, and {@code extra} is undefined
   */
  long earliest(long[] demand, long[] free, long[] extra) {
    System.arraycopy(free, 0, extra, 0, dimensions);
    long end = Long.MAX_VALUE;
    int entry = root();
    boolean found = false;
    // The earliest entry with which all that ends up to it makes room.
    while (entry != NONE) {
      int at = entry * dimensions;
      int left = left(entry);
      if (isRoomWith(demand, extra, at, left)) {
        end = key(entry);
        found = true;
        entry = left;
      } else {
        take(extra, left);
        addTo(extra, held, at);
        entry = right(entry);
      }
    }
    if (!found) {
      return Long.MAX_VALUE;
    }
    System.arraycopy(free, 0, extra, 0, dimensions);
    addAllUpTo(end, extra);
    for (int i = 0; i < dimensions; i++) {
      extra[i] -= demand[i];
    }
    return end;
  }

  private boolean isRoomWith(long[] demand, long[] before, int at, int left) {
    for (int i = 0; i < dimensions; i++) {
      long sum = before[i] + held[at + i] + (left == NONE ? 0 : sums[left * dimensions + i]);
      if (sum < demand[i]) {
        return false;
      }
    }
    return true;
  }

  /** Adds what all tasks hold that end at this time or before. */
  private void addAllUpTo(long end, long[] total) {
    int entry = root();
    while (entry != NONE) {
      if (key(entry) <= end) {
        take(total, left(entry));
        addTo(total, held, entry * dimensions);
        entry = right(entry);
      } else {
        entry = left(entry);
      }
    }
  }

  private void take(long[] total, int subtree) {
    if (subtree != NONE) {
      addTo(total, sums, subtree * dimensions);
    }
  }

  private void addTo(long[] total, long[] amounts, int at) {
    for (int i = 0; i < dimensions; i++) {
      total[i] += amounts[at + i];
    }
  }
}
