package io.attentionflow.learning.classify;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Makes probabilities as good as their word: divides their logarithms by a temperature, one for
 * each step of confidence, learned online by gradient descent on the log loss.
 *
 * <p>Source: C. Guo et al., "On calibration of modern neural networks", ICML 2017, section 4.2
 * (temperature scaling). Differs from it: learned one answer at a time, not from a held-out set;
 * one temperature for each of {@value #STEPS} steps of the largest probability, since doubt and
 * certainty err differently. Which class is the most probable never changes.
 */
final class Temperatures {

  private static final int STEPS = 12;
  private static final double STEP_SIZE = 0.05;
  private static final double DAMPING = 10;
  private static final double COLDEST = 0.2;
  private static final double HOTTEST = 5;

  /** By step of confidence, 1 / temperature. */
  private final double[] sharpness = new double[STEPS];

  private final double[] squares = new double[STEPS];
  private final double[] scaled;

  Temperatures(int classes) {
    Arrays.fill(sharpness, 1);
    scaled = new double[classes];
  }

  /**
   * Scales an answer.
   *
   * @param probabilities each above 0, as predicted; changed
   */
  void scale(double[] probabilities) {
    double factor = sharpness[stepOf(probabilities)];
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] = factor * StrictMath.log(probabilities[i]);
    }
    Softmax.inPlace(probabilities);
  }

  private int stepOf(double[] probabilities) {
    double most = 0;
    for (double probability : probabilities) {
      most = Math.max(most, probability);
    }
    double least = 1.0 / probabilities.length;
    return (int) Math.max(0, Math.min(STEPS - 1, (most - least) / (1 - least) * STEPS));
  }

  /**
   * Learns what came of an answer.
   *
   * @param probabilities as predicted, before they were scaled
   * @param weight how much it counts, above 0
   */
  void learn(double[] probabilities, int label, double weight) {
    System.arraycopy(probabilities, 0, scaled, 0, scaled.length);
    scale(scaled);
    double gradient = 0;
    for (int i = 0; i < scaled.length; i++) {
      gradient += ((i == label ? 1 : 0) - scaled[i]) * StrictMath.log(probabilities[i]);
    }
    gradient *= weight;
    int step = stepOf(probabilities);
    squares[step] += gradient * gradient;
    double changed = sharpness[step] + STEP_SIZE * gradient / (DAMPING + Math.sqrt(squares[step]));
    sharpness[step] = Math.max(1 / HOTTEST, Math.min(1 / COLDEST, changed));
  }

  /** Writes it, to be read by {@link #readFrom}. */
  void writeTo(DataOutput out) throws IOException {
    for (int i = 0; i < STEPS; i++) {
      out.writeDouble(sharpness[i]);
      out.writeDouble(squares[i]);
    }
  }

  /**
   * Becomes what {@link #writeTo} wrote.
   *
   * @throws IOException if that cannot be right
   */
  void readFrom(DataInput in) throws IOException {
    for (int i = 0; i < STEPS; i++) {
      sharpness[i] = in.readDouble();
      squares[i] = in.readDouble();
      if (!(sharpness[i] >= 1 / HOTTEST && sharpness[i] <= 1 / COLDEST && squares[i] >= 0)) {
        throw new IOException("Sharpness %s after %s".formatted(sharpness[i], squares[i]));
      }
    }
  }
}
