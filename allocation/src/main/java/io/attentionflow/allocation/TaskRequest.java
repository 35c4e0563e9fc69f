package io.attentionflow.allocation;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a submitter asks for.
 *
 * @param taskId identifies the task, for ever
 * @param submittedAt since when it waits, as its submitter says; a pool does not believe that it
 *     was much before the task came: see {@link PoolEngine}
 * @param request what it asks for
 * @param requestedDuration the submitter's own estimate of the run time; null: none
 * @param priority higher is more important
 * @param deadline when it should have ended; null: none
 * @param minShards fewest shards it may be cut into, at least 1
 * @param maxShards most shards it may be cut into; 1: not divisible
 * @param gpuModels models it can use; empty: any
 */
public record TaskRequest(
    String taskId,
    String tenant,
    String taskType,
    Instant submittedAt,
    Resources request,
    @Nullable Duration requestedDuration,
    int priority,
    Qos qos,
    @Nullable Instant deadline,
    int minShards,
    int maxShards,
    List<String> gpuModels) {

  public TaskRequest {
    if (taskId.isEmpty()) {
      throw new IllegalArgumentException("a task needs an id");
    }
    if (minShards < 1 || maxShards < minShards) {
      throw new IllegalArgumentException(
          "%s: from %d to %d shards".formatted(taskId, minShards, maxShards));
    }
    gpuModels = List.copyOf(gpuModels);
  }

  /** The same, submitted at that time if it says that it was before. */
  TaskRequest submittedNotBefore(Instant time) {
    return submittedAt.isBefore(time) ? with(time, request) : this;
  }

  /** The same for other amounts. */
  TaskRequest withRequest(Resources newRequest) {
    return with(submittedAt, newRequest);
  }

  private TaskRequest with(Instant newSubmittedAt, Resources newRequest) {
    return new TaskRequest(
        taskId,
        tenant,
        taskType,
        newSubmittedAt,
        newRequest,
        requestedDuration,
        priority,
        qos,
        deadline,
        minShards,
        maxShards,
        gpuModels);
  }
}
