package io.attentionflow.allocation.gpu;

/** Which of the nodes with the best score wins. */
public enum TieBreak {
  /** The one with the lowest number. */
  FIRST,
  /** Any, each as likely, by the caller's draw. */
  RANDOM
}
