package io.attentionflow.learning.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Arrays of which much is nothing, in few bytes and without loss.
 *
 * <p>A tag byte stands before each group of elements and says how each of them is coded; those that
 * are nothing take no more than their part of it. Lengths take two bytes.
 */
final class SparseWire {

  private static final int IN_A_GROUP = Byte.SIZE;

  /** Of a number, how it is coded: two bits. */
  private static final int UNKNOWN = 0;

  private static final int BYTE = 1;
  private static final int FLOAT = 2;
  private static final int DOUBLE = 3;
  private static final int TAG_BITS = 2;
  private static final int NUMBERS_IN_A_GROUP = Byte.SIZE / TAG_BITS;
  private static final int TAG_MASK = (1 << TAG_BITS) - 1;

  /** The counts of a group at once: most groups of a young tenant are nothing. */
  private static final VarHandle GROUP =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private SparseWire() {}

  /** Numbers, NaN being nothing; which NaN it was is lost. */
  static void writeNumbers(double[] numbers, DataOutput out) throws IOException {
    out.writeShort(numbers.length);
    for (int from = 0; from < numbers.length; from += NUMBERS_IN_A_GROUP) {
      int until = Math.min(from + NUMBERS_IN_A_GROUP, numbers.length);
      int tags = 0;
      for (int i = from; i < until; i++) {
        tags |= tagOf(numbers[i]) << (TAG_BITS * (i - from));
      }
      out.writeByte(tags);
      for (int i = from; i < until; i++) {
        writeNumber(numbers[i], (tags >> (TAG_BITS * (i - from))) & TAG_MASK, out);
      }
    }
  }

  private static int tagOf(double number) {
    if (Double.isNaN(number)) {
      return UNKNOWN;
    }
    if (isSame((byte) number, number)) {
      return BYTE;
    }
    return isSame((float) number, number) ? FLOAT : DOUBLE;
  }

  /** To the bit, for 0 is not -0. */
  private static boolean isSame(double coded, double number) {
    return Double.doubleToRawLongBits(coded) == Double.doubleToRawLongBits(number);
  }

  private static void writeNumber(double number, int tag, DataOutput out) throws IOException {
    switch (tag) {
      case UNKNOWN -> {}
      case BYTE -> out.writeByte((int) number);
      case FLOAT -> out.writeFloat((float) number);
      default -> out.writeDouble(number);
    }
  }

  static double[] readNumbers(DataInput in) throws IOException {
    double[] numbers = new double[in.readUnsignedShort()];
    for (int from = 0; from < numbers.length; from += NUMBERS_IN_A_GROUP) {
      int until = Math.min(from + NUMBERS_IN_A_GROUP, numbers.length);
      int tags = in.readUnsignedByte();
      for (int i = from; i < until; i++) {
        numbers[i] = readNumber((tags >> (TAG_BITS * (i - from))) & TAG_MASK, in);
      }
    }
    return numbers;
  }

  private static double readNumber(int tag, DataInput in) throws IOException {
    return switch (tag) {
      case UNKNOWN -> Double.NaN;
      case BYTE -> in.readByte();
      case FLOAT -> in.readFloat();
      default -> in.readDouble();
    };
  }

  /** Hashes, 0 being nothing. */
  static void writeKeys(long[] keys, DataOutput out) throws IOException {
    out.writeShort(keys.length);
    for (int from = 0; from < keys.length; from += IN_A_GROUP) {
      int until = Math.min(from + IN_A_GROUP, keys.length);
      int present = 0;
      for (int i = from; i < until; i++) {
        present |= (keys[i] == 0 ? 0 : 1) << (i - from);
      }
      out.writeByte(present);
      for (int i = from; i < until; i++) {
        if (keys[i] != 0) {
          out.writeLong(keys[i]);
        }
      }
    }
  }

  static long[] readKeys(DataInput in) throws IOException {
    long[] keys = new long[in.readUnsignedShort()];
    for (int from = 0; from < keys.length; from += IN_A_GROUP) {
      int until = Math.min(from + IN_A_GROUP, keys.length);
      int present = in.readUnsignedByte();
      for (int i = from; i < until; i++) {
        if (((present >> (i - from)) & 1) != 0) {
          keys[i] = in.readLong();
        }
      }
    }
    return keys;
  }

  /** Counts of a byte each, 0 being nothing. */
  static void writeCounts(byte[] counts, DataOutput out) throws IOException {
    out.writeShort(counts.length);
    for (int from = 0; from < counts.length; from += IN_A_GROUP) {
      if (from + IN_A_GROUP <= counts.length && (long) GROUP.get(counts, from) == 0) {
        out.writeByte(0);
        continue;
      }
      int until = Math.min(from + IN_A_GROUP, counts.length);
      int present = 0;
      for (int i = from; i < until; i++) {
        present |= (counts[i] == 0 ? 0 : 1) << (i - from);
      }
      out.writeByte(present);
      for (int i = from; i < until; i++) {
        if (counts[i] != 0) {
          out.writeByte(counts[i]);
        }
      }
    }
  }

  static byte[] readCounts(DataInput in) throws IOException {
    byte[] counts = new byte[in.readUnsignedShort()];
    for (int from = 0; from < counts.length; from += IN_A_GROUP) {
      int until = Math.min(from + IN_A_GROUP, counts.length);
      int present = in.readUnsignedByte();
      for (int i = from; present != 0 && i < until; i++) {
        if (((present >> (i - from)) & 1) != 0) {
          counts[i] = in.readByte();
        }
      }
    }
    return counts;
  }
}
