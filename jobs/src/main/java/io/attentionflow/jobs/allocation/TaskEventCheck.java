package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.TaskEventKind;
import io.attentionflow.schema.wire.Decoded;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Of what submitters say. A cancellation needs only its ids, its pool and its time. */
record TaskEventCheck(PipelineOptions.Input bounds, PipelineOptions.Time time)
    implements Check<TaskEvent, TaskMessage> {

  @Override
  public Decoded<TaskMessage> check(TaskEvent event, Origin origin) {
    Inspection inspection = new Inspection(bounds, time, origin);
    inspection.id("taskId", event.getTaskId());
    inspection.pool(event.getPool());
    inspection.text("tenant", event.getTenant());
    inspection.text("taskType", event.getTaskType());
    inspection.known("kind", event.getKind());
    inspection.eventTime("submittedAt", event.getSubmittedAt());
    if (event.getKind() == TaskEventKind.CANCEL) {
      return inspection.orElse(() -> cancelled(event, origin));
    }
    inspection.known("qos", event.getQos());
    inspection.resources("request", event.getRequest());
    Long estimateMillis = event.getRequestedDurationMillis();
    if (estimateMillis != null) {
      inspection.durationMillis("requestedDurationMillis", estimateMillis);
    }
    Instant deadline = event.getDeadline();
    if (deadline != null) {
      inspection.timeInRange("deadline", deadline);
    }
    inspection.amount("inputBytes", event.getInputBytes(), Long.MAX_VALUE);
    inspection.shards(event.getMinShards(), event.getMaxShards());
    inspection.texts("gpuModels", event.getGpuModels());
    inspection.texts("attributes", event.getAttributes());
    return inspection.orElse(() -> submitted(event, origin, estimateMillis, deadline));
  }

  private static TaskMessage cancelled(TaskEvent event, Origin origin) {
    return new TaskMessage.Cancelled(
        origin, event.getPool(), event.getTenant(), event.getTaskId(), event.getSubmittedAt());
  }

  private static TaskMessage submitted(
      TaskEvent event, Origin origin, @Nullable Long estimateMillis, @Nullable Instant deadline) {
    TaskRequest task =
        new TaskRequest(
            event.getTaskId(),
            event.getTenant(),
            event.getTaskType(),
            event.getSubmittedAt(),
            Inspection.engineResources(event.getRequest()),
            estimateMillis == null ? null : Duration.ofMillis(estimateMillis),
            event.getPriority(),
            qos(event.getQos()),
            deadline,
            event.getMinShards(),
            event.getMaxShards(),
            event.getGpuModels());
    return new TaskMessage.Submitted(
        origin, event.getPool(), task, event.getInputBytes(), event.getAttributes());
  }

  private static Qos qos(io.attentionflow.schema.Qos qos) {
    return switch (qos) {
      case LATENCY_SENSITIVE -> Qos.LATENCY_SENSITIVE;
      case GUARANTEED -> Qos.GUARANTEED;
      case BURSTABLE -> Qos.BURSTABLE;
      case BEST_EFFORT -> Qos.BEST_EFFORT;
      case UNKNOWN -> throw new IllegalStateException("Quality of service was not checked");
    };
  }
}
