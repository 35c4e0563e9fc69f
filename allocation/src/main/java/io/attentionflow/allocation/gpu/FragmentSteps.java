package io.attentionflow.allocation.gpu;

import static io.attentionflow.allocation.gpu.GpuRequest.WHOLE;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The expected fragmentation of GPUs, weighed and negative, by steps of free cores: with more cores
 * more of the typical kinds of tasks can use what is free, and less of it counts as fragments.
 *
 * <p>Only the kinds are looked at that can use any of it. Sums are made in the order of the kinds,
 * whichever are passed over, so that they are the same to the bit.
 */
final class FragmentSteps {

  /** Above this many thousandths the first step is computed each time. */
  private static final int MOST_KEPT = 16 * WHOLE;

  private final double weight;
  private final int steps;

  // By typical kind: its probability, the shape of GPUs that it asks for, and the first step on
  // which there are cores enough for it.
  private final double[] probabilities;
  private final int[] shapeOf;
  private final int[] stepOf;

  // By shape.
  private final List<GpuRequest> shapes;
  private final int[] gpuCounts;
  private final int[] gpuMillis;
  private final long[][] kindsOf;

  /** By GPU model: the shapes that can use it. */
  private final Map<String, int[]> usable = new HashMap<>();

  /** By free thousandths: the first step, on which there are cores enough for no kind. */
  private final double[] first = new double[MOST_KEPT + 1];

  // Used again and again.
  private final double[] fragments;
  private final long[] useful;

  /**
   * Of these typical kinds.
   *
   * @param weight of a GPU of fragments, for each of the kinds with its probability
   * @param stepOf by kind: the first step with cores enough for it, at least 1
   * @param steps how many there are
   */
  FragmentSteps(double weight, List<NodeValue.Typical> typical, int[] stepOf, int steps) {
    this.weight = weight;
    this.steps = steps;
    this.stepOf = stepOf;
    probabilities = typical.stream().mapToDouble(NodeValue.Typical::probability).toArray();
    shapeOf = new int[probabilities.length];
    Map<GpuRequest, Integer> numbers = new LinkedHashMap<>();
    for (int i = 0; i < probabilities.length; i++) {
      GpuRequest request = typical.get(i).request();
      GpuRequest shape =
          new GpuRequest(0, 0, 0, request.gpuCount(), request.gpuMillis(), request.models());
      Integer known = numbers.putIfAbsent(shape, numbers.size());
      shapeOf[i] = known == null ? numbers.size() - 1 : known;
    }
    shapes = List.copyOf(numbers.keySet());
    gpuCounts = shapes.stream().mapToInt(GpuRequest::gpuCount).toArray();
    gpuMillis = shapes.stream().mapToInt(GpuRequest::gpuMillis).toArray();
    int words = (probabilities.length + Long.SIZE - 1) / Long.SIZE;
    kindsOf = new long[shapes.size()][words];
    for (int i = 0; i < shapeOf.length; i++) {
      kindsOf[shapeOf[i]][i / Long.SIZE] |= 1L << i;
    }
    fragments = new double[shapes.size()];
    useful = new long[words];
    Arrays.fill(first, Double.NaN);
  }

  /** Of nodes with such GPUs. */
  double[] of(GpuSet set) {
    findUseful(set);
    double free = set.freeMillis / 1000.0;
    double[] result = new double[steps];
    result[0] = first(set.freeMillis);
    for (int word = 0; word < useful.length; word++) {
      for (long left = useful[word]; left != 0; left &= left - 1) {
        int i = word * Long.SIZE + Long.numberOfTrailingZeros(left);
        double most = probabilities[i] * free;
        double least = probabilities[i] * fragments[shapeOf[i]];
        result[stepOf[i]] += weight * (most - least);
      }
    }
    // So far each step holds its difference to the one before.
    for (int i = 1; i < steps; i++) {
      result[i] += result[i - 1];
    }
    return result;
  }

  /** Finds the kinds that can use some of the GPUs, and what is lost to their shapes. */
  private void findUseful(GpuSet set) {
    Arrays.fill(useful, 0);
    if (set.freeMillis == 0) {
      return;
    }
    for (int shape : usable(set.model)) {
      int millis = gpuMillis[shape];
      boolean whole = millis == WHOLE;
      if (whole ? set.fullyFree >= gpuCounts[shape] : set.largest >= millis) {
        int lost = whole ? set.freeMillis - set.fullyFree * WHOLE : lost(set, millis);
        fragments[shape] = lost / 1000.0;
        for (int word = 0; word < useful.length; word++) {
          useful[word] |= kindsOf[shape][word];
        }
      }
    }
  }

  private int[] usable(String model) {
    int[] known = usable.get(model);
    if (known == null) {
      known = new int[shapes.size()];
      int count = 0;
      for (int i = 0; i < known.length; i++) {
        if (gpuCounts[i] > 0 && shapes.get(i).allows(model)) {
          known[count++] = i;
        }
      }
      known = Arrays.copyOf(known, count);
      usable.put(model, known);
    }
    return known;
  }

  private static int lost(GpuSet set, int millis) {
    int lost = 0;
    for (int level : set.levels) {
      if (level >= millis) {
        break;
      }
      lost += level;
    }
    return lost;
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
