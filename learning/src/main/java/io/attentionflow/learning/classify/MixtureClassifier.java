package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.ClassTable;
import io.attentionflow.learning.features.Evidence;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.SharedContext;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Class frequencies in many contexts, each counted with a fast and a slow decay; their logarithms
 * are added up with weights, learned online.
 *
 * <pre>
 * the tenant's contexts, in the vector --+
 *                                        +--> log(count + s) --> weighted sum --> softmax
 * contexts across tenants, counted here -+
 * </pre>
 *
 * <p>Sources: M. Mahoney, "Adaptive weighing of context models for lossless data compression",
 * technical report, Florida Tech 2005 (PAQ: mixing in the logistic domain, learned online); C.
 * Mattern, "Mixing strategies in data compression", DCC 2012 (the same for more than two symbols).
 * Step sizes shrink by input: J. Duchi et al., "Adaptive subgradient methods", JMLR 2011. Differs
 * from them: the tables count classes, not bits; a tenant's counts come with the vector, as they
 * were when the task was submitted, so that weights are learned from what predictions are made from
 * although labels come late; a context without counts says nothing instead of being backed off.
 *
 * <p>An input's normalising constant is left out: it is the same for all classes, and cancels in
 * the softmax as well as in its gradient.
 *
 * <p>Takes O(contexts · classes) time and allocates nothing. Memory is bounded by the number of
 * contexts. Deterministic. Not thread-safe.
 */
public final class MixtureClassifier implements Classifier {

  /** Its name in configuration. */
  public static final String NAME = "mixture";

  private static final int LAYOUT = 1;
  private static final double BIAS_STEP = 2e-4;

  /**
   * What it is tuned by.
   *
   * @param contexts how many contexts across tenants it remembers at most, at least 8
   * @param sharedStep step size of an input's weight for all classes, above 0
   * @param classStep step size of its weights by class, above 0
   * @param damping keeps first steps small, above 0: labels come in correlated batches
   * @param smoothing what is added to every count, above 0
   */
  public record Parameters(
      int contexts, double sharedStep, double classStep, double damping, double smoothing) {

    public static final Parameters DEFAULT = new Parameters(1 << 14, 0.01, 0.005, 20, 0.1);

    public Parameters {
      if (contexts < 8 || !(sharedStep > 0 && classStep > 0 && damping > 0 && smoothing > 0)) {
        throw new IllegalArgumentException(
            "%d contexts, steps %s and %s, damping %s, smoothing %s: at least 8, and above 0"
                .formatted(contexts, sharedStep, classStep, damping, smoothing));
      }
    }
  }

  private final FeatureSchema schema;
  private final Parameters parameters;
  private final Snapshot envelope;
  private final int classes;
  private final int evidenceInputs;

  /** log(count + smoothing) by the code of the count. */
  private final float[] logarithms = new float[256];

  /** One row an input, one column a class; rows of contexts without counts are 0. */
  private final float[] inputs;

  /** By input, for all classes; and what is added to it by class. */
  private final double[] weights;

  private final double[] classWeights;

  /** Sums of squared gradients of both: the more there were, the smaller the steps. */
  private final double[] squares;

  private final double[] classSquares;
  private final double[] biases;
  private final long[] contexts;
  private final double[] answer;
  private ClassTable table;

  /**
   * @param schema what it learns from
   */
  public MixtureClassifier(FeatureSchema schema, Parameters parameters) {
    this.schema = schema;
    this.parameters = parameters;
    envelope = new Snapshot(NAME, LAYOUT, schema);
    classes = schema.classes();
    evidenceInputs = 2 * schema.tables().size();
    contexts =
        new long[schema.tables().isEmpty() ? RowContext.count(schema) : SharedContext.count()];
    weights = new double[evidenceInputs + 2 * contexts.length];
    squares = new double[weights.length];
    classWeights = new double[weights.length * classes];
    classSquares = new double[classWeights.length];
    inputs = new float[classWeights.length];
    biases = new double[classes];
    answer = new double[classes];
    table = new ClassTable(classes, parameters.contexts);
    Arrays.fill(weights, 1.0 / weights.length);
    for (int code = 0; code < logarithms.length; code++) {
      logarithms[code] =
          (float) StrictMath.log(Evidence.decode((byte) code) + parameters.smoothing);
    }
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
    fill(x);
    mix(probabilities);
  }

  private void mix(double[] probabilities) {
    System.arraycopy(biases, 0, probabilities, 0, classes);
    for (int input = 0; input < weights.length; input++) {
      double weight = weights[input];
      int row = input * classes;
      for (int label = 0; label < classes; label++) {
        probabilities[label] += (weight + classWeights[row + label]) * inputs[row + label];
      }
    }
    Softmax.inPlace(probabilities);
  }

  private void fill(FeatureVector x) {
    schema.check(x);
    fillFromEvidence(x.evidence());
    if (schema.tables().isEmpty()) {
      RowContext.keysOf(x, contexts);
    } else {
      SharedContext.keysOf(x, contexts);
    }
    int row = evidenceInputs * classes;
    for (long context : contexts) {
      fillFromTable(table.find(context), row);
      row += 2 * classes;
    }
  }

  private void fillFromEvidence(byte[] evidence) {
    for (int row = 0; row < evidence.length; row += classes) {
      int any = 0;
      for (int i = row; i < row + classes; i++) {
        any |= evidence[i];
        inputs[i] = logarithms[evidence[i] & 0xff];
      }
      if (any == 0) {
        Arrays.fill(inputs, row, row + classes, 0);
      }
    }
  }

  private void fillFromTable(int slot, int row) {
    if (slot == ClassTable.ABSENT) {
      Arrays.fill(inputs, row, row + 2 * classes, 0);
      return;
    }
    float smoothing = (float) parameters.smoothing;
    for (int label = 0; label < classes; label++) {
      inputs[row + label] = Logarithm.of(table.fast(slot, label) + smoothing);
      inputs[row + classes + label] = Logarithm.of(table.slow(slot, label) + smoothing);
    }
  }

  @Override
  public void learn(FeatureVector x, int label, double weight) {
    predict(x, answer);
    for (int k = 0; k < classes; k++) {
      answer[k] = weight * ((k == label ? 1 : 0) - answer[k]);
      biases[k] += BIAS_STEP * answer[k];
    }
    for (int input = 0; input < weights.length; input++) {
      learnWeights(input);
    }
    for (long context : contexts) {
      table.count(context, label, (float) weight);
    }
  }

  /** One step along the gradient, {@code answer} being what was right less what was answered. */
  private void learnWeights(int input) {
    int row = input * classes;
    double shared = 0;
    for (int at = row; at < row + classes; at++) {
      double gradient = answer[at - row] * inputs[at];
      shared += gradient;
      classSquares[at] += gradient * gradient;
      classWeights[at] += parameters.classStep * gradient / damped(classSquares[at]);
    }
    squares[input] += shared * shared;
    weights[input] += parameters.sharedStep * shared / damped(squares[input]);
  }

  private double damped(double sumOfSquares) {
    return parameters.damping + Math.sqrt(sumOfSquares);
  }

  @Override
  public byte[] snapshot() {
    return envelope.write(this::writeTo);
  }

  private void writeTo(DataOutput out) throws IOException {
    out.writeInt(parameters.contexts);
    out.writeDouble(parameters.sharedStep);
    out.writeDouble(parameters.classStep);
    out.writeDouble(parameters.damping);
    out.writeDouble(parameters.smoothing);
    for (double[] learned : learned()) {
      for (double number : learned) {
        out.writeDouble(number);
      }
    }
    table.writeTo(out);
  }

  @Override
  public void restore(byte[] snapshot) {
    envelope.read(snapshot, this::readFrom);
  }

  private void readFrom(DataInput in) throws IOException {
    Parameters written =
        new Parameters(
            in.readInt(), in.readDouble(), in.readDouble(), in.readDouble(), in.readDouble());
    if (!written.equals(parameters)) {
      throw new IllegalArgumentException(
          "The snapshot was learned with %s, this one learns with %s"
              .formatted(written, parameters));
    }
    for (double[] learned : learned()) {
      for (int i = 0; i < learned.length; i++) {
        learned[i] = in.readDouble();
      }
    }
    table = ClassTable.readFrom(in);
  }

  private double[][] learned() {
    return new double[][] {weights, squares, classWeights, classSquares, biases};
  }
}
