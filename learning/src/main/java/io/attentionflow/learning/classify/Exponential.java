package io.attentionflow.learning.classify;

/**
 * Exponentials of numbers up to 0: within a hundred-thousandth part, a fraction of the cost, the
 * same on every machine.
 */
final class Exponential {

  /**
   * Below it the result is that of it: next to nothing, and a processor is slow with still less.
   */
  private static final float LEAST = -80;

  private static final int EXPONENT_BIAS = 127;
  private static final int MANTISSA_BITS = 23;
  private static final float LN_2 = (float) StrictMath.log(2);
  private static final float BITS_PER_UNIT = (float) (1 / StrictMath.log(2));

  private Exponential() {}

  /**
   * Of a number not above 0.
   *
   * @return from 0 to 1
   */
  static float of(float x) {
    float bits = (x < LEAST ? LEAST : x) * BITS_PER_UNIT;
    // Rounded, for x is not above 0: what is left is at most one half either way.
    int whole = (int) (bits - 0.5f);
    float y = (bits - whole) * LN_2;
    // The series of the exponential, to the fifth power.
    float rest = 1 + y * (1 + y * (1 / 2f + y * (1 / 6f + y * (1 / 24f + y * (1 / 120f)))));
    return Float.intBitsToFloat((whole + EXPONENT_BIAS) << MANTISSA_BITS) * rest;
  }
}
