package io.attentionflow.launcher.pipeline;

import io.attentionflow.launcher.world.WorldRecords;
import io.attentionflow.schema.FeedbackState;
import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.NodeEventKind;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.TaskEventKind;
import io.attentionflow.schema.TaskFeedback;
import io.attentionflow.simulation.trace.TaskTruth;
import io.attentionflow.simulation.trace.TaskTruth.End;
import io.attentionflow.simulation.trace.TraceNode;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Good records, to be varied or spoilt. */
final class Samples {

  private Samples() {}

  static Resources cpu(long cpuMillis, long memoryMib) {
    return new Resources(cpuMillis, memoryMib, 0, 0L, 0L);
  }

  /** A task of one core and 1 GiB. */
  static TaskEvent.Builder task(String taskId, String pool, String tenant, Instant at) {
    return TaskEvent.newBuilder()
        .setTaskId(taskId)
        .setPool(pool)
        .setTenant(tenant)
        .setTaskType("sort")
        .setKind(TaskEventKind.SUBMIT)
        .setSubmittedAt(at)
        .setRequest(cpu(1000, 1024));
  }

  static TaskEvent cancellation(TaskEvent task, Instant at) {
    return task(task.getTaskId(), task.getPool(), task.getTenant(), at)
        .setKind(TaskEventKind.CANCEL)
        .build();
  }

  static TaskFeedback.Builder feedback(String taskId, String pool, Instant at) {
    return TaskFeedback.newBuilder()
        .setTaskId(taskId)
        .setCommandId(taskId + "#1")
        .setPool(pool)
        .setTenant("ann")
        .setNodeId("node")
        .setState(FeedbackState.STARTED)
        .setObservedAt(at);
  }

  static NodeEvent.Builder heartbeat(String nodeId, String pool, Resources capacity, Instant at) {
    return NodeEvent.newBuilder()
        .setNodeId(nodeId)
        .setPool(pool)
        .setKind(NodeEventKind.HEARTBEAT)
        .setObservedAt(at)
        .setCapacity(capacity);
  }

  static TraceNode node(String nodeId, String pool, Resources capacity, @Nullable String gpuModel) {
    return TraceNode.of(nodeId, pool, WorldRecords.resources(capacity), gpuModel);
  }

  /** It will use half of what it asks for. */
  static TaskTruth truth(TaskEvent task, Duration runs, End end) {
    Resources half =
        cpu(task.getRequest().getCpuMillis() / 2, task.getRequest().getMemoryMib() / 2);
    return new TaskTruth(
        runs.toMillis(), end, WorldRecords.resources(half), WorldRecords.resources(half), null);
  }
}
