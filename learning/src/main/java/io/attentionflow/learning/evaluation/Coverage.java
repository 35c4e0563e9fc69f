package io.attentionflow.learning.evaluation;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * How often promised quantiles were kept: the truth was at most what was promised when the task
 * arrived. Should come to the ranks of the quantiles. Constant memory. Not thread-safe.
 */
public final class Coverage {

  /** Promises kept or broken before are not counted: there was too little to go by. */
  public static final int FIRST_COUNTED = 2000;

  private final long[] kept;
  private long judged;

  /**
   * @param quantiles how many are promised of each task
   */
  public Coverage(int quantiles) {
    kept = new long[quantiles];
  }

  /**
   * Judges what was promised of a task.
   *
   * @param promised one a quantile; not kept
   */
  public void add(double[] promised, double truth) {
    judged++;
    for (int i = 0; i < kept.length; i++) {
      kept[i] += judged > FIRST_COUNTED && truth <= promised[i] ? 1 : 0;
    }
  }

  /** Share of a quantile's promises that were kept, from 0 to 1; NaN: too few were judged. */
  public double share(int quantile) {
    return judged > FIRST_COUNTED ? (double) kept[quantile] / (judged - FIRST_COUNTED) : Double.NaN;
  }

  /** Becomes equal to another one of as many quantiles. */
  public void set(Coverage other) {
    judged = other.judged;
    System.arraycopy(other.kept, 0, kept, 0, kept.length);
  }

  /** Writes it, to be read by {@link #readFrom}. */
  public void writeTo(DataOutput out) throws IOException {
    out.writeLong(judged);
    for (long count : kept) {
      out.writeLong(count);
    }
  }

  /** Becomes what {@link #writeTo} wrote of one of as many quantiles. */
  public void readFrom(DataInput in) throws IOException {
    judged = in.readLong();
    for (int i = 0; i < kept.length; i++) {
      kept[i] = in.readLong();
    }
  }
}
