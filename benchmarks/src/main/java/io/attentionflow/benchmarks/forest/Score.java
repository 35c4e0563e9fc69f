package io.attentionflow.benchmarks.forest;

/** How often a contestant was right, against chance, and how long it took. */
final class Score {

  private final long[][] confusion;
  private long examples;
  private long nanos;

  Score(int classes) {
    confusion = new long[classes][classes];
  }

  void add(int label, int answer) {
    confusion[label][answer]++;
    examples++;
  }

  void took(long moreNanos) {
    nanos += moreNanos;
  }

  double accuracy() {
    long right = 0;
    for (int i = 0; i < confusion.length; i++) {
      right += confusion[i][i];
    }
    return (double) right / examples;
  }

  double kappa() {
    double chance = 0;
    for (int i = 0; i < confusion.length; i++) {
      long truth = 0;
      long answered = 0;
      for (int j = 0; j < confusion.length; j++) {
        truth += confusion[i][j];
        answered += confusion[j][i];
      }
      chance += (double) truth / examples * answered / examples;
    }
    return chance == 1 ? 0 : (accuracy() - chance) / (1 - chance);
  }

  double examplesPerSecond() {
    return examples * 1e9 / nanos;
  }
}
