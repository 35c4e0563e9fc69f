package io.attentionflow.simulation.evaluate;

import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.learning.classify.Learners;
import io.attentionflow.learning.features.ComplexityScale;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How a trace is evaluated.
 *
 * @param policy of every pool; its seed is that of the evaluation. If it cuts requests, tasks run
 *     out of what they then lack
 * @param durations which run time decisions count on
 * @param learner the name of the learner whose answers decisions see; all learners are scored
 * @param labels when a task's end is known
 * @param scale the classes that tasks are told apart by
 */
public record EvaluationOptions(
    PoolPolicy policy, Durations durations, String learner, Labels labels, ComplexityScale scale) {

  public EvaluationOptions {
    if (!Learners.names().contains(learner)) {
      throw new IllegalArgumentException(none("learner", learner, Learners.names()));
    }
  }

  /** Which run time decisions count on. */
  public enum Durations {
    /** The submitter's estimate. */
    REQUESTED,
    /** What is learned from the tenant's history. */
    PREDICTED,
    /** The true one: the bound that no prediction can pass. */
    ACTUAL
  }

  /** When a task's end is known. */
  public enum Labels {
    /** When the simulated cluster ends it. */
    SIMULATED,
    /** When it ended where the trace was taken. Nothing is allocated then, only learned. */
    LOGGED
  }

  /** The pool's default policy, predicted run times, labels from the simulated cluster. */
  public static EvaluationOptions defaults() {
    return new EvaluationOptions(
        PoolPolicy.defaults(),
        Durations.PREDICTED,
        Learners.names().get(0),
        Labels.SIMULATED,
        ComplexityScale.DEFAULT);
  }

  /**
   * The constant of that name, in any case, with hyphens or underscores.
   *
   * @param option what is being chosen, for the message
   * @throws IllegalArgumentException if there is none; the message lists those there are
   */
  public static <E extends Enum<E>> E choose(Class<E> type, String option, String name) {
    E[] constants = type.getEnumConstants();
    String wanted = name.replace('-', '_').toUpperCase(Locale.ROOT);
    for (E constant : constants) {
      if (constant.name().equals(wanted)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        none(option, name, Arrays.stream(constants).map(Enum::name).toList()));
  }

  private static String none(String option, String name, List<String> known) {
    return "There is no %s '%s'; there are: %s".formatted(option, name, String.join(", ", known));
  }

  public EvaluationOptions withPolicy(PoolPolicy newPolicy) {
    return new EvaluationOptions(newPolicy, durations, learner, labels, scale);
  }

  public EvaluationOptions withDurations(Durations newDurations) {
    return new EvaluationOptions(policy, newDurations, learner, labels, scale);
  }

  public EvaluationOptions withLearner(String newLearner) {
    return new EvaluationOptions(policy, durations, newLearner, labels, scale);
  }

  public EvaluationOptions withLabels(Labels newLabels) {
    return new EvaluationOptions(policy, durations, learner, newLabels, scale);
  }

  public EvaluationOptions withScale(ComplexityScale newScale) {
    return new EvaluationOptions(policy, durations, learner, labels, newScale);
  }
}
