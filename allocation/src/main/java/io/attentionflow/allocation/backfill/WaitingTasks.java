package io.attentionflow.allocation.backfill;

import java.util.Arrays;

/**
 * Waiting tasks in the order in which they should start, to find the next that may start now.
 *
 * <p>Every subtree knows the least and the most that any of its tasks asks for, of each resource,
 * and the least of their expected run times and limits. A subtree that cannot hold what is looked
 * for is passed over whole.
 */
final class WaitingTasks extends Treap {

  private final int dimensions;
  private long[] demands;
  private long[] leastDemands;
  private long[] mostDemands;
  private long[] expected;
  private long[] leastExpected;
  private long[] limits;
  private long[] leastLimits;
  private long visits;

  /**
   * @param dimensions how many resources there are
   */
  WaitingTasks(int dimensions) {
    this.dimensions = dimensions;
    int capacity = capacity();
    demands = new long[capacity * dimensions];
    leastDemands = new long[capacity * dimensions];
    mostDemands = new long[capacity * dimensions];
    expected = new long[capacity];
    leastExpected = new long[capacity];
    limits = new long[capacity];
    leastLimits = new long[capacity];
  }

  @Override
  void resize(int capacity) {
    demands = Arrays.copyOf(demands, capacity * dimensions);
    leastDemands = Arrays.copyOf(leastDemands, capacity * dimensions);
    mostDemands = Arrays.copyOf(mostDemands, capacity * dimensions);
    expected = Arrays.copyOf(expected, capacity);
    leastExpected = Arrays.copyOf(leastExpected, capacity);
    limits = Arrays.copyOf(limits, capacity);
    leastLimits = Arrays.copyOf(leastLimits, capacity);
  }

  /**
   * Adds a task.
   *
   * @param key its place; lower is earlier
   * @param id tells tasks with the same key apart; the lower is earlier
   * @return its entry, until it is removed
   */
  int add(long key, long id, long[] demand, long expectedMillis, long limitMillis) {
    int entry = claim(key, id);
    System.arraycopy(demand, 0, demands, entry * dimensions, dimensions);
    expected[entry] = expectedMillis;
    limits[entry] = limitMillis;
    link(entry);
    return entry;
  }

  @Override
  void combine(int entry) {
    int at = entry * dimensions;
    System.arraycopy(demands, at, leastDemands, at, dimensions);
    System.arraycopy(demands, at, mostDemands, at, dimensions);
    leastExpected[entry] = expected[entry];
    leastLimits[entry] = limits[entry];
    include(entry, left(entry));
    include(entry, right(entry));
  }

  private void include(int entry, int child) {
    if (child == NONE) {
      return;
    }
    int at = entry * dimensions;
    int childAt = child * dimensions;
    for (int i = 0; i < dimensions; i++) {
      leastDemands[at + i] = Math.min(leastDemands[at + i], leastDemands[childAt + i]);
      mostDemands[at + i] = Math.max(mostDemands[at + i], mostDemands[childAt + i]);
    }
    leastExpected[entry] = Math.min(leastExpected[entry], leastExpected[child]);
    leastLimits[entry] = Math.min(leastLimits[entry], leastLimits[child]);
  }

  /** Finds the first task that may start; its entry, or {@link #NONE}. */
  int next(Room room) {
    return next(root(), room);
  }

  private int next(int tree, Room room) {
    if (tree == NONE) {
      return NONE;
    }
    visits++;
    if (!room.admits(leastDemands, tree * dimensions, leastExpected[tree], leastLimits[tree])) {
      return NONE;
    }
    int found = next(left(tree), room);
    if (found != NONE) {
      return found;
    }
    if (admits(tree, room)) {
      return tree;
    }
    return next(right(tree), room);
  }

  /**
   * Finds the first task that what is free cannot hold.
   *
   * @param except this one is not asked for
   * @return its entry, or {@link #NONE}
   */
  int firstTooLarge(long[] free, int except) {
    return firstTooLarge(root(), free, except);
  }

  private int firstTooLarge(int tree, long[] free, int except) {
    if (tree == NONE) {
      return NONE;
    }
    visits++;
    if (Room.fits(mostDemands, tree * dimensions, free)) {
      return NONE;
    }
    int found = firstTooLarge(left(tree), free, except);
    if (found != NONE) {
      return found;
    }
    if (tree != except && !Room.fits(demands, tree * dimensions, free)) {
      return tree;
    }
    return firstTooLarge(right(tree), free, except);
  }

  /** Whether this very task may start. */
  boolean admits(int entry, Room room) {
    return room.admits(demands, entry * dimensions, expected[entry], limits[entry]);
  }

  /** How many entries were looked at so far, in all searches. */
  long visits() {
    return visits;
  }
}
