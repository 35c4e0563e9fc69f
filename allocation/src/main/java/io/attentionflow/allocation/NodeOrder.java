package io.attentionflow.allocation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a {@link NodeGroup} by the only measure of its {@link Scoring}, the lowest first; of
 * equals, in the order of the group. So the best nodes with room for a shard are the first with
 * room.
 *
 * <p>Runs of neighbours, each with the most that is free on any of its nodes, or more: a run that
 * cannot hold a shard is passed over. The order is known, and the runs are short, so a change takes
 * O(log nodes) time and a move of a few dozen numbers. Nodes are known by their slots.
 */
final class NodeOrder {

  /** A run is cut in two when it gets longer. */
  private static final int LONGEST = 64;

  /** Neighbours are joined when they are no longer than this together. */
  private static final int SHORT = 24;

  private final int rooms;
  private final List<Run> runs = new ArrayList<>();

  /** By slot: the measure that it is in here by. */
  private double[] measured = {};

  /** By slot: the run that it is in; null: none. */
  private @Nullable Run[] homes = {};

  /**
   * An empty order.
   *
   * @param rooms numbers of what is free on a node
   */
  NodeOrder(int rooms) {
    this.rooms = rooms;
  }

  /** Neighbours in the order. */
  static final class Run {
    private final int[] slots = new int[LONGEST];
    private int size;

    /** Of each number at least the most of any node in it. */
    private final int[] room;

    /** Whether that may be more than it has to be. */
    private boolean isLoose;

    private Run(int rooms) {
      room = new int[rooms];
    }

    int size() {
      return size;
    }

    int slot(int i) {
      return slots[i];
    }

    /** No node in it has more free. */
    int[] room() {
      return room;
    }

    /** Says no more than there is, if it does. */
    void tighten(int[] rooms, int firstLeaf) {
      if (isLoose) {
        isLoose = false;
        Arrays.fill(room, Integer.MIN_VALUE);
        for (int i = 0; i < size; i++) {
          include(rooms, firstLeaf + slots[i]);
        }
      }
    }

    private void include(int[] rooms, int leaf) {
      int at = leaf * room.length;
      for (int i = 0; i < room.length; i++) {
        room[i] = Math.max(room[i], rooms[at + i]);
      }
    }

    private int indexOf(int slot) {
      for (int i = 0; i < size; i++) {
        if (slots[i] == slot) {
          return i;
        }
      }
      throw new IllegalStateException("slot %d is not where it should be".formatted(slot));
    }

    private void insert(int at, int slot) {
      System.arraycopy(slots, at, slots, at + 1, size - at);
      slots[at] = slot;
      size++;
    }

    private void remove(int at) {
      size--;
      System.arraycopy(slots, at + 1, slots, at, size - at);
      isLoose = true;
    }

    private void append(Run next) {
      System.arraycopy(next.slots, 0, slots, size, next.size);
      size += next.size;
      for (int i = 0; i < room.length; i++) {
        room[i] = Math.max(room[i], next.room[i]);
      }
      isLoose |= next.isLoose;
    }

    private Run cut(int rooms) {
      var rest = new Run(rooms);
      int half = size / 2;
      rest.size = size - half;
      System.arraycopy(slots, half, rest.slots, 0, rest.size);
      System.arraycopy(room, 0, rest.room, 0, room.length);
      size = half;
      isLoose = true;
      rest.isLoose = true;
      return rest;
    }
  }

  /** The runs, in order; not copied. */
  List<Run> runs() {
    return runs;
  }

  /**
   * Forgets all nodes.
   *
   * @param slots so many there are from now on
   */
  void clear(int slots) {
    runs.clear();
    measured = new double[slots];
    homes = new Run[slots];
  }

  /**
   * Puts a node where it belongs now.
   *
   * @param rooms what is free, {@code firstLeaf + slot} times as many numbers before those of a
   *     slot
   */
  void put(int slot, double measure, int[] rooms, int firstLeaf) {
    Run home = homes[slot];
    if (home != null) {
      remove(slot, home);
    }
    measured[slot] = measure;
    if (runs.isEmpty()) {
      runs.add(emptyRun());
    }
    int index = runOf(slot);
    Run run = runs.get(index);
    if (run.size == LONGEST) {
      Run rest = run.cut(this.rooms);
      settleIn(rest);
      runs.add(index + 1, rest);
      run = goesBefore(slot, rest.slots[0]) ? run : rest;
    }
    run.insert(placeIn(run, slot), slot);
    homes[slot] = run;
    run.include(rooms, firstLeaf + slot);
  }

  /** What is in a run is at home there. */
  private void settleIn(Run run) {
    for (int i = 0; i < run.size; i++) {
      homes[run.slots[i]] = run;
    }
  }

  private Run emptyRun() {
    var run = new Run(rooms);
    Arrays.fill(run.room, Integer.MIN_VALUE);
    return run;
  }

  private void remove(int slot, Run run) {
    run.remove(run.indexOf(slot));
    if (run.size > SHORT) {
      return;
    }
    int index = runs.indexOf(run);
    int left = run.size + (index + 1 < runs.size() ? runs.get(index + 1).size : LONGEST);
    if (run.size == 0) {
      runs.remove(index);
    } else if (left <= SHORT) {
      run.append(runs.remove(index + 1));
      settleIn(run);
    }
  }

  /** The last run that does not begin after a slot; the first if all do. */
  private int runOf(int slot) {
    int from = 0;
    int to = runs.size() - 1;
    while (from < to) {
      int middle = (from + to + 1) >>> 1;
      if (goesBefore(slot, runs.get(middle).slots[0])) {
        to = middle - 1;
      } else {
        from = middle;
      }
    }
    return from;
  }

  /** Where in a run the first slot is that does not go before this one; the end if all do. */
  private int placeIn(Run run, int slot) {
    int from = 0;
    int to = run.size;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (goesBefore(run.slots[middle], slot)) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  private boolean goesBefore(int slot, int other) {
    double its = measured[slot];
    double others = measured[other];
    return its < others || (its == others && slot < other);
  }
}
