package io.attentionflow.learning.quantile;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Makes quantiles keep their promise: asks a distribution for a rank a little higher than promised
 * when the truth was above too often, and a little lower when it was too rarely.
 *
 * <p>Source: I. Gibbs and E. Candès, "Adaptive conformal inference under distribution shift",
 * NeurIPS 2021, equation 2, with the rank of a predicted distribution in place of a quantile of
 * conformity scores. Whatever the distribution, the share of truths below a promise comes to be the
 * promised one, by at most 1 / (step · answers). Differs in that ranks can be kept from going far:
 * where many truths are equal, no rank keeps the promise exactly, and one that had followed for
 * long would take long to come back once they are not.
 *
 * <p>Mutable; a few numbers. Deterministic. Not thread-safe.
 */
public final class QuantileLevels {

  private static final double STEP = 0.005;

  /** Below, a quantile says nothing but the beginning of the scale. */
  private static final double LOWEST = 0.0005;

  /** Beyond, a quantile says nothing but the end of the scale. */
  private static final double HIGHEST = 0.9995;

  private final double step;
  private final double mostTimes;
  private final double[] promised;
  private final double[] ranks;

  /**
   * One of many answers, whose ranks go as far as they must.
   *
   * @param promised the ranks to be kept, each above 0 and below 1, ascending
   */
  public QuantileLevels(double... promised) {
    this(STEP, Double.POSITIVE_INFINITY, promised);
  }

  private QuantileLevels(double step, double mostTimes, double[] promised) {
    for (int i = 0; i < promised.length; i++) {
      if (!(promised[i] > (i == 0 ? 0 : promised[i - 1]) && promised[i] < 1)) {
        throw new IllegalArgumentException("rank %s after others".formatted(promised[i]));
      }
    }
    this.step = step;
    this.mostTimes = mostTimes;
    this.promised = promised.clone();
    this.ranks = promised.clone();
  }

  /**
   * One whose ranks stay within reach.
   *
   * @param step how far a broken promise takes a rank, at most; above 0
   * @param mostTimes what is expected above the rank asked for is at most so many times of what is
   *     promised to be; at least 1
   * @param promised the ranks to be kept, each above 0 and below 1, ascending
   */
  public static QuantileLevels bounded(double step, double mostTimes, double... promised) {
    return new QuantileLevels(step, mostTimes, promised);
  }

  /** How many ranks there are. */
  public int count() {
    return promised.length;
  }

  /** The rank that was promised. */
  public double promised(int i) {
    return promised[i];
  }

  /** The rank to ask a distribution for, above 0 and below 1; not below that of a lower promise. */
  public double rank(int i) {
    double rank = 0;
    for (int j = 0; j <= i; j++) {
      rank = Math.max(rank, ranks[j]);
    }
    return Math.max(LOWEST, Math.min(HIGHEST, rank));
  }

  /**
   * Learns what came of a promise.
   *
   * @param kept whether the truth was at most the quantile that was given when the task arrived
   */
  public void learn(int i, boolean kept) {
    // Goes beyond both ends a little, and comes back, as in the source.
    ranks[i] += step * (promised[i] - (kept ? 1 : 0));
    if (Double.isFinite(mostTimes)) {
      double lowest = 1 - mostTimes * (1 - promised[i]);
      ranks[i] = Math.max(lowest, Math.min(1 + step, ranks[i]));
    }
  }

  /** Becomes equal to another one with the same promises. */
  public void set(QuantileLevels other) {
    System.arraycopy(other.ranks, 0, ranks, 0, ranks.length);
  }

  /** Writes it, to be read by {@link #readFrom}. */
  public void writeTo(DataOutput out) throws IOException {
    for (double rank : ranks) {
      out.writeDouble(rank);
    }
  }

  /**
   * Becomes what {@link #writeTo} wrote of one with the same promises.
   *
   * @throws IOException if that cannot be right
   */
  public void readFrom(DataInput in) throws IOException {
    for (int i = 0; i < ranks.length; i++) {
      ranks[i] = in.readDouble();
      if (!Double.isFinite(ranks[i])) {
        throw new IOException("A rank of " + ranks[i]);
      }
    }
  }
}
