package io.attentionflow.allocation.gpu;

import static io.attentionflow.allocation.gpu.GpuRequest.WHOLE;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The free thousandths of a node's GPUs, whichever GPU has which: one object for all nodes whose
 * GPUs look alike, made by {@link GpuSets}. Carries what {@link NodeValue} computed for it.
 */
final class GpuSet {

  /** Sorted, ascending, one entry a GPU. */
  final int[] levels;

  final String model;
  final int freeMillis;
  final int fullyFree;

  /** -1: there are no GPUs. */
  final int largest;

  private final int hash;

  /** By shape of request: what the set can become, one entry a different level that serves. */
  GpuSet @Nullable [][] after;

  /** Of the tables below; 0: not computed. */
  int epoch;

  /** Of what depends on popularity alone. */
  int learned;

  /** The part of the value that does not depend on free cores. */
  double base;

  /** The part of the value that depends on free cores in steps, by {@link NodeValue#interval}. */
  double[] steps = {};

  /** The steps without the worth of places. */
  double[] fragmentSteps = {};

  /** Takes over the array. */
  GpuSet(String model, int[] levels) {
    this.model = model;
    this.levels = levels;
    int free = 0;
    int full = 0;
    for (int level : levels) {
      free += level;
      if (level == WHOLE) {
        full++;
      }
    }
    freeMillis = free;
    fullyFree = full;
    largest = levels.length == 0 ? -1 : levels[levels.length - 1];
    hash = 31 * model.hashCode() + Arrays.hashCode(levels);
  }

  int gpus() {
    return levels.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof GpuSet set
        && hash == set.hash
        && model.equals(set.model)
        && Arrays.equals(levels, set.levels);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return model + Arrays.toString(levels);
  }
}
