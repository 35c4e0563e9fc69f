package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.Keys;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Nominal features as inputs of a softmax: each value has a weight by class, for what counts in its
 * contexts leave unsaid. Values share a bounded number of places by their hash (Weinberger et al.,
 * "Feature hashing for large scale multitask learning", ICML 2009; without their sign hash). Steps
 * shrink as in {@link WeightSets}.
 */
final class KeyInputs {

  private static final int PLACES = 1 << 14;

  private final int classes;
  private final float step;
  private final float damping;
  private final float[] weights;
  private final float[] squares;

  /** Where the weights of the known values of the vector at hand begin. */
  private final int[] active;

  private int activeCount;

  KeyInputs(int keys, int classes, MixtureClassifier.Parameters steps) {
    this.classes = classes;
    step = (float) steps.keyStep();
    damping = (float) steps.keyDamping();
    weights = new float[keys == 0 ? 0 : PLACES * classes];
    squares = new float[weights.length];
    active = new int[keys];
  }

  void fill(FeatureVector x) {
    activeCount = 0;
    for (int i = 0; i < active.length; i++) {
      long key = x.keys()[i];
      if (key != Keys.UNKNOWN) {
        active[activeCount++] = (int) (Keys.of(i, key) & (PLACES - 1)) * classes;
      }
    }
  }

  /** Adds the weights of each class to its score. */
  void addTo(double[] scores) {
    for (int n = 0; n < activeCount; n++) {
      for (int k = 0; k < classes; k++) {
        scores[k] += weights[active[n] + k];
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
      for (int k = 0; k < classes; k++) {
        int at = active[n] + k;
        float gradient = (float) errors[k];
        squares[at] += gradient * gradient;
        weights[at] += step * gradient / (damping + (float) Math.sqrt(squares[at]));
      }
    }
  }

  /**
   * Writes it, to be read by {@link #readFrom}; places that nothing was learned in are left out.
   */
  void writeTo(DataOutput out) throws IOException {
    for (int from = 0; from < weights.length; from += classes) {
      boolean used = isUsed(from);
      out.writeBoolean(used);
      for (int at = from; used && at < from + classes; at++) {
        out.writeFloat(weights[at]);
        out.writeFloat(squares[at]);
      }
    }
  }

  private boolean isUsed(int from) {
    for (int at = from; at < from + classes; at++) {
      if (squares[at] != 0) {
        return true;
      }
    }
    return false;
  }

  /** Becomes what {@link #writeTo} wrote. */
  void readFrom(DataInput in) throws IOException {
    Arrays.fill(weights, 0);
    Arrays.fill(squares, 0);
    for (int from = 0; from < weights.length; from += classes) {
      boolean used = in.readBoolean();
      for (int at = from; used && at < from + classes; at++) {
        weights[at] = in.readFloat();
        squares[at] = in.readFloat();
      }
    }
  }
}
