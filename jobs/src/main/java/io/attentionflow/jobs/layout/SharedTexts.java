package io.attentionflow.jobs.layout;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Gives one String for a text that is read again and again, such as the name of a tenant or a node:
 * a hundred thousand waiting tasks need not hold as many copies of it.
 *
 * <p>A table of fixed size, in which a later text takes the place of an earlier one. Any thread may
 * use it, and none waits: what is lost in a race is a chance to share, for Strings never change.
 */
final class SharedTexts {

  private static final int SLOT_BITS = 13;
  private static final int SLOTS = 1 << SLOT_BITS;

  /** Of the golden ratio, as in multiplicative hashing: the high bits depend on all others. */
  private static final long ODD = 0x9e3779b97f4a7c15L;

  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final Known[] TEXTS = new Known[SLOTS];

  private SharedTexts() {}

  /** A text, and what it is in UTF-8. */
  @SuppressWarnings("ArrayRecordComponent") // never compared as a whole, and never changed
  private record Known(byte[] utf8, String text) {}

  /** The text that these bytes, which are kept, are in UTF-8. */
  static String of(byte[] utf8) {
    int slot = slotOf(utf8);
    Known known = TEXTS[slot];
    if (known != null && Arrays.equals(utf8, known.utf8)) {
      return known.text;
    }
    String text = new String(utf8, StandardCharsets.UTF_8);
    TEXTS[slot] = new Known(utf8, text);
    return text;
  }

  /** By eight bytes at a time: it is asked for several times for each event. */
  private static int slotOf(byte[] utf8) {
    long hash = utf8.length;
    int at = 0;
    for (; at + Long.BYTES <= utf8.length; at += Long.BYTES) {
      hash = (hash ^ (long) EIGHT.get(utf8, at)) * ODD;
      hash ^= hash >>> Integer.SIZE;
    }
    for (; at < utf8.length; at++) {
      hash = (hash ^ utf8[at]) * ODD;
    }
    return (int) (hash >>> (Long.SIZE - SLOT_BITS));
  }
}
