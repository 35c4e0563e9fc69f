package io.attentionflow.allocation;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task as the pool knows it.
 *
 * <pre>
 * QUEUED  -- placed -----------------------------> PLACED
 * PLACED  -- every shard has started ------------> RUNNING
 * PLACED, RUNNING -- place lost, attempts left --> QUEUED
 * any of them -- ended, cancelled, given up -----> ENDED
 * </pre>
 *
 * @param sequence arrival number within the pool
 * @param phase where it is in its life
 * @param generation the newest placement, from 1; 0: never placed
 * @param shards where it is; empty unless PLACED or RUNNING
 * @param since when it entered its phase
 * @param reason why it waits, or how it ended; {@link Reason#PLACED} otherwise
 */
public record TaskState(
    TaskRequest task,
    Prediction prediction,
    long sequence,
    Phase phase,
    int generation,
    List<ShardState> shards,
    Instant since,
    Reason reason) {

  public TaskState {
    shards = List.copyOf(shards);
  }

  /** Where a task is in its life. */
  public enum Phase {
    QUEUED,
    PLACED,
    RUNNING,
    ENDED
  }

  /**
   * One shard, where it is and how far it has come.
   *
   * @param startedAt when its node said that it started; null: not yet
   * @param ended true once it succeeded
   */
  public record ShardState(ShardPlacement placement, @Nullable Instant startedAt, boolean ended) {}
}
