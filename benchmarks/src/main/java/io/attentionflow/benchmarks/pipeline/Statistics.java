package io.attentionflow.benchmarks.pipeline;

import java.util.Arrays;
import java.util.Collection;

/** What is said of several measurements. */
final class Statistics {

  private Statistics() {}

  /** The middle one, or the mean of the two in the middle. */
  static double median(Collection<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Largest less smallest, as a part of the median. */
  static double spread(Collection<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return (sorted[sorted.length - 1] - sorted[0]) / median(values);
  }

  /**
   * The smallest value that at least this part of them does not exceed.
   *
   * @param sorted ascending, not empty
   * @param part from 0 to 1
   */
  static long quantile(long[] sorted, double part) {
    int rank = (int) Math.ceil(part * sorted.length);
    return sorted[Math.max(0, rank - 1)];
  }

  /** A copy in ascending order. */
  static long[] sorted(long[] values) {
    long[] copy = values.clone();
    Arrays.sort(copy);
    return copy;
  }
}
