package io.attentionflow.learning.runtime;

import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.RunCode;
import java.util.Arrays;

/**
 * What the last run times of a tenant say that travel with its task: for each scope, from all of
 * the tenant's to those of the same request, probabilities of bins with a fast and a slow decay,
 * backed off to the wider scope.
 *
 * <p>The same arithmetic as in {@link RunTimeTable}, on run times instead of counts: these are kept
 * where the tenant is, and are as new as its last task. Scratch space; not thread-safe.
 */
final class OwnRunTimes {

  static final int SCOPES = FeatureVector.SCOPES;

  private static final int BINS = RunTimeScale.BINS;
  private static final int RUNS = FeatureVector.RUNS;
  private static final float[] FAST = weights(RunTimeTable.FAST_DECAY);
  private static final float[] SLOW = weights(RunTimeTable.SLOW_DECAY);

  private final byte[] binOfCode = new byte[256];

  /** For each scope: logarithms of the fast, then of the slow probabilities. */
  private final float[] logs = new float[SCOPES * 2 * BINS];

  private final int[] labels = new int[SCOPES];
  private final float[] fast = new float[BINS];
  private final float[] slow = new float[BINS];
  private final float[] wider = new float[BINS];

  /** Of the last task without a history, so that they are not worked out for each of them. */
  private final float[] everybody = new float[BINS];

  private final float[] logsOfEverybody = new float[BINS];

  OwnRunTimes(RunTimeScale scale) {
    for (int code = 1; code < binOfCode.length; code++) {
      binOfCode[code] = (byte) scale.binOf(RunCode.seconds((byte) code));
    }
  }

  private static float[] weights(float decay) {
    float[] weights = new float[RUNS];
    float weight = 1;
    for (int i = 0; i < RUNS; i++) {
      weights[i] = weight;
      weight *= decay;
    }
    return weights;
  }

  /**
   * Reads the run times of a task's tenant.
   *
   * @param runs as in a feature vector; empty: there are none
   * @param acrossTenants probabilities of every task, length {@link RunTimeScale#BINS}
   */
  void read(byte[] runs, float[] acrossTenants) {
    System.arraycopy(acrossTenants, 0, wider, 0, BINS);
    for (int scope = 0; scope < SCOPES; scope++) {
      int from = scope * RUNS;
      labels[scope] = count(runs, from);
      if (labels[scope] == 0) {
        // What the wider scope says, with a weight of its own.
        copyWider(scope);
      } else if (scope > 0 && Arrays.equals(runs, from - RUNS, from, runs, from, from + RUNS)) {
        System.arraycopy(logs, at(scope - 1), logs, at(scope), 2 * BINS);
      } else {
        add(scope, runs, from);
      }
    }
  }

  private static int count(byte[] runs, int from) {
    int count = 0;
    while (count < RUNS && from + count < runs.length && runs[from + count] != RunCode.NONE) {
      count++;
    }
    return count;
  }

  private void copyWider(int scope) {
    if (scope > 0) {
      System.arraycopy(logs, at(scope - 1), logs, at(scope), 2 * BINS);
      return;
    }
    if (!Arrays.equals(wider, everybody)) {
      System.arraycopy(wider, 0, everybody, 0, BINS);
      for (int bin = 0; bin < BINS; bin++) {
        logsOfEverybody[bin] = Logarithms.log(wider[bin]);
      }
    }
    System.arraycopy(logsOfEverybody, 0, logs, 0, BINS);
    System.arraycopy(logsOfEverybody, 0, logs, BINS, BINS);
  }

  private void add(int scope, byte[] runs, int from) {
    Arrays.fill(fast, 0);
    Arrays.fill(slow, 0);
    float fastTotal = 0;
    float slowTotal = 0;
    for (int i = 0; i < labels[scope]; i++) {
      int bin = binOfCode[runs[from + i] & 0xff];
      RunTimeTable.add(fast, 0, bin, FAST[i]);
      RunTimeTable.add(slow, 0, bin, SLOW[i]);
      fastTotal += FAST[i];
      slowTotal += SLOW[i];
    }
    float ofFast = RunTimeTable.normalizer(fastTotal);
    float ofSlow = RunTimeTable.normalizer(slowTotal);
    int at = at(scope);
    for (int bin = 0; bin < BINS; bin++) {
      float before = RunTimeTable.before(wider[bin]);
      wider[bin] = (slow[bin] + before) * ofSlow;
      logs[at + bin] = Logarithms.log((fast[bin] + before) * ofFast);
      logs[at + BINS + bin] = Logarithms.log(wider[bin]);
    }
  }

  /** How many run times there are of a scope, up to a bound. */
  int labels(int scope) {
    return labels[scope];
  }

  /** Where the logarithms of a scope begin in {@link #logs}: the fast ones, then the slow ones. */
  static int at(int scope) {
    return scope * 2 * BINS;
  }

  float[] logs() {
    return logs;
  }
}
