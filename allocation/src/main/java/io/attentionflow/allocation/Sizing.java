package io.attentionflow.allocation;

/**
 * How it came to the amounts that a task is given.
 *
 * <p>{@code AllocationDecision.avsc} has the same names, and UNKNOWN besides.
 */
public enum Sizing {
  /** Right-sizing is off: as requested. */
  OFF,
  /** Too little is known of what its like use: as requested. */
  NOT_ENOUGH_HISTORY,
  /** It may be cut into shards, and usage is learned of whole tasks: as requested. */
  DIVISIBLE,
  /** Its like use so much of what they request that nothing is to be cut. */
  AS_REQUESTED,
  /** Less than requested: what its like hardly exceed, and headroom. */
  CUT,
  /** It ran out of memory, and needs more than it had. */
  RAISED
}
