package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.ClassTable;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.Keys;
import java.util.Arrays;

/**
 * Decayed class frequencies by tenant and type. Useful from the first example on, and hard to beat.
 *
 * <p>Backed off from all, to the type, to the tenant, to the tenant's tasks of the type: each
 * counts as {@value #PARENT_WEIGHT} more examples in the next. A schema without tenants or types
 * skips them.
 *
 * <p>Constant time; at most {@value #CONTEXTS} contexts. Deterministic. Not thread-safe.
 */
public final class PriorClassifier implements Classifier {

  /** Its name in configuration. */
  public static final String NAME = "prior";

  private static final int LAYOUT = 1;
  private static final int CONTEXTS = 1 << 14;
  private static final float PARENT_WEIGHT = 2;

  private final FeatureSchema schema;
  private final Snapshot envelope;
  private final int tenant;
  private final int type;
  private final long[] contexts = new long[4];
  private ClassTable table;

  /**
   * @param schema what it learns from
   */
  public PriorClassifier(FeatureSchema schema) {
    this.schema = schema;
    this.envelope = new Snapshot(NAME, LAYOUT, schema);
    this.tenant = schema.keyIndex("tenant");
    this.type = schema.keyIndex("type");
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
    int count = fillContexts(x);
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
      total += table.slow(slot, label);
    }
    for (int label = 0; label < probabilities.length; label++) {
      probabilities[label] =
          (table.slow(slot, label) + PARENT_WEIGHT * probabilities[label]) / total;
    }
  }

  @Override
  public void learn(FeatureVector x, int label, double weight) {
    int count = fillContexts(x);
    for (int i = 0; i < count; i++) {
      table.count(contexts[i], label, (float) weight);
    }
  }

  /** From all to the narrowest; returns how many there are. */
  private int fillContexts(FeatureVector x) {
    schema.check(x);
    long ofTenant = tenant == FeatureSchema.ABSENT ? Keys.UNKNOWN : x.keys()[tenant];
    long ofType = type == FeatureSchema.ABSENT ? Keys.UNKNOWN : x.keys()[type];
    int count = 0;
    contexts[count++] = Keys.of(0);
    if (ofType != Keys.UNKNOWN) {
      contexts[count++] = Keys.of(1, ofType);
    }
    if (ofTenant != Keys.UNKNOWN) {
      contexts[count++] = Keys.of(2, ofTenant);
    }
    if (ofTenant != Keys.UNKNOWN && ofType != Keys.UNKNOWN) {
      contexts[count++] = Keys.of(ofTenant, ofType);
    }
    return count;
  }

  @Override
  public byte[] snapshot() {
    return envelope.write(table::writeTo);
  }

  @Override
  public void restore(byte[] snapshot) {
    envelope.read(snapshot, in -> table = ClassTable.readFrom(in));
  }
}
