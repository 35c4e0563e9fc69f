package io.attentionflow.learning.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * One task, as classifiers see it. Positions are those of a {@link FeatureSchema}.
 *
 * <p>Arrays are neither copied nor changed by whoever is given them. In the schema of tasks it
 * takes less than 1 kB on the wire.
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

  /** Writes it, to be read by {@link #readFrom}. */
  public void writeTo(DataOutput out) throws IOException {
    out.writeShort(numbers.length);
    for (double number : numbers) {
      out.writeDouble(number);
    }
    out.writeShort(keys.length);
    for (long key : keys) {
      out.writeLong(key);
    }
    out.writeShort(evidence.length);
    out.write(evidence);
  }

  /** Reads what {@link #writeTo} wrote. */
  public static FeatureVector readFrom(DataInput in) throws IOException {
    double[] numbers = new double[in.readUnsignedShort()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = in.readDouble();
    }
    long[] keys = new long[in.readUnsignedShort()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = in.readLong();
    }
    byte[] evidence = new byte[in.readUnsignedShort()];
    in.readFully(evidence);
    return new FeatureVector(numbers, keys, evidence);
  }
}
