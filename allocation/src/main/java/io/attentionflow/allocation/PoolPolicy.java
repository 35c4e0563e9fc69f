package io.attentionflow.allocation;

import io.attentionflow.allocation.backfill.SlowdownDeadline;
import io.attentionflow.allocation.gpu.GpuPolicy;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a pool is run: the order of its queue, the choice of nodes, and its bounds.
 *
 * @param version 0 is the configured policy; an update carries a higher one
 * @param backfill what may overtake the first of the queue while there is no room for it
 * @param patience a task that has waited for so long since its submission goes before all others;
 *     of several, the least important first, as the order passes over these, and then in the order
 *     of submission; at least 0, at most {@link #FOR_EVER}, which is never
 * @param maxQueued most tasks that may wait for a newcomer to wait too, at least 0; 0 rejects what
 *     cannot start at once. A task that lost its place comes back to the queue in any case
 * @param heartbeatTimeout how long a node may be silent before its tasks are placed anew; more than
 *     0, at most {@link #FOR_EVER}
 * @param maxAttempts how often a task may be placed before it is given up, at least 1
 * @param retention how long an ended task, or a node that is gone, is remembered at least, so that
 *     late and repeated words about it are recognised; at most an eighth longer, or a second
 * @param rejectAfterDeadline whether a task that still waits at its deadline is given up; if not,
 *     it may start late
 * @param seed of what is drawn in choosing nodes
 * @param placementRules how {@code placement} chooses, beyond its name
 * @param attention how {@link Ordering#ATTENTION} shares the pool between classes
 * @param preemption when a task is stopped for a more important one
 * @param moves when a task is moved to another node
 * @param rightSizing how much of what is asked for is given, and what happens if that was too
 *     little
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
    long seed,
    PlacementRules placementRules,
    AttentionPolicy attention,
    PreemptionPolicy preemption,
    MovePolicy moves,
    RightSizing rightSizing) {

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

  /** Attention, least loaded node; a queue, a bound on waits and memory that suit most pools. */
  public static PoolPolicy defaults() {
    return new PoolPolicy(
        0,
        Ordering.ATTENTION,
        Placement.LEAST_LOADED,
        Backfill.NONE,
        Duration.ofDays(10),
        1_000_000,
        Duration.ofSeconds(60),
        16,
        Duration.ofHours(1),
        false,
        0,
        PlacementRules.defaults(),
        AttentionPolicy.defaults(),
        PreemptionPolicy.defaults(),
        MovePolicy.defaults(),
        RightSizing.defaults());
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
    SLOWDOWN_DEADLINE,
    /**
     * Class queues, earliest deadline first: higher priority first, the lighter class first within
     * one, then whoever has to start soonest to end by its deadline. Who has no deadline has that
     * of {@link #SLOWDOWN_DEADLINE}.
     */
    CQED,
    /**
     * A queue for each class of complexity, earliest deadline first in each; the classes share the
     * pool as {@link AttentionPolicy} says, and the next task is of the class that holds the least
     * against its share. Of those without a deadline, the important are granted a shorter wait than
     * {@link #SLOWDOWN_DEADLINE} does. Without backfilling, the first that does not fit blocks its
     * class only, and all of them once it is out of patience.
     */
    ATTENTION
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
    /**
     * The lowest load: what is in use of its scarcest resource, half of what is assigned beyond
     * that, and what the task would add to the resource that it takes most of.
     */
    LEAST_LOADED,
    /** The fewest running tasks. */
    LEAST_CONNECTION,
    /** The next in turn, by node id. */
    ROUND_ROBIN,
    /** Any, each as likely; drawn from the seed and the command's id. */
    RANDOM,
    /**
     * The less loaded of two that are drawn: nearly as even as the least loaded of all, and without
     * the rush to it while reports are old. M. Mitzenmacher, "The Power of Two Choices in
     * Randomized Load Balancing", IEEE TPDS 2001. Differs in that only nodes are drawn that have
     * room.
     */
    POWER_OF_TWO,
    /**
     * The least left over: of cores and of GPUs, each as a part of what the largest node has.
     * Scores are cut to integers of 100, as in the simulator published with Weng et al., "Beware of
     * Fragmentation", USENIX ATC 2023.
     */
    BEST_FIT,
    /**
     * The smallest dot product of what is asked and what is free, of cores and GPUs: Grandl et al.,
     * "Multi-Resource Packing for Cluster Schedulers" (Tetris), SIGCOMM 2014. Differs from it in
     * the sign, as the simulator of Weng et al. does: the fullest node that fits wins, not the
     * emptiest. Scores are cut to integers of 100.
     */
    DOT_PRODUCT,
    /** As {@link GpuPolicy#FRAGMENTATION} says; what is typical is learned from arrivals. */
    FRAGMENTATION,
    /** As {@link GpuPolicy#VALUE} says; for pools of GPU nodes. */
    VALUE;

    /** How nodes are valued by what was learned; null: they are not. */
    @Nullable GpuPolicy valued() {
      return switch (this) {
        case FRAGMENTATION -> GpuPolicy.FRAGMENTATION;
        case VALUE -> GpuPolicy.VALUE;
        case LEAST_LOADED,
            LEAST_CONNECTION,
            ROUND_ROBIN,
            RANDOM,
            POWER_OF_TWO,
            BEST_FIT,
            DOT_PRODUCT ->
            null;
      };
    }
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
        seed,
        placementRules,
        attention,
        preemption,
        moves,
        rightSizing);
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
        seed,
        placementRules,
        attention,
        preemption,
        moves,
        rightSizing);
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
        seed,
        placementRules,
        attention,
        preemption,
        moves,
        rightSizing);
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
        seed,
        placementRules,
        attention,
        preemption,
        moves,
        rightSizing);
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
        seed,
        placementRules,
        attention,
        preemption,
        moves,
        rightSizing);
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
        seed,
        placementRules,
        attention,
        preemption,
        moves,
        rightSizing);
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
        seed,
        placementRules,
        attention,
        preemption,
        moves,
        rightSizing);
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
        seed,
        placementRules,
        attention,
        preemption,
        moves,
        rightSizing);
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
        seed,
        placementRules,
        attention,
        preemption,
        moves,
        rightSizing);
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
        seed,
        placementRules,
        attention,
        preemption,
        moves,
        rightSizing);
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
        newSeed,
        placementRules,
        attention,
        preemption,
        moves,
        rightSizing);
  }

  public PoolPolicy withPlacementRules(PlacementRules newPlacementRules) {
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
        seed,
        newPlacementRules,
        attention,
        preemption,
        moves,
        rightSizing);
  }

  public PoolPolicy withAttention(AttentionPolicy newAttention) {
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
        seed,
        placementRules,
        newAttention,
        preemption,
        moves,
        rightSizing);
  }

  public PoolPolicy withPreemption(PreemptionPolicy newPreemption) {
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
        seed,
        placementRules,
        attention,
        newPreemption,
        moves,
        rightSizing);
  }

  public PoolPolicy withMoves(MovePolicy newMoves) {
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
        seed,
        placementRules,
        attention,
        preemption,
        newMoves,
        rightSizing);
  }

  public PoolPolicy withRightSizing(RightSizing newRightSizing) {
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
        seed,
        placementRules,
        attention,
        preemption,
        moves,
        newRightSizing);
  }
}
