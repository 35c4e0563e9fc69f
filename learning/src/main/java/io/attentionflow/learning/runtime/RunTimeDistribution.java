package io.attentionflow.learning.runtime;

import java.util.Arrays;

/**
 * How long a task may run: a probability for each bin of a {@link RunTimeScale}, and an upper limit
 * where one is enforced.
 *
 * <p>Within a bin, the logarithm of the run time is taken as uniform; of the bin that the limit is
 * in, half is taken to be at it. Mutable, to be filled again and again by {@link
 * RunTimeModel#predict}; no method allocates. Not thread-safe.
 */
public final class RunTimeDistribution {

  /** Less than this left of a distribution says nothing: it is outlived. */
  private static final double NOTHING_LEFT = 1e-4;

  private static final double SHORTEST_SECONDS = 1;

  /** Many tasks run right into their limit: of its bin, so much is taken to be at it. */
  private static final double AT_LIMIT = 0.5;

  private final RunTimeScale scale;
  final float[] probabilities = new float[RunTimeScale.BINS];
  private double limitSeconds = Double.POSITIVE_INFINITY;

  /** A distribution that says nothing yet: every bin is as likely. */
  public RunTimeDistribution(RunTimeScale scale) {
    this.scale = scale;
    Arrays.fill(probabilities, 1f / RunTimeScale.BINS);
  }

  /** The limit from now on; the bins above it must be empty. */
  void limit(double seconds) {
    limitSeconds = seconds;
  }

  /** The limit, seconds; infinite: none. */
  public double limitSeconds() {
    return limitSeconds;
  }

  /** Probability of a bin; all sum to 1. */
  public double probability(int bin) {
    return probabilities[bin];
  }

  /** Becomes equal to another one of the same scale. */
  public void set(RunTimeDistribution other) {
    System.arraycopy(other.probabilities, 0, probabilities, 0, probabilities.length);
    limitSeconds = other.limitSeconds;
  }

  /**
   * Probabilities of the classes.
   *
   * @param classes length {@link RunTimeScale#classCount()}; filled
   */
  public void classes(double[] classes) {
    Arrays.fill(classes, 0);
    int bin = 0;
    while (bin < RunTimeScale.BINS) {
      int of = scale.classOf(bin);
      double sum = 0;
      for (; bin < RunTimeScale.BINS && scale.classOf(bin) == of; bin++) {
        sum += probabilities[bin];
      }
      classes[of] = sum;
    }
  }

  /**
   * Makes the classes as likely as something that knows them better says they are; within a class,
   * bins keep their proportions. A class that the limit rules out stays so.
   *
   * @param classes probabilities, length {@link RunTimeScale#classCount()}
   * @param scratch of the same length; overwritten
   */
  public void reweigh(double[] classes, double[] scratch) {
    classes(scratch);
    double total = 0;
    for (int k = 0; k < classes.length; k++) {
      scratch[k] = scratch[k] > 0 ? classes[k] / scratch[k] : 0;
    }
    for (int bin = 0; bin < RunTimeScale.BINS; bin++) {
      probabilities[bin] *= (float) scratch[scale.classOf(bin)];
      total += probabilities[bin];
    }
    if (!(total > 0)) {
      throw new IllegalArgumentException("Nothing is possible: " + Arrays.toString(classes));
    }
    for (int bin = 0; bin < RunTimeScale.BINS; bin++) {
      probabilities[bin] /= (float) total;
    }
  }

  /** Mean, seconds; at most the limit. */
  public double meanSeconds() {
    return meanSeconds(Double.POSITIVE_INFINITY);
  }

  /**
   * Mean of what is at most {@code cap}, and of {@code cap} for all that is more; seconds. The last
   * few in a thousand are a guess, and may lie days away: a mean over them is one, too.
   */
  public double meanSeconds(double cap) {
    double mean = 0;
    for (int bin = 0; bin < RunTimeScale.BINS; bin++) {
      if (probabilities[bin] > 0) {
        mean += probabilities[bin] * Math.min(cap, typical(bin));
      }
    }
    return Math.min(mean, limitSeconds);
  }

  private double typical(int bin) {
    if (!isCut(bin)) {
      return scale.typical(bin);
    }
    double upper = upper(bin);
    double lower = Math.max(SHORTEST_SECONDS, Math.min(scale.lower(bin), upper));
    return (1 - AT_LIMIT) * Math.sqrt(lower * upper) + AT_LIMIT * upper;
  }

  /** Whether the limit lies within the bin, or at its end; of a bin that is not empty. */
  private boolean isCut(int bin) {
    return limitSeconds <= scale.upper(bin);
  }

  private double upper(int bin) {
    return Math.min(scale.upper(bin), limitSeconds);
  }

  /**
   * Quantile of the run time of a task that starts now, seconds; at most the limit.
   *
   * @param rank from 0 to 1
   */
  public double quantileSeconds(double rank) {
    return quantileSeconds(rank, 0);
  }

  /**
   * Several quantiles of the run time of a task that starts now, on one way through the bins.
   *
   * @param ranks from 0 to 1, none less than the one before
   * @param seconds of the same length; filled with what {@link #quantileSeconds(double)} says
   */
  public void quantileSeconds(double[] ranks, double[] seconds) {
    double all = 0;
    for (int bin = 0; bin < RunTimeScale.BINS; bin++) {
      all += probabilities[bin];
    }
    int bin = 0;
    double below = 0;
    double last = 0;
    for (int i = 0; i < ranks.length; i++) {
      double target = all * ranks[i];
      while (bin < RunTimeScale.BINS
          && !(isPossible(bin) && below + probabilities[bin] >= target)) {
        if (isPossible(bin)) {
          below += probabilities[bin];
          last = upper(bin);
        }
        bin++;
      }
      seconds[i] =
          bin == RunTimeScale.BINS
              ? last
              : within(bin, Math.max(0, (target - below) / probabilities[bin]), 0);
    }
  }

  private boolean isPossible(int bin) {
    return probabilities[bin] > 0;
  }

  /**
   * Quantile of the whole run time, given that the task has run for some time already.
   *
   * @param rank from 0 to 1
   * @param ageSeconds how long it has run, at least 0
   * @return seconds since its start, at least the age and at most the limit, unless the age is
   *     beyond the limit already; twice the age when the distribution is outlived
   */
  public double quantileSeconds(double rank, double ageSeconds) {
    double left = 0;
    for (int bin = 0; bin < RunTimeScale.BINS; bin++) {
      left += massBeyond(bin, ageSeconds);
    }
    if (left < NOTHING_LEFT) {
      double doubled = Math.max(2 * ageSeconds, SHORTEST_SECONDS);
      return Math.max(ageSeconds, Math.min(doubled, limitSeconds));
    }
    double target = left * rank;
    double below = 0;
    double last = ageSeconds;
    for (int bin = 0; bin < RunTimeScale.BINS; bin++) {
      double mass = massBeyond(bin, ageSeconds);
      if (mass > 0) {
        if (below + mass >= target) {
          return within(bin, Math.max(0, (target - below) / mass), ageSeconds);
        }
        below += mass;
        last = upper(bin);
      }
    }
    return last;
  }

  /** Where in a bin a share of what is beyond the age is left behind. */
  private double within(int bin, double share, double ageSeconds) {
    double upper = upper(bin);
    double from = Math.max(ageSeconds, Math.max(scale.lower(bin), SHORTEST_SECONDS));
    double lower = Math.min(from, upper);
    if (!isCut(bin) && ageSeconds <= lower) {
      return lower * StrictMath.exp(scale.width(bin) * share);
    }
    double passed = isCut(bin) ? Math.min(1, share / (1 - AT_LIMIT)) : share;
    return Math.max(ageSeconds, lower * StrictMath.pow(upper / lower, passed));
  }

  /** Probability that the run time is in the bin and beyond the age. */
  private double massBeyond(int bin, double ageSeconds) {
    double probability = probabilities[bin];
    if (ageSeconds == 0 && limitSeconds > 0) {
      return probability;
    }
    double upper = upper(bin);
    if (probability == 0 || ageSeconds >= upper) {
      return 0;
    }
    double lower = Math.max(scale.lower(bin), SHORTEST_SECONDS);
    if (ageSeconds <= lower) {
      return probability;
    }
    return probability * StrictMath.log(upper / ageSeconds) / StrictMath.log(upper / lower);
  }
}
