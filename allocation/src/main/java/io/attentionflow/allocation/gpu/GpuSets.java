package io.attentionflow.allocation.gpu;

import static io.attentionflow.allocation.gpu.GpuRequest.WHOLE;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes {@link GpuSet}s, each once, and remembers what becomes of them.
 *
 * <p>Bounded: past its limit it forgets all of them. The owner then asks anew for those it still
 * uses; sets handed out before stay valid as values, but must not be mixed with new ones.
 */
final class GpuSets {

  /** Shapes beyond these are not remembered, only computed. */
  private static final int REMEMBERED_SHAPES = 64;

  private final int limit;
  private final Map<GpuSet, GpuSet> sets = new HashMap<>();
  private final Map<Integer, Integer> shapes = new HashMap<>();

  GpuSets(int limit) {
    this.limit = limit;
  }

  boolean full() {
    return sets.size() >= limit;
  }

  int size() {
    return sets.size();
  }

  void forget() {
    sets.clear();
  }

  /** The set of these levels, in any order; takes over the array. */
  GpuSet of(String model, int[] levels) {
    Arrays.sort(levels);
    GpuSet candidate = new GpuSet(model, levels);
    GpuSet known = sets.putIfAbsent(candidate, candidate);
    return known == null ? candidate : known;
  }

  /** A small number for this many GPUs of this much each; for ever the same. */
  int shape(int gpuCount, int gpuMillis) {
    return shapes.computeIfAbsent(gpuCount * (WHOLE + 1) + gpuMillis, key -> shapes.size());
  }

  /**
   * What the set can become when a request takes its GPUs: several GPUs, or a whole one, can come
   * only from the fully free ones; a share from each different level that is enough.
   *
   * @return by rising level; empty if nothing serves
   */
  GpuSet[] after(GpuSet set, int shape, int gpuCount, int gpuMillis) {
    if (shape >= REMEMBERED_SHAPES) {
      return computeAfter(set, gpuCount, gpuMillis);
    }
    GpuSet[][] after = set.after;
    if (after == null || after.length <= shape) {
      after = after == null ? new GpuSet[shape + 8][] : Arrays.copyOf(after, shape + 8);
      set.after = after;
    }
    GpuSet[] known = after[shape];
    if (known == null) {
      known = computeAfter(set, gpuCount, gpuMillis);
      after[shape] = known;
    }
    return known;
  }

  private GpuSet[] computeAfter(GpuSet set, int gpuCount, int gpuMillis) {
    if (gpuMillis == WHOLE) {
      return set.fullyFree < gpuCount ? new GpuSet[0] : new GpuSet[] {wholeTaken(set, gpuCount)};
    }
    GpuSet[] found = new GpuSet[set.levels.length];
    int count = 0;
    for (int i = 0; i < set.levels.length; i++) {
      int level = set.levels[i];
      if (level >= gpuMillis && (i == 0 || level != set.levels[i - 1])) {
        int[] left = set.levels.clone();
        left[i] = level - gpuMillis;
        found[count++] = of(set.model, left);
      }
    }
    return Arrays.copyOf(found, count);
  }

  private GpuSet wholeTaken(GpuSet set, int gpuCount) {
    int[] left = set.levels.clone();
    Arrays.fill(left, left.length - gpuCount, left.length, 0);
    return of(set.model, left);
  }
}
