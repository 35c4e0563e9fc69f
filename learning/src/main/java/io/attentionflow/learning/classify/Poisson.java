package io.attentionflow.learning.classify;

import java.util.Arrays;

/** Poisson-distributed numbers of a small mean, by inversion: one random number each. */
final class Poisson {

  static final double MOST_MEAN = 30;

  /** Beyond it the probability of more is nil, as far as a double can tell. */
  private static final int LENGTH = 128;

  private final double[] cumulative = new double[LENGTH];

  /**
   * @param mean above 0, at most {@link #MOST_MEAN}
   */
  Poisson(double mean) {
    double probability = StrictMath.exp(-mean);
    double sum = 0;
    for (int k = 0; k < LENGTH; k++) {
      sum += probability;
      cumulative[k] = sum;
      probability *= mean / (k + 1);
    }
    Arrays.fill(cumulative, LENGTH - 1, LENGTH, 1);
  }

  int draw(Draws draws) {
    double uniform = draws.nextDouble();
    int k = 0;
    while (uniform >= cumulative[k]) {
      k++;
    }
    return k;
  }
}
