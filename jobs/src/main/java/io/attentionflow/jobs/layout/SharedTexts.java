package io.attentionflow.jobs.layout;

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

  private static final int SLOTS = 1 << 13;

  private static final Known[] TEXTS = new Known[SLOTS];

  private SharedTexts() {}

  /** A text, and what it is in UTF-8. */
  @SuppressWarnings("ArrayRecordComponent") // never compared as a whole, and never changed
  private record Known(byte[] utf8, String text) {}

  /** The text that these bytes, which are kept, are in UTF-8. */
  static String of(byte[] utf8) {
    int hash = 0;
    for (byte one : utf8) {
      hash = 31 * hash + one;
    }
    int slot = (hash ^ (hash >>> 16)) & (SLOTS - 1);
    Known known = TEXTS[slot];
    if (known != null && Arrays.equals(utf8, known.utf8)) {
      return known.text;
    }
    String text = new String(utf8, StandardCharsets.UTF_8);
    TEXTS[slot] = new Known(utf8, text);
    return text;
  }
}
