package io.attentionflow.allocation;

import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Everything that can happen to one pool. An event carries its own time. */
public sealed interface PoolEvent {

  /** When it happened, in event time. The engine's now is the latest it was told. */
  Instant at();

  /** A task asks for its place. */
  record TaskSubmitted(TaskRequest task, Prediction prediction, Instant at) implements PoolEvent {}

  /**
   * The model now expects other run times of tasks that are not over. A task keeps the class that
   * it had when it was submitted: that is the queue it waits in, and the demand it was counted as.
   *
   * @param predictions by task id
   */
  record TasksPredicted(SortedMap<String, Prediction> predictions, Instant at)
      implements PoolEvent {
    public TasksPredicted {
      predictions = Collections.unmodifiableSortedMap(new TreeMap<>(predictions));
    }
  }

  /** The submitter wants the task no more. */
  record TaskCancelled(String taskId, Instant at) implements PoolEvent {}

  /** A node says that a shard of a generation has started. */
  record TaskStarted(String taskId, int generation, int shard, String nodeId, Instant at)
      implements PoolEvent {}

  /** A node says that a shard of a generation has stopped. */
  record TaskStopped(
      String taskId, int generation, int shard, String nodeId, Outcome outcome, Instant at)
      implements PoolEvent {}

  /** How a shard stopped. */
  enum Outcome {
    SUCCEEDED,
    FAILED,
    OUT_OF_MEMORY,
    PREEMPTED,
    LOST
  }

  /** A node joined, or is there again. Nothing runs on it: what did is lost. */
  record NodeJoined(String nodeId, Resources capacity, @Nullable String gpuModel, Instant at)
      implements PoolEvent {}

  /**
   * A node lives. Its capacity may have changed.
   *
   * @param capacity nothing at all: as it was
   * @param usage what is in use on it, by whomever
   * @param gpuModel null: as it was
   */
  record NodeHeartbeat(
      String nodeId, Resources capacity, Resources usage, @Nullable String gpuModel, Instant at)
      implements PoolEvent {}

  /** A node takes no new tasks; what runs there runs on, or is moved if the policy says so. */
  record NodeDraining(String nodeId, Instant at) implements PoolEvent {}

  /** A node is gone, and what ran there with it. */
  record NodeLeft(String nodeId, Instant at) implements PoolEvent {}

  /** From now on the pool is run by this policy. */
  record PolicyChanged(PoolPolicy policy, Instant at) implements PoolEvent {}

  /** Time has reached {@code at}: nothing older is to come, but for what is late. */
  record TimePassed(Instant at) implements PoolEvent {}
}
