package io.attentionflow.launcher.world;

import io.attentionflow.allocation.Command;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.FeedbackState;
import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.NodeEventKind;
import io.attentionflow.schema.Qos;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.ShardPlacement;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.TaskEventKind;
import io.attentionflow.schema.TaskFeedback;
import io.attentionflow.simulation.cluster.AgentCommand;
import io.attentionflow.simulation.cluster.AgentWord;
import io.attentionflow.simulation.trace.TraceNode;
import io.attentionflow.simulation.trace.TraceTask;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What simulated submitters and agents say and hear, as records of the wire. */
public final class WorldRecords {

  private WorldRecords() {}

  static TaskEvent submission(TraceTask task) {
    TaskRequest asked = task.request();
    Duration estimate = asked.requestedDuration();
    TaskEvent event = named(task, TaskEventKind.SUBMIT);
    event.setSubmittedAt(asked.submittedAt());
    event.setRequest(resources(asked.request()));
    event.setRequestedDurationMillis(estimate == null ? null : estimate.toMillis());
    event.setPriority(asked.priority());
    event.setQos(Qos.valueOf(asked.qos().name()));
    event.setDeadline(asked.deadline());
    event.setInputBytes(task.inputBytes());
    event.setMinShards(asked.minShards());
    event.setMaxShards(asked.maxShards());
    event.setGpuModels(List.copyOf(asked.gpuModels()));
    event.setAttributes(task.attributes());
    return event;
  }

  static TaskEvent cancellation(TraceTask task, Instant at) {
    TaskEvent event = named(task, TaskEventKind.CANCEL);
    event.setSubmittedAt(at);
    return event;
  }

  private static TaskEvent named(TraceTask task, TaskEventKind kind) {
    // From the builder, so that fields have the defaults of the schema.
    return TaskEvent.newBuilder()
        .setTaskId(task.taskId())
        .setPool(task.pool())
        .setTenant(task.request().tenant())
        .setTaskType(task.request().taskType())
        .setKind(kind)
        .setSubmittedAt(task.submittedAt())
        .build();
  }

  /** A word about a task, as its node's agent sends it. */
  public static TaskFeedback feedback(AgentWord.TaskWord word) {
    return TaskFeedback.newBuilder()
        .setTaskId(word.taskId())
        .setCommandId(word.commandId())
        .setPool(word.pool())
        .setTenant(word.tenant())
        .setTaskType(word.taskType())
        .setNodeId(word.nodeId())
        .setShard(word.shard())
        .setState(state(word.state()))
        .setObservedAt(word.at())
        .setDurationMillis(word.durationMillis())
        .setPeakUsage(resources(word.peakUsage()))
        .setMeanUsage(resources(word.meanUsage()))
        .build();
  }

  private static FeedbackState state(AgentWord.State state) {
    return switch (state) {
      case STARTED -> FeedbackState.STARTED;
      case SUCCEEDED -> FeedbackState.SUCCEEDED;
      case FAILED -> FeedbackState.FAILED;
      case OUT_OF_MEMORY -> FeedbackState.OUT_OF_MEMORY;
      case PREEMPTED -> FeedbackState.PREEMPTED;
      case LOST -> FeedbackState.LOST;
    };
  }

  /** A word of a node about itself. */
  public static NodeEvent nodeEvent(AgentWord.NodeWord word) {
    TraceNode node = word.node();
    return NodeEvent.newBuilder()
        .setNodeId(node.nodeId())
        .setPool(node.pool())
        .setKind(kind(word.kind()))
        .setObservedAt(word.at())
        .setCapacity(resources(node.capacity()))
        .setUsage(resources(word.usage()))
        .setGpuModel(node.gpuModel())
        .setLabels(node.labels())
        .build();
  }

  private static NodeEventKind kind(AgentWord.Kind kind) {
    return switch (kind) {
      case JOINED -> NodeEventKind.JOINED;
      case HEARTBEAT -> NodeEventKind.HEARTBEAT;
      case DRAINING -> NodeEventKind.DRAINING;
      case LEFT -> NodeEventKind.LEFT;
    };
  }

  /**
   * A command as agents read it.
   *
   * @return null if it wants something that no agent of this version knows
   */
  public static @Nullable AgentCommand command(AllocationCommand command) {
    Command.Action action = action(command.getAction());
    if (action == null) {
      return null;
    }
    List<io.attentionflow.allocation.ShardPlacement> shards = new ArrayList<>();
    for (ShardPlacement shard : command.getShards()) {
      shards.add(
          new io.attentionflow.allocation.ShardPlacement(
              shard.getShard(),
              shard.getNodeId(),
              resources(shard.getResources()),
              shard.getGpuIndices()));
    }
    return new AgentCommand(
        action,
        command.getTaskId(),
        command.getGeneration(),
        command.getPool(),
        command.getTenant(),
        command.getTaskType(),
        shards);
  }

  private static Command.@Nullable Action action(Action action) {
    return switch (action) {
      case ALLOCATE -> Command.Action.ALLOCATE;
      case RESIZE -> Command.Action.RESIZE;
      case PREEMPT -> Command.Action.PREEMPT;
      case RELEASE -> Command.Action.RELEASE;
      case REJECT -> Command.Action.REJECT;
      case UNKNOWN -> null;
    };
  }

  private static Resources resources(io.attentionflow.allocation.Resources amounts) {
    return Resources.newBuilder()
        .setCpuMillis(amounts.cpuMillis())
        .setMemoryMib(amounts.memoryMib())
        .setGpuCount(amounts.gpuCount())
        .setGpuMillis(amounts.gpuMillis())
        .setIoMibps(amounts.ioMibps())
        .build();
  }

  /** Amounts as the engines know them. */
  public static io.attentionflow.allocation.Resources resources(Resources amounts) {
    return new io.attentionflow.allocation.Resources(
        amounts.getCpuMillis(),
        amounts.getMemoryMib(),
        amounts.getGpuCount(),
        amounts.getGpuMillis(),
        amounts.getIoMibps());
  }
}
