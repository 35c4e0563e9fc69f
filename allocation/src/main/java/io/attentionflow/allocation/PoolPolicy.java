package io.attentionflow.allocation;

import java.time.Duration;

/**
 * How a pool is run: the order of its queue, the choice of nodes, and its bounds.
 *
 * @param version 0 is the configured policy; an update carries a higher one
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
        1_000_000,
        Duration.ofSeconds(60),
        16,
        Duration.ofHours(1),
        false,
        0);
  }

  /** In what order waiting tasks start. Without backfilling, the first that does not fit blocks. */
  public enum Ordering {
    /** First come, first served: by submission, then by arrival at the engine. */
    FCFS,
    /** Higher priority first; first come, first served within one. */
    PRIORITY
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
        maxQueued,
        heartbeatTimeout,
        maxAttempts,
        retention,
        rejectAfterDeadline,
        newSeed);
  }
}
