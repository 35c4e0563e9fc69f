package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.TaskRequest;
import java.time.Instant;
import java.util.Map;

/** What a submitter said. */
public sealed interface TaskMessage extends TenantMessage {

  String pool();

  /**
   * A task asks for its place.
   *
   * @param inputBytes size of its input; 0: unknown
   * @param attributes whatever else is known of it
   */
  record Submitted(
      Origin origin, String pool, TaskRequest task, long inputBytes, Map<String, String> attributes)
      implements TaskMessage {

    @Override
    public String tenant() {
      return task.tenant();
    }

    @Override
    public Instant at() {
      return task.submittedAt();
    }
  }

  /** The submitter wants the task no more. */
  record Cancelled(Origin origin, String pool, String tenant, String taskId, Instant at)
      implements TaskMessage {}
}
