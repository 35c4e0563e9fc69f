package io.attentionflow.allocation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How often a task was made to give up its place, so that it is not for ever.
 *
 * @param preemptions how often it was stopped for a more important one
 * @param moves how often it was moved to another node
 * @param movedAt when it was moved last; null: never
 * @param left nodes that it was moved off lately, the latest last; at most {@link #REMEMBERED}
 */
public record TaskMoves(int preemptions, int moves, @Nullable Instant movedAt, List<String> left) {

  /** So many nodes a task is remembered to have been moved off. */
  public static final int REMEMBERED = 4;

  /** Of a task that nobody displaced. */
  public static final TaskMoves NONE = new TaskMoves(0, 0, null, List.of());

  public TaskMoves {
    left = List.copyOf(left);
  }

  TaskMoves preempted() {
    return new TaskMoves(preemptions + 1, moves, movedAt, left);
  }

  /** It is moved off this node. */
  TaskMoves moved(String nodeId, Instant now) {
    List<String> nodes = new ArrayList<>(left);
    nodes.remove(nodeId);
    nodes.add(nodeId);
    int first = Math.max(0, nodes.size() - REMEMBERED);
    return new TaskMoves(preemptions, moves + 1, now, nodes.subList(first, nodes.size()));
  }
}
