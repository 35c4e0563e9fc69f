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

  /** The score of a choice by which node values grow so much. */
  float score(double gain) {
    return switch (this) {
      case FRAGMENTATION -> (int) (STEPS / (1 + StrictMath.exp(-gain)));
      case VALUE -> (float) gain;
    };
  }
}
