package io.attentionflow.allocation.backfill;

import java.time.Duration;

/**
 * An order for waiting tasks: each has a deadline that grants it a wait in proportion to its
 * expected run time; the earliest deadline goes first.
 *
 * <p>A short task is soon due, a long one later; what waits becomes due by itself, so the order
 * ages without being sorted anew. The wait that is granted bends toward a longest one: with d the
 * wait in proportion and c the longest, it is d c / (d + c). So among the longest, who came first
 * is nearly first. Like the largest-expansion-factor and WFP rules (Tang et al., "Fault-aware,
 * utility-based job scheduling on Blue Gene/P systems", CLUSTER 2009) it weighs wait against run
 * time; it differs in that the key of a task does not change with time.
 *
 * @param factor how many times its expected run time a task may wait, above 0
 * @param shortest what is expected to be shorter counts as this, above 0
 * @param longestWait every task is granted less, above 0
 */
public record SlowdownDeadline(double factor, Duration shortest, Duration longestWait) {

  /** Fifty times the run time, and less than 40 days: what served best on logs of many machines. */
  public static final SlowdownDeadline DEFAULT =
      new SlowdownDeadline(50, Duration.ofSeconds(10), Duration.ofDays(40));

  public SlowdownDeadline {
    if (!(factor > 0) || !(factor < 1e6)) {
      throw new IllegalArgumentException("factor is %s".formatted(factor));
    }
    if (shortest.toMillis() <= 0 || longestWait.toMillis() <= 0) {
      throw new IllegalArgumentException(
          "shortest is %s, longestWait is %s".formatted(shortest, longestWait));
    }
  }

  /**
   * The deadline of a task, to be used as its {@link RigidTask#key}.
   *
   * @param submittedAtMillis milliseconds since 1970
   * @param expectedMillis mean of its run time, at least 0
   * @return milliseconds since 1970
   */
  public long keyOf(long submittedAtMillis, long expectedMillis) {
    double proportional = factor * Math.max(expectedMillis, shortest.toMillis());
    double longest = longestWait.toMillis();
    return submittedAtMillis + (long) (proportional * longest / (proportional + longest));
  }
}
