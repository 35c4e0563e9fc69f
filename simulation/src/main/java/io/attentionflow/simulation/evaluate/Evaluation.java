package io.attentionflow.simulation.evaluate;

import io.attentionflow.learning.features.TaskOutcome;
import io.attentionflow.simulation.cluster.SimulatedAgents;
import io.attentionflow.simulation.evaluate.EvaluationOptions.Labels;
import io.attentionflow.simulation.evaluate.EvaluationReport.TraceReport;
import io.attentionflow.simulation.trace.TaskTruth;
import io.attentionflow.simulation.trace.TaskTruth.End;
import io.attentionflow.simulation.trace.Trace;
import io.attentionflow.simulation.trace.TraceTask;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.LongSupplier;

/**
 * Runs a trace through the engines of the job, in virtual time: profiles and learners for every
 * tenant, an engine for every pool, and simulated agents that obey it.
 *
 * <p>A task's class is predicted when it is submitted; the prediction is scored, and learned from,
 * when the task has ended, and never before. The same trace, options and agents give the same
 * report, but for the rates, which are measured by the stopwatch that is passed in.
 */
public final class Evaluation {

  private static final int TASKS_BETWEEN_NEWS = 100;

  private final Trace trace;
  private final EvaluationOptions options;
  private final SimulatedAgents.Settings agents;
  private final LongSupplier nanos;
  private final DecisionSink decisions;
  private final Progress progress;

  /**
   * @param agents how nodes behave; {@link SimulatedAgents.Settings#faultless()} for a trace as it
   *     is. Without heartbeats, no node is ever thought lost
   * @param nanos a stopwatch, nanoseconds; only rates come from it
   * @param decisions is told every decision
   * @param progress is told how far it is
   * @throws IllegalArgumentException if labels are to be simulated, and the trace names no nodes
   */
  public Evaluation(
      Trace trace,
      EvaluationOptions options,
      SimulatedAgents.Settings agents,
      LongSupplier nanos,
      DecisionSink decisions,
      Progress progress) {
    if (options.labels() == Labels.SIMULATED && trace.nodes().isEmpty()) {
      throw new IllegalArgumentException(
          "the trace names no nodes; name some, or evaluate with logged labels");
    }
    this.trace = trace;
    this.options = options;
    this.agents = agents;
    this.nanos = nanos;
    this.decisions = decisions;
    this.progress = progress;
  }

  /** Is told how far an evaluation is. */
  @FunctionalInterface
  public interface Progress {

    /** Is told nothing. */
    Progress NONE = (submitted, tasks) -> {};

    /** So many of the tasks have been submitted. */
    void reached(int submitted, int tasks);
  }

  /** Runs it, start to end. */
  public EvaluationReport run() {
    LearningLane learning = new LearningLane(options, nanos);
    TraceReport report =
        new TraceReport(
            trace.description(),
            trace.tasks().size(),
            trace.span().toMillis() / 1000.0,
            trace.lines().filtered(),
            trace.lines().bad());
    if (options.labels() == Labels.LOGGED) {
      followLog(learning);
      return new EvaluationReport(report, learning.report(), null, null);
    }
    SimulatedSchedule schedule =
        new SimulatedSchedule(trace, options, agents, learning, nanos, decisions);
    schedule.run(this::tell);
    return new EvaluationReport(
        report, learning.report(), schedule.report(), schedule.invariants());
  }

  private void tell(int submitted) {
    if (submitted % TASKS_BETWEEN_NEWS == 0 || submitted == trace.tasks().size()) {
      progress.reached(submitted, trace.tasks().size());
    }
  }

  /** Something the log says of a task, at a time. */
  private record Entry(long atMillis, long sequence, TraceTask task, boolean ends) {}

  /** Tasks start and end when the log says; what happened by a submission is known to it. */
  private void followLog(LearningLane learning) {
    PriorityQueue<Entry> entries =
        new PriorityQueue<>(
            Comparator.comparingLong(Entry::atMillis).thenComparingLong(Entry::sequence));
    long sequence = 0;
    int submitted = 0;
    for (TraceTask task : trace.tasks()) {
      long at = task.submittedAt().toEpochMilli();
      for (Entry next = entries.peek();
          next != null && next.atMillis <= at;
          next = entries.peek()) {
        entries.remove();
        take(next, learning);
      }
      learning.submitted(task);
      tell(++submitted);
      if (ranWhereItWasLogged(task)) {
        Long waited = task.truth().loggedWaitMillis();
        long start = at + (waited == null ? 0 : waited);
        entries.add(new Entry(start, sequence++, task, false));
        entries.add(new Entry(start + task.truth().durationMillis(), sequence++, task, true));
      }
    }
    for (Entry next = entries.poll(); next != null; next = entries.poll()) {
      take(next, learning);
    }
  }

  /** One that was cancelled and has no wait never ran. */
  private static boolean ranWhereItWasLogged(TraceTask task) {
    TaskTruth truth = task.truth();
    boolean cancelledBefore = truth.end() == End.CANCELLED && truth.loggedWaitMillis() == null;
    return truth.ends() && !cancelledBefore;
  }

  private static void take(Entry entry, LearningLane learning) {
    if (!entry.ends) {
      learning.started(entry.task, entry.atMillis);
      return;
    }
    TaskTruth truth = entry.task.truth();
    learning.stopped(
        entry.task,
        new TaskOutcome(
            entry.atMillis,
            truth.durationMillis(),
            truth.end() != End.OUT_OF_MEMORY,
            truth.end() == End.OUT_OF_MEMORY,
            truth.peakUsage().cpuMillis(),
            truth.peakUsage().memoryMib(),
            truth.peakUsage().totalGpuMillis()));
  }
}
