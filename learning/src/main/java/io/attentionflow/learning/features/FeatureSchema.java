package io.attentionflow.learning.features;

import java.util.List;

/**
 * What stands at each position of a {@link FeatureVector}.
 *
 * @param id name and version: vectors and models of different ids do not go together
 * @param numbers names of the numeric features
 * @param keys names of the nominal features
 * @param tables names of the evidence tables: how often each class followed, fast and slow, in
 *     contexts of the task's tenant; empty where there is no history
 * @param classes how many classes a table counts
 */
public record FeatureSchema(
    String id, List<String> numbers, List<String> keys, List<String> tables, int classes) {

  /** Of a vector without the named feature. */
  public static final int ABSENT = -1;

  public FeatureSchema {
    numbers = List.copyOf(numbers);
    keys = List.copyOf(keys);
    tables = List.copyOf(tables);
    if (classes < 2) {
      throw new IllegalArgumentException(classes + " classes; at least 2 are needed");
    }
  }

  /** The schema of tasks with their tenant's history, as {@link TenantProfiler} makes them. */
  public static FeatureSchema ofTasks(ComplexityScale scale) {
    return new FeatureSchema(
        "tasks/2",
        NumberFeature.names(),
        KeyFeature.names(),
        TenantContext.names(),
        scale.classes());
  }

  /** A schema of plain rows: numbers and keys, no history. */
  public static FeatureSchema ofRows(
      String id, List<String> numbers, List<String> keys, int classes) {
    return new FeatureSchema(id, numbers, keys, List.of(), classes);
  }

  /** Length of {@link FeatureVector#evidence()}. */
  public int evidenceLength() {
    return tables.size() * 2 * classes;
  }

  /** Position of a nominal feature, or {@link #ABSENT}. */
  public int keyIndex(String name) {
    return keys.indexOf(name);
  }

  /** Position of a numeric feature, or {@link #ABSENT}. */
  public int numberIndex(String name) {
    return numbers.indexOf(name);
  }

  /**
   * Refuses a vector that is not of this shape.
   *
   * @throws IllegalArgumentException if a length differs
   */
  public void check(FeatureVector x) {
    if (x.numbers().length != numbers.size()
        || x.keys().length != keys.size()
        || x.evidence().length != evidenceLength()
        || (x.byRunTime().length != 0 && x.byRunTime().length != classes)) {
      throw new IllegalArgumentException(
          "%d numbers, %d keys, %d bytes of evidence and %d classes, but %s has %d, %d, %d and %d"
              .formatted(
                  x.numbers().length,
                  x.keys().length,
                  x.evidence().length,
                  x.byRunTime().length,
                  id,
                  numbers.size(),
                  keys.size(),
                  evidenceLength(),
                  classes));
    }
  }
}
