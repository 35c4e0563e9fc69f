package io.attentionflow.jobs.layout;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * The fields that layouts are made of. Times and durations are whole milliseconds, as on the wire.
 */
public final class Fields {

  private static final byte[] NO_BYTES = {};

  private Fields() {}

  /** Text of any length, unlike {@code writeUTF}: how many bytes of UTF-8, and these at once. */
  public static void writeText(String text, DataOutputView out) throws IOException {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    writeInt(utf8.length, out);
    out.write(utf8);
  }

  public static String readText(DataInputView in) throws IOException {
    return new String(readBytes(in), StandardCharsets.UTF_8);
  }

  /** The same of a text of which there are few, each read often: one String for all. */
  public static String readSharedText(DataInputView in) throws IOException {
    return SharedTexts.of(readBytes(in));
  }

  /** The same of a text whose length in bytes has been read. */
  public static String readSharedText(int length, DataInputView in) throws IOException {
    return SharedTexts.of(readBytes(length, in));
  }

  public static void writeOptionalText(@Nullable String text, DataOutputView out)
      throws IOException {
    out.writeBoolean(text != null);
    if (text != null) {
      writeText(text, out);
    }
  }

  public static @Nullable String readOptionalText(DataInputView in) throws IOException {
    return in.readBoolean() ? readSharedText(in) : null;
  }

  /** A whole number in as few bytes as it needs: 7 bits each, signs folded in. */
  public static void writeLong(long value, DataOutputView out) throws IOException {
    long rest = (value << 1) ^ (value >> 63);
    while (rest >>> 21 != 0) {
      // Four bytes at once: each call costs about as much, however little it writes.
      long more = rest >>> 28;
      out.writeInt(
          (int) (0x80808000L | (more == 0 ? 0 : 0x80))
              | (int) (rest & 0x7F) << 24
              | (int) (rest >>> 7 & 0x7F) << 16
              | (int) (rest >>> 14 & 0x7F) << 8
              | (int) (rest >>> 21 & 0x7F));
      if (more == 0) {
        return;
      }
      rest = more;
    }
    while (rest > 0x7F) {
      out.writeByte((int) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    out.writeByte((int) rest);
  }

  public static long readLong(DataInputView in) throws IOException {
    long folded = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte next = in.readByte();
      folded |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return (folded >>> 1) ^ -(folded & 1);
      }
    }
    throw new IOException("a whole number of more than 64 bits");
  }

  public static void writeInt(int value, DataOutputView out) throws IOException {
    writeLong(value, out);
  }

  public static int readInt(DataInputView in) throws IOException {
    return (int) readLong(in);
  }

  public static void writeInstant(Instant instant, DataOutputView out) throws IOException {
    writeLong(instant.toEpochMilli(), out);
  }

  public static Instant readInstant(DataInputView in) throws IOException {
    return Instant.ofEpochMilli(readLong(in));
  }

  public static void writeOptionalInstant(@Nullable Instant instant, DataOutputView out)
      throws IOException {
    out.writeBoolean(instant != null);
    if (instant != null) {
      writeInstant(instant, out);
    }
  }

  public static @Nullable Instant readOptionalInstant(DataInputView in) throws IOException {
    return in.readBoolean() ? readInstant(in) : null;
  }

  public static void writeOptionalDuration(@Nullable Duration duration, DataOutputView out)
      throws IOException {
    out.writeBoolean(duration != null);
    if (duration != null) {
      writeLong(duration.toMillis(), out);
    }
  }

  public static @Nullable Duration readOptionalDuration(DataInputView in) throws IOException {
    return in.readBoolean() ? Duration.ofMillis(readLong(in)) : null;
  }

  public static void writeTexts(List<String> texts, DataOutputView out) throws IOException {
    writeInt(texts.size(), out);
    for (String text : texts) {
      writeText(text, out);
    }
  }

  public static List<String> readTexts(DataInputView in) throws IOException {
    return readTexts(readInt(in), in);
  }

  /** The same of so many texts, when that has been read. */
  public static List<String> readTexts(int size, DataInputView in) throws IOException {
    if (size == 0) {
      return List.of();
    }
    List<String> texts = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      texts.add(readSharedText(in));
    }
    return texts;
  }

  public static void writeTextMap(Map<String, String> map, DataOutputView out) throws IOException {
    writeInt(map.size(), out);
    for (Map.Entry<String, String> entry : map.entrySet()) {
      writeText(entry.getKey(), out);
      writeText(entry.getValue(), out);
    }
  }

  /** Keeps the order in which it was written. */
  public static Map<String, String> readTextMap(DataInputView in) throws IOException {
    int size = readInt(in);
    if (size == 0) {
      return Map.of();
    }
    Map<String, String> map = new LinkedHashMap<>(size * 2);
    for (int i = 0; i < size; i++) {
      String key = readSharedText(in);
      map.put(key, readSharedText(in));
    }
    return map;
  }

  public static void writeBytes(byte[] bytes, DataOutputView out) throws IOException {
    writeInt(bytes.length, out);
    out.write(bytes);
  }

  public static byte[] readBytes(DataInputView in) throws IOException {
    return readBytes(readInt(in), in);
  }

  private static byte[] readBytes(int length, DataInputView in) throws IOException {
    if (length == 0) {
      return NO_BYTES;
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return bytes;
  }

  public static void writeOptionalBytes(byte @Nullable [] bytes, DataOutputView out)
      throws IOException {
    out.writeBoolean(bytes != null);
    if (bytes != null) {
      writeBytes(bytes, out);
    }
  }

  public static byte @Nullable [] readOptionalBytes(DataInputView in) throws IOException {
    return in.readBoolean() ? readBytes(in) : null;
  }

  /** An enum by its name: constants may be added and moved, never renamed. */
  public static void writeName(Enum<?> constant, DataOutputView out) throws IOException {
    writeText(constant.name(), out);
  }

  public static <E extends Enum<E>> E readName(Class<E> type, DataInputView in) throws IOException {
    return Enum.valueOf(type, readSharedText(in));
  }
}
