package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.Evidence;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;

/**
 * Which sets of weights count for a task: one that always does; one by how often its tenant's tasks
 * of the same request were seen; and one by how the last of these ended together with what became
 * of the tenant's previous submission. Rows without history have the first only.
 */
final class Situation {

  /** Nothing seen, up to 1, 3, 7, 15 labels, more. */
  private static final int AMOUNTS = 6;

  /** Unknown, and four groups of neighbouring classes. */
  private static final int GROUPS = 5;

  private final int classes;
  private final int repetitions;
  private final int lastClass;
  private final int previousClass;

  /** The sets that count for the vector at hand. */
  final int[] chosen;

  Situation(FeatureSchema schema) {
    classes = schema.classes();
    int table = schema.tables().indexOf("of_request");
    repetitions = (2 * table + 1) * classes;
    lastClass = schema.numberIndex("last_class_of_request");
    previousClass = schema.numberIndex("previous_class");
    boolean known =
        table >= 0 && lastClass != FeatureSchema.ABSENT && previousClass != FeatureSchema.ABSENT;
    chosen = new int[known ? 3 : 1];
  }

  /** How many sets there are. */
  int sets() {
    return chosen.length == 1 ? 1 : 1 + AMOUNTS + GROUPS * GROUPS;
  }

  void fill(FeatureVector x) {
    if (chosen.length > 1) {
      chosen[1] = 1 + amount(x.evidence());
      chosen[2] = 1 + AMOUNTS + group(x, lastClass) * GROUPS + group(x, previousClass);
    }
  }

  private int amount(byte[] evidence) {
    float total = 0;
    for (int i = repetitions; i < repetitions + classes; i++) {
      total += Evidence.decode(evidence[i]);
    }
    int rounded = Math.round(total);
    return Math.min(AMOUNTS - 1, Integer.SIZE - Integer.numberOfLeadingZeros(rounded));
  }

  private int group(FeatureVector x, int number) {
    double label = x.numbers()[number];
    if (!(label >= 0)) {
      return 0;
    }
    return 1 + (int) Math.min(GROUPS - 2, label * (GROUPS - 1) / Math.max(GROUPS - 1, classes));
  }
}
