package io.attentionflow.learning.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * How much of what they asked for tasks of a scope used at their peak: a decayed histogram in steps
 * of a twentieth of the request, and in wider ones beyond it: where a request is not enforced, some
 * use many times of it.
 *
 * <p>Shares and not amounts, so that a scope of many sizes has one distribution, and a young scope
 * can lean on a wider one. Differs from a quantile sketch (such as KLL of Apache DataSketches) in
 * that it forgets, that it adds up with others by weight, and that it takes 128 bytes: there is one
 * for each resource of some hundred scopes of every tenant. An answer is too high by a step at
 * most, which is a twentieth of the request up to all of it.
 *
 * <p>Mutable; constant size.
 */
final class UsageShares {

  /** Upper edges of the steps beyond the request, in multiples of it; the last holds all above. */
  private static final double[] BEYOND = {1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 4, 8, 16, 32};

  private static final int STEPS = 20;
  private static final int BINS = STEPS + BEYOND.length;

  /** What is left of a count when the next task of the scope ends. */
  private static final float DECAY = 0.99f;

  /** A wider scope counts as so many tasks in a narrower one. */
  private static final double PARENT = 2;

  /** Who ran out of a resource needs at least this many times of what it had. */
  private static final double MORE = 1.25;

  /** Running out counts as this share of all that is known, so that high quantiles rise at once. */
  private static final float AT_ONCE = 0.1f;

  private final float[] counts = new float[BINS];
  private float total;

  /**
   * A task has ended.
   *
   * @param share of its request that it used at its peak, above 0
   */
  void used(double share) {
    for (int i = 0; i < BINS; i++) {
      counts[i] *= DECAY;
    }
    total *= DECAY;
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
    counts[binOf(share)] += weight;
    total += weight;
  }

  private static int binOf(double share) {
    if (share <= 1) {
      return (int) Math.max(0, Math.ceil(share * STEPS) - 1);
    }
    int beyond = 0;
    while (beyond < BEYOND.length - 1 && share > BEYOND[beyond]) {
      beyond++;
    }
    return STEPS + beyond;
  }

  private static double upper(int bin) {
    return bin < STEPS ? (bin + 1) / (double) STEPS : BEYOND[bin - STEPS];
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
    for (int i = 0; i < BINS; i++) {
      probabilities[i] = (counts[i] + PARENT * probabilities[i]) / (total + PARENT);
    }
  }

  /**
   * A quantile, rounded up to the next step.
   *
   * @param rank above 0, at most 1
   * @return share of the request, above 0 and at most 32
   */
  static double quantile(double[] probabilities, double rank) {
    double below = 0;
    for (int i = 0; i < BINS; i++) {
      below += probabilities[i];
      if (below >= rank) {
        return upper(i);
      }
    }
    return upper(BINS - 1);
  }

  void set(UsageShares other) {
    System.arraycopy(other.counts, 0, counts, 0, BINS);
    total = other.total;
  }

  boolean isEmpty() {
    return total == 0;
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeBoolean(!isEmpty());
    if (!isEmpty()) {
      out.writeFloat(total);
      for (float count : counts) {
        out.writeFloat(count);
      }
    }
  }

  void readFrom(DataInput in) throws IOException {
    Arrays.fill(counts, 0);
    total = 0;
    if (in.readBoolean()) {
      total = in.readFloat();
      for (int i = 0; i < BINS; i++) {
        counts[i] = in.readFloat();
      }
    }
  }
}
