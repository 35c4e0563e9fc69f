package io.attentionflow.learning.drift;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * A window over a stream of numbers, as long as their mean seems not to have changed: when its
 * older part differs from its newer part by more than chance explains, the oldest is forgotten.
 *
 * <pre>
 * oldest                                              newest
 * [ 8 8 ] [ 4 4 4 ] [ 2 2 ] [ 1 1 1 1 ]   buckets of so many numbers, at most 5 of a size
 *        ^ every boundary is tried as a cut
 * </pre>
 *
 * <p>Source: A. Bifet and R. Gavaldà, "Learning from time-changing data with adaptive windowing",
 * SDM 2007, algorithm ADWIN2 with the bound of its section 4 (by variance). Differs from it: cuts
 * are looked for after every {@value #CHECK_EVERY} numbers, and neither part may have fewer than
 * {@value #SHORTEST_PART}, since the bound's normal approximation means nothing there.
 *
 * <p>For n numbers in the window takes O(log n) memory, at most {@value #ROWS} rows of buckets, and
 * amortised O(log n) time a number. Adding allocates nothing. Deterministic. Not thread-safe.
 */
public final class Adwin {

  /** What a number has shown of the window's mean. */
  public enum Change {
    NONE,
    /** The mean has risen; what came before is forgotten. */
    ROSE,
    /** The mean has fallen; what came before is forgotten. */
    FELL
  }

  static final int CHECK_EVERY = 32;
  static final int SHORTEST_PART = 5;

  /** Buckets of one size; two are merged when there would be one more. */
  static final int ROW_LENGTH = 5;

  /** Enough for 10 billion numbers; beyond, the oldest are forgotten. */
  private static final int ROWS = 31;

  private final double delta;

  /**
   * Buckets of row r stand for 2^r numbers each, from {@code r * (ROW_LENGTH + 1)}, oldest first.
   */
  private final double[] sums = new double[ROWS * (ROW_LENGTH + 1)];

  /** Of each bucket: sum of squared differences from its mean. */
  private final double[] squares = new double[sums.length];

  private final int[] lengths = new int[ROWS];
  private int rows;
  private long width;
  private double sum;
  private double windowSquares;
  private int untilCheck = CHECK_EVERY;

  /**
   * An empty window.
   *
   * @param delta how probable it may be to cut a stream that does not change, above 0 and below 1;
   *     the smaller, the later a change is seen
   */
  public Adwin(double delta) {
    if (!(delta > 0 && delta < 1)) {
      throw new IllegalArgumentException("delta is %s, must be between 0 and 1".formatted(delta));
    }
    this.delta = delta;
  }

  /**
   * Takes in one number.
   *
   * @param value from 0 to 1
   * @return whether the mean has changed, and which way
   * @throws IllegalArgumentException if the value is out of range
   */
  public Change add(double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException("%s is not from 0 to 1".formatted(value));
    }
    insert(value);
    untilCheck--;
    if (untilCheck > 0) {
      return Change.NONE;
    }
    untilCheck = CHECK_EVERY;
    double before = mean();
    if (!cut()) {
      return Change.NONE;
    }
    return mean() > before ? Change.ROSE : Change.FELL;
  }

  /** Mean of the numbers in the window; 0 if there are none. */
  public double mean() {
    return width == 0 ? 0 : sum / width;
  }

  /** How many numbers are in the window. */
  public long width() {
    return width;
  }

  /** Forgets everything. */
  public void reset() {
    Arrays.fill(lengths, 0);
    rows = 0;
    width = 0;
    sum = 0;
    windowSquares = 0;
    untilCheck = CHECK_EVERY;
  }

  private void insert(double value) {
    double difference = value - mean();
    windowSquares += difference * difference * width / (width + 1);
    width++;
    sum += value;
    push(0, value, 0);
    for (int row = 0; row < rows && lengths[row] > ROW_LENGTH; row++) {
      mergeOldestTwo(row);
    }
  }

  private void push(int row, double bucketSum, double bucketSquares) {
    rows = Math.max(rows, row + 1);
    int at = row * (ROW_LENGTH + 1) + lengths[row];
    sums[at] = bucketSum;
    squares[at] = bucketSquares;
    lengths[row]++;
  }

  private void mergeOldestTwo(int row) {
    if (row == ROWS - 1) {
      dropOldest();
      return;
    }
    int first = row * (ROW_LENGTH + 1);
    double apart = sums[first] - sums[first + 1];
    push(
        row + 1,
        sums[first] + sums[first + 1],
        squares[first] + squares[first + 1] + apart * apart / (2.0 * (1L << row)));
    shift(row, 2);
  }

  private void shift(int row, int gone) {
    int first = row * (ROW_LENGTH + 1);
    lengths[row] -= gone;
    for (int at = first; at < first + lengths[row]; at++) {
      sums[at] = sums[at + gone];
      squares[at] = squares[at + gone];
    }
  }

  private void dropOldest() {
    int row = rows - 1;
    int oldest = row * (ROW_LENGTH + 1);
    long size = 1L << row;
    width -= size;
    sum -= sums[oldest];
    double apart = width == 0 ? 0 : sums[oldest] / size - sum / width;
    double between = apart * apart * size * width / (size + width);
    windowSquares = Math.max(0, windowSquares - squares[oldest] - between);
    shift(row, 1);
    while (rows > 0 && lengths[rows - 1] == 0) {
      rows--;
    }
  }

  /** Forgets the oldest bucket for as long as any two parts differ. */
  private boolean cut() {
    boolean anything = false;
    while (partsDiffer()) {
      dropOldest();
      anything = true;
    }
    return anything;
  }

  private boolean partsDiffer() {
    if (width < 2 * SHORTEST_PART) {
      return false;
    }
    double confidence = StrictMath.log(2 * StrictMath.log((double) width) / delta);
    double variance = windowSquares / width;
    long older = 0;
    double olderSum = 0;
    for (int row = rows - 1; row >= 0; row--) {
      int first = row * (ROW_LENGTH + 1);
      for (int at = first; at < first + lengths[row]; at++) {
        older += 1L << row;
        olderSum += sums[at];
        long newer = width - older;
        if (newer < SHORTEST_PART) {
          return false;
        }
        double apart = Math.abs(olderSum / older - (sum - olderSum) / newer);
        if (older >= SHORTEST_PART && apart > bound(older, newer, variance, confidence)) {
          return true;
        }
      }
    }
    return false;
  }

  /** How far apart the means of two parts of one distribution may be: the paper's epsilon cut. */
  static double bound(long older, long newer, double variance, double confidence) {
    double inverse = 1.0 / older + 1.0 / newer;
    return Math.sqrt(2 * inverse * variance * confidence) + 2.0 / 3 * inverse * confidence;
  }

  /** Writes the window, to be read by {@link #readFrom}. */
  public void writeTo(DataOutput out) throws IOException {
    out.writeByte(untilCheck);
    out.writeLong(width);
    out.writeDouble(sum);
    out.writeDouble(windowSquares);
    out.writeByte(rows);
    for (int row = 0; row < rows; row++) {
      out.writeByte(lengths[row]);
      int first = row * (ROW_LENGTH + 1);
      for (int at = first; at < first + lengths[row]; at++) {
        out.writeDouble(sums[at]);
        out.writeDouble(squares[at]);
      }
    }
  }

  /**
   * Becomes the window that {@link #writeTo} wrote.
   *
   * @throws IOException if that cannot be right
   */
  public void readFrom(DataInput in) throws IOException {
    reset();
    untilCheck = in.readUnsignedByte();
    width = in.readLong();
    sum = in.readDouble();
    windowSquares = in.readDouble();
    rows = in.readUnsignedByte();
    if (rows > ROWS || untilCheck < 1 || untilCheck > CHECK_EVERY) {
      throw new IOException("%d rows, %d until the next check".formatted(rows, untilCheck));
    }
    long counted = 0;
    for (int row = 0; row < rows; row++) {
      int length = in.readUnsignedByte();
      if (length > ROW_LENGTH) {
        throw new IOException("A row of %d buckets".formatted(length));
      }
      lengths[row] = length;
      counted += (long) length << row;
      int first = row * (ROW_LENGTH + 1);
      for (int at = first; at < first + length; at++) {
        sums[at] = in.readDouble();
        squares[at] = in.readDouble();
      }
    }
    if (counted != width) {
      throw new IOException("%d numbers in buckets, %d in the window".formatted(counted, width));
    }
  }
}
