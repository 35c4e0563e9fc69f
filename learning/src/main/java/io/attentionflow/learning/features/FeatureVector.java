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
 * @param byRunTime how likely each class is by what is known of run times, coded by {@link
 *     Likelihood}: the second opinion of who predicts these; empty where nobody was asked
 */
@SuppressWarnings("ArrayRecordComponent") // carried by the million; a copy each would be the cost
public record FeatureVector(
    double[] numbers, long[] keys, byte[] evidence, byte[] runs, byte[] byRunTime) {

  /** Of the tenant, the type, the shape, and the request, each within the one before. */
  public static final int SCOPES = 4;

  /** How many run times there are of a scope. */
  public static final int RUNS = RunRecord.RUNS;

  private static final byte[] NONE = {};
  private static final int AS_BEFORE = -1;

  /** Set in the byte that tells how many scopes there are: a second opinion follows them. */
  private static final int WITH_OPINION = 0x80;

  /** A vector without history. */
  public FeatureVector(double[] numbers, long[] keys) {
    this(numbers, keys, NONE);
  }

  /** A vector without run times. */
  public FeatureVector(double[] numbers, long[] keys, byte[] evidence) {
    this(numbers, keys, evidence, NONE);
  }

  /** A vector that nobody has been asked for a second opinion on. */
  public FeatureVector(double[] numbers, long[] keys, byte[] evidence, byte[] runs) {
    this(numbers, keys, evidence, runs, NONE);
  }

  /**
   * The same task with a second opinion.
   *
   * @param likelihoods as in {@link #byRunTime()}
   */
  public FeatureVector with(byte[] likelihoods) {
    return new FeatureVector(numbers, keys, evidence, runs, likelihoods);
  }

  /**
   * Writes it, to be read by {@link #readFrom}. Most of a vector is unknown, small or nothing: that
   * is coded in bits, and the rest exactly.
   */
  public void writeTo(DataOutput out) throws IOException {
    SparseWire.writeNumbers(numbers, out);
    SparseWire.writeKeys(keys, out);
    SparseWire.writeCounts(evidence, out);
    out.writeByte(runs.length / RUNS | (byRunTime.length > 0 ? WITH_OPINION : 0));
    writeRuns(out);
    if (byRunTime.length > 0) {
      out.writeByte(byRunTime.length);
      out.write(byRunTime);
    }
  }

  /** Many a tenant's tasks are all of a kind, and then its scopes are the same. */
  private void writeRuns(DataOutput out) throws IOException {
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

  private static byte[] readRuns(int scopes, DataInput in) throws IOException {
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
    double[] numbers = SparseWire.readNumbers(in);
    long[] keys = SparseWire.readKeys(in);
    byte[] evidence = SparseWire.readCounts(in);
    int scopes = in.readUnsignedByte();
    byte[] runs = readRuns(scopes & ~WITH_OPINION, in);
    byte[] byRunTime = NONE;
    if ((scopes & WITH_OPINION) != 0) {
      byRunTime = new byte[in.readUnsignedByte()];
      in.readFully(byRunTime);
    }
    return new FeatureVector(numbers, keys, evidence, runs, byRunTime);
  }
}
