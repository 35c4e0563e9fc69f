package io.attentionflow.allocation.gpu;

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

  /**
   * So many sets are kept in outcomes. With a hundred typical kinds of tasks each takes a kilobyte
   * or two, so all of them some fifty megabytes. (The steady load of a published trace on 1,213
   * nodes takes 40 to 50, all else in the heap included.) Beyond it, the sets that have had theirs
   * longest lose them, one after another.
   */
  static final int MOST_AFTER = 32_768;

  private final Map<GpuSet, GpuSet> sets = new HashMap<>();
  private final Set<GpuSet> spare = new LinkedHashSet<>();

  /** Those with outcomes, the longest first. */
  private final Set<GpuSet> remembering = new LinkedHashSet<>();

  /** Sets in outcomes, of all of them. */
  private int after;

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
      forgetOutcomes(forgotten);
    }
  }

  private void forgetOutcomes(GpuSet set) {
    if (remembering.remove(set)) {
      after -= set.forgetOutcomes();
    }
  }

  /** What becomes of a set when a request takes its GPUs. */
  GpuSet.Outcome outcome(GpuSet set, GpuShapes.Shape shape) {
    GpuSet.Outcome known = set.known(shape);
    return known == null ? remember(set, shape) : known;
  }

  private GpuSet.Outcome remember(GpuSet set, GpuShapes.Shape shape) {
    GpuSet.Outcome made = set.outcome(shape);
    after += set.remember(shape, made);
    remembering.add(set);
    while (after > MOST_AFTER && remembering.size() > 1) {
      var oldest = remembering.iterator();
      GpuSet next = oldest.next();
      oldest.remove();
      if (next.equals(set)) {
        remembering.add(set);
      } else {
        after -= next.forgetOutcomes();
      }
    }
    return made;
  }

  /** Sets that are kept in outcomes. */
  int afterCount() {
    return after;
  }
}
