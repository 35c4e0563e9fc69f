package io.attentionflow.learning.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The few layouts that several records share. */
final class Wire {

  private Wire() {}

  static void writeNullable(DataOutput out, @Nullable Long value) throws IOException {
    out.writeBoolean(value != null);
    if (value != null) {
      out.writeLong(value);
    }
  }

  static @Nullable Long readNullable(DataInput in) throws IOException {
    return in.readBoolean() ? in.readLong() : null;
  }

  static void readVersion(DataInput in, int expected, String what) throws IOException {
    int version = in.readUnsignedByte();
    if (version != expected) {
      throw new IOException(
          "%s of layout %d; this release reads %d".formatted(what, version, expected));
    }
  }
}
