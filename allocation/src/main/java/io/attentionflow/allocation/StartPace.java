package io.attentionflow.allocation;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How fast tasks of a pool start, by the time between the last few dozen starts: what somebody who
 * waits may expect.
 *
 * @param starts how many there were
 * @param lastAt when the last was; null: there was none
 * @param gapMillis mean time between two, the latest counting most
 */
public record StartPace(long starts, @Nullable Instant lastAt, double gapMillis) {

  /** Nothing has started yet. */
  public static final StartPace NONE = new StartPace(0, null, 0);

  /** So many starts the mean is about. */
  private static final int REMEMBERED = 64;

  /** With fewer starts than this, nothing is said. */
  private static final int LEAST = 8;

  /** A bound that keeps any estimate a time. */
  private static final double MOST_MILLIS = Duration.ofDays(36_500).toMillis();

  /** When a task may start; the interval should hold most of the time. */
  public record Estimate(Instant earliest, Instant expected, Instant latest) {}

  /** A task starts. */
  StartPace started(Instant at) {
    if (lastAt == null) {
      return new StartPace(1, at, 0);
    }
    double passed = Math.min(MOST_MILLIS, (double) Duration.between(lastAt, at).toMillis());
    double weight = 1.0 / Math.min(starts, REMEMBERED);
    return new StartPace(starts + 1, at, gapMillis + weight * (passed - gapMillis));
  }

  /**
   * When the last of so many tasks may start, as if starts came by chance at this pace: two
   * standard deviations to either side. Null: too little is known.
   */
  @Nullable Estimate after(double startsUntil, Instant now) {
    if (starts < LEAST) {
      return null;
    }
    double spread = 2 * Math.sqrt(startsUntil);
    return new Estimate(
        later(now, (startsUntil - spread) * gapMillis),
        later(now, startsUntil * gapMillis),
        later(now, (startsUntil + spread) * gapMillis));
  }

  private static Instant later(Instant now, double millis) {
    return now.plusMillis((long) Math.max(0, Math.min(MOST_MILLIS, millis)));
  }
}
