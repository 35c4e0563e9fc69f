package io.attentionflow.allocation.gpu;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is free on the nodes of a pool, in arrays by slot, and in which order they changed: who
 * knows them as of some change finds those that changed since, and looks at no others.
 */
final class SeatTable {

  /** No slot. */
  static final int NONE = -1;

  private final ArrayDeque<Integer> freeSlots = new ArrayDeque<>();

  // By slot. Of one without a node, or with one that takes nothing, gpus is null, and cpu less than
  // anything that is asked for.
  @Nullable GpuSeat[] seats = new GpuSeat[64];
  long[] order = new long[64];
  long[] cpu = new long[64];
  long[] memory = new long[64];
  long[] io = new long[64];
  int[] fullyFree = new int[64];
  int[] largest = new int[64];
  @Nullable GpuSet[] gpus = new GpuSet[64];

  /** What the node is worth; NaN: not computed. */
  double[] worth = new double[64];

  /** The number of its last change. */
  long[] changed = new long[64];

  // A list of all slots by last change.
  private int[] newer = new int[64];
  private int[] older = new int[64];
  private int newest = NONE;

  /** Changes so far. */
  private long changes;

  /** The last change that all nodes were part of. */
  private long allChanged;

  private int slots;
  private long freeGpuMillis;

  /** Slots so far, those without a node among them. */
  int slots() {
    return slots;
  }

  /** The number of the last change. */
  long changes() {
    return changes;
  }

  /** Whether every node has changed since this change. */
  boolean allChangedSince(long change) {
    return allChanged > change;
  }

  /** The slot that changed last. */
  int newest() {
    return newest;
  }

  /** The slot that changed before this one did. */
  int before(int slot) {
    return older[slot];
  }

  /** Free thousandths of all GPUs of nodes that take tasks. */
  long freeGpuMillis() {
    return freeGpuMillis;
  }

  /** A node that takes nothing as yet. */
  void add(GpuSeat seat) {
    Integer free = freeSlots.poll();
    int slot = free == null ? slots++ : free;
    if (slot == seats.length) {
      grow(2 * slot);
    }
    seats[slot] = seat;
    order[slot] = seat.order;
    cpu[slot] = -1;
    worth[slot] = Double.NaN;
    seat.slot = slot;
    if (free == null) {
      link(slot);
    }
  }

  private void grow(int size) {
    seats = Arrays.copyOf(seats, size);
    order = Arrays.copyOf(order, size);
    cpu = Arrays.copyOf(cpu, size);
    memory = Arrays.copyOf(memory, size);
    io = Arrays.copyOf(io, size);
    fullyFree = Arrays.copyOf(fullyFree, size);
    largest = Arrays.copyOf(largest, size);
    gpus = Arrays.copyOf(gpus, size);
    worth = Arrays.copyOf(worth, size);
    changed = Arrays.copyOf(changed, size);
    newer = Arrays.copyOf(newer, size);
    older = Arrays.copyOf(older, size);
  }

  void remove(GpuSeat seat) {
    int slot = seat.slot;
    takesNothing(slot);
    seats[slot] = null;
    freeSlots.add(slot);
    seat.slot = NONE;
  }

  void takesNothing(int slot) {
    set(slot, -1, -1, -1, null);
  }

  /** This is free on the node now. */
  void set(int slot, long cpuMillis, long memoryMib, long ioMibps, @Nullable GpuSet set) {
    GpuSet before = gpus[slot];
    freeGpuMillis += (set == null ? 0 : set.freeMillis) - (before == null ? 0 : before.freeMillis);
    cpu[slot] = cpuMillis;
    memory[slot] = memoryMib;
    io[slot] = ioMibps;
    gpus[slot] = set;
    fullyFree[slot] = set == null ? 0 : set.fullyFree;
    largest[slot] = set == null ? -1 : set.largest;
    change(slot);
  }

  /** All nodes are worth something else now. */
  void allChange() {
    allChanged = ++changes;
    Arrays.fill(worth, 0, slots, Double.NaN);
  }

  /** The node is otherwise, or is worth something else. */
  void change(int slot) {
    worth[slot] = Double.NaN;
    if (slot != newest) {
      unlink(slot);
      link(slot);
    }
    changed[slot] = ++changes;
  }

  private void unlink(int slot) {
    int after = newer[slot];
    int before = older[slot];
    older[after] = before;
    if (before != NONE) {
      newer[before] = after;
    }
  }

  private void link(int slot) {
    newer[slot] = NONE;
    older[slot] = newest;
    if (newest != NONE) {
      newer[newest] = slot;
    }
    newest = slot;
  }
}
