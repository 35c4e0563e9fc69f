package io.attentionflow.allocation;

import java.time.Duration;
import java.util.List;
import java.util.SortedMap;

/**
 * How a command came about: enough to answer "why this node, why not yet" without reading code.
 *
 * @param prediction what the model expected when the task arrived
 * @param nodesConsidered how many nodes were looked at; 0 where none was sought
 * @param nodesFiltered how many of them were passed over, by reason
 * @param bestScores the best scores, best first, five at most
 * @param queuePosition place in the queue when chosen, from 0; 0 for what was not in it
 * @param waited since it began to wait; zero for what did not
 */
public record Decision(
    Prediction prediction,
    PoolPolicy policy,
    int nodesConsidered,
    SortedMap<Reason, Integer> nodesFiltered,
    List<NodeScore> bestScores,
    int queuePosition,
    Duration waited) {

  public Decision {
    bestScores = List.copyOf(bestScores);
  }

  /**
   * How a placement scored a node.
   *
   * @param score higher is better; comparable within one decision only
   */
  public record NodeScore(String nodeId, double score) {}
}
