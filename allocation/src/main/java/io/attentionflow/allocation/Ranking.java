package io.attentionflow.allocation;

import io.attentionflow.allocation.Decision.NodeScore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The best nodes of a search, best first. Used again and again, so that ranking makes nothing. */
final class Ranking {

  /** Most nodes that are ranked. */
  static final int MOST = 5;

  private final double[] scores = new double[MOST];
  private final long[] keys = new long[MOST];
  private final @Nullable Node[] nodes = new Node[MOST];
  private int size;

  void clear() {
    size = 0;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Whether only better nodes than the last can still get in. */
  boolean isFull() {
    return size == MOST;
  }

  /** Of the last, where all ranks are taken. */
  double worstScore() {
    return scores[MOST - 1];
  }

  /** Of the last, where all ranks are taken. */
  long worstKey() {
    return keys[MOST - 1];
  }

  /**
   * Ranks a node, if it is among the best.
   *
   * @param key of equal scores the lowest goes first
   */
  void add(Node node, double score, long key) {
    int place = size;
    while (place > 0
        && (score > scores[place - 1] || (score == scores[place - 1] && key < keys[place - 1]))) {
      place--;
    }
    if (place == MOST) {
      return;
    }
    size = Math.min(size + 1, MOST);
    for (int i = size - 1; i > place; i--) {
      scores[i] = scores[i - 1];
      keys[i] = keys[i - 1];
      nodes[i] = nodes[i - 1];
    }
    scores[place] = score;
    keys[place] = key;
    nodes[place] = node;
  }

  /** The best of all. */
  Node first() {
    return node(0);
  }

  private Node node(int rank) {
    Node node = nodes[rank];
    if (rank >= size || node == null) {
      throw new IllegalStateException("no node of rank " + rank);
    }
    return node;
  }

  List<NodeScore> scores() {
    NodeScore[] all = new NodeScore[size];
    for (int rank = 0; rank < size; rank++) {
      all[rank] = new NodeScore(node(rank).id(), scores[rank]);
    }
    return List.of(all);
  }
}
