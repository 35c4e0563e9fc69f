package io.attentionflow.learning.features;

/**
 * Codes a probability as one byte, by its logarithm.
 *
 * <p>A probability p from {@value #LEAST} to 1 becomes 1 + round(-{@value #STEPS_PER_UNIT} · log
 * p), so that 0 is left for what is unknown; within 2 % of p. What is less is coded as {@value
 * #LEAST}.
 */
public final class Likelihood {

  /** Code of what is unknown. */
  public static final byte UNKNOWN = 0;

  /** Probabilities below it are coded as it. */
  public static final double LEAST = 1.25e-4;

  private static final int STEPS_PER_UNIT = 28;
  private static final int LAST_CODE = 255;
  private static final float[] LOGARITHMS = logarithms();

  private Likelihood() {}

  /** Codes a probability, from 0 to 1. */
  public static byte encode(double probability) {
    double steps = -STEPS_PER_UNIT * StrictMath.log(Math.max(LEAST, probability));
    return (byte) Math.max(1, Math.min(LAST_CODE, 1 + Math.round(steps)));
  }

  /** Natural logarithm of the probability that a byte stands for, at most 0. */
  public static float logarithm(byte code) {
    return LOGARITHMS[code & LAST_CODE];
  }

  private static float[] logarithms() {
    float[] logarithms = new float[LAST_CODE + 1];
    for (int code = 1; code <= LAST_CODE; code++) {
      logarithms[code] = -(code - 1) / (float) STEPS_PER_UNIT;
    }
    return logarithms;
  }
}
