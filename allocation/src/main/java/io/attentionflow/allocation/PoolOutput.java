package io.attentionflow.allocation;

import java.time.Instant;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** What the engine wants done or known. It only says so; the adapter around it does it. */
public sealed interface PoolOutput {

  /** A command for the node agents, and how it came about. */
  record Commanded(Command command, Decision decision) implements PoolOutput {}

  /**
   * A task waits: written when it begins to wait and whenever its reason changes.
   *
   * @param position place in the queue, from 0
   * @param since when it began to wait
   * @param nodesFiltered how many nodes were passed over for it, by reason; empty: not its turn
   * @param estimate when it may start; null: too little is known
   */
  record Waiting(
      TaskRequest task,
      String complexity,
      Reason reason,
      int position,
      Instant since,
      SortedMap<Reason, Integer> nodesFiltered,
      StartPace.@Nullable Estimate estimate,
      Instant at)
      implements PoolOutput {}

  /**
   * It was thought about moving a task off a node that drains or is overloaded, and it stays.
   *
   * @param reason why it is not moved
   */
  record Stayed(String taskId, String nodeId, Reason reason) implements PoolOutput {}

  /** A task that waited waits no more. */
  record WaitEnded(String taskId) implements PoolOutput {}

  /**
   * The event changed nothing: a duplicate, late, or about something unknown.
   *
   * @param taskId the task it spoke of; null: none
   * @param nodeId the node it spoke of; null: none
   */
  record Ignored(@Nullable String taskId, @Nullable String nodeId, Reason reason)
      implements PoolOutput {}

  /**
   * Come back with {@link PoolEvent.TimePassed} at this time. A hint: late or twice is harmless.
   */
  record WakeAt(Instant at) implements PoolOutput {}
}
