package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * A neural network with two hidden layers, learned online in small batches.
 *
 * <pre>
 * inputs --> 128, rectified --> 64, rectified --> one a class --> softmax
 * </pre>
 *
 * <p>Sources: D. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015,
 * Algorithm 1; first weights as in K. He et al., "Delving deep into rectifiers", ICCV 2015, section
 * 2.2, drawn evenly, but those of the last layer are 0, so that the first answers are even odds.
 * The loss is the cross-entropy. Differs from them: every example is seen once, in the order in
 * which labels come; inputs are standardised as they come (see {@code Inputs}), and those that are
 * not active cost nothing on the way forth.
 *
 * <p>Plain arrays of floats: at this size (some sixty thousand weights) a step is a few loops over
 * memory that fits into a cache, and a library would add native code to ship and results that
 * differ from one machine to the next.
 *
 * <p>Takes O(active inputs · 128 + 128 · 64) time an example, and three passes over all weights a
 * batch; four floats a weight. Predicting allocates nothing. Deterministic. Not thread-safe.
 */
public final class NetworkClassifier implements Classifier {

  /** Its name in configuration. */
  public static final String NAME = "network";

  private static final int LAYOUT = 1;
  private static final int BUCKETS = 256;

  /** Keeps a step finite where there was hardly any gradient; the paper's epsilon. */
  private static final double EPSILON = 1e-8;

  /** Moments below it are 0: numbers that a processor is slow with would follow. */
  private static final float NOTHING = 1e-20f;

  /**
   * Sizes, and step sizes in the paper's terms.
   *
   * @param first neurons of the first hidden layer, at least 1
   * @param second neurons of the second, at least 1
   * @param batch examples a step, at least 1
   * @param step about how far a weight moves in a step, above 0
   * @param meanDecay what of the mean gradient is left after a step, from 0 to below 1
   * @param squareDecay what of the mean squared gradient is left after a step, from 0 to below 1
   */
  public record Parameters(
      int first, int second, int batch, double step, double meanDecay, double squareDecay) {

    /** The paper's decays and step; batches of 16. */
    public static final Parameters DEFAULT = new Parameters(128, 64, 16, 0.001, 0.9, 0.999);

    public Parameters {
      if (first < 1 || second < 1 || batch < 1) {
        throw new IllegalArgumentException(
            "layers of %d and %d, batches of %d: at least 1".formatted(first, second, batch));
      }
      if (!(step > 0 && isDecay(meanDecay) && isDecay(squareDecay))) {
        throw new IllegalArgumentException(
            "step %s must be above 0; decays %s, %s from 0 to below 1"
                .formatted(step, meanDecay, squareDecay));
      }
    }

    private static boolean isDecay(double number) {
      return number >= 0 && number < 1;
    }
  }

  private final Parameters parameters;
  private final Snapshot envelope;
  private final Inputs inputs;
  private final int first;
  private final int second;
  private final int classes;

  /**
   * All of them: of each input a row of the first layer (the intercept is an input); a row of
   * biases, then of each neuron of the first layer a row of the second; the same of the second and
   * classes.
   */
  private final float[] weights;

  /** Where the second and the third layer begin. */
  private final int toSecond;

  private final int toClasses;

  /** Of the batch so far, and its examples. */
  private final float[] gradients;

  private int waiting;

  /** Adam's moments, and what their decays have come to: 1 before the first step. */
  private final float[] means;

  private final float[] squares;
  private double meanBias = 1;
  private double squareBias = 1;

  private final float[] firstOut;
  private final float[] secondOut;
  private final float[] firstError;
  private final float[] secondError;
  private final double[] answer;

  /**
   * A network that has seen nothing.
   *
   * @param schema what it learns from
   * @param seed of its first weights
   */
  public NetworkClassifier(FeatureSchema schema, Parameters parameters, long seed) {
    this.parameters = parameters;
    envelope = new Snapshot(NAME, LAYOUT, schema);
    inputs = new Inputs(schema, BUCKETS);
    first = parameters.first;
    second = parameters.second;
    classes = schema.classes();
    toSecond = inputs.dimension * first;
    toClasses = toSecond + (1 + first) * second;
    weights = new float[toClasses + (1 + second) * classes];
    gradients = new float[weights.length];
    means = new float[weights.length];
    squares = new float[weights.length];
    firstOut = new float[first];
    secondOut = new float[second];
    firstError = new float[first];
    secondError = new float[second];
    answer = new double[classes];
    Draws draws = new Draws(seed);
    begin(0, toSecond, inputs.indices.length, draws);
    begin(toSecond + second, toClasses, first, draws);
  }

  private void begin(int from, int to, int incoming, Draws draws) {
    double most = Math.sqrt(6.0 / incoming);
    for (int i = from; i < to; i++) {
      weights[i] = (float) (most * (2 * draws.nextDouble() - 1));
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
    inputs.fill(x);
    Arrays.fill(firstOut, 0);
    for (int i = 0; i < inputs.active; i++) {
      add((float) inputs.values[i], inputs.indices[i] * first, firstOut);
    }
    System.arraycopy(weights, toSecond, secondOut, 0, second);
    for (int i = 0; i < first; i++) {
      if (firstOut[i] > 0) {
        add(firstOut[i], toSecond + (1 + i) * second, secondOut);
      }
    }
    for (int label = 0; label < classes; label++) {
      probabilities[label] = weights[toClasses + label];
    }
    for (int i = 0; i < second; i++) {
      if (secondOut[i] > 0) {
        int row = toClasses + (1 + i) * classes;
        for (int label = 0; label < classes; label++) {
          probabilities[label] += secondOut[i] * weights[row + label];
        }
      }
    }
    Softmax.inPlace(probabilities);
  }

  /** Adds a row of weights, so many times, to a layer's sums. */
  private void add(float times, int row, float[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += times * weights[row + i];
    }
  }

  @Override
  public void learn(FeatureVector x, int label, double weight) {
    inputs.observe(x);
    predict(x, answer);
    for (int k = 0; k < classes; k++) {
      answer[k] = weight * (answer[k] - (k == label ? 1 : 0));
      gradients[toClasses + k] += (float) answer[k];
    }
    propagateToSecond();
    propagateToFirst();
    for (int i = 0; i < inputs.active; i++) {
      gather((float) inputs.values[i], inputs.indices[i] * first, firstError);
    }
    waiting++;
    if (waiting == parameters.batch) {
      step();
    }
  }

  private void propagateToSecond() {
    for (int i = 0; i < second; i++) {
      float error = 0;
      if (secondOut[i] > 0) {
        int row = toClasses + (1 + i) * classes;
        for (int k = 0; k < classes; k++) {
          error += (float) answer[k] * weights[row + k];
          gradients[row + k] += (float) answer[k] * secondOut[i];
        }
      }
      secondError[i] = error;
    }
  }

  private void propagateToFirst() {
    gather(1, toSecond, secondError);
    for (int i = 0; i < first; i++) {
      float error = 0;
      if (firstOut[i] > 0) {
        int row = toSecond + (1 + i) * second;
        for (int k = 0; k < second; k++) {
          error += secondError[k] * weights[row + k];
        }
        gather(firstOut[i], row, secondError);
      }
      firstError[i] = error;
    }
  }

  /** Adds a layer's errors, so many times, to a row of gradients. */
  private void gather(float times, int row, float[] errors) {
    for (int i = 0; i < errors.length; i++) {
      gradients[row + i] += times * errors[i];
    }
  }

  private void step() {
    meanBias *= parameters.meanDecay;
    squareBias *= parameters.squareDecay;
    float meanDecay = (float) parameters.meanDecay;
    float squareDecay = (float) parameters.squareDecay;
    // Both corrections of Algorithm 1 in one factor each, as its section 2 ends.
    float rate = (float) (parameters.step * Math.sqrt(1 - squareBias) / (1 - meanBias));
    float least = (float) (EPSILON * Math.sqrt(1 - squareBias));
    for (int i = 0; i < weights.length; i++) {
      if (gradients[i] == 0 && means[i] == 0) {
        continue;
      }
      float gradient = gradients[i] / waiting;
      float mean = meanDecay * means[i] + (1 - meanDecay) * gradient;
      means[i] = Math.abs(mean) < NOTHING ? 0 : mean;
      squares[i] = squareDecay * squares[i] + (1 - squareDecay) * gradient * gradient;
      weights[i] -= rate * means[i] / ((float) Math.sqrt(squares[i]) + least);
      gradients[i] = 0;
    }
    waiting = 0;
  }

  @Override
  public byte[] snapshot() {
    return envelope.write(this::writeTo);
  }

  private void writeTo(DataOutput out) throws IOException {
    out.writeUTF(parameters.toString());
    inputs.writeTo(out);
    out.writeDouble(meanBias);
    out.writeDouble(squareBias);
    for (int i = 0; i < weights.length; i++) {
      out.writeFloat(weights[i]);
      out.writeFloat(means[i]);
      out.writeFloat(squares[i]);
    }
    int used = 0;
    for (float gradient : gradients) {
      used += gradient == 0 ? 0 : 1;
    }
    out.writeInt(waiting);
    out.writeInt(used);
    for (int i = 0; i < gradients.length; i++) {
      if (gradients[i] != 0) {
        out.writeInt(i);
        out.writeFloat(gradients[i]);
      }
    }
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
    meanBias = in.readDouble();
    squareBias = in.readDouble();
    for (int i = 0; i < weights.length; i++) {
      weights[i] = in.readFloat();
      means[i] = in.readFloat();
      squares[i] = in.readFloat();
    }
    waiting = in.readInt();
    if (waiting < 0 || waiting >= parameters.batch) {
      throw new IOException("%d examples of a batch of %d".formatted(waiting, parameters.batch));
    }
    Arrays.fill(gradients, 0);
    int used = in.readInt();
    for (int i = 0; i < used; i++) {
      int at = in.readInt();
      if (at < 0 || at >= gradients.length) {
        throw new IOException("Gradient %d of %d".formatted(at, gradients.length));
      }
      gradients[at] = in.readFloat();
    }
  }
}
