package io.attentionflow.learning.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * One task, as classifiers see it. Positions are those of a {@link FeatureSchema}.
 *
 * <p>Arrays are neither copied nor changed by whoever is given them. In the schema of tasks it
 * takes less than 1 kB on the wire, of a new tenant much less.
 *
 * @param numbers numeric features; NaN: unknown
 * @param keys nominal features, hashed; 0: unknown
 * @param evidence how often each class followed in contexts of the task's tenant: for each table
 *     the fast counts of the classes, then the slow ones, coded by {@link Evidence}; empty where
 *     there is no history
 */
@SuppressWarnings("ArrayRecordComponent") // carried by the million; a copy each would be the cost
public record FeatureVector(double[] numbers, long[] keys, byte[] evidence) {

  private static final byte[] NONE = {};

  /** A vector without history. */
  public FeatureVector(double[] numbers, long[] keys) {
    this(numbers, keys, NONE);
  }

  /**
   * Writes it, to be read by {@link #readFrom}. Most of a vector is unknown, small or nothing: that
   * is coded in bits, and the rest exactly.
   */
  public void writeTo(DataOutput out) throws IOException {
    SparseWire.writeNumbers(numbers, out);
    SparseWire.writeKeys(keys, out);
    SparseWire.writeCounts(evidence, out);
  }

  /** Writes bytes of which many are 0 in fewer, to be read by {@link #readCounts}. */
  public static void writeCounts(byte[] counts, DataOutput out) throws IOException {
    SparseWire.writeCounts(counts, out);
  }

  /** Reads what {@link #writeCounts} wrote. */
  public static byte[] readCounts(DataInput in) throws IOException {
    return SparseWire.readCounts(in);
  }

  /** Reads what {@link #writeTo} wrote. */
  public static FeatureVector readFrom(DataInput in) throws IOException {
    return new FeatureVector(
        SparseWire.readNumbers(in), SparseWire.readKeys(in), SparseWire.readCounts(in));
  }
}
