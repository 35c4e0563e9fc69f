package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.jobs.layout.TextLayout;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.LabelledExample;
import io.attentionflow.learning.features.OpenTask;
import io.attentionflow.learning.features.OpenTasks;
import io.attentionflow.learning.features.Profile;
import io.attentionflow.learning.features.TaskFacts;
import io.attentionflow.learning.features.TaskOutcome;
import io.attentionflow.learning.features.TenantHistory;
import io.attentionflow.learning.features.TenantProfiler;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Runs {@link TenantProfiler} per tenant: keeps its history and its open tasks.
 *
 * <p>What is never heard of again goes by Flink's time to live, which counts the machine's time and
 * not that of events: it bounds memory, and decides nothing.
 */
final class ProfileFunction
    extends KeyedCoProcessFunction<String, TaskMessage, FeedbackMessage, ProfiledMessage> {

  private final ScaleSettings scaleSettings;
  private final Duration tenantTtl;
  private final Duration openTaskTtl;
  private final Duration endedTaskTtl;
  private transient ComplexityScale scale;
  private transient ValueState<TenantHistory> histories;
  private transient KeptTasks tasks;
  private transient Sweeps sweeps;

  ProfileFunction(PipelineOptions.Learning options) {
    scaleSettings = ScaleSettings.of(options.scale());
    tenantTtl = options.tenantTtl();
    openTaskTtl = options.openTaskTtl();
    endedTaskTtl = options.endedTaskTtl();
  }

  @Override
  public void open(OpenContext context) {
    scale = scaleSettings.scale();
    var history =
        new ValueStateDescriptor<>("history", new LayoutTypeInfo<>(TenantHistoryLayout.INSTANCE));
    history.enableTimeToLive(StateTtlConfig.newBuilder(tenantTtl).build());
    histories = getRuntimeContext().getState(history);

    var open =
        new MapStateDescriptor<>(
            "open-tasks",
            new LayoutTypeInfo<>(TextLayout.INSTANCE),
            new LayoutTypeInfo<>(OpenTaskLayout.INSTANCE));
    open.enableTimeToLive(Sweeps.timeToLive(openTaskTtl));
    var ended =
        new MapStateDescriptor<>(
            "ended-tasks", new LayoutTypeInfo<>(TextLayout.INSTANCE), Types.BOOLEAN);
    ended.enableTimeToLive(Sweeps.timeToLive(endedTaskTtl));
    tasks =
        new KeptTasks(
            getRuntimeContext().getMapState(open), getRuntimeContext().getMapState(ended));
    sweeps =
        new Sweeps(
            Collections.min(List.of(openTaskTtl, endedTaskTtl)),
            List.of(tasks.open(), tasks.ended()));
  }

  @Override
  public void processElement1(TaskMessage message, Context ctx, Collector<ProfiledMessage> out) {
    if (message instanceof TaskMessage.Submitted submitted) {
      sweeps.schedule(ctx.getCurrentKey(), ctx.timerService());
      out.collect(new ProfiledMessage.Submitted(submitted, profile(submitted)));
    } else if (message instanceof TaskMessage.Cancelled cancelled) {
      TenantHistory history = history();
      profiler(history).forget(cancelled.taskId());
      KeptState.update(histories, history);
      out.collect(new ProfiledMessage.Cancelled(cancelled));
    } else {
      throw new IllegalStateException("No case for " + message);
    }
  }

  private @Nullable Profile profile(TaskMessage.Submitted submitted) {
    if (tasks.hasEnded(submitted.task().taskId())) {
      return null;
    }
    TenantHistory history = history();
    Profile profile = profiler(history).submitted(facts(submitted));
    KeptState.update(histories, history);
    return profile;
  }

  @Override
  public void processElement2(
      FeedbackMessage feedback, Context ctx, Collector<ProfiledMessage> out) {
    TenantHistory history = history();
    TenantProfiler profiler = profiler(history);
    long atMillis = feedback.at().toEpochMilli();
    switch (feedback.state()) {
      case STARTED -> profiler.started(feedback.taskId(), atMillis);
      case SUCCEEDED, FAILED ->
          emit(profiler.ended(feedback.taskId(), outcome(feedback, true)), ctx, out);
      case OUT_OF_MEMORY, PREEMPTED, LOST ->
          emit(profiler.ended(feedback.taskId(), outcome(feedback, false)), ctx, out);
      case UNKNOWN -> throw new IllegalStateException("Feedback was not checked: " + feedback);
    }
    KeptState.update(histories, history);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext ctx, Collector<ProfiledMessage> out)
      throws Exception {
    sweeps.sweep(ctx.getCurrentKey(), ctx.timerService());
  }

  private static void emit(
      @Nullable LabelledExample example, Context ctx, Collector<ProfiledMessage> out) {
    if (example != null) {
      out.collect(new ProfiledMessage.Ended(ctx.getCurrentKey(), example));
    }
  }

  private TenantHistory history() {
    TenantHistory history = KeptState.value(histories);
    return history == null ? new TenantHistory(scale.classes()) : history;
  }

  private TenantProfiler profiler(TenantHistory history) {
    return new TenantProfiler(scale, history, tasks);
  }

  private static TaskFacts facts(TaskMessage.Submitted submitted) {
    TaskRequest task = submitted.task();
    Resources request = task.request();
    Duration estimate = task.requestedDuration();
    Instant deadline = task.deadline();
    return new TaskFacts(
        task.taskId(),
        task.tenant(),
        task.taskType(),
        task.submittedAt().toEpochMilli(),
        request.cpuMillis(),
        request.memoryMib(),
        request.totalGpuMillis(),
        request.ioMibps(),
        estimate == null ? null : estimate.toMillis(),
        task.priority(),
        task.qos().name(),
        deadline == null ? null : deadline.toEpochMilli(),
        submitted.inputBytes(),
        submitted.attributes());
  }

  private static TaskOutcome outcome(FeedbackMessage feedback, boolean byItself) {
    return new TaskOutcome(
        feedback.at().toEpochMilli(),
        feedback.durationMillis(),
        byItself,
        feedback.peakCpuMillis(),
        feedback.peakMemoryMib(),
        feedback.peakGpuMillis());
  }

  /** Open tasks whole; of ended ones only that they have. */
  private record KeptTasks(MapState<String, OpenTask> open, MapState<String, Boolean> ended)
      implements OpenTasks {

    boolean hasEnded(String taskId) {
      return KeptState.get(ended, taskId) != null;
    }

    @Override
    public @Nullable OpenTask get(String taskId) {
      return KeptState.get(open, taskId);
    }

    @Override
    public void put(OpenTask task) {
      String taskId = task.facts().taskId();
      if (task.ended()) {
        KeptState.remove(open, taskId);
        KeptState.put(ended, taskId, true);
      } else {
        KeptState.put(open, taskId, task);
      }
    }

    @Override
    public void remove(String taskId) {
      KeptState.remove(open, taskId);
    }
  }
}
