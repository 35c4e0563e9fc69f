package io.attentionflow.client;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a task is, and why.
 *
 * @param generation its newest placement, from 1; 0: never decided
 * @param reason why it waits, is where it is, or ended: a name of {@code Reason}
 * @param complexity its predicted class; empty: not known
 * @param since since when it is so, in event time
 * @param placements where it is; empty unless PLACED
 * @param pending what it waits for; null unless PENDING
 * @param decision how its newest placement, or its rejection, came about; null: not seen
 * @param history the commands that were seen, oldest first, at most {@value #LONGEST_HISTORY}; the
 *     command topic is compacted, so those of long ago may be missing
 */
public record TaskAnswer(
    String taskId,
    String pool,
    String tenant,
    String taskType,
    State state,
    int generation,
    String reason,
    String complexity,
    int priority,
    Instant since,
    List<Placement> placements,
    @Nullable PendingAnswer pending,
    @Nullable Decision decision,
    List<Command> history) {

  /** Commands that are remembered of one task. */
  public static final int LONGEST_HISTORY = 32;

  public TaskAnswer {
    placements = List.copyOf(placements);
    history = List.copyOf(history);
  }

  /** Where a task is in its life. */
  public enum State {
    /** It waits for a place. */
    PENDING,
    /** It has a place. */
    PLACED,
    /** It was stopped, and is not reported waiting yet. */
    PREEMPTED,
    /** It is over and holds nothing. */
    RELEASED,
    /** It will not be placed. */
    REJECTED,
    /** Something was decided, and the command has not been seen. */
    UNKNOWN
  }

  /** One shard on its node. */
  public record Placement(int shard, String nodeId, Amounts resources, List<Integer> gpuIndices) {

    public Placement {
      gpuIndices = List.copyOf(gpuIndices);
    }
  }

  /** A command about the task. */
  public record Command(
      String commandId,
      int generation,
      String action,
      String reason,
      List<String> nodeIds,
      Instant decidedAt) {

    public Command {
      nodeIds = List.copyOf(nodeIds);
    }
  }

  /**
   * How a command came about; see {@code AllocationDecision} for the meaning of each.
   *
   * @param bestScores by node, best first
   */
  public record Decision(
      String commandId,
      SortedMap<String, Double> classProbabilities,
      String ordering,
      String placement,
      @Nullable Double attentionShare,
      @Nullable Double temperature,
      int nodesConsidered,
      SortedMap<String, Integer> nodesFiltered,
      Map<String, Double> bestScores,
      int queuePosition,
      String sizing,
      long waitMillis,
      long expectedDurationMillis,
      long modelVersion,
      long policyVersion,
      Instant decidedAt) {}
}
