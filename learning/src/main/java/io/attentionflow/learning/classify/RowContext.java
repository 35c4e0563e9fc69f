package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.Keys;

/** Contexts of plain rows, of which nothing is known: all, each key, each number roughly. */
final class RowContext {

  private static final double STEP = 0.2;

  private RowContext() {}

  static int count(FeatureSchema schema) {
    return 1 + schema.keys().size() + schema.numbers().size();
  }

  static void keysOf(FeatureVector x, long[] contexts) {
    int count = 0;
    contexts[count] = Keys.of(count, 1);
    count++;
    for (long key : x.keys()) {
      contexts[count] = Keys.of(count, key);
      count++;
    }
    for (double number : x.numbers()) {
      double compressed = Math.signum(number) * StrictMath.log1p(Math.abs(number));
      contexts[count] = Keys.of(count, Keys.step(compressed, STEP));
      count++;
    }
  }
}
