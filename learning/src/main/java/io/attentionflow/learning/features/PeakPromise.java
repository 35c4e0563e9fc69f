package io.attentionflow.learning.features;

import io.attentionflow.learning.quantile.QuantileLevels;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What of a resource tasks like one do not exceed at their peak, in the unit of the resource: half
 * of them, 90, 95 and 99 in 100.
 */
public record PeakPromise(long p50, long p90, long p95, long p99) {

  /** The names of its quantiles, in the order of {@link #quantiles}. */
  static final String[] NAMES = {"P50", "P90", "P95", "P99"};

  private static final double[] RANKS = {0.5, 0.9, 0.95, 0.99};

  /** The ranks of its quantiles, ascending. */
  static double[] ranks() {
    return RANKS.clone();
  }

  /**
   * What is promised of a task.
   *
   * @param requested what it asks for, above 0
   * @param probabilities of shares, see {@link UsageShares#narrow}
   * @param levels the ranks to ask for, one a quantile
   */
  static PeakPromise of(long requested, double[] probabilities, QuantileLevels levels) {
    return new PeakPromise(
        quantile(requested, probabilities, levels.rank(0)),
        quantile(requested, probabilities, levels.rank(1)),
        quantile(requested, probabilities, levels.rank(2)),
        quantile(requested, probabilities, levels.rank(3)));
  }

  private static long quantile(long requested, double[] probabilities, double rank) {
    return (long) Math.ceil(requested * UsageShares.quantile(probabilities, rank));
  }

  double[] quantiles() {
    return new double[] {p50, p90, p95, p99};
  }

  static void writeNullable(DataOutput out, @Nullable PeakPromise promise) throws IOException {
    out.writeBoolean(promise != null);
    if (promise != null) {
      promise.writeTo(out);
    }
  }

  static @Nullable PeakPromise readNullable(DataInput in) throws IOException {
    return in.readBoolean() ? readFrom(in) : null;
  }

  void writeTo(DataOutput out) throws IOException {
    Wire.writeLong(out, p50);
    Wire.writeLong(out, p90);
    Wire.writeLong(out, p95);
    Wire.writeLong(out, p99);
  }

  static PeakPromise readFrom(DataInput in) throws IOException {
    return new PeakPromise(
        Wire.readLong(in), Wire.readLong(in), Wire.readLong(in), Wire.readLong(in));
  }
}
