package io.attentionflow.allocation;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What node agents are to do about a task.
 *
 * <pre>
 * queued  -- ALLOCATE #1 --> open 1 -- RELEASE #1/RELEASE --> over
 *                              |
 *                              +-- PREEMPT #1/PREEMPT --> queued -- ALLOCATE #2 --> open 2 ...
 *                              |
 *                              +-- RESIZE #2 --> open 2 ...
 * queued  -- REJECT #g --> over
 * </pre>
 *
 * <p>The last word about a task is a RELEASE if it holds a place, and a REJECT if it holds none:
 * one that was never placed, or was cancelled, given up or found late after a PREEMPT. A REJECT
 * opens and ends the next generation in one.
 *
 * <p>A RESIZE closes the open generation and opens the next in one, on the same nodes in other
 * amounts: the task begins again there. One that has to go elsewhere is preempted and allocated.
 *
 * <p>At most one generation of a task is open at any time, and a command's id is never used again.
 *
 * @param generation the placement it is about, from 1
 * @param shards where the task runs; where it ran, on PREEMPT and RELEASE; empty on REJECT
 * @param expectedDuration the run time the decision counted on; null: unknown
 */
public record Command(
    Action action,
    TaskRequest task,
    int generation,
    List<ShardPlacement> shards,
    String complexity,
    Reason reason,
    long modelVersion,
    long policyVersion,
    @Nullable Duration expectedDuration,
    Instant decidedAt) {

  public Command {
    shards = List.copyOf(shards);
  }

  /** What to do: the first three open a generation, the last two close it. */
  public enum Action {
    ALLOCATE,
    RESIZE,
    REJECT,
    PREEMPT,
    RELEASE
  }

  /** The same after any replay: {@code taskId#generation}, with the action if it closes it. */
  public String id() {
    return id(action, task.taskId(), generation);
  }

  static String id(Action action, String taskId, int generation) {
    String opened = taskId + "#" + generation;
    return switch (action) {
      case ALLOCATE, RESIZE, REJECT -> opened;
      case PREEMPT, RELEASE -> opened + "/" + action;
    };
  }
}
