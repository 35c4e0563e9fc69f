package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.PoolEvent;
import java.time.Instant;

/** An event for a pool, and where it came from. */
public record PoolMessage(Origin origin, String pool, PoolEvent event) implements Message {

  @Override
  public Instant at() {
    return event.at();
  }

  /** What a node's word about a task means to the pool. */
  static PoolMessage of(FeedbackMessage feedback) {
    return new PoolMessage(feedback.origin(), feedback.pool(), event(feedback));
  }

  private static PoolEvent event(FeedbackMessage feedback) {
    return switch (feedback.state()) {
      case STARTED ->
          new PoolEvent.TaskStarted(
              feedback.taskId(),
              feedback.generation(),
              feedback.shard(),
              feedback.nodeId(),
              feedback.at());
      case SUCCEEDED -> stopped(feedback, PoolEvent.Outcome.SUCCEEDED);
      case FAILED -> stopped(feedback, PoolEvent.Outcome.FAILED);
      case OUT_OF_MEMORY -> stopped(feedback, PoolEvent.Outcome.OUT_OF_MEMORY);
      case PREEMPTED -> stopped(feedback, PoolEvent.Outcome.PREEMPTED);
      case LOST -> stopped(feedback, PoolEvent.Outcome.LOST);
      case UNKNOWN -> throw new IllegalStateException("Feedback was not checked: " + feedback);
    };
  }

  private static PoolEvent stopped(FeedbackMessage feedback, PoolEvent.Outcome outcome) {
    return new PoolEvent.TaskStopped(
        feedback.taskId(),
        feedback.generation(),
        feedback.shard(),
        feedback.nodeId(),
        outcome,
        feedback.at());
  }
}
