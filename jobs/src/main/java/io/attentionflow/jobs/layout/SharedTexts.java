package io.attentionflow.jobs.layout;

import java.nio.charset.StandardCharsets;

/**
 * Gives one String for a text that is read again and again, such as the name of a tenant or a node:
 * a hundred thousand waiting tasks need not hold as many copies of it.
 *
 * <p>A table of fixed size, in which a later text takes the place of an earlier one. Any thread may
 * use it, and none waits: what is lost in a race is a chance to share, for Strings never change.
 */
final class SharedTexts {

  private static final int SLOTS = 1 << 13;

  private static final String[] TEXTS = new String[SLOTS];

  private SharedTexts() {}

  /** The text that these bytes are in UTF-8. */
  static String of(byte[] utf8) {
    int hash = 0;
    for (byte one : utf8) {
      hash = 31 * hash + one;
    }
    int slot = (hash ^ (hash >>> 16)) & (SLOTS - 1);
    String known = TEXTS[slot];
    if (known != null && isAscii(utf8, known)) {
      return known;
    }
    String text = new String(utf8, StandardCharsets.UTF_8);
    TEXTS[slot] = text;
    return text;
  }

  /** Whether these bytes are that text, and all of it is ASCII. */
  private static boolean isAscii(byte[] utf8, String text) {
    if (text.length() != utf8.length) {
      return false;
    }
    for (int i = 0; i < utf8.length; i++) {
      if (text.charAt(i) != utf8[i]) {
        return false;
      }
    }
    return true;
  }
}
