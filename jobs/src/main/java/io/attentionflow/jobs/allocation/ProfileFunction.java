package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.jobs.layout.TextLayout;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.LabelledExample;
import io.attentionflow.learning.features.OpenTask;
import io.attentionflow.learning.features.OpenTasks;
import io.attentionflow.learning.features.Patience;
import io.attentionflow.learning.features.Profile;
import io.attentionflow.learning.features.Renewal;
import io.attentionflow.learning.features.TaskFacts;
import io.attentionflow.learning.features.TaskOutcome;
import io.attentionflow.learning.features.TenantHistory;
import io.attentionflow.learning.features.TenantProfiler;
import io.attentionflow.learning.features.WaitingTask;
import io.attentionflow.schema.DeadLetter;
import io.attentionflow.schema.DeadLetterReason;
import io.attentionflow.schema.FeedbackState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * <p>A task that comes again while it is open is the same; one that comes after its end is a new
 * one, with a profile of its own, and what is told once more of the earlier end is not taken for
 * its.
 *
 * <p>It does not hear what {@code allocate} decides, which comes after it: the job has no loops. So
 * of a task that is refused, or given up when its node is lost, it hears nothing more. Such a task
 * counts as in flight for {@code learning.waiting-bound} of event time if it did not start, and for
 * {@code learning.open-task-ttl} of it if it did; should it start after all, it counts again, and
 * its end is learned from in any case.
 *
 * <p>What is never heard of again goes by Flink's time to live, which counts the machine's time and
 * not that of events: it bounds memory, and decides nothing but how long a repeated end is known.
 */
final class ProfileFunction
    extends KeyedCoProcessFunction<String, TaskMessage, FeedbackMessage, ProfiledMessage> {

  private final ScaleSettings scaleSettings;
  private final Duration tenantTtl;
  private final Duration openTaskTtl;
  private final Duration endedTaskTtl;
  private final Duration waitingBound;
  private final int renewedTasks;
  private final Duration renewalPause;
  private transient ComplexityScale scale;
  private transient Patience patience;
  private transient Renewal renewal;
  private transient ValueState<TenantHistory> histories;
  private transient PackedStates<FollowedTask> openTasks;
  private transient MapState<String, Long> endedTasks;
  private transient Sweeps sweeps;
  private transient ReasonCounters deadLetters;

  ProfileFunction(PipelineOptions.Learning options) {
    scaleSettings = ScaleSettings.of(options.scale());
    tenantTtl = options.tenantTtl();
    openTaskTtl = options.openTaskTtl();
    endedTaskTtl = options.endedTaskTtl();
    waitingBound = options.waitingBound();
    renewedTasks = options.renewedTasks();
    renewalPause = options.renewalPause();
  }

  @Override
  public void open(OpenContext context) {
    scale = scaleSettings.scale();
    patience = new Patience(waitingBound.toMillis(), openTaskTtl.toMillis());
    renewal = new Renewal(renewedTasks, renewalPause.toMillis());
    var history =
        new ValueStateDescriptor<>("history", new LayoutTypeInfo<>(TenantHistoryLayout.INSTANCE));
    // One entry at each access: a tenant has one, and they are many only as tenants are.
    history.enableTimeToLive(
        StateTtlConfig.newBuilder(tenantTtl).cleanupIncrementally(1, false).build());
    histories = getRuntimeContext().getState(history);

    var open = PackedStates.descriptor("open-tasks");
    open.enableTimeToLive(Sweeps.timeToLive(openTaskTtl));
    var ended =
        new MapStateDescriptor<>(
            "ended-tasks", new LayoutTypeInfo<>(TextLayout.INSTANCE), Types.LONG);
    ended.enableTimeToLive(Sweeps.timeToLive(endedTaskTtl));
    MapState<String, byte[]> packed = getRuntimeContext().getMapState(open);
    openTasks = new PackedStates<>(packed, FollowedTaskLayout.INSTANCE);
    endedTasks = getRuntimeContext().getMapState(ended);
    deadLetters = new ReasonCounters(getRuntimeContext().getMetricGroup(), "dead_letters_total");
    sweeps =
        new Sweeps(
            Collections.min(List.of(openTaskTtl, endedTaskTtl)), List.of(packed, endedTasks));
  }

  @Override
  public void processElement1(TaskMessage message, Context ctx, Collector<ProfiledMessage> out) {
    if (message instanceof TaskMessage.Submitted submitted) {
      sweeps.schedule(ctx.getCurrentKey(), ctx.timerService());
      out.collect(new ProfiledMessage.Submitted(submitted, profile(submitted, ctx)));
    } else if (message instanceof TaskMessage.Cancelled cancelled) {
      out.collect(new ProfiledMessage.Cancelled(cancelled, forget(cancelled)));
    } else {
      throw new IllegalStateException("No case for " + message);
    }
  }

  private Profile profile(TaskMessage.Submitted submitted, Context ctx) {
    TenantHistory history = history();
    Visit visit = new Visit(submitted.task().taskId(), submitted.pool());
    if (!visit.isInPool()) {
      deadLetters.count(DeadLetterReason.MISMATCHED_COMMAND);
      ctx.output(DeadLetters.TAG, visit.inTwoPools(submitted.origin()));
    }
    Profile profile = profiler(history, visit).submitted(facts(submitted));
    visit.write(submitted.at());
    KeptState.update(histories, history);
    return profile;
  }

  /** Returns false, and forgets nothing, if the task is in another pool: that one runs it on. */
  private boolean forget(TaskMessage.Cancelled cancelled) {
    Visit visit = new Visit(cancelled.taskId(), cancelled.pool());
    if (!visit.isInPool()) {
      return false;
    }
    TenantHistory history = history();
    profiler(history, visit).forget(cancelled.taskId());
    visit.write(cancelled.at());
    KeptState.update(histories, history);
    return true;
  }

  @Override
  public void processElement2(
      FeedbackMessage feedback, Context ctx, Collector<ProfiledMessage> out) {
    Visit visit = new Visit(feedback.taskId(), feedback.pool());
    if (!visit.admits(feedback)) {
      return;
    }
    TenantHistory history = history();
    TenantProfiler profiler = profiler(history, visit);
    switch (feedback.state()) {
      case STARTED -> profiler.started(feedback.taskId(), feedback.at().toEpochMilli());
      case SUCCEEDED, FAILED -> {
        LabelledExample example = profiler.ended(feedback.taskId(), outcome(feedback, true));
        if (example != null) {
          out.collect(new ProfiledMessage.Ended(ctx.getCurrentKey(), example));
          renew(profiler, visit, feedback, out);
        }
      }
      case OUT_OF_MEMORY, PREEMPTED, LOST ->
          profiler.ended(feedback.taskId(), outcome(feedback, false));
      case UNKNOWN -> throw new IllegalStateException("Feedback was not checked: " + feedback);
    }
    visit.write(feedback.at());
    KeptState.update(histories, history);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext ctx, Collector<ProfiledMessage> out)
      throws Exception {
    sweeps.sweep(ctx.getCurrentKey(), ctx.timerService());
  }

  /** What waits is to be predicted again by what has just ended. */
  private void renew(
      TenantProfiler profiler,
      Visit visit,
      FeedbackMessage feedback,
      Collector<ProfiledMessage> out) {
    List<ProfiledMessage.Waiting.Task> tasks = new ArrayList<>();
    for (WaitingTask task : profiler.waiting(feedback.at().toEpochMilli(), renewal)) {
      tasks.add(
          new ProfiledMessage.Waiting.Task(
              task.taskId(), visit.poolOf(task.taskId()), task.features()));
    }
    if (!tasks.isEmpty()) {
      out.collect(
          new ProfiledMessage.Waiting(feedback.origin(), feedback.tenant(), tasks, feedback.at()));
    }
  }

  private TenantHistory history() {
    TenantHistory history = KeptState.value(histories);
    return history == null ? new TenantHistory(scale.classes()) : history;
  }

  private TenantProfiler profiler(TenantHistory history, Visit visit) {
    return new TenantProfiler(scale, history, visit, patience);
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
        feedback.state() == FeedbackState.OUT_OF_MEMORY,
        feedback.peakCpuMillis(),
        feedback.peakMemoryMib(),
        feedback.peakGpuMillis());
  }

  /**
   * The one task that an event is about: read once, and written once. An open one is kept whole; of
   * one that has ended it is kept when, so that its end is known again if it is told once more. Of
   * others that it bears on, what is read.
   */
  private final class Visit implements OpenTasks {
    private final String taskId;
    private final String pool;
    private final @Nullable FollowedTask before;
    private @Nullable FollowedTask after;
    private final Map<String, FollowedTask> others = new HashMap<>();

    /**
     * @param pool that the event names
     */
    Visit(String taskId, String pool) {
      this.taskId = taskId;
      this.pool = pool;
      before = openTasks.get(taskId);
      after = before;
    }

    boolean isInPool() {
      return before == null || before.pool().equals(pool);
    }

    /** It is taken all the same: whether the other pool still has the task is not known here. */
    DeadLetter inTwoPools(Origin origin) {
      return DeadLetters.of(
          origin,
          DeadLetterReason.MISMATCHED_COMMAND,
          "task %s is open in pool %s; commands about it in pool %s have the same ids"
              .formatted(taskId, before == null ? pool : before.pool(), pool));
    }

    boolean admits(FeedbackMessage feedback) {
      if (before == null || !isInPool() || !before.admits(feedback)) {
        return false;
      }
      after = before.with(before.sighting().after(feedback));
      return true;
    }

    @Override
    public @Nullable OpenTask get(String id) {
      FollowedTask followed = id.equals(taskId) ? after : other(id);
      return followed == null ? null : followed.task();
    }

    private @Nullable FollowedTask other(String id) {
      FollowedTask other = openTasks.get(id);
      if (other != null) {
        others.put(id, other);
      }
      return other;
    }

    /** The pool of another task that was looked at. */
    String poolOf(String id) {
      FollowedTask other = others.get(id);
      return other == null ? pool : other.pool();
    }

    @Override
    public void put(OpenTask task) {
      after =
          after == null
              ? new FollowedTask(task, pool, endOfEarlier(), Sighting.NONE)
              : after.with(task);
    }

    private long endOfEarlier() {
      Long endedAtMillis = KeptState.get(endedTasks, taskId);
      return endedAtMillis == null ? Long.MIN_VALUE : endedAtMillis;
    }

    @Override
    public void remove(String id) {
      after = null;
    }

    /** What has become of it by the event, into state. */
    void write(Instant at) {
      if (after == null) {
        openTasks.remove(taskId);
      } else if (after.task().ended()) {
        openTasks.remove(taskId);
        KeptState.put(endedTasks, taskId, at.toEpochMilli());
      } else if (!after.equals(before)) {
        openTasks.put(taskId, after);
      }
    }
  }
}
