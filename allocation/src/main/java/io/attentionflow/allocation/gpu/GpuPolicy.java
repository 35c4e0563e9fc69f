package io.attentionflow.allocation.gpu;

/** How nodes that a task fits are ranked by {@link GpuIndex}. */
public enum GpuPolicy {
  /**
   * The smallest growth of fragmentation expected for typical tasks: FGD, Weng et al., "Beware of
   * Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent", USENIX
   * ATC 2023. What is typical is learned online, not given. Scores are cut to integers, of 50
   * instead of 100 as in their simulator: the many ties that makes are part of what makes it good,
   * and steps finer than the noise of what was learned undo them.
   */
  FRAGMENTATION,
  /** The smallest loss of node value, {@link NodeValue}. */
  VALUE;

  private static final int STEPS = 50;

  /** By step, from 1: the least gain that makes it. */
  private static final double[] LEAST_GAINS = leastGains();

  /** Gains from its negative up to it are looked up; those beyond are rare. */
  private static final double LARGEST_LOOKED_UP = 8;

  private static final int CELLS_A_GAIN = 16;

  /** By gain, cut into cells: the step to begin at. */
  private static final byte[] STEP_STARTS = stepStarts();

  /** The score of a choice by which node values grow so much. */
  float score(double gain) {
    return switch (this) {
      case FRAGMENTATION -> step(gain);
      case VALUE -> (float) gain;
    };
  }

  /** As {@link #computeStep}, without an exponential. */
  private static int step(double gain) {
    if (!(Math.abs(gain) < LARGEST_LOOKED_UP)) {
      return computeStep(gain);
    }
    int step = STEP_STARTS[(int) ((gain + LARGEST_LOOKED_UP) * CELLS_A_GAIN)];
    while (step < STEPS && LEAST_GAINS[step + 1] <= gain) {
      step++;
    }
    return step;
  }

  private static int computeStep(double gain) {
    return (int) (STEPS / (1 + StrictMath.exp(-gain)));
  }

  private static double[] leastGains() {
    double[] gains = new double[STEPS + 1];
    for (int step = 1; step <= STEPS; step++) {
      double less = -64;
      double enough = 64;
      for (double middle = 0;
          middle > less && middle < enough;
          middle = less + (enough - less) / 2) {
        if (computeStep(middle) >= step) {
          enough = middle;
        } else {
          less = middle;
        }
      }
      gains[step] = enough;
    }
    return gains;
  }

  /** A little too low, so that no rounding makes them too high. */
  private static byte[] stepStarts() {
    byte[] starts = new byte[(int) (2 * LARGEST_LOOKED_UP * CELLS_A_GAIN) + 1];
    for (int cell = 0; cell < starts.length; cell++) {
      double gain = (double) cell / CELLS_A_GAIN - LARGEST_LOOKED_UP;
      starts[cell] = (byte) computeStep(gain - 1e-6);
    }
    return starts;
  }
}
