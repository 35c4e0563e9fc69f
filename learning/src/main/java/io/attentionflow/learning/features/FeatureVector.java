package io.attentionflow.learning.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

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
 * @param runs how long the tenant's last tasks ran, by {@link RunCode}, the newest first: {@link
 *     #RUNS} of each of its {@link #SCOPES} scopes, {@link RunCode#NONE} where there are no more;
 *     empty where there is no history
 */
@SuppressWarnings("ArrayRecordComponent") // carried by the million; a copy each would be the cost
public record FeatureVector(double[] numbers, long[] keys, byte[] evidence, byte[] runs) {

  /** Of the tenant, the type, the shape, and the request, each within the one before. */
  public static final int SCOPES = 4;

  /** How many run times there are of a scope. */
  public static final int RUNS = RunRecord.RUNS;

  private static final byte[] NONE = {};
  private static final int AS_BEFORE = -1;

  /** A vector without history. */
  public FeatureVector(double[] numbers, long[] keys) {
    this(numbers, keys, NONE);
  }

  /** A vector without run times. */
  public FeatureVector(double[] numbers, long[] keys, byte[] evidence) {
    this(numbers, keys, evidence, NONE);
  }

  /**
   * Writes it, to be read by {@link #readFrom}. Most of a vector is unknown, small or nothing: that
   * is coded in bits, and the rest exactly.
   */
  public void writeTo(DataOutput out) throws IOException {
    SparseWire.writeNumbers(numbers, out);
    SparseWire.writeKeys(keys, out);
    SparseWire.writeCounts(evidence, out);
    writeRuns(out);
  }

  /** Many a tenant's tasks are all of a kind, and then its scopes are the same. */
  private void writeRuns(DataOutput out) throws IOException {
    out.writeByte(runs.length / RUNS);
    for (int from = 0; from < runs.length; from += RUNS) {
      if (from > 0 && Arrays.equals(runs, from - RUNS, from, runs, from, from + RUNS)) {
        out.writeByte(AS_BEFORE);
        continue;
      }
      int count = 0;
      while (count < RUNS && runs[from + count] != RunCode.NONE) {
        count++;
      }
      out.writeByte(count);
      out.write(runs, from, count);
    }
  }

  private static byte[] readRuns(DataInput in) throws IOException {
    int scopes = in.readUnsignedByte();
    byte[] runs = scopes == 0 ? NONE : new byte[scopes * RUNS];
    for (int from = 0; from < runs.length; from += RUNS) {
      int count = in.readByte();
      if (count == AS_BEFORE && from > 0) {
        System.arraycopy(runs, from - RUNS, runs, from, RUNS);
      } else if (count >= 0 && count <= RUNS) {
        in.readFully(runs, from, count);
      } else {
        throw new IOException("%d run times of a scope".formatted(count));
      }
    }
    return runs;
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
        SparseWire.readNumbers(in),
        SparseWire.readKeys(in),
        SparseWire.readCounts(in),
        readRuns(in));
  }
}
