package io.attentionflow.learning.evaluation;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Sums over answers, each worth {@code fading} of what it was when the next one comes. */
final class Tally {

  private static final int BINS = 15;

  /** As far as one answer can count: the log loss of a probability of 0 is without bound. */
  private static final double LEAST_PROBABILITY = 1e-15;

  private final int classes;
  private final double fading;

  /** Row: the truth. Column: the answer. */
  private final double[] confusion;

  private final double[] binWeight = new double[BINS];
  private final double[] binConfidence = new double[BINS];
  private final double[] binRight = new double[BINS];
  private double weight;
  private double loss;

  Tally(int classes, double fading) {
    this.classes = classes;
    this.fading = fading;
    this.confusion = new double[classes * classes];
  }

  void add(double[] probabilities, int label) {
    if (probabilities.length != classes || label < 0 || label >= classes) {
      throw new IllegalArgumentException(
          "%d probabilities and label %d of %d classes"
              .formatted(probabilities.length, label, classes));
    }
    int answer = RunningEvaluation.answerOf(probabilities);
    fade();
    weight += 1;
    loss -= StrictMath.log(Math.max(LEAST_PROBABILITY, probabilities[label]));
    confusion[label * classes + answer] += 1;
    double confidence = probabilities[answer];
    int bin = Math.max(0, Math.min(BINS - 1, (int) Math.ceil(confidence * BINS) - 1));
    binWeight[bin] += 1;
    binConfidence[bin] += confidence;
    binRight[bin] += answer == label ? 1 : 0;
  }

  private void fade() {
    if (fading == 1) {
      return;
    }
    weight *= fading;
    loss *= fading;
    for (int i = 0; i < confusion.length; i++) {
      confusion[i] *= fading;
    }
    for (int bin = 0; bin < BINS; bin++) {
      binWeight[bin] *= fading;
      binConfidence[bin] *= fading;
      binRight[bin] *= fading;
    }
  }

  Scores scores() {
    double right = 0;
    double chance = 0;
    double majority = 0;
    for (int i = 0; i < classes; i++) {
      double truth = 0;
      double answered = 0;
      for (int j = 0; j < classes; j++) {
        truth += confusion[i * classes + j];
        answered += confusion[j * classes + i];
      }
      right += confusion[i * classes + i];
      chance += truth / weight * answered / weight;
      majority = Math.max(majority, truth);
    }
    double accuracy = right / weight;
    double calibration = 0;
    for (int bin = 0; bin < BINS; bin++) {
      calibration += Math.abs(binConfidence[bin] - binRight[bin]);
    }
    return new Scores(
        accuracy,
        chance == 1 ? 0 : (accuracy - chance) / (1 - chance),
        loss / weight,
        calibration / weight,
        majority / weight);
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeInt(classes);
    out.writeDouble(fading);
    out.writeDouble(weight);
    out.writeDouble(loss);
    for (double[] sums : sums()) {
      for (double sum : sums) {
        out.writeDouble(sum);
      }
    }
  }

  static Tally readFrom(DataInput in) throws IOException {
    int classes = in.readInt();
    if (classes < 2 || classes > 1024) {
      throw new IOException("An evaluation of %d classes".formatted(classes));
    }
    Tally tally = new Tally(classes, in.readDouble());
    tally.weight = in.readDouble();
    tally.loss = in.readDouble();
    for (double[] sums : tally.sums()) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] = in.readDouble();
      }
    }
    return tally;
  }

  private double[][] sums() {
    return new double[][] {confusion, binWeight, binConfidence, binRight};
  }
}
