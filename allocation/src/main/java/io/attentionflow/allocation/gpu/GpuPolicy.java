package io.attentionflow.allocation.gpu;

/** How nodes that a task fits are ranked. */
public enum GpuPolicy {
  /** All alike. */
  RANDOM,
  /**
   * The least left over, cores and GPUs counting alike; the tightest GPU for a share. Scores are
   * cut to integers of 100, as in the simulator published with Weng et al., "Beware of
   * Fragmentation", USENIX ATC 2023.
   */
  BEST_FIT,
  /**
   * The smallest dot product of what is asked and what is free: Grandl et al., "Multi-Resource
   * Packing for Cluster Schedulers" (Tetris), SIGCOMM 2014. Differs from it in the sign, as the
   * simulator of Weng et al. does: the fullest node that fits wins, not the emptiest. Scores are
   * cut to integers of 100.
   */
  DOT_PRODUCT,
  /**
   * The smallest growth of fragmentation expected for typical tasks: FGD, Weng et al., "Beware of
   * Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent", USENIX
   * ATC 2023. What is typical is learned online, not given. Scores are cut to integers of 100, as
   * in their simulator: the many ties that makes are part of what makes it good.
   */
  FRAGMENTATION,
  /** The smallest loss of node value, {@link NodeValue}. */
  VALUE
}
