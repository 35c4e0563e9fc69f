package io.attentionflow.simulation.trace;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Tasks in order of submission, and the nodes they run on.
 *
 * @param description where it is from, in a line
 * @param tasks by submission; those of the same time in the order of the file
 * @param nodes the cluster, in the order of the file; empty: the trace names none
 * @param stated the resources whose capacity the trace knows; of others a use means nothing
 * @param waits whether a task that cannot start at once may wait; if not, it is turned away
 * @param lines what became of the lines of the file
 */
public record Trace(
    String description,
    List<TraceTask> tasks,
    List<TraceNode> nodes,
    Set<Dimension> stated,
    boolean waits,
    LineCount lines) {

  /** A kind of resource. */
  public enum Dimension {
    CPU,
    MEMORY,
    GPU,
    IO
  }

  public Trace {
    List<TraceTask> sorted = new ArrayList<>(tasks);
    sorted.sort(Comparator.comparing(TraceTask::submittedAt));
    tasks = Collections.unmodifiableList(sorted);
    nodes = List.copyOf(nodes);
    EnumSet<Dimension> known = EnumSet.noneOf(Dimension.class);
    known.addAll(stated);
    stated = Collections.unmodifiableSet(known);
  }

  /**
   * A stretch of its tasks, on the same nodes.
   *
   * @param start how many tasks to leave out, at least 0
   * @param count the most to keep, at least 0
   */
  public Trace slice(int start, int count) {
    if (start < 0 || count < 0) {
      throw new IllegalArgumentException("start %d, count %d".formatted(start, count));
    }
    int from = Math.min(start, tasks.size());
    int to = (int) Math.min((long) from + count, tasks.size());
    return new Trace(description, tasks.subList(from, to), nodes, stated, waits, lines);
  }

  /** The same tasks on other nodes. */
  public Trace on(List<TraceNode> newNodes) {
    return new Trace(description, tasks, newNodes, stated, waits, lines);
  }

  /** From the first submission to the last; zero if there are fewer than two tasks. */
  public Duration span() {
    return tasks.isEmpty()
        ? Duration.ZERO
        : Duration.between(tasks.get(0).submittedAt(), tasks.get(tasks.size() - 1).submittedAt());
  }
}
