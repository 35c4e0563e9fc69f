package io.attentionflow.allocation.gpu;

import static io.attentionflow.allocation.gpu.GpuRequest.WHOLE;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The expected fragmentation of GPUs, weighed and negative, by steps of free cores: with more cores
 * more of the typical kinds of tasks can use what is free, and less of it counts as fragments.
 *
 * <p>Only the kinds are looked at that can use any of it. Sums are made in the order of the kinds,
 * whichever are passed over, so that they are the same to the bit.
 */
final class FragmentSteps {

  /** Most kinds: the bits of two numbers. */
  static final int MOST_KINDS = 2 * Long.SIZE;

  private static final Comparator<GpuRequest> BY_DEMAND =
      Comparator.comparingInt(GpuRequest::gpuMillis).thenComparingInt(GpuRequest::gpuCount);

  /** Above this many thousandths the first step is computed each time. */
  private static final int MOST_KEPT = 16 * WHOLE;

  private final double weight;
  private final int steps;

  // By typical kind: its probability, the shape of GPUs that it asks for, and the first step on
  // which there are cores enough for it.
  private final double[] probabilities;
  private final int[] shapeOf;
  private final int[] stepOf;

  /** What kinds ask of GPUs, whatever they ask of the rest: shares first, by rising demand. */
  private final GpuRequest[] shapes;

  // By shape, the bits of its kinds.
  private final long[] lowKinds;
  private final long[] highKinds;

  /** By GPU model: the shapes that can use it. */
  private final Map<String, int[]> usable = new HashMap<>();

  /** By free thousandths: the first step, on which there are cores enough for no kind. */
  private final double[] first = new double[MOST_KEPT + 1];

  // Of the set looked at last: what is lost to a shape, and the bits of kinds that can use some.
  private final double[] fragments;
  private long low;
  private long high;

  /**
   * Of these typical kinds, {@value #MOST_KINDS} at most.
   *
   * @param weight of a GPU of fragments, for each of the kinds with its probability
   * @param stepOf by kind: the first step with cores enough for it, at least 1
   * @param steps how many there are
   */
  FragmentSteps(double weight, List<NodeValue.Typical> typical, int[] stepOf, int steps) {
    if (typical.size() > MOST_KINDS) {
      throw new IllegalArgumentException("%d kinds".formatted(typical.size()));
    }
    this.weight = weight;
    this.steps = steps;
    this.stepOf = stepOf;
    probabilities = typical.stream().mapToDouble(NodeValue.Typical::probability).toArray();
    shapeOf = new int[probabilities.length];
    shapes =
        typical.stream()
            .map(kind -> shape(kind.request()))
            .distinct()
            .sorted(BY_DEMAND)
            .toArray(GpuRequest[]::new);
    lowKinds = new long[shapes.length];
    highKinds = new long[shapes.length];
    for (int i = 0; i < shapeOf.length; i++) {
      shapeOf[i] = List.of(shapes).indexOf(shape(typical.get(i).request()));
      (i < Long.SIZE ? lowKinds : highKinds)[shapeOf[i]] |= 1L << i;
    }
    fragments = new double[shapes.length];
    Arrays.fill(first, Double.NaN);
  }

  private static GpuRequest shape(GpuRequest request) {
    return new GpuRequest(0, 0, 0, request.gpuCount(), request.gpuMillis(), request.models());
  }

  /** Of nodes with such GPUs. */
  double[] of(GpuSet set) {
    findUseful(set);
    double free = set.freeMillis / 1000.0;
    double[] result = new double[steps];
    result[0] = first(set.freeMillis);
    for (long left = low; left != 0; left &= left - 1) {
      add(Long.numberOfTrailingZeros(left), free, result);
    }
    for (long left = high; left != 0; left &= left - 1) {
      add(Long.SIZE + Long.numberOfTrailingZeros(left), free, result);
    }
    // So far each step holds its difference to the one before.
    double sum = 0;
    for (int i = 0; i < steps; i++) {
      sum += result[i];
      result[i] = sum;
    }
    return result;
  }

  private void add(int kind, double free, double[] result) {
    double most = probabilities[kind] * free;
    double least = probabilities[kind] * fragments[shapeOf[kind]];
    result[stepOf[kind]] += weight * (most - least);
  }

  /**
   * Finds the kinds that can use some of the GPUs, and what is lost to their shapes. Where one
   * shape finds too little, those after it do.
   */
  private void findUseful(GpuSet set) {
    low = 0;
    high = 0;
    int[] levels = set.levels;
    int level = 0;
    int lost = 0;
    for (int shape : usable(set.model)) {
      GpuRequest request = shapes[shape];
      int millis = request.gpuMillis();
      if (millis == WHOLE ? set.fullyFree < request.gpuCount() : set.largest < millis) {
        return;
      }
      while (level < levels.length && levels[level] < millis) {
        lost += levels[level++];
      }
      fragments[shape] = lost / 1000.0;
      low |= lowKinds[shape];
      high |= highKinds[shape];
    }
  }

  private int[] usable(String model) {
    int[] known = usable.get(model);
    if (known == null) {
      known =
          IntStream.range(0, shapes.length)
              .filter(i -> shapes[i].gpuCount() > 0 && shapes[i].allows(model))
              .toArray();
      usable.put(model, known);
    }
    return known;
  }

  private double first(int freeMillis) {
    if (freeMillis > MOST_KEPT) {
      return computeFirst(freeMillis);
    }
    double known = first[freeMillis];
    if (Double.isNaN(known)) {
      known = computeFirst(freeMillis);
      first[freeMillis] = known;
    }
    return known;
  }

  private double computeFirst(int freeMillis) {
    double free = freeMillis / 1000.0;
    double sum = 0;
    for (double probability : probabilities) {
      sum -= weight * (probability * free);
    }
    return sum;
  }
}
