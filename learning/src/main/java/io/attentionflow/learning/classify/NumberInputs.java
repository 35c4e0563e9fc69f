package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.FeatureVector;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * Numeric features as inputs of a softmax: standardised by their mean and deviation so far, cut to
 * {@value #FURTHEST} deviations; for each another input that says that the number is missing. Holds
 * their weights by class, with steps that shrink as in {@link WeightSets}.
 */
final class NumberInputs {

  private static final float FURTHEST = 3;

  /** Fewer known numbers than these have no deviation worth the name. */
  private static final int FEWEST = 5;

  private final int numbers;
  private final int classes;
  private final float step;
  private final float damping;
  private final double[] means;
  private final double[] squaredDeviations;
  private final long[] known;

  /** Follow from these; kept, since they are asked for far more often than they change. */
  private final double[] deviations;

  private final float[] values;

  /** Numbers of the inputs that are not 0, ascending. */
  private final int[] active;

  private int activeCount;
  private final float[] weights;
  private final float[] squares;

  NumberInputs(int numbers, int classes, MixtureClassifier.Parameters steps) {
    this.numbers = numbers;
    this.classes = classes;
    step = (float) steps.numberStep();
    damping = (float) steps.damping();
    means = new double[numbers];
    squaredDeviations = new double[numbers];
    known = new long[numbers];
    deviations = new double[numbers];
    values = new float[2 * numbers];
    active = new int[2 * numbers];
    weights = new float[2 * numbers * classes];
    squares = new float[weights.length];
  }

  void fill(FeatureVector x) {
    for (int i = 0; i < numbers; i++) {
      double number = x.numbers()[i];
      boolean missing = !Double.isFinite(number);
      values[numbers + i] = missing ? 1 : 0;
      values[i] = missing ? 0 : standardised(i, number);
    }
    activeCount = 0;
    for (int i = 0; i < values.length; i++) {
      active[activeCount] = i;
      activeCount += values[i] != 0 ? 1 : 0;
    }
  }

  private float standardised(int i, double number) {
    if (known[i] <= FEWEST || !(squaredDeviations[i] > 0)) {
      return 0;
    }
    float standard = (float) ((number - means[i]) / deviations[i]);
    return Math.max(-FURTHEST, Math.min(FURTHEST, standard));
  }

  /** Adds each class's weighted sum to its score. */
  void addTo(double[] scores) {
    for (int n = 0; n < activeCount; n++) {
      int i = active[n];
      for (int k = 0; k < classes; k++) {
        scores[k] += weights[i * classes + k] * values[i];
      }
    }
  }

  /**
   * One step along the gradient.
   *
   * @param errors by class, what was right less what was answered
   */
  void learn(double[] errors) {
    for (int n = 0; n < activeCount; n++) {
      int i = active[n];
      for (int k = 0; k < classes; k++) {
        float gradient = (float) errors[k] * values[i];
        int at = i * classes + k;
        squares[at] += gradient * gradient;
        weights[at] += step * gradient / (damping + (float) Math.sqrt(squares[at]));
      }
    }
  }

  /** Takes a vector's numbers into means and deviations. */
  void observe(FeatureVector x) {
    for (int i = 0; i < numbers; i++) {
      double number = x.numbers()[i];
      if (Double.isFinite(number)) {
        known[i]++;
        double difference = number - means[i];
        means[i] += difference / known[i];
        squaredDeviations[i] += difference * (number - means[i]);
        deviations[i] = deviation(i);
      }
    }
  }

  private double deviation(int i) {
    return Math.sqrt(squaredDeviations[i] / known[i]);
  }

  /** Writes it, to be read by {@link #readFrom}. */
  void writeTo(DataOutput out) throws IOException {
    for (int i = 0; i < numbers; i++) {
      out.writeLong(known[i]);
      out.writeDouble(means[i]);
      out.writeDouble(squaredDeviations[i]);
    }
    for (int i = 0; i < weights.length; i++) {
      out.writeFloat(weights[i]);
      out.writeFloat(squares[i]);
    }
  }

  /** Becomes what {@link #writeTo} wrote. */
  void readFrom(DataInput in) throws IOException {
    for (int i = 0; i < numbers; i++) {
      known[i] = in.readLong();
      means[i] = in.readDouble();
      squaredDeviations[i] = in.readDouble();
      deviations[i] = deviation(i);
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] = in.readFloat();
      squares[i] = in.readFloat();
    }
  }
}
