package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.jobs.layout.LongLayout;
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
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
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
 * <p>What is never heard of again goes by a time to live, which counts the machine's time and not
 * that of events: it bounds memory, and decides nothing but how long a repeated end is known.
 */
final class TenantProfiles {

  private final ComplexityScale scale;
  private final Patience patience;
  private final Renewal renewal;
  private final ValueState<TenantHistory> histories;
  private final ExpiringStates<FollowedTask> openTasks;
  private final ExpiringEntries<Long> endedTasks;
  private final ReasonCounters deadLetters;

  /** What is configured of it. */
  record Settings(
      ScaleSettings scale,
      Duration tenantTtl,
      Duration openTaskTtl,
      Duration endedTaskTtl,
      Duration waitingBound,
      int renewedTasks,
      Duration renewalPause)
      implements Serializable {

    static Settings of(PipelineOptions.Learning options) {
      return new Settings(
          ScaleSettings.of(options.scale()),
          options.tenantTtl(),
          options.openTaskTtl(),
          options.endedTaskTtl(),
          options.waitingBound(),
          options.renewedTasks(),
          options.renewalPause());
    }

    /** The shortest that anything is kept which is swept. */
    Duration shortestTtl() {
      return Collections.min(List.of(openTaskTtl, endedTaskTtl));
    }
  }

  /**
   * Those of a function.
   *
   * @param context of the function, whose state it becomes
   * @param deadLetters counts them
   */
  TenantProfiles(Settings settings, RuntimeContext context, ReasonCounters deadLetters) {
    scale = settings.scale.scale();
    patience = new Patience(settings.waitingBound.toMillis(), settings.openTaskTtl.toMillis());
    renewal = new Renewal(settings.renewedTasks, settings.renewalPause.toMillis());
    var history =
        new ValueStateDescriptor<>("history", new LayoutTypeInfo<>(TenantHistoryLayout.INSTANCE));
    // One entry at each access: a tenant has one, and they are many only as tenants are.
    history.enableTimeToLive(
        StateTtlConfig.newBuilder(settings.tenantTtl).cleanupIncrementally(1, false).build());
    histories = context.getState(history);
    openTasks =
        new ExpiringStates<>(
            context, "open-tasks", FollowedTaskLayout.INSTANCE, settings.openTaskTtl);
    endedTasks =
        new ExpiringEntries<>(context, "ended-tasks", LongLayout.INSTANCE, settings.endedTaskTtl);
    this.deadLetters = deadLetters;
  }

  /** What {@link Sweeps} are to sweep. */
  List<Sweeps.Swept> swept() {
    return List.of(openTasks, endedTasks);
  }

  /** Writes what has become of tasks: state is about to be saved. */
  void write(Consumer<String> become) {
    openTasks.write(become);
  }

  /**
   * Takes a message of its tenant, which is the current key.
   *
   * @param nowMillis the machine's time
   * @param graves where a dead letter goes
   * @return what is known by it
   */
  List<ProfiledMessage> on(TenantMessage message, long nowMillis, Consumer<DeadLetter> graves) {
    if (message instanceof TaskMessage.Submitted submitted) {
      return List.of(
          new ProfiledMessage.Submitted(submitted, profile(submitted, nowMillis, graves)));
    }
    if (message instanceof TaskMessage.Cancelled cancelled) {
      return List.of(new ProfiledMessage.Cancelled(cancelled, forget(cancelled, nowMillis)));
    }
    if (message instanceof FeedbackMessage feedback) {
      return follow(feedback, nowMillis);
    }
    throw new IllegalStateException("No case for " + message);
  }

  private Profile profile(
      TaskMessage.Submitted submitted, long nowMillis, Consumer<DeadLetter> graves) {
    TenantHistory history = history();
    Visit visit = visit(submitted, submitted.task().taskId(), submitted.pool(), nowMillis);
    if (!visit.isInPool()) {
      deadLetters.count(DeadLetterReason.MISMATCHED_COMMAND);
      graves.accept(visit.inTwoPools(submitted.origin()));
    }
    Profile profile = profiler(history, visit).submitted(facts(submitted));
    visit.write(submitted.at());
    KeptState.update(histories, history);
    return profile;
  }

  /** Returns false, and forgets nothing, if the task is in another pool: that one runs it on. */
  private boolean forget(TaskMessage.Cancelled cancelled, long nowMillis) {
    Visit visit = visit(cancelled, cancelled.taskId(), cancelled.pool(), nowMillis);
    if (!visit.isInPool()) {
      return false;
    }
    TenantHistory history = history();
    profiler(history, visit).forget(cancelled.taskId());
    visit.write(cancelled.at());
    KeptState.update(histories, history);
    return true;
  }

  private List<ProfiledMessage> follow(FeedbackMessage feedback, long nowMillis) {
    Visit visit = visit(feedback, feedback.taskId(), feedback.pool(), nowMillis);
    if (!visit.admits(feedback)) {
      return List.of();
    }
    List<ProfiledMessage> known = new ArrayList<>(2);
    TenantHistory history = history();
    TenantProfiler profiler = profiler(history, visit);
    switch (feedback.state()) {
      case STARTED -> profiler.started(feedback.taskId(), feedback.at().toEpochMilli());
      case SUCCEEDED, FAILED -> {
        LabelledExample example = profiler.ended(feedback.taskId(), outcome(feedback, true));
        if (example != null) {
          known.add(new ProfiledMessage.Ended(example));
          renew(profiler, visit, feedback, known);
        }
      }
      case OUT_OF_MEMORY, PREEMPTED, LOST ->
          profiler.ended(feedback.taskId(), outcome(feedback, false));
      case UNKNOWN -> throw new IllegalStateException("Feedback was not checked: " + feedback);
    }
    visit.write(feedback.at());
    KeptState.update(histories, history);
    return known;
  }

  /** What waits is to be predicted again by what has just ended. */
  private void renew(
      TenantProfiler profiler, Visit visit, FeedbackMessage feedback, List<ProfiledMessage> known) {
    List<ProfiledMessage.Waiting.Task> tasks = new ArrayList<>();
    for (WaitingTask task : profiler.waiting(feedback.at().toEpochMilli(), renewal)) {
      tasks.add(
          new ProfiledMessage.Waiting.Task(
              task.taskId(), visit.poolOf(task.taskId()), task.features()));
    }
    if (!tasks.isEmpty()) {
      known.add(new ProfiledMessage.Waiting(feedback.origin(), tasks, feedback.at()));
    }
  }

  private Visit visit(TenantMessage message, String taskId, String pool, long nowMillis) {
    return new Visit(openTasks.of(message.tenant()), taskId, pool, nowMillis);
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
    private final ExpiringStates<FollowedTask>.OfKey openTasks;
    private final String taskId;
    private final String pool;
    private final long nowMillis;
    private final @Nullable FollowedTask before;
    private @Nullable FollowedTask after;
    private final Map<String, FollowedTask> others = new HashMap<>(0);

    /**
     * @param openTasks of its tenant
     * @param pool that the event names
     * @param nowMillis the machine's time
     */
    Visit(
        ExpiringStates<FollowedTask>.OfKey openTasks, String taskId, String pool, long nowMillis) {
      this.openTasks = openTasks;
      this.taskId = taskId;
      this.pool = pool;
      this.nowMillis = nowMillis;
      before = openTasks.get(taskId, nowMillis);
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
      FollowedTask other = openTasks.get(id, nowMillis);
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
      Long endedAtMillis = endedTasks.get(taskId, nowMillis);
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
        endedTasks.put(taskId, at.toEpochMilli(), nowMillis);
      } else if (!after.equals(before)) {
        openTasks.put(taskId, after, nowMillis);
      }
    }
  }
}
