package io.attentionflow.jobs.allocation;

import io.attentionflow.learning.drift.DriftMonitor;
import io.attentionflow.learning.evaluation.RunningEvaluation;
import io.attentionflow.learning.evaluation.Scores;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.schema.EvaluationEvent;
import io.attentionflow.schema.ModelEvaluation;
import io.attentionflow.schema.ModelUpdate;
import io.attentionflow.schema.topic.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.jspecify.annotations.Nullable;

/**
 * One learner in training, or a member of it that learns by itself: scored on what it answered when
 * a task arrived, then taught how the task ended, and published now and then. It notices when it
 * begins to err more, and when what it is asked about changes. Of a learner's members the first is
 * scored and watches for all, since what was answered is the answer of all.
 *
 * <p>Versions count publications, so the same examples in the same order give the same versions.
 */
final class Trainee {

  /** What an answer still counts after one more: a window of about a thousand. */
  private static final double FADING = 0.999;

  /** What the topic takes, less what is around a snapshot. */
  private static final int MOST_SNAPSHOT_BYTES = Topic.MODEL_UPDATES.maxMessageBytes() - 64 * 1024;

  private static final long NEVER = Long.MIN_VALUE;

  private Taught taught;
  private final int member;
  private final int members;
  private final RunningEvaluation evaluation;

  /** Of the same answers before they were calibrated. */
  private final RunningEvaluation uncalibrated;

  private final double[] before;
  private final DriftMonitor drift;
  private boolean driftUnpublished;
  private long version;
  private long examples;
  private long examplesPublished;
  private long publishedAtMillis;
  private long latestMillis;
  private long answeredVersion;

  private Trainee(
      Taught taught,
      int member,
      int members,
      FeatureSchema schema,
      RunningEvaluation evaluation,
      RunningEvaluation uncalibrated) {
    this.taught = taught;
    this.member = member;
    this.members = members;
    this.evaluation = evaluation;
    this.uncalibrated = uncalibrated;
    before = new double[taught.classes()];
    drift = new DriftMonitor(schema.numbers(), DriftMonitor.Settings.STANDARD);
    publishedAtMillis = NEVER;
    latestMillis = NEVER;
  }

  /**
   * A member of a learner that has seen nothing.
   *
   * @param member which, from 0
   * @param members how many the learner has
   */
  static Trainee begin(Taught taught, int member, int members, FeatureSchema schema) {
    return new Trainee(taught, member, members, schema, nothingYet(taught), nothingYet(taught));
  }

  private static RunningEvaluation nothingYet(Taught taught) {
    return new RunningEvaluation(taught.classes(), FADING);
  }

  /**
   * A learner as it was when {@link #state} was taken.
   *
   * @param members how many the learner has
   * @throws IllegalArgumentException if it cannot read its snapshot
   */
  static Trainee resume(Taught taught, int members, FeatureSchema schema, TraineeState state)
      throws IOException {
    Trainee trainee =
        new Trainee(
            taught,
            state.member(),
            members,
            schema,
            RunningEvaluation.readFrom(new DataInputDeserializer(state.evaluation())),
            state.uncalibrated().length == 0
                ? nothingYet(taught)
                : RunningEvaluation.readFrom(new DataInputDeserializer(state.uncalibrated())));
    if (state.drift().length > 0) {
      trainee.drift.readFrom(new DataInputDeserializer(state.drift()));
    }
    taught.restore(state.snapshot());
    taught.resumeTally(state.tally());
    trainee.version = state.version();
    trainee.examples = state.examples();
    trainee.examplesPublished = state.examplesPublished();
    trainee.publishedAtMillis = state.publishedAtMillis();
    trainee.latestMillis = state.latestMillis();
    trainee.answeredVersion = state.answeredVersion();
    return trainee;
  }

  String name() {
    return taught.name();
  }

  /** The learner and the member, as records of it are keyed. */
  String key() {
    return ModelMessage.key(name(), member);
  }

  /** Whether it is what the learner's answers are scored and watched with. */
  boolean leads() {
    return member == 0;
  }

  int members() {
    return members;
  }

  long version() {
    return version;
  }

  long examples() {
    return examples;
  }

  RunningEvaluation evaluation() {
    return evaluation;
  }

  /** Share of truths that were at most what was promised, by quantile. */
  SortedMap<String, Double> coverage() {
    return taught.coverage();
  }

  /** How fresh the last change is that it has noticed, from 0 to 1. */
  double drift() {
    return drift.level();
  }

  /**
   * Scores the answer given at arrival, if there was one, then learns.
   *
   * @return what has changed; null: nothing that is to be told
   */
  DriftMonitor.@Nullable Drift take(ScoredExample scored) {
    Boolean wrong = null;
    byte[] memo = {};
    int label = taught.labelOf(scored.example());
    for (Answers.Answer answer : scored.answers().answers()) {
      if (answer.model().equals(name()) && answer.probabilities().length == taught.classes()) {
        memo = answer.memo();
        if (leads()) {
          score(answer, label);
          wrong = RunningEvaluation.answerOf(answer.probabilities()) != label;
        }
      }
    }
    taught.learn(scored.example(), memo);
    examples++;
    latestMillis = Math.max(latestMillis, scored.example().endedAtMillis());
    if (publishedAtMillis == NEVER) {
      publishedAtMillis = latestMillis;
    }
    if (!taught.isWatched() || !leads()) {
      return null;
    }
    DriftMonitor.Drift found = drift.add(scored.example().features(), wrong);
    driftUnpublished |= found != null;
    return found;
  }

  private void score(Answers.Answer answer, int label) {
    evaluation.add(answer.probabilities(), label);
    answeredVersion = Math.max(answeredVersion, answer.version());
    if (taught.uncalibrated(answer.memo(), before)) {
      uncalibrated.add(before, label);
    }
  }

  /**
   * The calibration error of its answers before they were calibrated.
   *
   * @return null: they are not calibrated
   */
  @Nullable Double calibrationErrorBefore() {
    return uncalibrated.examples() == 0 ? null : uncalibrated.overall().calibrationError();
  }

  /**
   * Whether so many examples, or so much time, have gone by since it was last published, or
   * something has changed, and at least a pause.
   */
  boolean isDue(int afterExamples, Duration after, Duration pause) {
    long since = examples - examplesPublished;
    long sinceMillis = latestMillis - publishedAtMillis;
    boolean paused = version == 0 || sinceMillis >= pause.toMillis();
    boolean enough = since >= afterExamples || sinceMillis >= after.toMillis();
    return since > 0 && paused && (enough || driftUnpublished);
  }

  /**
   * Goes on from a snapshot that knows more: what an earlier run of the job published.
   *
   * @param fresh of the same kind, without anything learned; only it is spoiled if this fails
   * @throws IllegalArgumentException if it cannot be read
   */
  void adopt(ModelMessage message, Taught fresh) {
    fresh.restore(message.snapshot());
    try {
      fresh.resumeTally(taught.tally());
    } catch (IOException impossible) {
      throw new UncheckedIOException("Reading what was just written failed", impossible);
    }
    taught = fresh;
    version = message.version();
    examples = message.examples();
    examplesPublished = examples;
  }

  /**
   * The next version, as of now.
   *
   * @return null: it is larger than the topic takes, and is tried again when it is next due
   */
  @Nullable ModelUpdate publish(
      FeatureSchema schema, List<String> classes, long seed, boolean champion) {
    examplesPublished = examples;
    publishedAtMillis = latestMillis;
    driftUnpublished = false;
    byte[] snapshot = taught.snapshot();
    if (snapshot.length > MOST_SNAPSHOT_BYTES) {
      return null;
    }
    version++;
    return ModelUpdate.newBuilder()
        .setModel(name())
        .setMember(member)
        .setMembers(members)
        .setVersion(version)
        .setPublishedAt(Instant.ofEpochMilli(latestMillis))
        .setExamples(examples)
        .setSeed(seed)
        .setFeatureSchema(schema.id())
        .setClasses(classes)
        .setFormat(1)
        .setParameters(Map.of())
        .setChampion(champion)
        .setDrift(drift.level())
        .setSnapshot(ByteBuffer.wrap(snapshot))
        .build();
  }

  /** How good its answers were so far; only once there is one. */
  ModelEvaluation evaluate(boolean champion, EvaluationEvent event, String note) {
    Scores overall = evaluation.overall();
    Scores fading = evaluation.fading();
    return ModelEvaluation.newBuilder()
        .setModel(name())
        .setVersion(answeredVersion)
        .setEvaluatedAt(Instant.ofEpochMilli(latestMillis))
        .setExamples(evaluation.examples())
        .setAccuracy(overall.accuracy())
        .setKappa(overall.kappa())
        .setLogLoss(overall.logLoss())
        .setRecentAccuracy(fading.accuracy())
        .setRecentKappa(fading.kappa())
        .setRecentLogLoss(fading.logLoss())
        .setMajorityAccuracy(overall.majorityAccuracy())
        .setCalibrationError(overall.calibrationError())
        .setCalibrationErrorBefore(calibrationErrorBefore())
        .setCoverage(taught.coverage())
        .setDrift(drift.level())
        .setChampion(champion)
        .setEvent(event)
        .setNote(note)
        .build();
  }

  TraineeState state() throws IOException {
    DataOutputSerializer scores = new DataOutputSerializer(1024);
    evaluation.writeTo(scores);
    DataOutputSerializer scoresBefore = new DataOutputSerializer(1024);
    uncalibrated.writeTo(scoresBefore);
    DataOutputSerializer changes = new DataOutputSerializer(1024);
    drift.writeTo(changes);
    return new TraineeState(
        name(),
        member,
        version,
        examples,
        examplesPublished,
        publishedAtMillis,
        latestMillis,
        answeredVersion,
        taught.snapshot(),
        scores.getCopyOfBuffer(),
        scoresBefore.getCopyOfBuffer(),
        changes.getCopyOfBuffer(),
        taught.tally());
  }
}
