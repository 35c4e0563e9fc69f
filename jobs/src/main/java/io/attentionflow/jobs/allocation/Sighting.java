package io.attentionflow.jobs.allocation;

import io.attentionflow.schema.FeedbackState;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where a task was last seen to run: for telling whether what a node says of it can be about its
 * placement of now, which only {@code allocate} knows.
 *
 * <pre>
 * not seen -- STARTED ---------------------> seen, in that generation
 * seen     -- STARTED of a later one ------> seen, in the later one
 * seen     -- cut short -------------------> not seen, and that generation is over
 * </pre>
 *
 * <p>All feedback about a task is read in the order in which it was written, so a placement that
 * starts is behind every one of a lower generation. A node need not say that it started a task, and
 * a placement may go on as the next generation where it is: what was not seen to start is believed
 * if nothing else is known to run, or of a node that was seen to run the task.
 *
 * @param generation the latest that was seen; 0: none
 * @param nodes ids by shard, of that generation; empty: it is over, or there was none
 */
public record Sighting(int generation, SortedMap<Integer, String> nodes) {

  static final Sighting NONE = new Sighting(0, Collections.emptySortedMap());

  public Sighting {
    nodes = Collections.unmodifiableSortedMap(new TreeMap<>(nodes));
  }

  /** Whether feedback can be about the task's placement of now. */
  boolean admits(FeedbackMessage feedback) {
    if (nodes.isEmpty()) {
      return feedback.generation() > generation;
    }
    if (feedback.generation() == generation) {
      String node = nodes.get(feedback.shard());
      return node == null || node.equals(feedback.nodeId());
    }
    return feedback.generation() > generation
        && (feedback.state() == FeedbackState.STARTED || nodes.containsValue(feedback.nodeId()));
  }

  /** What is known after admitted feedback that is not the task's end. */
  Sighting after(FeedbackMessage feedback) {
    SortedMap<Integer, String> after = new TreeMap<>();
    if (feedback.state() == FeedbackState.STARTED) {
      if (feedback.generation() == generation) {
        after.putAll(nodes);
      }
      after.put(feedback.shard(), feedback.nodeId());
    }
    return new Sighting(feedback.generation(), after);
  }
}
