package io.attentionflow.jobs.layout;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/**
 * Entries of a map in one array of bytes, which is never changed: a change makes another. Entries
 * are numbered from 0, in no order.
 *
 * <p>A page lies as the number of its entries, of each the hash of its key and where it ends, four
 * bytes each, so that one is found without a look at the others; and then the entries: the length
 * of the key in four bytes, the key, and the value.
 */
public final class Page {

  /** No entry. */
  public static final int NONE = -1;

  private static final int OF_ENTRY = 2 * Integer.BYTES;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  /** A page without an entry. */
  public static final byte[] EMPTY = of(List.of());

  private Page() {}

  /**
   * What an entry is looked for by.
   *
   * @param hash stands in state, so that it is computed as it is for ever: as Kafka does for its
   *     partitions. Not that of a String, of which anybody can write down thousands that are equal
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared as a whole, and never changed
  public record Key(byte[] utf8, int hash) {

    public static Key of(String text) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      return new Key(utf8, Utils.murmur2(utf8));
    }
  }

  /**
   * An entry, in a page or in none yet: its bytes are those from {@code from} to {@code to}, or key
   * and value.
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared as a whole, and never changed
  public record Entry(int hash, byte[] bytes, int from, int to, byte @Nullable [] value) {

    /** Of a page. */
    public static Entry of(byte[] page, int entry) {
      return new Entry(hashOf(page, entry), page, begin(page, entry), end(page, entry), null);
    }

    /** A new one. */
    public static Entry of(Key key, byte[] value) {
      return new Entry(key.hash, key.utf8, 0, key.utf8.length, value);
    }

    private int length() {
      return value == null ? to - from : Integer.BYTES + bytes.length + value.length;
    }

    private void write(byte[] page, int at) {
      if (value == null) {
        System.arraycopy(bytes, from, page, at, to - from);
        return;
      }
      INT.set(page, at, bytes.length);
      System.arraycopy(bytes, 0, page, at + Integer.BYTES, bytes.length);
      System.arraycopy(value, 0, page, at + Integer.BYTES + bytes.length, value.length);
    }
  }

  /** A page of entries. */
  public static byte[] of(List<Entry> entries) {
    int length = Integer.BYTES + OF_ENTRY * entries.size();
    int at = length;
    for (Entry entry : entries) {
      length += entry.length();
    }
    byte[] page = new byte[length];
    INT.set(page, 0, entries.size());
    int head = Integer.BYTES;
    for (Entry entry : entries) {
      entry.write(page, at);
      at += entry.length();
      INT.set(page, head, entry.hash);
      INT.set(page, head + Integer.BYTES, at);
      head += OF_ENTRY;
    }
    return page;
  }

  public static int count(byte[] page) {
    return (int) INT.get(page, 0);
  }

  /** The entry of a key, or {@link #NONE}. */
  public static int find(byte[] page, Key key) {
    int count = count(page);
    for (int entry = 0; entry < count; entry++) {
      if (isOf(page, entry, key)) {
        return entry;
      }
    }
    return NONE;
  }

  /** Whether an entry is that of a key. */
  public static boolean isOf(byte[] page, int entry, Key key) {
    if (hashOf(page, entry) != key.hash) {
      return false;
    }
    int begin = begin(page, entry);
    int from = begin + Integer.BYTES;
    int length = (int) INT.get(page, begin);
    return Arrays.equals(page, from, from + length, key.utf8, 0, key.utf8.length);
  }

  public static int hashOf(byte[] page, int entry) {
    return (int) INT.get(page, Integer.BYTES + OF_ENTRY * entry);
  }

  private static int begin(byte[] page, int entry) {
    return entry == 0 ? Integer.BYTES + OF_ENTRY * count(page) : end(page, entry - 1);
  }

  /** Where an entry, and its value, ends in the page. */
  public static int end(byte[] page, int entry) {
    return (int) INT.get(page, OF_ENTRY * (entry + 1));
  }

  /** Where the value of an entry begins in the page. */
  public static int valueOf(byte[] page, int entry) {
    int begin = begin(page, entry);
    return begin + Integer.BYTES + (int) INT.get(page, begin);
  }
}
