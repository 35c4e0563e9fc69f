package io.attentionflow.learning.features;

import org.jspecify.annotations.Nullable;

/**
 * Hashes of nominal features. 64 bits, so that two values meet by chance practically never; 0 is
 * kept for unknown.
 *
 * <p>Mixing is the finalizer of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom
 * number generators", OOPSLA 2014).
 */
public final class Keys {

  /** The key of what is not known. */
  public static final long UNKNOWN = 0;

  private Keys() {}

  /** The key of a text; null and empty are unknown. */
  public static long of(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return UNKNOWN;
    }
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return of(hash);
  }

  /** The key of a number; it is never 0. */
  public static long of(long value) {
    long mixed = mix(value + 0x9e3779b97f4a7c15L);
    return mixed == UNKNOWN ? 1 : mixed;
  }

  /** The key of two things together, in this order. */
  public static long of(long first, long second) {
    return of(mix(first + 0x9e3779b97f4a7c15L) * 31 + second);
  }

  /** The key of two things together, in this order; unknown if one of them is. */
  public static long ofKnown(long first, long second) {
    return first == UNKNOWN || second == UNKNOWN ? UNKNOWN : of(first, second);
  }

  /** In which step of this width a number lies; unknown is a step of its own. */
  public static long step(double number, double width) {
    return Double.isNaN(number) ? Long.MIN_VALUE : (long) Math.floor(number / width);
  }

  private static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
