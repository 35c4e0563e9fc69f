package io.attentionflow.learning.runtime;

/**
 * Natural logarithm and exponential of floats: correct to about five digits, several times as fast
 * as those of the JDK, and the same to the bit on every machine.
 */
final class Logarithms {

  private static final float LN_2 = 0.6931472f;
  private static final int EXPONENT_BIAS = 127;
  private static final int MANTISSA_BITS = 23;
  private static final int MANTISSA = (1 << MANTISSA_BITS) - 1;

  /** Below this, the exponential is taken as 0. */
  private static final float LOWEST = -80;

  private Logarithms() {}

  /**
   * Natural logarithm, by the series of 2 artanh((m - 1) / (m + 1)) of the mantissa m.
   *
   * @param x above 0, and not denormal
   */
  static float log(float x) {
    int bits = Float.floatToRawIntBits(x);
    int exponent = (bits >>> MANTISSA_BITS) - EXPONENT_BIAS;
    float mantissa = Float.intBitsToFloat((bits & MANTISSA) | (EXPONENT_BIAS << MANTISSA_BITS));
    float t = (mantissa - 1) / (mantissa + 1);
    float square = t * t;
    float series = 1 + square * (1 / 3f + square * (1 / 5f + square * (1 / 7f)));
    return exponent * LN_2 + 2 * t * series;
  }

  /**
   * Exponential, by the series of the fraction and a shift for the whole octaves.
   *
   * @param x at most 80
   */
  static float exp(float x) {
    if (x < LOWEST) {
      return 0;
    }
    int octaves = (int) Math.floor(x / LN_2);
    float t = x - octaves * LN_2;
    float series = 1 + t * (1 + t / 2 * (1 + t / 3 * (1 + t / 4 * (1 + t / 5 * (1 + t / 6)))));
    return series * Float.intBitsToFloat((octaves + EXPONENT_BIAS) << MANTISSA_BITS);
  }
}
