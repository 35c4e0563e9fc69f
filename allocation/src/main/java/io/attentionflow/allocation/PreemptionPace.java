package io.attentionflow.allocation;

import java.time.Duration;
import java.time.Instant;

/**
 * How much was preempted lately: the memory behind the limits of {@link PreemptionPolicy}.
 *
 * @param minute when the minute began that {@code stopped} is about
 * @param stopped so many tasks were stopped in it for others
 * @param notBefore it is looked for tasks to stop from then on: the last look was in vain
 */
public record PreemptionPace(Instant minute, int stopped, Instant notBefore) {

  /** Nothing was preempted yet. */
  public static final PreemptionPace NONE = new PreemptionPace(Instant.EPOCH, 0, Instant.EPOCH);

  private static final Duration MINUTE = Duration.ofMinutes(1);

  /** Between two looks in vain. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** Whether it is time to look. */
  boolean isDue(Instant now) {
    return !now.isBefore(notBefore);
  }

  /** How many more may be stopped now, of so many in a minute. */
  int left(Instant now, int mostPerMinute) {
    return mostPerMinute - (isOver(now) ? 0 : stopped);
  }

  private boolean isOver(Instant now) {
    return !minute.plus(MINUTE).isAfter(now);
  }

  PreemptionPace stopped(int tasks, Instant now) {
    return isOver(now)
        ? new PreemptionPace(now, tasks, notBefore)
        : new PreemptionPace(minute, stopped + tasks, notBefore);
  }

  PreemptionPace inVain(Instant now) {
    return new PreemptionPace(minute, stopped, now.plus(PAUSE));
  }
}
