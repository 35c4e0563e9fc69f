package io.attentionflow.jobs.layout;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * Lays values out when they go into state, and reads them when they are needed: for values of which
 * there are many, and of which each is looked at rarely.
 *
 * <p>State on the heap would otherwise hold objects, which every checkpoint lays out again and
 * every collection goes through one by one. Of bytes a checkpoint makes a copy, and to a collector
 * they are one object. A value begins with the version of its layout, so that what an older release
 * wrote is read by the next.
 *
 * <p>Not thread-safe: one for each thread.
 */
public final class Packing<T> {

  private static final int SMALLEST = 512;

  private final Layout<T> layout;
  private final int before;
  private final DataOutputSerializer out = new DataOutputSerializer(SMALLEST);
  private final DataInputDeserializer in = new DataInputDeserializer();

  public Packing(Layout<T> layout) {
    this(layout, 0);
  }

  /**
   * @param before so many bytes are left free before each value, for whoever packs it
   */
  public Packing(Layout<T> layout, int before) {
    this.layout = layout;
    this.before = before;
  }

  /** A value as bytes. */
  public byte[] pack(T value) {
    out.clear();
    try {
      out.skipBytesToWrite(before);
      out.writeByte(layout.version());
      layout.write(value, out);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
    return out.getCopyOfBuffer();
  }

  /**
   * The value that bytes were made of.
   *
   * @throws IllegalStateException if they were not: state is damaged, or of a later release
   */
  public T unpack(byte[] bytes) {
    return unpack(bytes, 0, bytes.length);
  }

  /** The same of bytes that lie among others. */
  public T unpack(byte[] bytes, int from, int length) {
    in.setBuffer(bytes, from + before, length - before);
    try {
      int version = in.readByte();
      if (version < 1 || version > layout.version()) {
        throw new IOException(
            "version %d; this release reads up to %d".formatted(version, layout.version()));
      }
      return layout.read(version, in);
    } catch (IOException e) {
      throw new IllegalStateException("State does not hold a " + layout.type().getName(), e);
    } finally {
      in.releaseArrays();
    }
  }
}
