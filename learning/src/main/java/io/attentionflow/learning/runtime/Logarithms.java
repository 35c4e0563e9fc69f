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
   * Exponentials of many numbers, by the series of the fraction and a shift for the whole octaves.
   * In steps, each of which does one thing to all of them: most are then done to several at once.
   *
   * @param numbers each at most 80; changed into their exponentials
   * @param shifts of the same length; overwritten
   * @param count how many there are, from 0 on
   */
  static void exp(float[] numbers, float[] shifts, int count) {
    for (int i = 0; i < count; i++) {
      shifts[i] = Math.max(LOWEST, numbers[i]) / LN_2;
    }
    for (int i = 0; i < count; i++) {
      int octaves = floor(shifts[i]);
      shifts[i] = Float.intBitsToFloat((octaves + EXPONENT_BIAS) << MANTISSA_BITS);
      // Of what is too low the series is multiplied by 0, whatever it is.
      shifts[i] = numbers[i] < LOWEST ? 0 : shifts[i];
      numbers[i] = Math.max(LOWEST, numbers[i]) - octaves * LN_2;
    }
    for (int i = 0; i < count; i++) {
      float t = numbers[i];
      float series = 1 + t * (1 + t / 2 * (1 + t / 3 * (1 + t / 4 * (1 + t / 5 * (1 + t / 6)))));
      numbers[i] = series * shifts[i];
    }
  }

  /** Of a number that an int can hold. */
  private static int floor(float x) {
    int towardsZero = (int) x;
    return towardsZero > x ? towardsZero - 1 : towardsZero;
  }
}
