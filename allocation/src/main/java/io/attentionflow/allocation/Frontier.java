package io.attentionflow.allocation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Entries of {@link NodeGroup}s that are still to be looked into, the most promising first: a heap
 * in plain arrays, used again and again.
 */
final class Frontier {

  private double[] scores = new double[64];
  private int[] entries = new int[64];
  private @Nullable NodeGroup[] groups = new NodeGroup[64];
  private int size;
  private Keys keys = Keys.BY_ID;

  // Of the entry taken last.
  private int entry;
  private @Nullable NodeGroup group;

  /** Begins a search with these keys for what has equal scores. */
  void begin(Keys newKeys) {
    size = 0;
    keys = newKeys;
  }

  /**
   * Adds an entry.
   *
   * @param newScore that no node below it exceeds
   */
  void add(NodeGroup newGroup, int newEntry, double newScore) {
    if (size == scores.length) {
      scores = Arrays.copyOf(scores, 2 * size);
      entries = Arrays.copyOf(entries, 2 * size);
      groups = Arrays.copyOf(groups, 2 * size);
    }
    int at = size++;
    while (at > 0 && goesBefore(newScore, newGroup, newEntry, (at - 1) / 2)) {
      move((at - 1) / 2, at);
      at = (at - 1) / 2;
    }
    set(at, newScore, newEntry, newGroup);
  }

  /**
   * Takes the most promising entry out.
   *
   * @return whether there was one below which a node may be that still gets into the ranking
   */
  boolean take(Ranking ranking) {
    if (size == 0 || (ranking.isFull() && !mayRank(scores[0], group(0), entries[0], ranking))) {
      return false;
    }
    entry = entries[0];
    group = groups[0];
    size--;
    double lastScore = scores[size];
    int lastEntry = entries[size];
    NodeGroup lastGroup = group(size);
    int at = 0;
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size
          && goesBefore(scores[child + 1], group(child + 1), entries[child + 1], child)) {
        child++;
      }
      if (!goesBefore(
          scores[child], group(child), entries[child], lastScore, lastGroup, lastEntry)) {
        break;
      }
      move(child, at);
      at = child;
    }
    set(at, lastScore, lastEntry, lastGroup);
    return true;
  }

  private boolean mayRank(double newScore, NodeGroup newGroup, int newEntry, Ranking ranking) {
    double worst = ranking.worstScore();
    return newScore > worst
        || (newScore == worst && newGroup.lowestKey(newEntry, keys) < ranking.worstKey());
  }

  /** Of the entry taken last. */
  int entry() {
    return entry;
  }

  /** Of the entry taken last. */
  NodeGroup group() {
    if (group == null) {
      throw new IllegalStateException("nothing was taken");
    }
    return group;
  }

  private NodeGroup group(int at) {
    NodeGroup there = groups[at];
    if (there == null) {
      throw new IllegalStateException("nothing is at " + at);
    }
    return there;
  }

  private boolean goesBefore(double firstScore, NodeGroup firstGroup, int firstEntry, int second) {
    return goesBefore(
        firstScore, firstGroup, firstEntry, scores[second], group(second), entries[second]);
  }

  /** Keys are asked for only where scores do not tell. */
  private boolean goesBefore(
      double firstScore,
      NodeGroup firstGroup,
      int firstEntry,
      double secondScore,
      NodeGroup secondGroup,
      int secondEntry) {
    if (firstScore != secondScore) {
      return firstScore > secondScore;
    }
    return firstGroup.lowestKey(firstEntry, keys) < secondGroup.lowestKey(secondEntry, keys);
  }

  private void move(int from, int to) {
    scores[to] = scores[from];
    entries[to] = entries[from];
    groups[to] = groups[from];
  }

  private void set(int at, double newScore, int newEntry, NodeGroup newGroup) {
    scores[at] = newScore;
    entries[at] = newEntry;
    groups[at] = newGroup;
  }
}
