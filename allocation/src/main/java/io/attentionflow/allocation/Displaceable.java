package io.attentionflow.allocation;

/**
 * Whose place may be taken away for the sake of others: tasks of this quality of service and of the
 * lower ones.
 */
public enum Displaceable {
  /** Nobody's. */
  NONE,
  /** Those that were submitted as {@link Qos#BEST_EFFORT}. */
  BEST_EFFORT,
  /** Those and {@link Qos#BURSTABLE} ones. */
  BURSTABLE;

  boolean allows(Qos qos) {
    return switch (qos) {
      case LATENCY_SENSITIVE, GUARANTEED -> false;
      case BURSTABLE -> this == BURSTABLE;
      case BEST_EFFORT -> this != NONE;
    };
  }
}
