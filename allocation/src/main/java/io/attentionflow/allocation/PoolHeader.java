package io.attentionflow.allocation;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a pool remembers besides its nodes and tasks.
 *
 * @param now the latest time it was told
 * @param nextSequence the arrival number of the next task
 * @param lastNodeId where the last task was placed, for {@link PoolPolicy.Placement#ROUND_ROBIN};
 *     null: nowhere yet
 * @param wakeAt the earliest time that {@link PoolOutput.WakeAt} asked for and that has not passed
 *     yet; null: none
 * @param temperature of the attention, at {@code now}
 * @param pace how fast tasks have started lately
 * @param preemptions how much was preempted lately
 * @param movesLookedAt when it was looked for tasks to move last
 * @param movesTurn where that look was left off, and the next begins
 */
public record PoolHeader(
    PoolPolicy policy,
    Instant now,
    long nextSequence,
    @Nullable String lastNodeId,
    @Nullable Instant wakeAt,
    double temperature,
    StartPace pace,
    PreemptionPace preemptions,
    Instant movesLookedAt,
    MovesTurn movesTurn) {

  /** Of a pool about which nothing is known yet. */
  public static PoolHeader of(PoolPolicy policy) {
    return new PoolHeader(
        policy,
        Instant.EPOCH,
        0,
        null,
        null,
        policy.attention().initialTemperature(),
        StartPace.NONE,
        PreemptionPace.NONE,
        Instant.EPOCH,
        MovesTurn.FIRST);
  }

  /** Run by another policy; to be woken at once, which works out when the next time is. */
  public PoolHeader withPolicy(PoolPolicy newPolicy) {
    return new PoolHeader(
        newPolicy,
        now,
        nextSequence,
        lastNodeId,
        now,
        temperature,
        pace,
        preemptions,
        movesLookedAt,
        movesTurn);
  }
}
