package io.attentionflow.allocation;

import io.attentionflow.allocation.Decision.NodeScore;
import java.util.List;
import java.util.SortedMap;

/** What came of looking for a place. */
sealed interface Placing {

  /** How many nodes were looked at. */
  int nodesConsidered();

  /** How many of them were passed over, by reason. */
  SortedMap<Reason, Integer> nodesFiltered();

  /** It has a place, and the nodes count it already. */
  record Found(
      List<ShardPlacement> shards,
      int nodesConsidered,
      SortedMap<Reason, Integer> nodesFiltered,
      List<NodeScore> bestScores)
      implements Placing {}

  /** It has none, for this reason. */
  record Blocked(Reason reason, int nodesConsidered, SortedMap<Reason, Integer> nodesFiltered)
      implements Placing {

    /** Whether it waits for the pool to change, and not for others to end. */
    boolean fitsNowhere() {
      return reason == Reason.EXCEEDS_EVERY_NODE;
    }

    /** Whether no node takes tasks: there are none, or all drain or are silent. */
    boolean hasNoNodes() {
      return reason == Reason.NO_NODES
          || reason == Reason.NODE_DRAINING
          || reason == Reason.NODE_SILENT;
    }
  }
}
