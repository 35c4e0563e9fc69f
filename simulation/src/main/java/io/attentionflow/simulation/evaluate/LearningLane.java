package io.attentionflow.simulation.evaluate;

import io.attentionflow.allocation.Prediction;
import io.attentionflow.allocation.Resources;
import io.attentionflow.learning.classify.CalibratedClassifier;
import io.attentionflow.learning.classify.Classifier;
import io.attentionflow.learning.classify.Learners;
import io.attentionflow.learning.drift.DriftMonitor;
import io.attentionflow.learning.evaluation.RunningEvaluation;
import io.attentionflow.learning.evaluation.Scores;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.LabelledExample;
import io.attentionflow.learning.features.OpenTask;
import io.attentionflow.learning.features.OpenTasks;
import io.attentionflow.learning.features.PeakPromise;
import io.attentionflow.learning.features.Profile;
import io.attentionflow.learning.features.Renewal;
import io.attentionflow.learning.features.TaskOutcome;
import io.attentionflow.learning.features.TenantHistory;
import io.attentionflow.learning.features.TenantProfiler;
import io.attentionflow.learning.features.UsageCoverage;
import io.attentionflow.learning.features.WaitingTask;
import io.attentionflow.simulation.evaluate.EvaluationOptions.Durations;
import io.attentionflow.simulation.evaluate.EvaluationReport.LearnerReport;
import io.attentionflow.simulation.evaluate.EvaluationReport.LearningReport;
import io.attentionflow.simulation.trace.TraceTask;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Profiles, learners and their scores: each learner is asked about every task that arrives, scored
 * by that answer when the task has ended, and only then learns from it.
 */
final class LearningLane {

  private static final double FADING = 0.999;

  /** As the job is configured unless told otherwise. */
  private static final Renewal RENEWAL = new Renewal(50, 1000);

  private final EvaluationOptions options;
  private final LongSupplier nanos;
  private final List<Candidate> candidates = new ArrayList<>();
  private final int serving;
  private final Map<String, TenantProfiler> profilers = new HashMap<>();
  private final KeptTasks kept = new KeptTasks();
  private final RunTimes runTimes;
  private final UsageCoverage usage = new UsageCoverage();

  /** What has changed, by the errors of the one that serves. */
  private final DriftMonitor drift;

  private final Map<String, Answers> answers = new HashMap<>();
  private long profileNanos;
  private long examples;
  private long drifts;
  private double durationErrorMillis;
  private long durationErrors;

  LearningLane(EvaluationOptions options, LongSupplier nanos) {
    this.options = options;
    this.nanos = nanos;
    this.runTimes = new RunTimes(options.scale());
    this.serving = Learners.names().indexOf(options.learner());
    FeatureSchema schema = FeatureSchema.ofTasks(options.scale());
    this.drift = new DriftMonitor(schema.numbers(), DriftMonitor.Settings.STANDARD);
    for (String name : Learners.names()) {
      candidates.add(new Candidate(Learners.create(name, schema, options.policy().seed())));
    }
  }

  /** A learner, its scores, and the time it took. */
  private static final class Candidate {
    private final Classifier classifier;
    private final RunningEvaluation evaluation;
    private final RunningEvaluation before;
    private final double[] uncalibrated;
    private long nanos;

    Candidate(Classifier classifier) {
      this.classifier = classifier;
      this.evaluation = new RunningEvaluation(classifier.classes(), FADING);
      this.before = new RunningEvaluation(classifier.classes(), FADING);
      this.uncalibrated = new double[classifier.classes()];
    }

    void score(double[] answer, byte[] memo, int label) {
      evaluation.add(answer, label);
      if (classifier instanceof CalibratedClassifier calibrated) {
        calibrated.uncalibrated(memo, uncalibrated);
        before.add(uncalibrated, label);
      }
    }
  }

  /**
   * What was said of a task when it arrived.
   *
   * @param probabilities of each candidate, in their order
   * @param memos what each wants to be reminded of when it learns
   */
  private record Answers(List<double[]> probabilities, List<byte[]> memos, Prediction prediction) {}

  /** Tasks between their submission and their end. */
  private static final class KeptTasks implements OpenTasks {
    private final Map<String, OpenTask> tasks = new HashMap<>();

    @Override
    public @Nullable OpenTask get(String taskId) {
      return tasks.get(taskId);
    }

    @Override
    public void put(OpenTask task) {
      tasks.put(task.facts().taskId(), task);
    }

    @Override
    public void remove(String taskId) {
      tasks.remove(taskId);
    }
  }

  /** A task arrives: what to expect of it. */
  Prediction submitted(TraceTask task) {
    long began = nanos.getAsLong();
    Profile profile = profiler(task).submitted(task.facts());
    FeatureVector x = runTimes.expect(profile.features());
    profileNanos += nanos.getAsLong() - began;
    List<double[]> probabilities = new ArrayList<>(candidates.size());
    List<byte[]> memos = new ArrayList<>(candidates.size());
    for (Candidate candidate : candidates) {
      double[] answer = new double[candidate.classifier.classes()];
      began = nanos.getAsLong();
      memos.add(candidate.classifier.answer(x, answer));
      candidate.nanos += nanos.getAsLong() - began;
      probabilities.add(answer);
    }
    Prediction prediction = prediction(task, profile, probabilities.get(serving));
    answers.put(task.taskId(), new Answers(probabilities, memos, prediction));
    return prediction;
  }

  private TenantProfiler profiler(TraceTask task) {
    ComplexityScale scale = options.scale();
    return profilers.computeIfAbsent(
        task.request().tenant(),
        tenant -> new TenantProfiler(scale, new TenantHistory(scale.classes()), kept));
  }

  private Prediction prediction(TraceTask task, Profile profile, double[] probabilities) {
    List<Double> boxed = new ArrayList<>(probabilities.length);
    for (double probability : probabilities) {
      boxed.add(probability);
    }
    Prediction ofClass =
        new Prediction(
            options.scale().names().get(RunningEvaluation.answerOf(probabilities)),
            options.scale().names(),
            boxed,
            known(task),
            null,
            null,
            null,
            usage(profile),
            usageP95(task.request().request(), profile),
            examples,
            drift.level());
    return predicts() ? runTimes.promise(task, probabilities, ofClass) : ofClass;
  }

  private boolean predicts() {
    return options.durations() == Durations.PREDICTED;
  }

  /** The run time that is not predicted. */
  private @Nullable Duration known(TraceTask task) {
    return switch (options.durations()) {
      case REQUESTED -> task.request().requestedDuration();
      case PREDICTED -> null;
      case ACTUAL -> task.truth().ends() ? Duration.ofMillis(task.truth().durationMillis()) : null;
    };
  }

  private static @Nullable Resources usage(Profile profile) {
    Long cpu = profile.expectedPeakCpuMillis();
    Long memory = profile.expectedPeakMemoryMib();
    Long gpu = profile.expectedPeakGpuMillis();
    if (cpu == null || memory == null) {
      return null;
    }
    return Resources.ofTotalGpu(cpu, memory, gpu == null ? 0 : gpu, 0);
  }

  /** What was never measured is expected to be used as asked for. */
  private static @Nullable Resources usageP95(Resources asked, Profile profile) {
    PeakPromise cpu = profile.peakCpuMillis();
    PeakPromise memory = profile.peakMemoryMib();
    PeakPromise gpu = profile.peakGpuMillis();
    if (cpu == null && memory == null && gpu == null) {
      return null;
    }
    return Resources.ofTotalGpu(
        cpu == null ? asked.cpuMillis() : cpu.p95(),
        memory == null ? asked.memoryMib() : memory.p95(),
        gpu == null ? asked.totalGpuMillis() : gpu.p95(),
        asked.ioMibps());
  }

  /** A task began to run. */
  void started(TraceTask task, long atMillis) {
    long began = nanos.getAsLong();
    profiler(task).started(task.taskId(), atMillis);
    profileNanos += nanos.getAsLong() - began;
  }

  /**
   * A task stopped running.
   *
   * @return what is expected now of others that wait, by task id
   */
  SortedMap<String, Prediction> stopped(TraceTask task, TaskOutcome outcome) {
    long began = nanos.getAsLong();
    LabelledExample example = profiler(task).ended(task.taskId(), outcome);
    profileNanos += nanos.getAsLong() - began;
    Answers said = answers.get(task.taskId());
    if (example == null || said == null) {
      return Collections.emptySortedMap();
    }
    examples++;
    for (int i = 0; i < candidates.size(); i++) {
      Candidate candidate = candidates.get(i);
      candidate.score(said.probabilities.get(i), said.memos.get(i), example.label());
      began = nanos.getAsLong();
      candidate.classifier.learn(example.features(), said.memos.get(i), example.label(), 1);
      candidate.nanos += nanos.getAsLong() - began;
    }
    int answered = RunningEvaluation.answerOf(said.probabilities.get(serving));
    if (drift.add(example.features(), answered != example.label()) != null) {
      drifts++;
    }
    Duration expected = said.prediction.expectedDuration();
    if (expected != null) {
      durationErrorMillis += Math.abs(expected.toMillis() - outcome.durationMillis());
      durationErrors++;
    }
    usage.add(example);
    runTimes.learn(task, example.features(), outcome.durationMillis());
    forget(task);
    return predicts() ? predictAgain(task, outcome.endedAtMillis()) : Collections.emptySortedMap();
  }

  /** What the end of a task says about others of its tenant. */
  private SortedMap<String, Prediction> predictAgain(TraceTask ended, long nowMillis) {
    SortedMap<String, Prediction> predictions = new TreeMap<>();
    Classifier classifier = candidates.get(serving).classifier;
    double[] probabilities = new double[classifier.classes()];
    for (WaitingTask waiting : profiler(ended).waiting(nowMillis, RENEWAL)) {
      Answers said = answers.get(waiting.taskId());
      if (said != null) {
        classifier.predict(runTimes.expect(waiting.features()), probabilities);
        predictions.put(waiting.taskId(), runTimes.predict(probabilities, said.prediction));
      }
    }
    return predictions;
  }

  /** Nothing more is expected of a task. */
  void forget(TraceTask task) {
    answers.remove(task.taskId());
    runTimes.forget(task);
    profiler(task).forget(task.taskId());
  }

  LearningReport report() {
    SortedMap<String, LearnerReport> byLearner = new TreeMap<>();
    for (Candidate candidate : candidates) {
      Scores scores = candidate.evaluation.overall();
      byLearner.put(
          candidate.classifier.name(),
          new LearnerReport(
              candidate.evaluation.examples(),
              given(scores.accuracy()),
              given(scores.kappa()),
              given(scores.logLoss()),
              given(scores.calibrationError()),
              rate(candidate)));
    }
    Candidate served = candidates.get(serving);
    Scores scores = served.evaluation.overall();
    return new LearningReport(
        served.classifier.name(),
        examples,
        given(scores.accuracy()),
        given(scores.kappa()),
        given(scores.logLoss()),
        given(scores.calibrationError()),
        given(served.before.overall().calibrationError()),
        given(scores.majorityAccuracy()),
        drifts,
        byLearner,
        durationErrors == 0 ? null : Double.valueOf(durationErrorMillis / durationErrors / 1000),
        runTimes.coverage(),
        usage.shares().isEmpty() ? null : usage.shares(),
        rate(served));
  }

  private @Nullable Double rate(Candidate candidate) {
    long spent = candidate.nanos + profileNanos;
    return examples == 0 || spent <= 0 ? null : Double.valueOf(examples * 1e9 / spent);
  }

  private static @Nullable Double given(double measure) {
    return Double.isNaN(measure) ? null : Double.valueOf(measure);
  }
}
