package io.attentionflow.simulation.cluster;

import io.attentionflow.allocation.Resources;
import io.attentionflow.simulation.trace.TraceNode;
import java.time.Instant;

/** What node agents say: about a task, or about their node. */
public sealed interface AgentWord {

  /** When they saw it, in event time. */
  Instant at();

  /**
   * What became of a shard of a placement.
   *
   * @param commandId the command that placed it: {@code taskId#generation}
   * @param durationMillis run time so far, in the simulated world's time; the whole on a final
   *     state
   * @param peakUsage the most it used at once
   * @param meanUsage what it used on average
   */
  record TaskWord(
      String taskId,
      String commandId,
      int generation,
      int shard,
      String pool,
      String tenant,
      String taskType,
      String nodeId,
      State state,
      long durationMillis,
      Resources peakUsage,
      Resources meanUsage,
      Instant at)
      implements AgentWord {}

  /** How far a shard has come. */
  enum State {
    STARTED,
    SUCCEEDED,
    FAILED,
    OUT_OF_MEMORY,
    PREEMPTED,
    LOST
  }

  /**
   * A node joined, lives, takes no more, or left.
   *
   * @param usage what is in use on it now
   */
  record NodeWord(TraceNode node, Kind kind, Resources usage, Instant at) implements AgentWord {}

  /** What a node says of itself. */
  enum Kind {
    JOINED,
    HEARTBEAT,
    DRAINING,
    LEFT
  }
}
