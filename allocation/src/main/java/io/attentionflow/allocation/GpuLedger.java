package io.attentionflow.allocation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Who holds how much of each GPU of one node.
 *
 * <p>A task asks for a share of one GPU or for whole GPUs. A share goes to the fullest GPU that
 * still has room for it (the least room left, then the lowest index), which keeps whole GPUs whole;
 * whole ones are given lowest index first.
 *
 * <p>Asking what fits takes constant time, taking and giving back O(GPUs).
 */
final class GpuLedger {

  private static final long WHOLE = 1000;

  /** GPUs that the node has, and thousandths of each; {@code used} may be longer. */
  private int count;

  private long millisEach;
  private long[] used;
  private int[] holders;
  private int wholeFree;
  private long largestFree;
  private long freeMillis;

  /** GPUs of which more is held than there is; shares of 0 count by their holders. */
  private int overfull;

  GpuLedger(Resources capacity) {
    used = new long[capacity.gpuCount()];
    holders = new int[capacity.gpuCount()];
    resize(capacity);
  }

  /**
   * The node has other GPUs now. What is held beyond them stays on the books until it is given
   * back: see {@link #anyOverfull()}.
   */
  void resize(Resources capacity) {
    millisEach = capacity.gpuMillis();
    count = capacity.gpuCount();
    makeRoomFor(count);
    sum();
  }

  /** Whether there is room for this now. */
  boolean fits(Resources demand) {
    if (demand.gpuCount() == 0) {
      return true;
    }
    return demand.gpuMillis() == WHOLE
        ? demand.gpuCount() <= wholeFree
        : demand.gpuMillis() <= largestFree;
  }

  /** Whether GPUs like these, all free, have room for this. */
  static boolean couldFit(Resources capacity, Resources demand) {
    return demand.gpuCount() == 0
        || (demand.gpuCount() <= capacity.gpuCount() && demand.gpuMillis() <= capacity.gpuMillis());
  }

  /** How often this fits now, side by side; at most {@code limit}. */
  long times(Resources demand, long limit) {
    if (demand.gpuCount() == 0) {
      return limit;
    }
    if (demand.gpuMillis() == WHOLE) {
      return Math.min(limit, wholeFree / demand.gpuCount());
    }
    long times = 0;
    for (int gpu = 0; gpu < count && times < limit; gpu++) {
      long free = millisEach - used[gpu];
      if (free >= 0) {
        times += demand.gpuMillis() == 0 ? limit : free / demand.gpuMillis();
      }
    }
    return Math.min(limit, times);
  }

  /** How often this would fit on GPUs like these, all free, side by side; at most so often. */
  static long timesIfEmpty(Resources capacity, Resources demand, long limit) {
    if (demand.gpuCount() == 0) {
      return limit;
    }
    if (demand.gpuMillis() == WHOLE) {
      return Math.min(limit, capacity.gpuCount() / demand.gpuCount());
    }
    long each = demand.gpuMillis() == 0 ? limit : capacity.gpuMillis() / demand.gpuMillis();
    return Math.min(limit, each * capacity.gpuCount());
  }

  /**
   * Which GPUs something gets that {@link #fits}.
   *
   * @return their indices, ascending
   */
  List<Integer> choose(Resources demand) {
    if (demand.gpuCount() == 0) {
      return List.of();
    }
    if (demand.gpuMillis() < WHOLE) {
      return List.of(fullestWithRoomFor(demand.gpuMillis()));
    }
    List<Integer> whole = new ArrayList<>(demand.gpuCount());
    for (int gpu = 0; gpu < count && whole.size() < demand.gpuCount(); gpu++) {
      if (millisEach - used[gpu] == WHOLE) {
        whole.add(gpu);
      }
    }
    return whole;
  }

  /** Takes what {@link #fits}; says which GPUs. */
  List<Integer> take(Resources demand) {
    List<Integer> taken = choose(demand);
    hold(demand, taken);
    return taken;
  }

  /** Free thousandths of each GPU; negative where more is held than there is. */
  int[] free() {
    int[] free = new int[count];
    for (int gpu = 0; gpu < count; gpu++) {
      free[gpu] = (int) (millisEach - used[gpu]);
    }
    return free;
  }

  /** Free thousandths of all GPUs. */
  long freeMillis() {
    return freeMillis;
  }

  /** GPUs of which nothing is taken, if they are whole ones. */
  int wholeFree() {
    return wholeFree;
  }

  /** The most that is free of one GPU, thousandths; -1: there is none. */
  long largestFree() {
    return largestFree;
  }

  private int fullestWithRoomFor(long millis) {
    int fullest = -1;
    for (int gpu = 0; gpu < count; gpu++) {
      long free = millisEach - used[gpu];
      if (free >= millis && (fullest < 0 || used[gpu] > used[fullest])) {
        fullest = gpu;
      }
    }
    if (fullest < 0) {
      throw new IllegalStateException("no GPU has %d thousandths free".formatted(millis));
    }
    return fullest;
  }

  /** The same books, to try things out on. */
  GpuLedger copy() {
    var copy = new GpuLedger(new Resources(0, 0, count, millisEach, 0));
    copy.used = used.clone();
    copy.holders = holders.clone();
    copy.sum();
    return copy;
  }

  /**
   * Keeps some of each GPU free, or lets go of it again.
   *
   * @param millis of each GPU, at most what is free of it
   * @param sign 1: is kept; -1: is let go of
   */
  void keep(long[] millis, int sign) {
    for (int gpu = 0; gpu < millis.length; gpu++) {
      used[gpu] += sign * millis[gpu];
    }
    sum();
  }

  /** Puts on the books what is held already. */
  void hold(Resources demand, List<Integer> gpuIndices) {
    if (gpuIndices.isEmpty()) {
      return;
    }
    for (int gpu : gpuIndices) {
      makeRoomFor(gpu + 1);
      used[gpu] += demand.gpuMillis();
      holders[gpu]++;
    }
    sum();
  }

  void giveBack(Resources demand, List<Integer> gpuIndices) {
    if (gpuIndices.isEmpty()) {
      return;
    }
    for (int gpu : gpuIndices) {
      used[gpu] -= demand.gpuMillis();
      holders[gpu]--;
      if (used[gpu] < 0) {
        throw new IllegalStateException("GPU %d: %d thousandths in use".formatted(gpu, used[gpu]));
      }
    }
    sum();
  }

  /** Whether more is held than the node has, of some GPU. */
  boolean anyOverfull() {
    return overfull > 0;
  }

  /** Whether whoever holds this much of a GPU holds some of what the node no longer has. */
  boolean overfull(int gpu, long heldMillis) {
    return gpu >= count || (heldMillis > 0 && used[gpu] > millisEach);
  }

  private void makeRoomFor(int gpus) {
    if (gpus > used.length) {
      used = Arrays.copyOf(used, gpus);
      holders = Arrays.copyOf(holders, gpus);
    }
  }

  private void sum() {
    wholeFree = 0;
    largestFree = -1;
    overfull = 0;
    freeMillis = 0;
    for (int gpu = count; gpu < used.length; gpu++) {
      overfull += holders[gpu] > 0 ? 1 : 0;
    }
    for (int gpu = 0; gpu < count; gpu++) {
      long free = millisEach - used[gpu];
      largestFree = Math.max(largestFree, free);
      freeMillis += Math.max(0, free);
      if (free == WHOLE) {
        wholeFree++;
      }
      if (free < 0) {
        overfull++;
      }
    }
  }
}
