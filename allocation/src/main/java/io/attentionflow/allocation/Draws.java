package io.attentionflow.allocation;

/**
 * Numbers that look random and are the same wherever they are drawn: hashes, with no generator to
 * keep.
 *
 * <p>Text by FNV-1a, 64 bits (Fowler, Noll, Vo); mixed by the finalizer of SplitMix64 (Steele, Lea,
 * Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014), variant 13 of Stafford.
 */
final class Draws {

  private Draws() {}

  /** A number for a name. */
  static long of(String name) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
    }
    return mix(hash);
  }

  /** A number for a pair of numbers; the order matters. */
  static long of(long first, long second) {
    return mix(first + 0x9e3779b97f4a7c15L * (second + 1));
  }

  static long mix(long number) {
    long mixed = (number ^ (number >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }

  /** From 0, below 1. */
  static double unit(long number) {
    return (number >>> 11) * 0x1.0p-53;
  }
}
