package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.ClassTable;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.Keys;
import io.attentionflow.learning.features.SharedContext;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Class frequencies in many contexts, each counted with a fast and a slow decay; their logarithms
 * are added up with weights, learned online, and so are the features themselves.
 *
 * <pre>
 * the tenant's contexts, in the vector --+
 *                                        +--> log odds --> weights of the situation --+
 * contexts across tenants, counted here -+                                            +--> softmax
 * classes by the run time that is expected, in the vector ----> weights, likewise ----+
 * numbers, standardised; keys; what the estimate rules out ---------------------------+
 * </pre>
 *
 * <p>Sources: M. Mahoney, "Adaptive weighing of context models for lossless data compression",
 * technical report, Florida Tech 2005 (PAQ: mixing in the logistic domain, learned online, with
 * weights selected by a context); C. Mattern, "Mixing strategies in data compression", DCC 2012
 * (the same for more than two symbols). Step sizes shrink by input: J. Duchi et al., "Adaptive
 * subgradient methods", JMLR 2011. Differs from them: the tables count classes, not bits; counts
 * are learned from as they were when the task was submitted, not as they are when its label comes
 * late and those of its siblings have come before (a tenant's are in the vector, those across
 * tenants in the {@linkplain #answer memo}, and so is the second opinion); a context without counts
 * says nothing instead of being backed off, and neither does one of something that the task lacks;
 * numeric and nominal features are added in the same softmax (as the wide part of H.-T. Cheng et
 * al., "Wide &amp; deep learning for recommender systems", DLRS 2016).
 *
 * <p>Takes O(contexts · classes) time and allocates nothing but memos. Memory is bounded by the
 * number of contexts. Deterministic. Not thread-safe.
 */
public final class MixtureClassifier implements Classifier {

  /** Its name in configuration. */
  public static final String NAME = "mixture";

  private static final int LAYOUT = 4;
  private static final double BIAS_STEP = 2e-4;

  /**
   * What it is tuned by.
   *
   * @param contexts how many contexts across tenants it remembers at most, at least 8
   * @param sharedStep step size of an input's weight for all classes, above 0
   * @param classStep step size of its weights by class, above 0
   * @param numberStep step size of a numeric feature's weights by class, above 0
   * @param keyStep step size of a nominal feature's weights by class, above 0
   * @param keyDamping as damping, of these
   * @param limitStep step size of what the estimate rules out, above 0
   * @param damping keeps first steps small, above 0: labels come in correlated batches
   * @param fastSmoothing what is added to every count of the fast decay, above 0
   * @param slowSmoothing likewise of the slow one: many labels are worth more than a few
   */
  public record Parameters(
      int contexts,
      double sharedStep,
      double classStep,
      double numberStep,
      double keyStep,
      double keyDamping,
      double limitStep,
      double damping,
      double fastSmoothing,
      double slowSmoothing) {

    public static final Parameters DEFAULT =
        new Parameters(1 << 15, 0.01, 0.005, 0.005, 0.02, 5, 0.2, 20, 0.3, 0.1);

    public Parameters {
      if (contexts < 8
          || !(sharedStep > 0
              && classStep > 0
              && numberStep > 0
              && keyStep > 0
              && keyDamping > 0
              && limitStep > 0
              && damping > 0
              && fastSmoothing > 0
              && slowSmoothing > 0)) {
        throw new IllegalArgumentException(
            "%d contexts, steps %s, %s, %s, %s and %s, damping %s and %s, smoothing %s and %s: at least 8, and above 0"
                .formatted(
                    contexts,
                    sharedStep,
                    classStep,
                    numberStep,
                    keyStep,
                    limitStep,
                    keyDamping,
                    damping,
                    fastSmoothing,
                    slowSmoothing));
      }
    }
  }

  private final FeatureSchema schema;
  private final Parameters parameters;
  private final Snapshot envelope;
  private final int classes;
  private final ContextInputs inputs;
  private final Situation situation;
  private final WeightSets weights;
  private final NumberInputs numbers;
  private final KeyInputs keys;
  private final LimitWeights limit;
  private final double[] biases;
  private final long[] contexts;

  /** What is counted in the contexts across tenants, coded. */
  private final int sharedLength;

  /** That, and after it the second opinion. */
  private final byte[] noted;

  private final double[] errors;
  private ClassTable table;

  /**
   * @param schema what it learns from
   */
  public MixtureClassifier(FeatureSchema schema, Parameters parameters) {
    this.schema = schema;
    this.parameters = parameters;
    envelope = new Snapshot(NAME, LAYOUT, schema);
    classes = schema.classes();
    contexts =
        new long[schema.tables().isEmpty() ? RowContext.count(schema) : SharedContext.count()];
    sharedLength = contexts.length * 2 * classes;
    noted = new byte[sharedLength + classes];
    int rows = 2 * (schema.tables().size() + contexts.length) + 1;
    inputs = new ContextInputs(rows, classes, parameters.fastSmoothing, parameters.slowSmoothing);
    situation = new Situation(schema);
    weights = new WeightSets(situation.sets(), situation.chosen.length, rows, classes, parameters);
    numbers = new NumberInputs(schema.numbers().size(), classes, parameters);
    keys = new KeyInputs(schema.keys().size(), classes, parameters);
    limit = new LimitWeights(schema, parameters);
    biases = new double[classes];
    errors = new double[classes];
    table = new ClassTable(classes, parameters.contexts);
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
    schema.check(x);
    look(x);
    mix(x, noted, probabilities);
  }

  /** Notes what is counted by now in the contexts across tenants, and the second opinion. */
  private void look(FeatureVector x) {
    keysOf(x);
    Arrays.fill(noted, (byte) 0);
    for (int i = 0; i < contexts.length; i++) {
      if (contexts[i] != Keys.UNKNOWN) {
        int slot = table.find(contexts[i]);
        if (slot != ClassTable.ABSENT) {
          table.encode(slot, noted, i * 2 * classes);
        }
      }
    }
    System.arraycopy(x.byRunTime(), 0, noted, sharedLength, x.byRunTime().length);
  }

  private void keysOf(FeatureVector x) {
    if (schema.tables().isEmpty()) {
      RowContext.keysOf(x, contexts);
    } else {
      SharedContext.keysOf(x, contexts);
    }
  }

  private void mix(FeatureVector x, byte[] from, double[] probabilities) {
    int ofTenant = 2 * schema.tables().size();
    inputs.clear();
    inputs.add(x.evidence(), x.evidence().length, 0);
    inputs.add(from, sharedLength, ofTenant);
    inputs.addLikelihoods(from, sharedLength, ofTenant + 2 * contexts.length);
    situation.fill(x);
    numbers.fill(x);
    keys.fill(x);
    limit.fill(x);
    System.arraycopy(biases, 0, probabilities, 0, classes);
    weights.addTo(probabilities, inputs, situation.chosen);
    numbers.addTo(probabilities);
    keys.addTo(probabilities);
    limit.addTo(probabilities);
    Softmax.inPlace(probabilities);
  }

  /** Its memo is what was counted in the contexts across tenants, and the second opinion. */
  @Override
  public byte[] answer(FeatureVector x, double[] probabilities) {
    predict(x, probabilities);
    return noted.clone();
  }

  @Override
  public void learn(FeatureVector x, int label, double weight) {
    schema.check(x);
    look(x);
    learn(x, label, weight, noted);
  }

  @Override
  public void learn(FeatureVector x, byte[] memo, int label, double weight) {
    if (memo.length != noted.length) { // nobody kept it, or it is of another release
      learn(x, label, weight);
      return;
    }
    schema.check(x);
    keysOf(x);
    learn(x, label, weight, memo);
  }

  private void learn(FeatureVector x, int label, double weight, byte[] from) {
    mix(x, from, errors);
    for (int k = 0; k < classes; k++) {
      errors[k] = weight * ((k == label ? 1 : 0) - errors[k]);
      biases[k] += BIAS_STEP * errors[k];
    }
    weights.learn(errors, inputs, situation.chosen);
    numbers.learn(errors);
    keys.learn(errors);
    limit.learn(errors);
    numbers.observe(x);
    for (long context : contexts) {
      if (context != Keys.UNKNOWN) {
        table.count(context, label, (float) weight);
      }
    }
  }

  @Override
  public byte[] snapshot() {
    return envelope.write(this::writeTo);
  }

  private void writeTo(DataOutput out) throws IOException {
    out.writeInt(parameters.contexts);
    out.writeDouble(parameters.sharedStep);
    out.writeDouble(parameters.classStep);
    out.writeDouble(parameters.numberStep);
    out.writeDouble(parameters.keyStep);
    out.writeDouble(parameters.keyDamping);
    out.writeDouble(parameters.limitStep);
    out.writeDouble(parameters.damping);
    out.writeDouble(parameters.fastSmoothing);
    out.writeDouble(parameters.slowSmoothing);
    weights.writeTo(out);
    numbers.writeTo(out);
    keys.writeTo(out);
    limit.writeTo(out);
    for (double bias : biases) {
      out.writeDouble(bias);
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
            in.readInt(),
            in.readDouble(),
            in.readDouble(),
            in.readDouble(),
            in.readDouble(),
            in.readDouble(),
            in.readDouble(),
            in.readDouble(),
            in.readDouble(),
            in.readDouble());
    if (!written.equals(parameters)) {
      throw new IllegalArgumentException(
          "The snapshot was learned with %s, this one learns with %s"
              .formatted(written, parameters));
    }
    weights.readFrom(in);
    numbers.readFrom(in);
    keys.readFrom(in);
    limit.readFrom(in);
    for (int k = 0; k < classes; k++) {
      biases[k] = in.readDouble();
    }
    table = table.read(in);
  }
}
