package io.attentionflow.learning.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How far the latest tasks of a scope got: for each of {@value #BOUNDS} run times, a factor of four
 * apart, whether the task that started last, of those of which it is known by now, ran for longer.
 *
 * <p>Of a running task it is known that it passed the bounds below its age, of an ended one which
 * it passed and which not. So what started an hour ago counts as soon as it has run for longer than
 * those before it, long before it ends; the class of the task that ended last would tell of short
 * ones only. (Tasks still running are what survival analysis calls censored; E. L. Kaplan and P.
 * Meier, "Nonparametric estimation from incomplete observations", JASA 1958.)
 *
 * <p>Mutable; constant size.
 */
final class Reach {

  static final int BOUNDS = 7;

  private static final long FIRST_BOUND_MILLIS = 15_000;
  private static final int FACTOR = 4;
  private static final long[] BOUND_MILLIS = bounds();
  private static final long NEVER = Long.MIN_VALUE;

  private final long[] startedAtMillis = new long[BOUNDS];
  private int passed;

  Reach() {
    Arrays.fill(startedAtMillis, NEVER);
  }

  private static long[] bounds() {
    long[] bounds = new long[BOUNDS];
    bounds[0] = FIRST_BOUND_MILLIS;
    for (int i = 1; i < BOUNDS; i++) {
      bounds[i] = bounds[i - 1] * FACTOR;
    }
    return bounds;
  }

  /** A task ended by itself. */
  void ended(long startMillis, long durationMillis) {
    for (int i = 0; i < BOUNDS; i++) {
      if (startMillis >= startedAtMillis[i]) {
        startedAtMillis[i] = startMillis;
        passed = durationMillis > BOUND_MILLIS[i] ? passed | 1 << i : passed & ~(1 << i);
      }
    }
  }

  /**
   * Takes note of a running task.
   *
   * @param newest by bound, the start of the running task that passed it and started last; changed
   */
  static void runs(long[] newest, long startMillis, long nowMillis) {
    long age = nowMillis - startMillis;
    for (int i = 0; i < BOUNDS && age > BOUND_MILLIS[i]; i++) {
      newest[i] = Math.max(newest[i], startMillis);
    }
  }

  /** For {@link #runs}: nothing runs. */
  static long[] nothing() {
    long[] newest = new long[BOUNDS];
    Arrays.fill(newest, NEVER);
    return newest;
  }

  /**
   * How many bounds the latest known tasks passed.
   *
   * @param reach of ended tasks; null: none ended
   * @param newest of running ones, as {@link #runs} left it
   * @return from 0 to {@value #BOUNDS}; NaN: nothing is known
   */
  static double level(@Nullable Reach reach, long[] newest) {
    int level = 0;
    boolean known = false;
    for (int i = 0; i < BOUNDS; i++) {
      long ofEnded = reach == null ? NEVER : reach.startedAtMillis[i];
      if (newest[i] > ofEnded) {
        level++;
        known = true;
      } else if (ofEnded != NEVER && reach != null) {
        level += reach.passed >> i & 1;
        known = true;
      }
    }
    return known ? level : Double.NaN;
  }

  void set(Reach other) {
    System.arraycopy(other.startedAtMillis, 0, startedAtMillis, 0, BOUNDS);
    passed = other.passed;
  }

  void writeTo(DataOutput out) throws IOException {
    for (long started : startedAtMillis) {
      out.writeLong(started);
    }
    out.writeByte(passed);
  }

  void readFrom(DataInput in) throws IOException {
    for (int i = 0; i < BOUNDS; i++) {
      startedAtMillis[i] = in.readLong();
    }
    passed = in.readUnsignedByte();
  }
}
