package io.attentionflow.jobs.allocation;

import io.attentionflow.learning.features.LabelledExample;
import java.io.IOException;
import java.util.SortedMap;

/** What a {@link Trainee} teaches: a classifier, or what learns run times. */
interface Taught {

  /** The name that it is published under. */
  String name();

  /** How many classes its answers are about. */
  int classes();

  /** The class of an example, among those. */
  int labelOf(LabelledExample example);

  /**
   * Learns from an example.
   *
   * @param memo of its answer when the task arrived; empty: it was not asked
   */
  void learn(LabelledExample example, byte[] memo);

  /**
   * What it had answered before that was calibrated.
   *
   * @param memo of the answer
   * @param probabilities length {@link #classes}; filled
   * @return false, and nothing is filled: its answers are not calibrated
   */
  boolean uncalibrated(byte[] memo, double[] probabilities);

  /** Whether it is to be noticed when it errs more, and when what it is asked about changes. */
  boolean isWatched();

  /** Share of truths that were at most what was promised, by quantile; empty: none, or too few. */
  SortedMap<String, Double> coverage();

  /** What {@link #coverage} counts that is not part of what it has learned; may be empty. */
  byte[] tally();

  /**
   * Goes on counting.
   *
   * @param tally empty: from nothing
   */
  void resumeTally(byte[] tally) throws IOException;

  /** Everything it has learned. */
  byte[] snapshot();

  /**
   * Becomes what {@link #snapshot} was taken of.
   *
   * @throws IllegalArgumentException if it is of something else, or damaged
   */
  void restore(byte[] snapshot);
}
