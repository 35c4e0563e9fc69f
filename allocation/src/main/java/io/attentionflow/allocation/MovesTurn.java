package io.attentionflow.allocation;

/**
 * Where a look for tasks to move goes on that the last one had to leave off: so that every node has
 * its turn, however many tasks of others cannot be moved.
 *
 * @param nodeId the look begins with this node, or the first after it by id
 * @param tasks so many of that node, the least run time lost first, have had their turn
 */
public record MovesTurn(String nodeId, int tasks) {

  /** From the first node on: the last look got to the end. */
  public static final MovesTurn FIRST = new MovesTurn("", 0);
}
