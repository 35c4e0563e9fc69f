package io.attentionflow.allocation.gpu;

import static io.attentionflow.allocation.gpu.GpuRequest.WHOLE;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The free thousandths of a node's GPUs, whichever GPU has which: {@link GpuSets} has one object
 * for all nodes whose GPUs look alike. Carries what {@link NodeValue} computed for it.
 */
final class GpuSet {

  private static final @Nullable Outcome[] NO_OUTCOMES = {};

  /** Sorted, ascending, one entry a GPU. */
  final int[] levels;

  final String model;
  final int gpuCount;
  final int freeMillis;
  final int fullyFree;

  /** -1: there are no GPUs. */
  final int largest;

  /** 0: not computed. */
  private int hash;

  /** Nodes that have it now, where {@link GpuSets} counts them. */
  int nodes;

  /** By number of a shape; null: not looked at. */
  private @Nullable Outcome[] outcomes = NO_OUTCOMES;

  /** Sets in those. */
  private int after;

  /** When {@link #worth} was computed; 0: it was not. */
  int asOf;

  /** When what depends on popularity alone was computed; 0: it was not. */
  int learned;

  /** The part of the value that does not depend on free cores. */
  double base;

  /** The part that depends on free cores in steps, without the worth of places. */
  double[] fragmentSteps = {};

  /** Both, with the worth of places, by {@link NodeValue#step}. */
  double[] worth = {};

  /**
   * What becomes of a set when a shape of request takes its GPUs: several GPUs, or a whole one, can
   * come only from the fully free ones; a share from each different level that is enough.
   */
  static final class Outcome {

    final GpuShapes.Shape shape;

    /** By rising level that is taken from; none: nothing serves. */
    final GpuSet[] after;

    /** When {@link #most} was computed; 0: it was not. */
    int asOf;

    /** The most that the sets after are worth, by {@link NodeValue#step}. */
    double[] most = {};

    Outcome(GpuShapes.Shape shape, GpuSet[] after) {
      this.shape = shape;
      this.after = after;
    }
  }

  private GpuSet(String model, int[] sorted) {
    this.model = model;
    this.levels = sorted;
    int free = 0;
    int full = 0;
    for (int level : sorted) {
      free += level;
      if (level == WHOLE) {
        full++;
      }
    }
    gpuCount = sorted.length;
    freeMillis = free;
    fullyFree = full;
    largest = sorted.length == 0 ? -1 : sorted[sorted.length - 1];
  }

  /**
   * A set of its own.
   *
   * @param levels in any order; the array is taken over, and sorted
   */
  static GpuSet of(String model, int[] levels) {
    sort(levels);
    return new GpuSet(model, levels);
  }

  /** By insertion: there are few, and nearly in order where one has changed. */
  private static void sort(int[] levels) {
    for (int i = 1; i < levels.length; i++) {
      int level = levels[i];
      int at = i;
      while (at > 0 && levels[at - 1] > level) {
        levels[at] = levels[at - 1];
        at--;
      }
      levels[at] = level;
    }
  }

  /** What becomes of it when a request of a shape takes its GPUs. */
  Outcome outcome(GpuShapes.Shape shape) {
    return new Outcome(shape, after(shape.gpuCount, shape.gpuMillis));
  }

  /** What becomes of it by this shape; null: not remembered. */
  @Nullable Outcome known(GpuShapes.Shape shape) {
    Outcome known = shape.number < outcomes.length ? outcomes[shape.number] : null;
    return known != null && known.shape == shape ? known : null;
  }

  /**
   * Remembers what becomes of it, in place of what an earlier shape of the same number made of it.
   *
   * @return by how much there are more sets in outcomes now
   */
  int remember(GpuShapes.Shape shape, Outcome outcome) {
    if (outcomes.length <= shape.number) {
      outcomes = Arrays.copyOf(outcomes, shape.number + 8);
    }
    Outcome before = outcomes[shape.number];
    int more = outcome.after.length - (before == null ? 0 : before.after.length);
    outcomes[shape.number] = outcome;
    after += more;
    return more;
  }

  /**
   * Forgets what becomes of it.
   *
   * @return how many sets there were in outcomes
   */
  int forgetOutcomes() {
    int before = after;
    outcomes = NO_OUTCOMES;
    after = 0;
    return before;
  }

  private GpuSet[] after(int gpuCount, int gpuMillis) {
    if (gpuMillis == WHOLE) {
      return fullyFree < gpuCount ? new GpuSet[0] : new GpuSet[] {afterWhole(gpuCount)};
    }
    GpuSet[] found = new GpuSet[levels.length];
    int count = 0;
    for (int i = 0; i < levels.length; i++) {
      int level = levels[i];
      if (level >= gpuMillis && (i == 0 || level != levels[i - 1])) {
        int[] left = levels.clone();
        left[i] = level - gpuMillis;
        found[count++] = of(model, left);
      }
    }
    return Arrays.copyOf(found, count);
  }

  private GpuSet afterWhole(int gpuCount) {
    int[] left = levels.clone();
    Arrays.fill(left, left.length - gpuCount, left.length, 0);
    return of(model, left);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GpuSet set
        && hashCode() == set.hashCode()
        && model.equals(set.model)
        && Arrays.equals(levels, set.levels);
  }

  @Override
  public int hashCode() {
    if (hash == 0) {
      hash = 31 * model.hashCode() + Arrays.hashCode(levels);
    }
    return hash;
  }

  @Override
  public String toString() {
    return model + Arrays.toString(levels);
  }
}
