package io.attentionflow.allocation;

import java.time.Duration;

/**
 * How a pool pays attention: what makes a class of tasks matter, and how sharply it is told apart
 * from the others.
 *
 * @param priorityWeight weight of the mean priority of a class's waiting tasks
 * @param urgencyWeight weight of how far its first task has used up the wait it is granted
 * @param backlogWeight weight of its part of all that waits
 * @param ageWeight weight of how long its tasks have waited, on average, against the patience
 * @param priorityScale the priority that counts in full, above 0; higher ones count as this
 * @param targetUtilization above it the temperature falls, below it rises; from 0 to 1
 * @param deadBand within so much of the target the temperature stays; from 0 to 1
 * @param coolingPerMinute by what part the temperature falls in a minute, from 0 to below 1
 * @param reheatingPerMinute by what part of itself it rises in a minute, at least 0, at most 100
 * @param coldest the temperature never falls below, above 0: what matters most gets nearly all
 * @param hottest nor rises above, at least {@code coldest}: all get nearly the same
 */
public record AttentionPolicy(
    double priorityWeight,
    double urgencyWeight,
    double backlogWeight,
    double ageWeight,
    double priorityScale,
    double targetUtilization,
    double deadBand,
    double coolingPerMinute,
    double reheatingPerMinute,
    double coldest,
    double hottest) {

  /** The largest weight, priority scale or temperature. */
  public static final double MOST = 1e6;

  /** The lowest temperature that may be configured. */
  public static final double LEAST_TEMPERATURE = 1e-3;

  /** The smallest priority scale. */
  public static final double LEAST_PRIORITY_SCALE = 1e-6;

  /** The fastest cooling, by minute. */
  public static final double MOST_COOLING = 0.999;

  /** The fastest reheating, by minute. */
  public static final double MOST_REHEATING = 100;

  public AttentionPolicy {
    require("priorityWeight", priorityWeight, 0, MOST);
    require("urgencyWeight", urgencyWeight, 0, MOST);
    require("backlogWeight", backlogWeight, 0, MOST);
    require("ageWeight", ageWeight, 0, MOST);
    require("priorityScale", priorityScale, LEAST_PRIORITY_SCALE, MOST);
    require("targetUtilization", targetUtilization, 0, 1);
    require("deadBand", deadBand, 0, 1);
    require("coolingPerMinute", coolingPerMinute, 0, MOST_COOLING);
    require("reheatingPerMinute", reheatingPerMinute, 0, MOST_REHEATING);
    require("coldest", coldest, LEAST_TEMPERATURE, MOST);
    require("hottest", hottest, coldest, MOST);
  }

  private static void require(String name, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          "%s is %s, not from %s to %s".formatted(name, value, least, most));
    }
  }

  /** Priority and urgency count twice what backlog and age do; from nearly even to about 7 : 1. */
  public static AttentionPolicy defaults() {
    return new AttentionPolicy(1, 1, 0.5, 0.5, 10, 0.85, 0.05, 0.3, 0.3, 0.5, 4);
  }

  /** Where a new pool begins: between the bounds, in the middle by ratio. */
  double initialTemperature() {
    return StrictMath.sqrt(coldest * hottest);
  }

  /**
   * The temperature after some time at some load.
   *
   * @param before at the beginning of that time
   * @param load use of the scarcest resource meanwhile, 0 to 1
   */
  double temperature(double before, Duration passed, double load) {
    double perMinute = 1;
    if (load > targetUtilization + deadBand) {
      perMinute = 1 - coolingPerMinute;
    } else if (load < targetUtilization - deadBand) {
      perMinute = 1 + reheatingPerMinute;
    }
    double minutes = Math.max(0, passed.toMillis()) / 60_000.0;
    double after =
        perMinute == 1 || minutes == 0 ? before : before * StrictMath.pow(perMinute, minutes);
    return Math.min(hottest, Math.max(coldest, after));
  }

  /**
   * How much a class matters.
   *
   * @param priority mean priority of its waiting tasks
   * @param urgency 0 to 1
   * @param backlog 0 to 1
   * @param age 0 to 1
   */
  double score(double priority, double urgency, double backlog, double age) {
    double important = Math.max(-1, Math.min(1, priority / priorityScale));
    return priorityWeight * important
        + urgencyWeight * urgency
        + backlogWeight * backlog
        + ageWeight * age;
  }

  /**
   * How much longer than others a task of some priority may wait within its class: from a sixteenth
   * as long at full priority, to sixteen times as long where it is as far below 0.
   */
  double patienceOf(int priority) {
    return StrictMath.pow(16, -Math.max(-1, Math.min(1, priority / priorityScale)));
  }

  /**
   * Turns scores into shares, in place: the softmax at a temperature.
   *
   * @param scores one or more; then positive, with a sum of 1
   */
  static void toShares(double[] scores, double temperature) {
    double highest = Double.NEGATIVE_INFINITY;
    for (double score : scores) {
      highest = Math.max(highest, score);
    }
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Math.max(1e-9, StrictMath.exp((scores[i] - highest) / temperature));
      sum += scores[i];
    }
    for (int i = 0; i < scores.length; i++) {
      scores[i] /= sum;
    }
  }
}
