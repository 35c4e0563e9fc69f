package io.attentionflow.learning.classify;

/** From scores to probabilities. */
final class Softmax {

  /** No class is ever ruled out: one wrong certainty would cost an unbounded log loss. */
  static final double LEAST = 1e-6;

  private Softmax() {}

  /** Turns scores, each finite, into probabilities of at least about {@link #LEAST}. */
  static void inPlace(double[] scores) {
    double largest = scores[0];
    for (double score : scores) {
      largest = Math.max(largest, score);
    }
    double total = 0;
    for (int i = 0; i < scores.length; i++) {
      scores[i] = StrictMath.exp(scores[i] - largest) + LEAST;
      total += scores[i];
    }
    for (int i = 0; i < scores.length; i++) {
      scores[i] /= total;
    }
  }
}
