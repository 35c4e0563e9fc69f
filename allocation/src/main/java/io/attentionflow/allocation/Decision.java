package io.attentionflow.allocation;

import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * How a command came about: enough to answer "why this node, why not yet" without reading code.
 *
 * @param prediction what the model expects of the task
 * @param nodesConsidered how many nodes were looked at; 0 where none was sought
 * @param nodesFiltered how many of them were passed over, by reason
 * @param bestScores the best scores, best first, five at most
 * @param queuePosition place in the queue when chosen, from 0; 0 for what was not in it
 * @param overtook the task at the head of the queue that it was let past; null: it was its turn
 * @param attentionShare share of the pool that the task's class should have, 0 to 1; null: the
 *     order has no shares, or it was not chosen by one
 * @param temperature of the attention; null: the order has none
 * @param waited since it began to wait; zero for what did not
 * @param displacement why it was worth it to take its place away; null: it was not for others, or
 *     this is no PREEMPT
 * @param size what the task is given in all, and why so much
 */
public record Decision(
    Prediction prediction,
    PoolPolicy policy,
    int nodesConsidered,
    SortedMap<Reason, Integer> nodesFiltered,
    List<NodeScore> bestScores,
    int queuePosition,
    @Nullable String overtook,
    @Nullable Double attentionShare,
    @Nullable Double temperature,
    Duration waited,
    @Nullable Displacement displacement,
    TaskSize size) {

  public Decision {
    bestScores = List.copyOf(bestScores);
  }

  /**
   * How much more than its quantile the task got, or would have got, as a fraction of it.
   *
   * @param action what was commanded
   * @return null: it was given nothing, or nothing was reckoned for it
   */
  public @Nullable Double headroom(Command.Action action) {
    boolean gives = action == Command.Action.ALLOCATE || action == Command.Action.RESIZE;
    return gives && size.rightSized() != null
        ? Double.valueOf(policy.rightSizing().headroom(prediction, size.outOfMemories()))
        : null;
  }

  /**
   * How a placement scored a node.
   *
   * @param score higher is better; comparable within one decision only
   */
  public record NodeScore(String nodeId, double score) {}
}
