package io.attentionflow.learning.classify;

/**
 * Random numbers whose whole state is one long, to be kept with what was learned by them.
 *
 * <p>Source: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA
 * 2014 (SplitMix64). Not thread-safe.
 */
final class Draws {

  private static final int MANTISSA_BITS = 53;

  private long state;

  Draws(long state) {
    this.state = state;
  }

  long state() {
    return state;
  }

  void state(long newState) {
    state = newState;
  }

  long nextLong() {
    state += 0x9e3779b97f4a7c15L;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** From 0 to below 1. */
  double nextDouble() {
    return (nextLong() >>> (Long.SIZE - MANTISSA_BITS)) * 0x1p-53;
  }

  /**
   * From 0 to below {@code bound}. The bias of not rejecting is below bound / 2^32.
   *
   * @param bound above 0
   */
  int nextInt(int bound) {
    return (int) (((nextLong() >>> 32) * bound) >>> 32);
  }
}
