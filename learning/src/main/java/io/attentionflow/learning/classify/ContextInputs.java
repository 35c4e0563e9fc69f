package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.Evidence;
import io.attentionflow.learning.features.Likelihood;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * What a mixture adds up: for each context and decay a row, which says of each class how likely it
 * is there, as a logarithm against even odds; and a row for a second opinion. A context without
 * counts says nothing, and has no row.
 */
final class ContextInputs {

  /** As many counts at once. */
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final int classes;
  private final float evenOdds;

  private final Smoothed fast;
  private final Smoothed slow;

  /** One row an input, one column a class. Rows that are not active are stale. */
  final float[] values;

  /** Numbers of the active rows, ascending. */
  final int[] active;

  int activeCount;

  /**
   * @param rows two a context, and one for a second opinion
   * @param fastSmoothing added to every count of the fast decay
   * @param slowSmoothing likewise of the slow one
   */
  ContextInputs(int rows, int classes, double fastSmoothing, double slowSmoothing) {
    this.classes = classes;
    evenOdds = (float) -StrictMath.log(classes);
    values = new float[rows * classes];
    active = new int[rows];
    fast = new Smoothed(fastSmoothing);
    slow = new Smoothed(slowSmoothing);
  }

  /** count + smoothing, and its logarithm, by the code of the count. */
  private static final class Smoothed {
    private final float[] counts = new float[256];
    private final float[] logarithms = new float[256];

    Smoothed(double smoothing) {
      for (int code = 0; code < counts.length; code++) {
        double count = Evidence.decode((byte) code) + smoothing;
        counts[code] = (float) count;
        logarithms[code] = (float) StrictMath.log(count);
      }
    }
  }

  void clear() {
    activeCount = 0;
  }

  /**
   * Adds the rows of some tables, two each.
   *
   * @param evidence counts coded by {@link Evidence}: for each table the fast ones of the classes,
   *     then the slow ones
   * @param length how many of them there are
   * @param firstRow the row of the first
   */
  void add(byte[] evidence, int length, int firstRow) {
    int row = firstRow;
    for (int at = 0; at < length; at += 2 * classes) {
      if (!isNothing(evidence, at)) {
        add(evidence, at, fast, row);
        add(evidence, at + classes, slow, row + 1);
      }
      row += 2;
    }
  }

  /** Whether a table counted nothing, as most have of most tasks. */
  private boolean isNothing(byte[] evidence, int from) {
    int until = from + 2 * classes;
    int at = from;
    for (; at + Long.BYTES <= until; at += Long.BYTES) {
      if ((long) EIGHT.get(evidence, at) != 0) {
        return false;
      }
    }
    for (; at < until; at++) {
      if (evidence[at] != 0) {
        return false;
      }
    }
    return true;
  }

  private void add(byte[] evidence, int at, Smoothed smoothed, int row) {
    int any = 0;
    float total = 0;
    for (int i = at; i < at + classes; i++) {
      any |= evidence[i];
      total += smoothed.counts[evidence[i] & 0xff];
    }
    if (any != 0) {
      float even = Logarithm.of(total / classes);
      for (int i = 0; i < classes; i++) {
        values[row * classes + i] = smoothed.logarithms[evidence[at + i] & 0xff] - even;
      }
      active[activeCount++] = row;
    }
  }

  /**
   * Adds a row that was worked out elsewhere, if it was.
   *
   * @param codes coded by {@link Likelihood}
   * @param from where that of the first class stands
   */
  void addLikelihoods(byte[] codes, int from, int row) {
    if (codes[from] == Likelihood.UNKNOWN) {
      return;
    }
    for (int i = 0; i < classes; i++) {
      values[row * classes + i] = Likelihood.logarithm(codes[from + i]) - evenOdds;
    }
    active[activeCount++] = row;
  }
}
