package io.attentionflow.allocation.gpu;

import static io.attentionflow.allocation.gpu.GpuRequest.WHOLE;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * The {@link GpuSet}s that nodes have, each once, so that what was computed for one serves all. One
 * that no node has any more is kept a while, since it often comes back. Bounded.
 */
final class GpuSets {

  /** Sets that no node has are kept up to this many, and as many as nodes have. */
  static final int SPARE = 512;

  /** Shapes beyond these are not remembered. */
  private static final int MOST_SHAPES = 256;

  /** Of a node with eight GPUs one takes a kilobyte or two: some hundred megabytes at most. */
  private static final int MOST_OUTCOMES = 65_536;

  private final Map<GpuSet, GpuSet> sets = new HashMap<>();
  private final Set<GpuSet> spare = new LinkedHashSet<>();
  private final Map<Integer, Integer> shapes = new HashMap<>();
  private int outcomes;

  int size() {
    return sets.size();
  }

  /**
   * One more node has these levels.
   *
   * @param levels in any order; the array is taken over
   */
  GpuSet enter(String model, int[] levels) {
    GpuSet candidate = GpuSet.of(model, levels);
    GpuSet known = sets.putIfAbsent(candidate, candidate);
    GpuSet set = known == null ? candidate : known;
    if (set.nodes == 0) {
      spare.remove(set);
    }
    set.nodes++;
    return set;
  }

  /** A node has these levels no longer. */
  void leave(GpuSet set) {
    set.nodes--;
    if (set.nodes > 0) {
      return;
    }
    spare.add(set);
    int inUse = sets.size() - spare.size();
    // Two at a time where nodes go away: what is in use becomes less, too.
    while (spare.size() > SPARE + inUse) {
      var oldest = spare.iterator();
      GpuSet forgotten = oldest.next();
      oldest.remove();
      sets.remove(forgotten);
      outcomes -= forgotten.remembered();
    }
  }

  /**
   * What becomes of a set when a request takes its GPUs.
   *
   * @param shape as {@link #shape} says
   */
  GpuSet.Outcome outcome(GpuSet set, int shape, int gpuCount, int gpuMillis) {
    if (shape < 0) {
      return set.outcome(gpuCount, gpuMillis);
    }
    GpuSet.Outcome known = set.known(shape);
    if (known != null) {
      return known;
    }
    if (outcomes == MOST_OUTCOMES) {
      sets.keySet().forEach(GpuSet::forgetOutcomes);
      outcomes = 0;
    }
    outcomes++;
    GpuSet.Outcome made = set.outcome(gpuCount, gpuMillis);
    set.remember(shape, made);
    return made;
  }

  /** A small number for this many GPUs of this much each, for ever the same; -1: it has none. */
  int shape(int gpuCount, int gpuMillis) {
    int key = gpuCount * (WHOLE + 1) + gpuMillis;
    Integer known = shapes.get(key);
    if (known != null) {
      return known;
    }
    if (shapes.size() == MOST_SHAPES) {
      return -1;
    }
    shapes.put(key, shapes.size());
    return shapes.size() - 1;
  }
}
