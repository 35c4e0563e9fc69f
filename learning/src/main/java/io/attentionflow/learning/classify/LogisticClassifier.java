package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Multinomial logistic regression, learned online by FTRL-Proximal.
 *
 * <p>Source: H. B. McMahan et al., "Ad click prediction: a view from the trenches", KDD 2013,
 * Algorithm 1. Differs from it: one weight vector a class, with a softmax over them; inputs are
 * standardised as they come (see {@code Inputs}); the example's weight multiplies the gradient; the
 * intercept is not regularised; a step may be taken for a batch of examples, by the mean of their
 * gradients; and it can start from weights learned before.
 *
 * <p>Takes O(active inputs · classes) time, and four floats an input and class. Predicting
 * allocates nothing. Deterministic. Not thread-safe.
 */
public final class LogisticClassifier implements Classifier {

  /** Its name in configuration. */
  public static final String NAME = "logistic";

  private static final int LAYOUT = 2;
  private static final int BUCKETS = 2048;

  /**
   * Step sizes and regularisation, in the paper's letters.
   *
   * @param alpha step size, above 0
   * @param beta what steps start to shrink from, above 0
   * @param l1 pulls small weights to 0, not negative
   * @param l2 pulls all weights towards 0, not negative
   * @param batch examples a step, at least 1
   */
  public record Parameters(double alpha, double beta, double l1, double l2, int batch) {

    /** Steps of one example: labels come late enough as it is. */
    public static final Parameters DEFAULT = new Parameters(0.02, 1, 0.05, 0.5, 1);

    public Parameters {
      if (!(alpha > 0 && beta > 0 && l1 >= 0 && l2 >= 0 && batch >= 1)) {
        throw new IllegalArgumentException(
            "alpha %s, beta %s must be above 0; l1 %s, l2 %s not below; batch %d at least 1"
                .formatted(alpha, beta, l1, l2, batch));
      }
    }

    /** These, with so many examples a step. */
    public Parameters withBatch(int newBatch) {
      return new Parameters(alpha, beta, l1, l2, newBatch);
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

  /** Follows from z and n; kept, since weights are read far more often than they change. */
  private final float[] weights;

  /** Of the batch so far: sums of gradients, and the rows in which there are any. */
  private final float[] gradients;

  private final int[] rows;
  private final boolean[] isTouched;
  private int touched;
  private int waiting;
  private final double[] answer;

  /**
   * One that has seen nothing.
   *
   * @param schema what it learns from
   */
  public LogisticClassifier(FeatureSchema schema, Parameters parameters) {
    this.schema = schema;
    this.parameters = parameters;
    this.envelope = new Snapshot(NAME, LAYOUT, schema);
    this.inputs = new Inputs(schema, BUCKETS);
    this.classes = schema.classes();
    int size = inputs.dimension * classes;
    this.z = new float[size];
    this.n = new float[size];
    this.weights = new float[size];
    this.gradients = new float[size];
    this.rows = new int[inputs.dimension];
    this.isTouched = new boolean[inputs.dimension];
    this.answer = new double[classes];
  }

  /**
   * One that goes on from what another has learned: its weights and how its inputs are
   * standardised, but with step sizes as at the beginning. It answers as the other does.
   *
   * @param other learns from the same schema; not changed
   */
  public static LogisticClassifier startingFrom(LogisticClassifier other, Parameters parameters) {
    LogisticClassifier started = new LogisticClassifier(other.schema, parameters);
    started.inputs.copyFrom(other.inputs);
    for (int at = 0; at < other.weights.length; at++) {
      double weight = other.weights[at];
      double decay = parameters.beta / parameters.alpha + started.l2(at);
      started.z[at] = (float) (-weight * decay - Math.signum(weight) * started.l1(at));
      started.weights[at] = started.weight(at);
    }
    return started;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int classes() {
    return classes;
  }

  @Override
  public void predict(FeatureVector x, double[] probabilities) {
    inputs.fill(x);
    Arrays.fill(probabilities, 0);
    for (int i = 0; i < inputs.active; i++) {
      int row = inputs.indices[i] * classes;
      double value = inputs.values[i];
      for (int label = 0; label < classes; label++) {
        probabilities[label] += value * weights[row + label];
      }
    }
    Softmax.inPlace(probabilities);
  }

  @Override
  public void learn(FeatureVector x, int label, double weight) {
    inputs.observe(x);
    predict(x, answer);
    for (int k = 0; k < classes; k++) {
      answer[k] = weight * (answer[k] - (k == label ? 1 : 0));
    }
    for (int i = 0; i < inputs.active; i++) {
      touch(inputs.indices[i]);
      int row = inputs.indices[i] * classes;
      for (int k = 0; k < classes; k++) {
        gradients[row + k] += (float) (answer[k] * inputs.values[i]);
      }
    }
    waiting++;
    if (waiting == parameters.batch) {
      step();
    }
  }

  private void touch(int input) {
    if (!isTouched[input]) {
      isTouched[input] = true;
      rows[touched] = input;
      touched++;
    }
  }

  private void step() {
    for (int i = 0; i < touched; i++) {
      int row = rows[i] * classes;
      for (int at = row; at < row + classes; at++) {
        double gradient = gradients[at] / waiting;
        double grown = n[at] + gradient * gradient;
        double sigma = (Math.sqrt(grown) - Math.sqrt(n[at])) / parameters.alpha;
        z[at] += (float) (gradient - sigma * weights[at]);
        n[at] = (float) grown;
        weights[at] = weight(at);
        gradients[at] = 0;
      }
      isTouched[rows[i]] = false;
    }
    touched = 0;
    waiting = 0;
  }

  private float weight(int at) {
    double l1 = l1(at);
    if (Math.abs(z[at]) <= l1) {
      return 0;
    }
    double decay = (parameters.beta + Math.sqrt(n[at])) / parameters.alpha + l2(at);
    return (float) ((Math.signum(z[at]) * l1 - z[at]) / decay);
  }

  private double l1(int at) {
    return at < classes ? 0 : parameters.l1;
  }

  private double l2(int at) {
    return at < classes ? 0 : parameters.l2;
  }

  @Override
  public byte[] snapshot() {
    return envelope.write(this::writeTo);
  }

  private void writeTo(DataOutput out) throws IOException {
    out.writeUTF(parameters.toString());
    inputs.writeTo(out);
    int used = 0;
    for (int at = 0; at < n.length; at++) {
      used += isUsed(at) ? 1 : 0;
    }
    out.writeInt(used);
    for (int at = 0; at < n.length; at++) {
      if (isUsed(at)) {
        out.writeInt(at);
        out.writeFloat(z[at]);
        out.writeFloat(n[at]);
      }
    }
    out.writeInt(waiting);
    out.writeInt(touched);
    for (int i = 0; i < touched; i++) {
      out.writeInt(rows[i]);
      for (int k = 0; k < classes; k++) {
        out.writeFloat(gradients[rows[i] * classes + k]);
      }
    }
  }

  private boolean isUsed(int at) {
    return n[at] != 0 || z[at] != 0;
  }

  @Override
  public void restore(byte[] snapshot) {
    envelope.read(snapshot, this::readFrom);
  }

  private void readFrom(DataInput in) throws IOException {
    String written = in.readUTF();
    if (!written.equals(parameters.toString())) {
      throw new IllegalArgumentException(
          "The snapshot was learned with %s, this one learns with %s"
              .formatted(written, parameters));
    }
    inputs.readFrom(in);
    Arrays.fill(z, 0);
    Arrays.fill(n, 0);
    Arrays.fill(weights, 0);
    int used = in.readInt();
    for (int i = 0; i < used; i++) {
      int at = in.readInt();
      if (at < 0 || at >= n.length) {
        throw new IOException("Weight %d of %d".formatted(at, n.length));
      }
      z[at] = in.readFloat();
      n[at] = in.readFloat();
      weights[at] = weight(at);
    }
    readBatch(in);
  }

  private void readBatch(DataInput in) throws IOException {
    Arrays.fill(gradients, 0);
    Arrays.fill(isTouched, false);
    touched = 0;
    waiting = in.readInt();
    int count = in.readInt();
    if (waiting < 0 || waiting >= parameters.batch || count > inputs.dimension) {
      throw new IOException("A batch of %d with %d inputs".formatted(waiting, count));
    }
    for (int i = 0; i < count; i++) {
      int input = in.readInt();
      if (input < 0 || input >= inputs.dimension) {
        throw new IOException("Input %d of %d".formatted(input, inputs.dimension));
      }
      touch(input);
      for (int k = 0; k < classes; k++) {
        gradients[input * classes + k] = in.readFloat();
      }
    }
  }
}
