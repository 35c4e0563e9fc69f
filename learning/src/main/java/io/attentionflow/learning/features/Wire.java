package io.attentionflow.learning.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The few layouts that several records share. */
final class Wire {

  private Wire() {}

  /** A whole number in as few bytes as it needs: 7 bits each, signs folded in. */
  static void writeLong(DataOutput out, long value) throws IOException {
    long rest = (value << 1) ^ (value >> 63);
    while ((rest & ~0x7FL) != 0) {
      out.writeByte((int) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    out.writeByte((int) rest);
  }

  static long readLong(DataInput in) throws IOException {
    long folded = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte next = in.readByte();
      folded |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return (folded >>> 1) ^ -(folded & 1);
      }
    }
    throw new IOException("A whole number of more than 64 bits");
  }

  static void writeNullable(DataOutput out, @Nullable Long value) throws IOException {
    out.writeBoolean(value != null);
    if (value != null) {
      writeLong(out, value);
    }
  }

  static @Nullable Long readNullable(DataInput in) throws IOException {
    return in.readBoolean() ? readLong(in) : null;
  }

  /** A version from the oldest to the newest that this release reads. */
  static int readVersion(DataInput in, int oldest, int newest, String what) throws IOException {
    int version = in.readUnsignedByte();
    if (version < oldest || version > newest) {
      throw new IOException(
          "%s of layout %d; this release reads %d to %d".formatted(what, version, oldest, newest));
    }
    return version;
  }
}
