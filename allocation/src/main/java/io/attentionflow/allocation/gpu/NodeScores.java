package io.attentionflow.allocation.gpu;

import java.util.Arrays;

/**
 * What each node scores for one kind of request, with the best of each block of nodes at hand, so
 * that whoever looks for the best passes over most.
 */
final class NodeScores {

  /** Of a node that does not take the request. */
  static final float NONE = Float.NEGATIVE_INFINITY;

  private static final int BLOCK_BITS = 5;
  private static final int BLOCK = 1 << BLOCK_BITS;

  private float[] scores = {};

  // By block: no node in it is better than this score and, of nodes with that score, this order.
  private float[] most = {};
  private long[] first = {};

  /** By block: there may be no node that good. */
  private boolean[] loose = {};

  private int blocks;

  /** Makes room for so many nodes. */
  void resize(int nodes) {
    blocks = (nodes + BLOCK - 1) >> BLOCK_BITS;
    if (blocks > most.length) {
      int from = most.length;
      int size = blocks + blocks / 4;
      scores = Arrays.copyOf(scores, size << BLOCK_BITS);
      Arrays.fill(scores, from << BLOCK_BITS, scores.length, NONE);
      most = Arrays.copyOf(most, size);
      Arrays.fill(most, from, size, NONE);
      first = Arrays.copyOf(first, size);
      Arrays.fill(first, from, size, Long.MAX_VALUE);
      loose = Arrays.copyOf(loose, size);
    }
  }

  int blocks() {
    return blocks;
  }

  /** The block that may have the best node; -1: there is none. */
  int mostPromising() {
    int best = -1;
    float score = NONE;
    for (int block = 0; block < blocks; block++) {
      if (most[block] > score) {
        best = block;
        score = most[block];
      }
    }
    return best;
  }

  int from(int block) {
    return block << BLOCK_BITS;
  }

  int to(int block) {
    return (block + 1) << BLOCK_BITS;
  }

  float score(int slot) {
    return scores[slot];
  }

  /** No node in the block scores more. */
  float most(int block) {
    return most[block];
  }

  /** No node in the block that scores that much has a lower order. */
  long first(int block) {
    return first[block];
  }

  void set(int slot, float score, long order) {
    int block = slot >> BLOCK_BITS;
    float before = scores[slot];
    scores[slot] = score;
    if (score > most[block]) {
      most[block] = score;
      first[block] = order;
      loose[block] = false;
      return;
    }
    if (before == most[block]) {
      loose[block] = true;
    }
    if (score == most[block]) {
      first[block] = Math.min(first[block], order);
    }
  }

  /** Finds out how good the best node of a block is. */
  void tighten(int block, long[] order) {
    if (!loose[block]) {
      return;
    }
    float best = NONE;
    long bestOrder = Long.MAX_VALUE;
    for (int slot = from(block); slot < to(block); slot++) {
      float score = scores[slot];
      if (score > best) {
        best = score;
        bestOrder = order[slot];
      } else if (score == best && score > NONE && order[slot] < bestOrder) {
        bestOrder = order[slot];
      }
    }
    most[block] = best;
    first[block] = bestOrder;
    loose[block] = false;
  }
}
