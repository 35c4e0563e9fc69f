package io.attentionflow.learning.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How much of what they asked for tasks of a scope used at their peak: a decayed histogram in steps
 * of a twentieth of the request, in ever finer ones towards all of it, which is a step of its own,
 * and in wider ones beyond: most tasks that are limited by what they asked for use nearly all of
 * it, and where a request is not enforced, some use many times of it.
 *
 * <p>Shares and not amounts, so that a scope of many sizes has one distribution, and a young scope
 * can lean on a wider one. Differs from a quantile sketch (such as KLL of Apache DataSketches) in
 * that it forgets, that it adds up with others by weight, and that it takes less than 250 bytes:
 * there is one for each resource of some hundred scopes of every tenant.
 *
 * <p>Mutable; constant size, next to nothing as long as nothing was measured.
 */
final class UsageShares {

  /** All that was asked for, and no more, which tasks use that are kept to it. */
  private static final double JUST_BELOW_ALL = Math.nextDown(1.0);

  /** Upper edges of the steps; the last holds all above. */
  private static final double[] UPPER = {
    0.05,
    0.1,
    0.15,
    0.2,
    0.25,
    0.3,
    0.35,
    0.4,
    0.45,
    0.5,
    0.55,
    0.6,
    0.65,
    0.7,
    0.75,
    0.8,
    0.85,
    0.9,
    0.925,
    0.95,
    0.96,
    0.97,
    0.98,
    0.985,
    0.99,
    0.995,
    0.998,
    0.999,
    0.9995,
    JUST_BELOW_ALL,
    1,
    1.01,
    1.05,
    1.1,
    1.2,
    1.35,
    1.5,
    1.75,
    2,
    2.5,
    3,
    4,
    6,
    8,
    12,
    16,
    32
  };

  private static final int BINS = UPPER.length;

  /** The steps of layouts before {@value #FINER}: twentieths up to the request, and beyond. */
  private static final double[] FORMER_BEYOND = {1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 8, 16, 32};

  private static final int FORMER_TWENTIETHS = 20;

  /** The first layout of a tenant's history that has the steps of today. */
  private static final int FINER = 4;

  /** What is left of a count when the next task of the scope ends. */
  private static final float DECAY = 0.99f;

  /** A wider scope counts as so many tasks in a narrower one. */
  private static final double PARENT = 4;

  /** Who ran out of a resource needs at least this many times of what it had. */
  private static final double MORE = 1.25;

  /** Running out counts as this share of all that is known, so that high quantiles rise at once. */
  private static final float AT_ONCE = 0.1f;

  /** Of what is in a step, this part is taken to be spread over it, the rest to be at its top. */
  private static final double SPREAD = 0.9;

  private float @Nullable [] counts;
  private float total;

  /**
   * A task has ended.
   *
   * @param share of its request that it used at its peak, above 0
   */
  void used(double share) {
    if (counts != null) {
      for (int i = 0; i < BINS; i++) {
        counts[i] *= DECAY;
      }
      total *= DECAY;
    }
    count(share, 1);
  }

  /**
   * A task was stopped because it ran out.
   *
   * @param share of its request that it had
   */
  void ranOut(double share) {
    count(share * MORE, Math.max(1, AT_ONCE * total));
  }

  private void count(double share, float weight) {
    if (counts == null) {
      counts = new float[BINS];
    }
    counts[binOf(share)] += weight;
    total += weight;
  }

  private static int binOf(double share) {
    int found = Arrays.binarySearch(UPPER, share);
    return Math.min(found < 0 ? -found - 1 : found, BINS - 1);
  }

  /** Probabilities of who knows nothing but the request: it is what will be used. */
  static double[] asRequested() {
    double[] probabilities = new double[BINS];
    probabilities[binOf(1)] = 1;
    return probabilities;
  }

  /**
   * Makes a wider scope's probabilities those of this one.
   *
   * @param probabilities from {@link #asRequested}, by way of all wider scopes; changed
   */
  void narrow(double[] probabilities) {
    if (counts == null) {
      return;
    }
    for (int i = 0; i < BINS; i++) {
      probabilities[i] = (counts[i] + PARENT * probabilities[i]) / (total + PARENT);
    }
  }

  /**
   * A quantile. Rather too high than too low within its step, where tasks that all use the same may
   * be at its top.
   *
   * @param rank above 0, at most 1
   * @return share of the request, above 0 and at most 32
   */
  static double quantile(double[] probabilities, double rank) {
    double below = 0;
    for (int i = 0; i < BINS - 1; i++) {
      if (below + probabilities[i] >= rank) {
        double from = i == 0 ? 0 : UPPER[i - 1];
        double part = (rank - below) / (SPREAD * probabilities[i]);
        return part < 1 ? from + part * (UPPER[i] - from) : UPPER[i];
      }
      below += probabilities[i];
    }
    return UPPER[BINS - 1];
  }

  void set(UsageShares other) {
    counts = other.counts == null ? null : other.counts.clone();
    total = other.total;
  }

  boolean isEmpty() {
    return counts == null;
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeBoolean(counts != null);
    if (counts != null) {
      out.writeFloat(total);
      writeCounts(counts, out);
    }
  }

  /** Most scopes have seen few of the steps: which ones, a bit each, and those. */
  private static void writeCounts(float[] counts, DataOutput out) throws IOException {
    long seen = 0;
    for (int i = 0; i < BINS; i++) {
      seen |= counts[i] == 0 ? 0 : 1L << i;
    }
    out.writeLong(seen);
    for (int i = 0; i < BINS; i++) {
      if (counts[i] != 0) {
        out.writeFloat(counts[i]);
      }
    }
  }

  /**
   * Becomes what {@link #writeTo} wrote.
   *
   * @param layout of the tenant's history
   */
  void readFrom(DataInput in, int layout) throws IOException {
    counts = null;
    total = 0;
    if (in.readBoolean()) {
      total = in.readFloat();
      counts = layout < FINER ? readFormer(in) : readCounts(in);
    }
  }

  private static float[] readCounts(DataInput in) throws IOException {
    float[] counts = new float[BINS];
    long seen = in.readLong();
    for (int i = 0; i < BINS; i++) {
      counts[i] = (seen >> i & 1) == 0 ? 0 : in.readFloat();
    }
    return counts;
  }

  /** Each count goes to the top of the step that it was in, so that nothing is promised less. */
  private static float[] readFormer(DataInput in) throws IOException {
    float[] counts = new float[BINS];
    for (int i = 1; i <= FORMER_TWENTIETHS; i++) {
      counts[binOf(i / (double) FORMER_TWENTIETHS)] += in.readFloat();
    }
    for (double upper : FORMER_BEYOND) {
      counts[binOf(upper)] += in.readFloat();
    }
    return counts;
  }
}
