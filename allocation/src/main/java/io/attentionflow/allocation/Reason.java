package io.attentionflow.allocation;

/**
 * Why a task was placed, is not placed, or stopped; and why an event changed nothing.
 *
 * <p>The one vocabulary for topics, metrics, queries and pages: {@code Reason.avsc} has the same
 * names.
 */
public enum Reason {
  /** It got what it asked for. */
  PLACED,
  /** The pool has no node at all. */
  NO_NODES,
  /** No node has that much CPU free now. */
  INSUFFICIENT_CPU,
  /** No node has that much memory free now. */
  INSUFFICIENT_MEMORY,
  /** No node has these GPUs free now. */
  INSUFFICIENT_GPU,
  /** No node has that much throughput free now. */
  INSUFFICIENT_IO,
  /** The node's GPU model is not one that the task can use. */
  GPU_MODEL,
  /** The node takes no new tasks. */
  NODE_DRAINING,
  /** The node has not been heard of for longer than the timeout. */
  NODE_SILENT,
  /**
   * Even empty, no node that takes tasks is large enough and of a GPU model it can use. It keeps
   * its place in the queue, but does not block it, until such a node comes.
   */
  EXCEEDS_EVERY_NODE,
  /** A task before it in the queue must start first. */
  WAITS_FOR_EARLIER,
  /** The queue is at its bound. */
  QUEUE_FULL,
  /** Its deadline passed before it could start. */
  DEADLINE_PASSED,
  /** It asks for, or tells of, something that no pool and no node can have. */
  INVALID_REQUEST,
  /** The submitter cancelled it. */
  CANCELLED,
  /** It ended by itself, well. */
  SUCCEEDED,
  /** It ended by itself, badly. */
  FAILED,
  /** It needed more memory than it got. */
  OUT_OF_MEMORY,
  /** It was stopped before its end and goes back to the queue. */
  PREEMPTED,
  /** A more important task needs its place; it goes back to the queue. */
  MORE_IMPORTANT_WAITS,
  /** Its node has more in use than it should bear. */
  NODE_OVERLOADED,
  /** It runs on where it is: moving it would cost more than is expected of it. */
  NO_NET_BENEFIT,
  /** It runs on where it is: it was moved only lately, or as many were as may be at a time. */
  MOVE_LIMIT,
  /** It runs on where it is: it was moved off that other node before. */
  MOVES_IN_CIRCLES,
  /** Its node has not been heard of for longer than the timeout. */
  NODE_LOST,
  /** Its node left the pool. */
  NODE_LEFT,
  /** Its node has become too small for what runs on it. */
  NODE_SHRUNK,
  /** Its node says that it is gone. */
  TASK_LOST,
  /** It lost its place more often than the policy allows. */
  ATTEMPTS_EXHAUSTED,
  /** The same word came before. */
  DUPLICATE,
  /** The pool does not know this task, or no longer. */
  UNKNOWN_TASK,
  /** The pool does not know this node, or not as the one where that shard is. */
  UNKNOWN_NODE,
  /** It speaks of a placement that is closed, or was never opened. */
  STALE_GENERATION,
  /** It is older than what is known already, or comes after the end. */
  LATE
}
