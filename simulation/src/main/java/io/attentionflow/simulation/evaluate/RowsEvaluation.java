package io.attentionflow.simulation.evaluate;

import io.attentionflow.learning.classify.Classifier;
import io.attentionflow.learning.classify.Learners;
import io.attentionflow.learning.evaluation.RunningEvaluation;
import io.attentionflow.learning.evaluation.Scores;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.simulation.evaluate.Evaluation.Progress;
import io.attentionflow.simulation.evaluate.EvaluationReport.LearnerReport;
import io.attentionflow.simulation.evaluate.EvaluationReport.LearningReport;
import io.attentionflow.simulation.evaluate.EvaluationReport.TraceReport;
import io.attentionflow.simulation.trace.LabelledRows;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Test-then-train on labelled rows: each learner is asked about a row, scored, and told the class
 * at once, as classic results on stream classification have it. The same rows and seed give the
 * same report, but for the rates.
 */
public final class RowsEvaluation {

  private static final double FADING = 0.999;
  private static final int ROWS_BETWEEN_NEWS = 1000;

  private final LabelledRows rows;
  private final String learner;
  private final long seed;
  private final LongSupplier nanos;
  private final Progress progress;

  /**
   * @param learner the one that the report's figures are of; all are scored
   * @param seed of the learners' randomness
   * @param nanos a stopwatch, nanoseconds; only rates come from it
   * @param progress is told how far it is: learners take their turns, and count together
   */
  public RowsEvaluation(
      LabelledRows rows, String learner, long seed, LongSupplier nanos, Progress progress) {
    this.rows = rows;
    this.learner = learner;
    this.seed = seed;
    this.nanos = nanos;
    this.progress = progress;
  }

  /** Runs it, learner after learner. */
  public EvaluationReport run() {
    SortedMap<String, LearnerReport> byLearner = new TreeMap<>();
    Double majority = null;
    for (String name : Learners.names()) {
      RunningEvaluation evaluation = new RunningEvaluation(rows.classes().size(), FADING);
      long began = nanos.getAsLong();
      learn(Learners.create(name, rows.schema(), seed), evaluation, byLearner.size());
      long spent = nanos.getAsLong() - began;
      byLearner.put(name, report(evaluation, spent));
      majority = given(evaluation.overall().majorityAccuracy());
    }
    LearnerReport served = byLearner.get(learner);
    if (served == null) {
      throw new IllegalArgumentException("there is no learner " + learner);
    }
    return new EvaluationReport(
        new TraceReport(
            rows.description(),
            rows.rows().size(),
            null,
            rows.lines().filtered(),
            rows.lines().bad()),
        new LearningReport(
            learner,
            served.examples(),
            served.accuracy(),
            served.kappa(),
            served.logLoss(),
            served.calibrationError(),
            null,
            majority,
            null,
            byLearner,
            null,
            null,
            null,
            served.examplesPerSecond()),
        null,
        null);
  }

  private void learn(Classifier classifier, RunningEvaluation evaluation, int before) {
    double[] answer = new double[classifier.classes()];
    int count = rows.rows().size();
    int learners = Learners.names().size();
    for (int i = 0; i < count; i++) {
      FeatureVector row = rows.rows().get(i);
      int label = rows.labels()[i];
      byte[] memo = classifier.answer(row, answer);
      evaluation.add(answer, label);
      classifier.learn(row, memo, label, 1);
      if ((i + 1) % ROWS_BETWEEN_NEWS == 0) {
        progress.reached((int) (((long) before * count + i + 1) / learners), count);
      }
    }
  }

  private static LearnerReport report(RunningEvaluation evaluation, long spentNanos) {
    Scores scores = evaluation.overall();
    long examples = evaluation.examples();
    return new LearnerReport(
        examples,
        given(scores.accuracy()),
        given(scores.kappa()),
        given(scores.logLoss()),
        given(scores.calibrationError()),
        spentNanos <= 0 || examples == 0 ? null : Double.valueOf(examples * 1e9 / spentNanos));
  }

  private static @Nullable Double given(double measure) {
    return Double.isNaN(measure) ? null : Double.valueOf(measure);
  }
}
