package io.attentionflow.allocation;

/** Which of the nodes with the best score wins. */
public enum TieBreak {
  /** The one with the lowest id. */
  FIRST,
  /** Any, drawn from the seed, the command's id and the node's. */
  RANDOM
}
