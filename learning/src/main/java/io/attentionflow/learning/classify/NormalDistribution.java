package io.attentionflow.learning.classify;

/** The standard normal distribution function from a table: within 0.0001, the same everywhere. */
final class NormalDistribution {

  private static final double FURTHEST = 5;
  private static final int STEPS_PER_UNIT = 64;
  private static final int STEPS = (int) (2 * FURTHEST * STEPS_PER_UNIT);
  private static final float[] CUMULATIVE = cumulative();

  private NormalDistribution() {}

  /** Share of the distribution below {@code x}. */
  static double below(double x) {
    if (x <= -FURTHEST) {
      return 0;
    }
    if (x >= FURTHEST) {
      return 1;
    }
    double at = (x + FURTHEST) * STEPS_PER_UNIT;
    int step = Math.min((int) at, STEPS - 1);
    return CUMULATIVE[step] + (at - step) * (CUMULATIVE[step + 1] - CUMULATIVE[step]);
  }

  /** Simpson's rule on the density, step by step. */
  private static float[] cumulative() {
    float[] cumulative = new float[STEPS + 1];
    double width = 1.0 / STEPS_PER_UNIT;
    double sum = 0;
    for (int i = 0; i < STEPS; i++) {
      double x = i * width - FURTHEST;
      sum += width / 6 * (density(x) + 4 * density(x + width / 2) + density(x + width));
      cumulative[i + 1] = (float) sum;
    }
    return cumulative;
  }

  private static double density(double x) {
    return StrictMath.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }
}
