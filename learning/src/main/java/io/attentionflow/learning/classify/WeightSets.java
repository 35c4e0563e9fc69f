package io.attentionflow.learning.classify;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Weights of context inputs in several sets, of which the situation chooses some: what is to be
 * believed differs between a tenant never seen and one that repeats itself. The chosen sets are
 * added up.
 *
 * <p>As PAQ's mixers choose their weights by a small context (Mahoney 2005, section 3.2), but added
 * before the softmax instead of mixed again behind it: as good here, and cheaper. Step sizes shrink
 * by input (Duchi et al., JMLR 2011), damped, since labels come in correlated batches.
 */
final class WeightSets {

  /** It has seen as much as all contexts together, and is not believed as much as they are. */
  private static final float FIRST_OF_OPINION = 0.25f;

  private final int rows;
  private final int classes;

  /** Columns of a row: the weight for all classes, and what each class adds to it. */
  private final int columns;

  private final float sharedStep;
  private final float classStep;
  private final float damping;
  private final float[] weights;

  /** Sums of squared gradients: the more there were, the smaller the steps. */
  private final float[] squares;

  /** Of one input, what the chosen sets say together. */
  private final float[] added;

  /**
   * @param sets how many there are
   * @param chosen how many of them are chosen each time
   * @param rows how many inputs there are; the last is a second opinion
   */
  WeightSets(int sets, int chosen, int rows, int classes, MixtureClassifier.Parameters steps) {
    this.rows = rows;
    this.classes = classes;
    columns = classes + 1;
    sharedStep = (float) steps.sharedStep() / chosen;
    classStep = (float) steps.classStep() / chosen;
    damping = (float) steps.damping();
    weights = new float[sets * rows * columns];
    squares = new float[weights.length];
    added = new float[classes];
    for (int row = 0; row < sets * rows; row++) {
      boolean opinion = row % rows == rows - 1;
      weights[row * columns] = (opinion ? FIRST_OF_OPINION : 1f / rows) / chosen;
    }
  }

  /** Adds each class's weighted sum of the active inputs to its score. */
  void addTo(double[] scores, ContextInputs inputs, int[] chosen) {
    for (int n = 0; n < inputs.activeCount; n++) {
      int row = inputs.active[n];
      Arrays.fill(added, 0);
      for (int set : chosen) {
        int at = (set * rows + row) * columns;
        float ofAll = weights[at];
        for (int i = 0; i < classes; i++) {
          added[i] += ofAll + weights[at + 1 + i];
        }
      }
      for (int i = 0; i < classes; i++) {
        scores[i] += added[i] * inputs.values[row * classes + i];
      }
    }
  }

  /**
   * One step along the gradient.
   *
   * @param errors by class, what was right less what was answered
   */
  void learn(double[] errors, ContextInputs inputs, int[] chosen) {
    for (int set : chosen) {
      for (int n = 0; n < inputs.activeCount; n++) {
        int row = inputs.active[n];
        int at = (set * rows + row) * columns;
        float shared = 0;
        for (int i = 0; i < classes; i++) {
          float gradient = (float) errors[i] * inputs.values[row * classes + i];
          shared += gradient;
          step(at + 1 + i, gradient, classStep);
        }
        step(at, shared, sharedStep);
      }
    }
  }

  private void step(int at, float gradient, float step) {
    squares[at] += gradient * gradient;
    weights[at] += step * gradient / (damping + (float) Math.sqrt(squares[at]));
  }

  /** Writes it, to be read by {@link #readFrom}. */
  void writeTo(DataOutput out) throws IOException {
    for (int i = 0; i < weights.length; i++) {
      out.writeFloat(weights[i]);
      out.writeFloat(squares[i]);
    }
  }

  /** Becomes what {@link #writeTo} wrote. */
  void readFrom(DataInput in) throws IOException {
    for (int i = 0; i < weights.length; i++) {
      weights[i] = in.readFloat();
      squares[i] = in.readFloat();
    }
  }
}
