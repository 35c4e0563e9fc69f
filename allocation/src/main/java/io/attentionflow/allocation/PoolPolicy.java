package io.attentionflow.allocation;

import io.attentionflow.allocation.backfill.SlowdownDeadline;
import java.time.Duration;

/**
 * How a pool is run: the order of its queue, the choice of nodes, and its bounds.
 *
 * @param version 0 is the configured policy; an update carries a higher one
 * @param backfill what may overtake the first of the queue while there is no room for it
 * @param patience a task that has waited for so long since its submission goes before all others,
 *     in the order of submission; at least 0, at most {@link #FOR_EVER}, which is never
 * @param maxQueued most tasks that may wait for a newcomer to wait too, at least 0; 0 rejects what
 *     cannot start at once. A task that lost its place comes back to the queue in any case
 * @param heartbeatTimeout how long a node may be silent before its tasks are placed anew; more than
 *     0, at most {@link #FOR_EVER}
 * @param maxAttempts how often a task may be placed before it is given up, at least 1
 * @param retention how long an ended task, or a node that is gone, is remembered at least, so that
 *     late and repeated words about it are recognised; at most an eighth longer, or a second
 * @param rejectAfterDeadline whether a task that still waits at its deadline is given up; if not,
 *     it may start late
 * @param seed of the choices that {@link Placement#RANDOM} makes
 */
public record PoolPolicy(
    long version,
    Ordering ordering,
    Placement placement,
    Backfill backfill,
    Duration patience,
    int maxQueued,
    Duration heartbeatTimeout,
    int maxAttempts,
    Duration retention,
    boolean rejectAfterDeadline,
    long seed) {

  /**
   * The longest timeout or retention, a thousand years: still a time that can be added to another.
   */
  public static final Duration FOR_EVER = Duration.ofDays(365_000);

  public PoolPolicy {
    if (maxQueued < 0) {
      throw new IllegalArgumentException("maxQueued is %d".formatted(maxQueued));
    }
    if (maxAttempts < 1) {
      throw new IllegalArgumentException("maxAttempts is %d".formatted(maxAttempts));
    }
    if (heartbeatTimeout.isNegative()
        || heartbeatTimeout.isZero()
        || heartbeatTimeout.compareTo(FOR_EVER) > 0) {
      throw new IllegalArgumentException("heartbeatTimeout is %s".formatted(heartbeatTimeout));
    }
    if (patience.isNegative() || patience.compareTo(FOR_EVER) > 0) {
      throw new IllegalArgumentException("patience is %s".formatted(patience));
    }
    if (retention.isNegative() || retention.compareTo(FOR_EVER) > 0) {
      throw new IllegalArgumentException("retention is %s".formatted(retention));
    }
  }

  /** Priority order, least loaded node; a queue and memory that suit most pools. */
  public static PoolPolicy defaults() {
    return new PoolPolicy(
        0,
        Ordering.PRIORITY,
        Placement.LEAST_LOADED,
        Backfill.NONE,
        FOR_EVER,
        1_000_000,
        Duration.ofSeconds(60),
        16,
        Duration.ofHours(1),
        false,
        0);
  }

  /**
   * In what order waiting tasks start. Without backfilling, the first that does not fit blocks.
   *
   * <p>A run time is what the model expects; else the submitter's estimate, which is also the most
   * that is expected; else an hour. Whatever the order leaves equal is first come, first served.
   */
  public enum Ordering {
    /** First come, first served: by submission, then by arrival at the engine. */
    FCFS,
    /** Higher priority first; first come, first served within one. */
    PRIORITY,
    /** The shortest run time first. Long tasks may wait for ever, but for the patience. */
    SHORTEST_PREDICTED,
    /** As {@link SlowdownDeadline#DEFAULT} says: who waited long for a short run goes first. */
    SLOWDOWN_DEADLINE
  }

  /**
   * What may start before the first of the queue while there is no room for that one: nothing that
   * takes room which it is expected to need when there will be.
   */
  public enum Backfill {
    /** Nothing. */
    NONE,
    /** Whatever fits, asked in the order of the queue. */
    EASY,
    /** Whatever fits, asked by run time, the shortest first. */
    EASY_SHORTEST
  }

  /** Which of the nodes that a task fits it gets. */
  public enum Placement {
    /** The lowest use of its scarcest resource, by what was assigned and what was observed. */
    LEAST_LOADED,
    /** The fewest running tasks. */
    LEAST_CONNECTION,
    /** The next in turn, by node id. */
    ROUND_ROBIN,
    /** Any, each as likely; drawn from the seed and the command's id. */
    RANDOM
  }

  public PoolPolicy withVersion(long newVersion) {
    return new PoolPolicy(
        newVersion,
        ordering,
        placement,
        backfill,
        patience,
        maxQueued,
        heartbeatTimeout,
        maxAttempts,
        retention,
        rejectAfterDeadline,
        seed);
  }

  public PoolPolicy withOrdering(Ordering newOrdering) {
    return new PoolPolicy(
        version,
        newOrdering,
        placement,
        backfill,
        patience,
        maxQueued,
        heartbeatTimeout,
        maxAttempts,
        retention,
        rejectAfterDeadline,
        seed);
  }

  public PoolPolicy withPlacement(Placement newPlacement) {
    return new PoolPolicy(
        version,
        ordering,
        newPlacement,
        backfill,
        patience,
        maxQueued,
        heartbeatTimeout,
        maxAttempts,
        retention,
        rejectAfterDeadline,
        seed);
  }

  public PoolPolicy withBackfill(Backfill newBackfill) {
    return new PoolPolicy(
        version,
        ordering,
        placement,
        newBackfill,
        patience,
        maxQueued,
        heartbeatTimeout,
        maxAttempts,
        retention,
        rejectAfterDeadline,
        seed);
  }

  public PoolPolicy withPatience(Duration newPatience) {
    return new PoolPolicy(
        version,
        ordering,
        placement,
        backfill,
        newPatience,
        maxQueued,
        heartbeatTimeout,
        maxAttempts,
        retention,
        rejectAfterDeadline,
        seed);
  }

  public PoolPolicy withMaxQueued(int newMaxQueued) {
    return new PoolPolicy(
        version,
        ordering,
        placement,
        backfill,
        patience,
        newMaxQueued,
        heartbeatTimeout,
        maxAttempts,
        retention,
        rejectAfterDeadline,
        seed);
  }

  public PoolPolicy withHeartbeatTimeout(Duration newHeartbeatTimeout) {
    return new PoolPolicy(
        version,
        ordering,
        placement,
        backfill,
        patience,
        maxQueued,
        newHeartbeatTimeout,
        maxAttempts,
        retention,
        rejectAfterDeadline,
        seed);
  }

  public PoolPolicy withMaxAttempts(int newMaxAttempts) {
    return new PoolPolicy(
        version,
        ordering,
        placement,
        backfill,
        patience,
        maxQueued,
        heartbeatTimeout,
        newMaxAttempts,
        retention,
        rejectAfterDeadline,
        seed);
  }

  public PoolPolicy withRetention(Duration newRetention) {
    return new PoolPolicy(
        version,
        ordering,
        placement,
        backfill,
        patience,
        maxQueued,
        heartbeatTimeout,
        maxAttempts,
        newRetention,
        rejectAfterDeadline,
        seed);
  }

  public PoolPolicy withRejectAfterDeadline(boolean newRejectAfterDeadline) {
    return new PoolPolicy(
        version,
        ordering,
        placement,
        backfill,
        patience,
        maxQueued,
        heartbeatTimeout,
        maxAttempts,
        retention,
        newRejectAfterDeadline,
        seed);
  }

  public PoolPolicy withSeed(long newSeed) {
    return new PoolPolicy(
        version,
        ordering,
        placement,
        backfill,
        patience,
        maxQueued,
        heartbeatTimeout,
        maxAttempts,
        retention,
        rejectAfterDeadline,
        newSeed);
  }
}
