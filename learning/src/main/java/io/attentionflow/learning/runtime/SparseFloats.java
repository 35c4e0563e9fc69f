package io.attentionflow.learning.runtime;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Writes numbers of which most are 0: a bit for each, and four bytes for each that is not. */
final class SparseFloats {

  private SparseFloats() {}

  static void write(float[] numbers, int from, int count, DataOutput out) throws IOException {
    for (int start = from; start < from + count; start += Byte.SIZE) {
      int present = 0;
      for (int i = start; i < Math.min(start + Byte.SIZE, from + count); i++) {
        present |= numbers[i] == 0 ? 0 : 1 << (i - start);
      }
      out.writeByte(present);
    }
    for (int i = from; i < from + count; i++) {
      if (numbers[i] != 0) {
        out.writeFloat(numbers[i]);
      }
    }
  }

  /** Reads what {@link #write} wrote of as many. */
  static void read(float[] numbers, int from, int count, DataInput in) throws IOException {
    byte[] present = new byte[(count + Byte.SIZE - 1) / Byte.SIZE];
    in.readFully(present);
    for (int i = 0; i < count; i++) {
      boolean written = (present[i / Byte.SIZE] >> (i % Byte.SIZE) & 1) != 0;
      numbers[from + i] = written ? in.readFloat() : 0;
    }
  }
}
