package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Multinomial logistic regression, learned one example at a time by FTRL-Proximal.
 *
 * <p>Source: H. B. McMahan et al., "Ad click prediction: a view from the trenches", KDD 2013,
 * Algorithm 1. Differs from it: one weight vector a class, with a softmax over them; inputs are
 * standardised as they come (see {@code Inputs}); the example's weight multiplies the gradient; the
 * intercept is not regularised.
 *
 * <p>Takes O(active inputs · classes) time, and two floats an input and class. Predicting allocates
 * nothing. Deterministic. Not thread-safe.
 */
public final class LogisticClassifier implements Classifier {

  /** Its name in configuration. */
  public static final String NAME = "logistic";

  private static final int LAYOUT = 1;

  /**
   * Step sizes and regularisation, in the paper's letters.
   *
   * @param alpha step size, above 0
   * @param beta what steps start to shrink from, above 0
   * @param l1 pulls small weights to 0, not negative
   * @param l2 pulls all weights towards 0, not negative
   */
  public record Parameters(double alpha, double beta, double l1, double l2) {

    public static final Parameters DEFAULT = new Parameters(0.02, 1, 0.05, 0.5);

    public Parameters {
      if (!(alpha > 0 && beta > 0 && l1 >= 0 && l2 >= 0)) {
        throw new IllegalArgumentException(
            "alpha %s, beta %s must be above 0; l1 %s, l2 %s not below"
                .formatted(alpha, beta, l1, l2));
      }
    }
  }

  private final FeatureSchema schema;
  private final Parameters parameters;
  private final Snapshot envelope;
  private final Inputs inputs;
  private final int classes;

  /** The paper's z and n: one row an input, one column a class. */
  private final float[] z;

  private final float[] n;
  private final double[] answer;

  /**
   * @param schema what it learns from
   */
  public LogisticClassifier(FeatureSchema schema, Parameters parameters) {
    this.schema = schema;
    this.parameters = parameters;
    this.envelope = new Snapshot(NAME, LAYOUT, schema);
    this.inputs = new Inputs(schema);
    this.classes = schema.classes();
    this.z = new float[inputs.dimension * classes];
    this.n = new float[inputs.dimension * classes];
    this.answer = new double[classes];
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int classes() {
    return schema.classes();
  }

  @Override
  public void predict(FeatureVector x, double[] probabilities) {
    inputs.fill(x);
    Arrays.fill(probabilities, 0);
    for (int i = 0; i < inputs.active; i++) {
      int row = inputs.indices[i] * classes;
      double value = inputs.values[i];
      for (int label = 0; label < classes; label++) {
        probabilities[label] += value * weight(row + label);
      }
    }
    Softmax.inPlace(probabilities);
  }

  private double weight(int at) {
    double l1 = at < classes ? 0 : parameters.l1;
    if (Math.abs(z[at]) <= l1) {
      return 0;
    }
    double l2 = at < classes ? 0 : parameters.l2;
    return (Math.signum(z[at]) * l1 - z[at])
        / ((parameters.beta + Math.sqrt(n[at])) / parameters.alpha + l2);
  }

  @Override
  public void learn(FeatureVector x, int label, double weight) {
    inputs.observe(x);
    predict(x, answer);
    for (int i = 0; i < inputs.active; i++) {
      int row = inputs.indices[i] * classes;
      for (int k = 0; k < classes; k++) {
        int at = row + k;
        double gradient = weight * (answer[k] - (k == label ? 1 : 0)) * inputs.values[i];
        double grown = n[at] + gradient * gradient;
        double sigma = (Math.sqrt(grown) - Math.sqrt(n[at])) / parameters.alpha;
        z[at] += (float) (gradient - sigma * weight(at));
        n[at] = (float) grown;
      }
    }
  }

  @Override
  public byte[] snapshot() {
    return envelope.write(this::writeTo);
  }

  private void writeTo(DataOutput out) throws IOException {
    out.writeDouble(parameters.alpha);
    out.writeDouble(parameters.beta);
    out.writeDouble(parameters.l1);
    out.writeDouble(parameters.l2);
    inputs.writeTo(out);
    int used = 0;
    for (int i = 0; i < n.length; i++) {
      used += n[i] == 0 && z[i] == 0 ? 0 : 1;
    }
    out.writeInt(used);
    for (int i = 0; i < n.length; i++) {
      if (n[i] != 0 || z[i] != 0) {
        out.writeInt(i);
        out.writeFloat(z[i]);
        out.writeFloat(n[i]);
      }
    }
  }

  @Override
  public void restore(byte[] snapshot) {
    envelope.read(snapshot, this::readFrom);
  }

  private void readFrom(DataInput in) throws IOException {
    Parameters written =
        new Parameters(in.readDouble(), in.readDouble(), in.readDouble(), in.readDouble());
    if (!written.equals(parameters)) {
      throw new IllegalArgumentException(
          "The snapshot was learned with %s, this one learns with %s"
              .formatted(written, parameters));
    }
    inputs.readFrom(in);
    Arrays.fill(z, 0);
    Arrays.fill(n, 0);
    int used = in.readInt();
    for (int i = 0; i < used; i++) {
      int at = in.readInt();
      if (at < 0 || at >= n.length) {
        throw new IOException("Weight %d of %d".formatted(at, n.length));
      }
      z[at] = in.readFloat();
      n[at] = in.readFloat();
    }
  }
}
