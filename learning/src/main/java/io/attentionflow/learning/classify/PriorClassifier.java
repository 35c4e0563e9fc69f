package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.ClassTable;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.Keys;
import java.util.Arrays;

/**
 * Decayed class frequencies among tasks that are ever more alike. Useful from the first example on,
 * and hard to beat.
 *
 * <pre>
 * all > type > size and estimate > request
 *     > tenant > its type > its estimate > its type, size and estimate > its request
 * </pre>
 *
 * <p>Each is backed off to the one before, which counts as {@value #PARENT_WEIGHT} more examples in
 * the next; counts fade fast, by {@link ClassTable#FAST_DECAY}, since what a tenant did last says
 * more than what it did most. (A count comes to 6.7 at most, so that no context is ever alone.)
 * What a schema has not, or a vector does not know, is skipped.
 *
 * <p>Constant time; at most {@value #CONTEXTS} contexts. Deterministic. Not thread-safe.
 */
public final class PriorClassifier implements Classifier {

  /** Its name in configuration. */
  public static final String NAME = "prior";

  private static final int LAYOUT = 2;
  private static final int CONTEXTS = 1 << 14;
  private static final float PARENT_WEIGHT = 5;

  private final FeatureSchema schema;
  private final Snapshot envelope;
  private final long[] contexts = new long[9];
  private final int tenant;
  private final int type;
  private final int request;
  private final int size;
  private final int estimate;
  private int count;
  private ClassTable table;

  /**
   * @param schema what it learns from
   */
  public PriorClassifier(FeatureSchema schema) {
    this.schema = schema;
    this.envelope = new Snapshot(NAME, LAYOUT, schema);
    this.tenant = schema.keyIndex("tenant");
    this.type = schema.keyIndex("type");
    this.request = schema.keyIndex("request");
    this.size = schema.keyIndex("cpu");
    this.estimate = schema.keyIndex("estimate");
    this.table = new ClassTable(schema.classes(), CONTEXTS);
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
    Arrays.fill(probabilities, 1.0 / probabilities.length);
    fillContexts(x);
    for (int i = 0; i < count; i++) {
      int slot = table.find(contexts[i]);
      if (slot != ClassTable.ABSENT) {
        backOff(slot, probabilities);
      }
    }
  }

  private void backOff(int slot, double[] probabilities) {
    double total = PARENT_WEIGHT;
    for (int label = 0; label < probabilities.length; label++) {
      total += table.fast(slot, label);
    }
    for (int label = 0; label < probabilities.length; label++) {
      probabilities[label] =
          (table.fast(slot, label) + PARENT_WEIGHT * probabilities[label]) / total;
    }
  }

  @Override
  public void learn(FeatureVector x, int label, double weight) {
    fillContexts(x);
    for (int i = 0; i < count; i++) {
      table.count(contexts[i], label, (float) weight);
    }
  }

  /** From all to the narrowest. */
  private void fillContexts(FeatureVector x) {
    schema.check(x);
    long ofTenant = key(x, tenant);
    long ofType = key(x, type);
    long ofRequest = key(x, request);
    long ofEstimate = key(x, estimate);
    long ofShape = both(key(x, size), ofEstimate);
    count = 0;
    add(0, Keys.of(0));
    add(1, ofType);
    add(2, ofShape);
    add(3, ofRequest);
    add(4, ofTenant);
    add(5, both(ofTenant, ofType));
    add(6, both(ofTenant, ofEstimate));
    add(7, both(ofTenant, both(ofType, ofShape)));
    add(8, both(ofTenant, ofRequest));
  }

  /** What is not known is not added. */
  private void add(int kind, long context) {
    if (context != Keys.UNKNOWN) {
      contexts[count] = Keys.of(kind, context);
      count++;
    }
  }

  private static long both(long first, long second) {
    return first == Keys.UNKNOWN || second == Keys.UNKNOWN ? Keys.UNKNOWN : Keys.of(first, second);
  }

  private static long key(FeatureVector x, int index) {
    return index == FeatureSchema.ABSENT ? Keys.UNKNOWN : x.keys()[index];
  }

  @Override
  public byte[] snapshot() {
    return envelope.write(table::writeTo);
  }

  @Override
  public void restore(byte[] snapshot) {
    envelope.read(snapshot, in -> table = table.read(in));
  }
}
