package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * How much less likely than contexts say the classes are that lie beyond the submitter's estimate:
 * where estimates are enforced, next to impossible. Whether they are is learned, for each half
 * octave of the estimate, as one weight in the scores of all these classes.
 */
final class LimitWeights {

  /** Before anything is learned, each class beyond the estimate loses a factor of e. */
  private static final float FIRST = -1;

  private static final int HALF_OCTAVES = 64;
  private static final double HALF_OCTAVE = StrictMath.log(2) / 2;

  private final int classes;
  private final int estimate;
  private final int estimateClass;
  private final float step;
  private final float[] weights = new float[HALF_OCTAVES];
  private final float[] squares = new float[HALF_OCTAVES];

  /** Of the vector at hand: where its weight is, and the first class beyond its estimate. */
  private int at;

  private int beyond;

  LimitWeights(FeatureSchema schema, MixtureClassifier.Parameters steps) {
    classes = schema.classes();
    estimate = schema.numberIndex("estimate");
    estimateClass = schema.numberIndex("estimate_class");
    step = (float) steps.limitStep();
    Arrays.fill(weights, FIRST);
  }

  void fill(FeatureVector x) {
    beyond = classes;
    if (estimate == FeatureSchema.ABSENT || estimateClass == FeatureSchema.ABSENT) {
      return;
    }
    double limit = x.numbers()[estimate];
    double limitClass = x.numbers()[estimateClass];
    if (Double.isNaN(limit) || Double.isNaN(limitClass)) {
      return;
    }
    beyond = (int) Math.max(0, Math.min(classes, limitClass + 1));
    at = (int) Math.max(0, Math.min(HALF_OCTAVES - 1, limit / HALF_OCTAVE));
  }

  /** Adds the weight to the scores of the classes beyond. */
  void addTo(double[] scores) {
    for (int k = beyond; k < classes; k++) {
      scores[k] += weights[at];
    }
  }

  /**
   * One step along the gradient.
   *
   * @param errors by class, what was right less what was answered
   */
  void learn(double[] errors) {
    float gradient = 0;
    for (int k = beyond; k < classes; k++) {
      gradient += (float) errors[k];
    }
    if (gradient != 0) {
      squares[at] += gradient * gradient;
      weights[at] += step * gradient / (1 + (float) Math.sqrt(squares[at]));
    }
  }

  /** Writes it, to be read by {@link #readFrom}. */
  void writeTo(DataOutput out) throws IOException {
    for (int i = 0; i < HALF_OCTAVES; i++) {
      out.writeFloat(weights[i]);
      out.writeFloat(squares[i]);
    }
  }

  /** Becomes what {@link #writeTo} wrote. */
  void readFrom(DataInput in) throws IOException {
    for (int i = 0; i < HALF_OCTAVES; i++) {
      weights[i] = in.readFloat();
      squares[i] = in.readFloat();
    }
  }
}
