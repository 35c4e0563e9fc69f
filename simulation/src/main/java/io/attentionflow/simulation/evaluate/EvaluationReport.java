package io.attentionflow.simulation.evaluate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What came of an evaluation. Ratios, accuracies and utilisations are fractions of 1; what is
 * absent does not apply.
 *
 * @param allocation absent if nothing was allocated
 * @param invariants absent if nothing was allocated
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EvaluationReport(
    TraceReport trace,
    LearningReport learning,
    @Nullable AllocationReport allocation,
    @Nullable InvariantsReport invariants) {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /**
   * What was evaluated.
   *
   * @param tasks how many tasks, or rows
   * @param spanSeconds from the first submission to the last; absent where there are no times
   * @param filteredLines lines that the protocol left out
   * @param badLines lines that could not be read
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record TraceReport(
      String description,
      int tasks,
      @Nullable Double spanSeconds,
      int filteredLines,
      int badLines) {}

  /**
   * How good answers were that were given when tasks arrived.
   *
   * @param learner the one whose answers decisions saw, and that the figures are of
   * @param examples how many answers were scored
   * @param calibrationErrorBefore the calibration error of the same answers as they were before
   *     they were calibrated
   * @param quantileCoverage how often the run time was at most the quantile promised when the task
   *     arrived, by quantile; over all but the first 2,000 tasks that ended
   * @param usageCoverage how often a task's peak was at most the quantile promised when it arrived,
   *     by resource and quantile; of tasks that asked for it, whose peak was measured, and that
   *     something was promised of; over all but the first 2,000 of them
   * @param majorityAccuracy the accuracy of always answering the most frequent class
   * @param drifts how often tasks were found to have changed: in how often this learner errs about
   *     them, or in what they ask for; absent where nothing watches for it
   * @param durationMaeSeconds mean absolute error of the expected run time, where there was one
   * @param examplesPerSecond answered and learned from by this learner, in time spent on that alone
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record LearningReport(
      String learner,
      long examples,
      @Nullable Double accuracy,
      @Nullable Double kappa,
      @Nullable Double logLoss,
      @Nullable Double calibrationError,
      @Nullable Double calibrationErrorBefore,
      @Nullable Double majorityAccuracy,
      @Nullable Long drifts,
      SortedMap<String, LearnerReport> byLearner,
      @Nullable Double durationMaeSeconds,
      @Nullable SortedMap<String, Double> quantileCoverage,
      @Nullable SortedMap<String, Double> usageCoverage,
      @Nullable Double examplesPerSecond) {}

  /** The same of one learner. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record LearnerReport(
      long examples,
      @Nullable Double accuracy,
      @Nullable Double kappa,
      @Nullable Double logLoss,
      @Nullable Double calibrationError,
      @Nullable Double examplesPerSecond) {}

  /**
   * How tasks were allocated.
   *
   * @param allocated tasks that got a place at least once
   * @param rejected tasks that were turned away
   * @param pending tasks that still wait
   * @param meanWaitSeconds from submission to the start of the run that counted; of tasks that
   *     ended, or, if none ever ends, of those that started
   * @param meanBoundedSlowdown of max(1, (wait + run) / max(run, 10 s)), over tasks that ended
   * @param utilization share of the capacity that was allocated, over time from the first
   *     submission to the last end, by resource; of resources whose capacity the trace knows
   * @param gpuAllocationRatio share of the GPUs that was allocated once the last task had been
   *     decided about
   * @param gpuAllocationRatioAt the same when those before had asked for that part of the GPUs; of
   *     tasks that never leave
   * @param sizing what was asked for, given and used; absent if what tasks used is not known
   * @param decisionsPerSecond places given and tasks turned away, in time spent in engines alone
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record AllocationReport(
      PolicyReport policy,
      long allocated,
      long rejected,
      long pending,
      @Nullable Double meanWaitSeconds,
      @Nullable Double meanBoundedSlowdown,
      @Nullable Double p95BoundedSlowdown,
      @Nullable Double maxWaitSeconds,
      @Nullable SortedMap<String, Double> utilization,
      @Nullable Double gpuAllocationRatio,
      @Nullable SortedMap<Double, Double> gpuAllocationRatioAt,
      @Nullable SizingReport sizing,
      @Nullable Double decisionsPerSecond) {}

  /**
   * What tasks of one shard asked for, got and used.
   *
   * @param placed places given, by how it came to their size
   * @param coreHours of CPU, over runs whose use of it is known
   * @param memoryGibHours the same of memory
   * @param runs that stopped, whatever became of them
   * @param outOfMemory those of them that ran out of memory
   * @param memoryCoverage share of the runs that were right-sized, be it only in shadow, whose peak
   *     was within that; absent: there were none, or their peaks are not known
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record SizingReport(
      SortedMap<String, Long> placed,
      @Nullable HoursReport coreHours,
      @Nullable HoursReport memoryGibHours,
      long runs,
      long outOfMemory,
      @Nullable Double memoryCoverage) {}

  /**
   * Amounts over time.
   *
   * @param rightSized what right-sizing says, the request where it says nothing: allocated if it is
   *     on, and only reckoned in shadow
   */
  public record HoursReport(double requested, double rightSized, double allocated, double used) {}

  /**
   * How the pools were run.
   *
   * @param patienceSeconds absent: nobody runs out of it
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record PolicyReport(
      String ordering,
      String placement,
      String placementTies,
      String backfill,
      @Nullable Double patienceSeconds,
      String durations,
      String rightsizing,
      int maxQueued,
      long seed) {}

  /**
   * What must never be, and whether it was.
   *
   * @param checked how often it was looked for: after every event, and of the final state
   * @param violated how many violations were found
   * @param firstViolation the first of them
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record InvariantsReport(long checked, long violated, @Nullable String firstViolation) {}

  /** One JSON object, indented. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A report that is no JSON: " + this, e);
    }
  }
}
