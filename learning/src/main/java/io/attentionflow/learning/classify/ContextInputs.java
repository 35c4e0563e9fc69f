package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.Evidence;

/**
 * What a mixture adds up: for each context and decay a row, which says of each class how likely it
 * is there, as a logarithm against even odds. A context without counts says nothing, and has no
 * row.
 */
final class ContextInputs {

  private final int classes;

  /** count + smoothing, and its logarithm, by the code of the count. */
  private final float[] counts = new float[256];

  private final float[] logarithms = new float[256];

  /** One row an input, one column a class. Rows that are not active are stale. */
  final float[] values;

  /** Numbers of the active rows, ascending. */
  final int[] active;

  int activeCount;

  /**
   * @param rows two a context
   * @param smoothing added to every count
   */
  ContextInputs(int rows, int classes, double smoothing) {
    this.classes = classes;
    values = new float[rows * classes];
    active = new int[rows];
    for (int code = 0; code < counts.length; code++) {
      double count = Evidence.decode((byte) code) + smoothing;
      counts[code] = (float) count;
      logarithms[code] = (float) StrictMath.log(count);
    }
  }

  void clear() {
    activeCount = 0;
  }

  /**
   * Adds the rows of some tables.
   *
   * @param evidence counts coded by {@link Evidence}, as many a row as there are classes
   * @param firstRow the row of the first
   */
  void add(byte[] evidence, int firstRow) {
    int row = firstRow;
    for (int at = 0; at < evidence.length; at += classes) {
      int any = 0;
      float total = 0;
      for (int i = at; i < at + classes; i++) {
        any |= evidence[i];
        total += counts[evidence[i] & 0xff];
      }
      if (any != 0) {
        float even = Logarithm.of(total / classes);
        for (int i = 0; i < classes; i++) {
          values[row * classes + i] = logarithms[evidence[at + i] & 0xff] - even;
        }
        active[activeCount++] = row;
      }
      row++;
    }
  }
}
