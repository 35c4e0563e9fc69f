package io.attentionflow.learning.runtime;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What is expected and promised of a task's run time, in seconds.
 *
 * @param mean of the distribution, where what exceeds the last quantile counts as that
 * @param quantiles for each of {@link #RANKS}, ascending; neither copied nor changed
 */
@SuppressWarnings("ArrayRecordComponent") // carried by the million, and never changed
public record RunTimePrediction(double mean, double[] quantiles) {

  private static final double[] RANKS = {0.5, 0.9, 0.95, 0.99};

  /** Position of the quantile that half of the tasks do not exceed. */
  public static final int P50 = 0;

  /** Position of the quantile that 90 in 100 do not exceed. */
  public static final int P90 = 1;

  /** Position of the quantile that 95 in 100 do not exceed. */
  public static final int P95 = 2;

  /** The ranks of the quantiles. */
  public static double[] ranks() {
    return RANKS.clone();
  }

  /** What is to be remembered of it until the task has ended: the quantiles. */
  public byte[] memo() {
    ByteBuffer memo = ByteBuffer.allocate(RANKS.length * Float.BYTES);
    for (double quantile : quantiles) {
      memo.putFloat((float) quantile);
    }
    return memo.array();
  }

  /** The quantiles of a memo; empty: it is none. */
  static double[] promised(byte[] memo) {
    if (memo.length != RANKS.length * Float.BYTES) {
      return new double[0];
    }
    double[] promised = new double[RANKS.length];
    ByteBuffer bytes = ByteBuffer.wrap(memo);
    Arrays.setAll(promised, i -> bytes.getFloat());
    return promised;
  }
}
