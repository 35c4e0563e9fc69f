package io.attentionflow.allocation;

import io.attentionflow.allocation.backfill.SlowdownDeadline;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The run times that decisions count on, in milliseconds. */
final class RunTimes {

  /** Of a task about which nothing is known; a time that can still be added to another. */
  static final long ENDLESS = Long.MAX_VALUE / 4;

  /** What an order takes for the run time of a task about which nothing is known. */
  private static final long UNKNOWN = Duration.ofHours(1).toMillis();

  /** A run time that can be taken off any time. */
  private static final long FAR = PoolPolicy.FOR_EVER.toMillis();

  private RunTimes() {}

  /** What the model expects, at most the limit; {@link #ENDLESS}: not known. */
  static long expected(TaskState task) {
    return Math.min(millis(task.prediction().expectedDuration()), limit(task));
  }

  /** What it will hardly exceed, at most the limit; {@link #ENDLESS}: not known. */
  static long cautious(TaskState task) {
    Duration high = task.prediction().durationP95();
    return high == null ? expected(task) : Math.min(millis(high), limit(task));
  }

  /** The submitter's estimate, at which batch systems stop a task; {@link #ENDLESS}: none. */
  static long limit(TaskState task) {
    return Math.max(1, millis(task.task().requestedDuration()));
  }

  /** What an order goes by that puts short tasks first. */
  static long inOrder(TaskState task) {
    long expected = expected(task);
    return expected == ENDLESS ? UNKNOWN : expected;
  }

  /** By when a task should have started that waits, by how long it should run. */
  static long slowdownDeadline(TaskState task) {
    return SlowdownDeadline.DEFAULT.keyOf(task.task().submittedAt().toEpochMilli(), inOrder(task));
  }

  /**
   * By when a task has to start to end by its deadline, if it has one; else by when it should, by
   * how long it should run. Milliseconds since 1970.
   */
  static long latestStart(TaskState task) {
    Instant deadline = task.task().deadline();
    return deadline == null
        ? slowdownDeadline(task)
        : Math.max(-FAR, Math.min(FAR, deadline.toEpochMilli())) - Math.min(inOrder(task), FAR);
  }

  /** The same, where the important are granted a shorter wait, and the unimportant a longer one. */
  static long latestStart(TaskState task, AttentionPolicy attention) {
    if (task.task().deadline() != null || task.task().priority() == 0) {
      return latestStart(task);
    }
    long submittedAt = task.task().submittedAt().toEpochMilli();
    double granted = slowdownDeadline(task) - submittedAt;
    return submittedAt + (long) (granted * attention.patienceOf(task.task().priority()));
  }

  private static long millis(@Nullable Duration duration) {
    if (duration == null || duration.compareTo(PoolPolicy.FOR_EVER) > 0) {
      return ENDLESS;
    }
    return Math.max(0, duration.toMillis());
  }

  /**
   * When something that runs should end. A length that is outlived is doubled, but goes not beyond
   * the limit before that is outlived, too. What has run for just so long is about to end, and has
   * not outlived it yet.
   *
   * @param start milliseconds since 1970
   * @param length what it is thought to run
   * @return now or after, milliseconds since 1970; {@link #ENDLESS} or more: not known
   */
  static long end(long start, long length, long limit, Instant now) {
    if (length >= ENDLESS) {
      return ENDLESS;
    }
    long age = now.toEpochMilli() - start;
    long outlives = Math.max(1, length);
    while (outlives < age) {
      outlives *= 2;
    }
    return start + (age <= limit ? Math.min(outlives, limit) : outlives);
  }
}
