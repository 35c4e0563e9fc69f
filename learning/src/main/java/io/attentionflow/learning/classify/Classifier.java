package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.FeatureVector;

/**
 * Learns to tell classes apart, one example at a time.
 *
 * <p>The contract, which one test suite checks of every implementation: {@code learn} leaves its
 * input alone; the same seed and examples give the same predictions; {@code predict} changes
 * nothing; snapshot and restore in mid-stream change no later prediction; unknown features do no
 * harm. Not thread-safe.
 */
public interface Classifier {

  /** Nothing to be reminded of. */
  byte[] NO_MEMO = {};

  /** Its name, as in configuration, topics and metrics. */
  String name();

  /** How many classes it tells apart, at least 2. */
  int classes();

  /**
   * Predicts, and changes nothing.
   *
   * @param x features; not kept
   * @param probabilities length {@link #classes()}; filled with probabilities above 0 that sum to 1
   */
  void predict(FeatureVector x, double[] probabilities);

  /**
   * Learns from one example. Predict first: afterwards the model has seen the answer.
   *
   * @param x features; not kept
   * @param label index of the class, from 0
   * @param weight how much it counts, above 0; 1 is one example
   */
  void learn(FeatureVector x, int label, double weight);

  /**
   * Predicts as {@link #predict} does, and says what it answered from beside the vector, to be kept
   * until the label comes and given back then: a label may come late, and what was learned in
   * between was not known when the task was submitted.
   *
   * @param x features; not kept
   * @param probabilities length {@link #classes()}; filled
   * @return its memo, at most some hundred bytes; empty if there is nothing to be reminded of
   */
  default byte[] answer(FeatureVector x, double[] probabilities) {
    predict(x, probabilities);
    return NO_MEMO;
  }

  /**
   * Learns from one example by what was known when it was predicted.
   *
   * @param x features; not kept
   * @param memo what {@link #answer} returned then, of this or one restored from its snapshot;
   *     empty if nobody kept it. Neither kept nor changed
   * @param label index of the class, from 0
   * @param weight how much it counts, above 0; 1 is one example
   */
  default void learn(FeatureVector x, byte[] memo, int label, double weight) {
    learn(x, label, weight);
  }

  /**
   * How many members it has that learn apart from each other, each from every example, so that they
   * can do so in different places: see {@link Learners#member}. At least 1, which is itself.
   */
  default int members() {
    return 1;
  }

  /** Everything it has learned, in a versioned layout. */
  byte[] snapshot();

  /**
   * Becomes what {@code snapshot} was taken of. It must have been made with the same parameters.
   *
   * @throws IllegalArgumentException if the snapshot is of something else, or damaged
   */
  void restore(byte[] snapshot);

  /**
   * Takes what one member has learned by itself in place of its own.
   *
   * @param member from 0, below {@link #members()}
   * @param snapshot of that member, made by {@link Learners#member} with the same parameters
   * @throws IllegalArgumentException if the snapshot is of something else, or damaged; it stays as
   *     it was
   */
  default void restore(int member, byte[] snapshot) {
    restore(snapshot);
  }
}
