package io.attentionflow.benchmarks.learning;

import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.LabelledExample;
import io.attentionflow.learning.features.OpenTask;
import io.attentionflow.learning.features.OpenTasks;
import io.attentionflow.learning.features.TaskOutcome;
import io.attentionflow.learning.features.TenantHistory;
import io.attentionflow.learning.features.TenantProfiler;
import io.attentionflow.simulation.trace.TraceTask;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The tasks of a log in the order in which a learner meets them: with the features that the job
 * would make when they are submitted, and with their labels when they have ended by the log's own
 * wait and run.
 */
final class LateLabels {

  /** A task that arrives, or, with a label, one that has ended. */
  private record Step(int task, FeatureVector features, @Nullable LabelledExample example) {}

  private final List<Step> steps = new ArrayList<>();

  private LateLabels() {}

  /** Something the log says of a task, at a time. */
  private record Entry(long atMillis, long sequence, int number, TraceTask task, boolean ends) {}

  static LateLabels of(List<TraceTask> tasks, ComplexityScale scale) {
    LateLabels labels = new LateLabels();
    Profilers profilers = new Profilers(scale);
    PriorityQueue<Entry> entries =
        new PriorityQueue<>(
            Comparator.comparingLong(Entry::atMillis).thenComparingLong(Entry::sequence));
    long sequence = 0;
    for (int number = 0; number < tasks.size(); number++) {
      TraceTask task = tasks.get(number);
      long at = task.submittedAt().toEpochMilli();
      while (!entries.isEmpty() && entries.element().atMillis <= at) {
        labels.take(entries.remove(), profilers);
      }
      FeatureVector x = profilers.of(task).submitted(task.facts()).features();
      labels.steps.add(new Step(number, x, null));
      Long waited = task.truth().loggedWaitMillis();
      long start = at + (waited == null ? 0 : waited);
      long end = start + task.truth().durationMillis();
      entries.add(new Entry(start, sequence++, number, task, false));
      entries.add(new Entry(end, sequence++, number, task, true));
    }
    while (!entries.isEmpty()) {
      labels.take(entries.remove(), profilers);
    }
    return labels;
  }

  private void take(Entry entry, Profilers profilers) {
    TenantProfiler profiler = profilers.of(entry.task);
    if (!entry.ends) {
      profiler.started(entry.task.taskId(), entry.atMillis);
      return;
    }
    long run = entry.task.truth().durationMillis();
    LabelledExample example =
        profiler.ended(entry.task.taskId(), new TaskOutcome(entry.atMillis, run, true, 0, 0, 0));
    if (example != null) {
      steps.add(new Step(entry.number, example.features(), example));
    }
    profiler.forget(entry.task.taskId());
  }

  /** Is told of labels. */
  interface Ends {
    /** A task has ended; tasks are numbered as they arrive, from 0. */
    void ended(int task, LabelledExample example);
  }

  /** Tells of arrivals, in order, and of ends in between. */
  void follow(Consumer<FeatureVector> arrivals, Ends ends) {
    for (Step step : steps) {
      if (step.example == null) {
        arrivals.accept(step.features);
      } else {
        ends.ended(step.task, step.example);
      }
    }
  }

  /** One a tenant, over the tasks of all. */
  private static final class Profilers implements OpenTasks {
    private final ComplexityScale scale;
    private final Map<String, TenantProfiler> byTenant = new HashMap<>();
    private final Map<String, OpenTask> open = new HashMap<>();

    Profilers(ComplexityScale scale) {
      this.scale = scale;
    }

    TenantProfiler of(TraceTask task) {
      return byTenant.computeIfAbsent(
          task.request().tenant(),
          tenant -> new TenantProfiler(scale, new TenantHistory(scale.classes()), this));
    }

    @Override
    public @Nullable OpenTask get(String taskId) {
      return open.get(taskId);
    }

    @Override
    public void put(OpenTask task) {
      open.put(task.facts().taskId(), task);
    }

    @Override
    public void remove(String taskId) {
      open.remove(taskId);
    }
  }
}
