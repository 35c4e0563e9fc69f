package io.attentionflow.schema.wire;

import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.apache.avro.io.Decoder;
import org.apache.avro.util.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * Reads Avro's binary encoding from an array that nobody vouches for.
 *
 * <p>Differs from Avro's own {@code BinaryDecoder} in what it refuses, always with an {@link
 * IOException}: a length or a number of items beyond the bytes that are left (so no prefix can make
 * anybody allocate more than a small multiple of the message; it follows that items of no bytes,
 * such as nulls, cannot be read, and no schema of ours has any), a negative length, an int out of
 * range, a boolean other than 0 and 1, and text that is not UTF-8 (Avro would put U+FFFD in its
 * place, and two ids could become one).
 *
 * <p>Not thread-safe.
 */
final class BodyDecoder extends Decoder {

  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final byte[] NONE = {};

  private byte[] bytes = NONE;
  private int position;

  /** Starts over, at {@code position} of {@code bytes}, which are not copied. */
  void reset(byte[] bytes, int position) {
    this.bytes = bytes;
    this.position = position;
  }

  /** Lets go of the bytes. */
  void clear() {
    reset(NONE, 0);
  }

  /** How many bytes have not been read. */
  int remaining() {
    return bytes.length - position;
  }

  @Override
  public void readNull() {}

  @Override
  public boolean readBoolean() throws IOException {
    int from = take(1);
    return switch (bytes[from]) {
      case 0 -> false;
      case 1 -> true;
      default -> throw new IOException("boolean %d at byte %d".formatted(bytes[from], from));
    };
  }

  @Override
  public int readInt() throws IOException {
    long value = readLong();
    if ((int) value != value) {
      throw new IOException("int %d before byte %d".formatted(value, position));
    }
    return (int) value;
  }

  @Override
  public long readLong() throws IOException {
    long zigzag = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (position == bytes.length) {
        throw endOfBytes(1);
      }
      byte next = bytes[position++];
      zigzag |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return (zigzag >>> 1) ^ -(zigzag & 1);
      }
    }
    throw new IOException("number of more than ten bytes before byte " + position);
  }

  @Override
  public float readFloat() throws IOException {
    return Float.intBitsToFloat((int) INTS.get(bytes, take(Float.BYTES)));
  }

  @Override
  public double readDouble() throws IOException {
    return Double.longBitsToDouble((long) LONGS.get(bytes, take(Double.BYTES)));
  }

  @Override
  public Utf8 readString(@Nullable Utf8 old) throws IOException {
    return new Utf8(readString());
  }

  @Override
  public String readString() throws IOException {
    int length = readLength();
    int from = take(length);
    String text = new String(bytes, from, length, StandardCharsets.UTF_8);
    // The replacement character stands for itself or for what was not UTF-8. It is rare.
    if (text.indexOf('\uFFFD') >= 0) {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, length));
    }
    return text;
  }

  @Override
  public void skipString() throws IOException {
    take(readLength());
  }

  @Override
  public ByteBuffer readBytes(@Nullable ByteBuffer old) throws IOException {
    ByteBuffer copy = ByteBuffer.allocate(readLength());
    readFixed(copy.array(), 0, copy.capacity());
    return copy;
  }

  @Override
  public void skipBytes() throws IOException {
    take(readLength());
  }

  @Override
  public void readFixed(byte[] target, int start, int length) throws IOException {
    System.arraycopy(bytes, take(length), target, start, length);
  }

  @Override
  public void skipFixed(int length) throws IOException {
    take(length);
  }

  @Override
  public int readEnum() throws IOException {
    return readInt();
  }

  @Override
  public int readIndex() throws IOException {
    return readInt();
  }

  @Override
  public long readArrayStart() throws IOException {
    return readBlockStart();
  }

  @Override
  public long arrayNext() throws IOException {
    return readBlockStart();
  }

  @Override
  public long skipArray() throws IOException {
    return skipSizedBlocks();
  }

  @Override
  public long readMapStart() throws IOException {
    return readBlockStart();
  }

  @Override
  public long mapNext() throws IOException {
    return readBlockStart();
  }

  @Override
  public long skipMap() throws IOException {
    return skipSizedBlocks();
  }

  /** Items of the next block; a negative number of them says that their size in bytes follows. */
  private long readBlockStart() throws IOException {
    long items = readLong();
    if (items < 0) {
      readLength();
      items = -items;
    }
    return checkedItems(items);
  }

  /** Skips the blocks that say their size; the items of one that doesn't are the caller's. */
  private long skipSizedBlocks() throws IOException {
    long items = readLong();
    while (items < 0) {
      take(readLength());
      items = readLong();
    }
    return checkedItems(items);
  }

  private long checkedItems(long items) throws IOException {
    // Negative: Long.MIN_VALUE, which has no opposite.
    if (items < 0 || items > remaining()) {
      throw new EOFException(
          "block of %d items before byte %d of %d".formatted(items, position, bytes.length));
    }
    return items;
  }

  private int readLength() throws IOException {
    long length = readLong();
    if (length < 0 || length > remaining()) {
      throw new EOFException(
          "length %d before byte %d of %d".formatted(length, position, bytes.length));
    }
    return (int) length;
  }

  /** Moves on by {@code length}, and returns the position before. */
  private int take(int length) throws EOFException {
    int from = position;
    if (length < 0 || length > remaining()) {
      throw endOfBytes(length);
    }
    position = from + length;
    return from;
  }

  private EOFException endOfBytes(int wanted) {
    return new EOFException("%d bytes wanted, %d left".formatted(wanted, remaining()));
  }
}
