package io.attentionflow.jobs.allocation;

import static io.attentionflow.jobs.allocation.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attentionflow.allocation.PoolEvent;
import io.attentionflow.allocation.Prediction;
import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.learning.classify.Classifier;
import io.attentionflow.learning.classify.Learners;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.JudgedPeak;
import io.attentionflow.learning.features.LabelledExample;
import io.attentionflow.learning.features.PeakPromise;
import io.attentionflow.learning.features.Profile;
import io.attentionflow.learning.runtime.RunTimePrediction;
import io.attentionflow.schema.DeadLetter;
import io.attentionflow.schema.DeadLetterReason;
import io.attentionflow.schema.EvaluationEvent;
import io.attentionflow.schema.FeedbackState;
import io.attentionflow.schema.ModelEvaluation;
import io.attentionflow.schema.ModelUpdate;
import io.attentionflow.schema.TaskEventKind;
import io.attentionflow.schema.wire.Decoded;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.groups.OperatorMetricGroup;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.co.CoProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedBroadcastOperatorTestHarness;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.TwoInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The three steps of learning, one after the other, as the topology wires them. */
class LearningFunctionsTest {

  private static final PipelineOptions.Learning OPTIONS =
      PipelineOptions.with(
              Map.of(
                  "learning.learners", "prior,logistic",
                  "learning.serving", "prior",
                  "learning.publish-examples", "2",
                  "learning.publish-pause", "0ms"))
          .learning();

  private static final PipelineOptions.Learning FOREST =
      PipelineOptions.with(
              Map.of(
                  "learning.learners", "forest",
                  "learning.serving", "forest",
                  "learning.publish-examples", "20",
                  "learning.publish-pause", "0ms"))
          .learning();

  private static final ComplexityScale SCALE = ComplexityScale.DEFAULT;

  private static final long NOON_MILLIS = NOON.toEpochMilli();

  @Test
  void profileTurnsATaskAndItsEndIntoAnExample() throws Exception {
    try (var profile = profile(null)) {
      profile.processElement(submitted("t"), NOON_MILLIS);
      profile.processElement(ended("t", FeedbackState.SUCCEEDED), NOON_MILLIS);

      assertThat(profile.extractOutputValues()).hasSize(2);
      LabelledExample example = example(profile.extractOutputValues().get(1));
      assertThat(example.taskId()).isEqualTo("t");
      assertThat(example.durationMillis()).isEqualTo(30_000);
    }
  }

  @Test
  void profileLearnsNoClassFromWhatWasCutShort() throws Exception {
    try (var profile = profile(null)) {
      profile.processElement(submitted("t"), NOON_MILLIS);
      profile.processElement(ended("t", FeedbackState.PREEMPTED), NOON_MILLIS);
      profile.processElement(ended("t", FeedbackState.LOST), NOON_MILLIS);

      assertThat(profile.extractOutputValues()).hasSize(1);
    }
  }

  @Test
  void profileKeepsOpenTasksAcrossRestore() throws Exception {
    OperatorSubtaskState checkpoint;
    try (var profile = profile(null)) {
      profile.processElement(submitted("open"), NOON_MILLIS);
      checkpoint = profile.snapshot(1, 0);
    }
    try (var profile = profile(checkpoint)) {
      profile.processElement(ended("open", FeedbackState.FAILED), NOON_MILLIS);

      assertThat(profile.extractOutputValues()).hasSize(1);
      assertThat(example(profile.extractOutputValues().get(0)).taskId()).isEqualTo("open");
    }
  }

  @Test
  void profileForgetsWhatHasOutlivedItsTimeAndThenSweepsNoMore() throws Exception {
    try (var profile = profile(null)) {
      profile.processElement(submitted("old"), NOON_MILLIS);
      profile.processElement(submitted("ended"), NOON_MILLIS);
      profile.processElement(ended("ended", FeedbackState.SUCCEEDED), NOON_MILLIS);
      profile.snapshot(1, NOON_MILLIS);
      assertThat(profile.numKeyedStateEntries()).as("history, open, ended").isEqualTo(3);

      pass(profile, Duration.ofDays(20));
      assertThat(profile.numKeyedStateEntries()).as("history, open").isEqualTo(2);

      profile.processElement(submitted("new"), NOON_MILLIS);
      pass(profile, Duration.ofDays(31));
      profile.processElement(ended("old", FeedbackState.SUCCEEDED), NOON_MILLIS);
      assertThat(profile.extractOutputValues()).as("no example of the old one").hasSize(4);
      assertThat(profile.numProcessingTimeTimers()).isEqualTo(1);

      pass(profile, Duration.ofDays(52));
      assertThat(profile.numKeyedStateEntries()).as("history").isEqualTo(1);
      assertThat(profile.numProcessingTimeTimers()).isZero();
    }
  }

  @Test
  void classifyForgetsAnswersThatNobodyAsksForAndThenSweepsNoMore() throws Exception {
    try (var classify = classify(null)) {
      told("t").forEach(message -> process(classify, message));
      pass(classify, Duration.ofDays(29));
      assertThat(classify.numProcessingTimeTimers()).isEqualTo(1);

      pass(classify, Duration.ofDays(31));
      assertThat(classify.numProcessingTimeTimers()).isZero();
    }
  }

  @Test
  void classifyAnswersBeforeThereIsAModel() throws Exception {
    try (var classify = classify(null)) {
      told("t").forEach(message -> process(classify, message));

      Prediction prediction = prediction(classify.extractOutputValues().get(0));
      assertThat(prediction.modelVersion()).isZero();
      assertThat(prediction.classes()).containsExactly("LIGHT", "MODERATE", "HEAVY", "EXTREME");
    }
  }

  @Test
  void classifySaysWhatIsPromisedOfPeaksAndTakesTheRequestForTheRest() {
    var asked = new io.attentionflow.allocation.Resources(4000, 8192, 1, 1000, 7);
    PeakPromise cpu = new PeakPromise(100, 200, 300, 400);
    PeakPromise gpu = new PeakPromise(500, 900, 1400, 1900);
    FeatureVector nothing = new FeatureVector(new double[0], new long[0]);

    assertThat(
            ClassifyFunction.usageP95(
                asked, new Profile(nothing, null, null, null, cpu, null, gpu)))
        .isEqualTo(new io.attentionflow.allocation.Resources(300, 8192, 2, 1000, 7));
  }

  @Test
  void classifyAttachesWhatWasAnsweredAtArrivalToTheExample() throws Exception {
    OperatorSubtaskState checkpoint;
    ModelUpdate model = trained(3).get(0);
    List<TenantMessage> messages = told("t", ended("t", FeedbackState.SUCCEEDED));
    try (var classify = classify(null)) {
      process(classify, messages.get(0));
      classify.processBroadcastElement(message(model), NOON_MILLIS);
      checkpoint = classify.snapshot(1, 0);
    }
    try (var classify = classify(checkpoint)) {
      process(classify, messages.get(1));
      told("later").forEach(message -> process(classify, message));

      ScoredExample scored = side(classify, ClassifyFunction.EXAMPLES).get(0);
      assertThat(scored.answers().answers())
          .extracting(Answers.Answer::model)
          .containsExactly("prior", "logistic", "run-time");
      assertThat(scored.answers().answers()).extracting(Answers.Answer::version).containsOnly(0L);
      assertThat(prediction(classify.extractOutputValues().get(0)).modelVersion()).isEqualTo(1);
    }
  }

  @Test
  void classifyAsksTheServingModelOnlyAboutWhatIsNotCompared() throws Exception {
    PipelineOptions.Learning few =
        PipelineOptions.with(
                Map.of(
                    "learning.learners", "prior,logistic",
                    "learning.serving", "prior",
                    "learning.compared-per-second", "1"))
            .learning();
    int tasks = 200;
    List<ScoredExample> scored;
    try (var classify = classify(few, TopicContents.NONE, null, new RecordedMetrics())) {
      for (int i = 0; i < tasks; i++) {
        for (TenantMessage message : told("t" + i, ended("t" + i, FeedbackState.SUCCEEDED))) {
          process(classify, message);
        }
      }
      assertThat(classify.extractOutputValues())
          .hasSize(tasks)
          .allSatisfy(message -> assertThat(prediction(message).probabilities()).hasSize(4));
      scored = side(classify, ClassifyFunction.EXAMPLES);
    }

    assertThat(scored).as("all are learned from").hasSize(tasks);
    List<ScoredExample> compared =
        scored.stream().filter(example -> !example.answers().answers().isEmpty()).toList();
    assertThat(compared)
        .hasSizeBetween(1, tasks / 4)
        .allSatisfy(example -> assertThat(example.answers().answers()).hasSize(3));
    try (var train = train(null, 1, 0)) {
      for (ScoredExample example : scored) {
        train.processElement1(example, NOON_MILLIS);
      }
      List<ModelEvaluation> evaluations = side(train, TrainFunction.EVALUATIONS);
      assertThat(last(evaluations).getExamples()).isEqualTo(compared.size());
      assertThat(last(train.extractOutputValues()).getExamples()).isEqualTo(tasks);
    }
  }

  @Test
  void classifyTellsHowLongATaskWillRunOnceThatWasLearned() throws Exception {
    List<ModelUpdate> models = trained(20);
    assertThat(last(models).getModel()).isEqualTo("run-time");
    OperatorSubtaskState checkpoint;
    try (var classify = classify(null)) {
      told("t").forEach(message -> process(classify, message));
      assertThat(prediction(classify.extractOutputValues().get(0)).expectedDuration()).isNull();

      for (ModelUpdate model : models) {
        classify.processBroadcastElement(message(model), NOON_MILLIS);
      }
      checkpoint = classify.snapshot(1, 0);
    }
    try (var classify = classify(checkpoint)) {
      told("u").forEach(message -> process(classify, message));

      Prediction prediction = prediction(classify.extractOutputValues().get(0));
      assertThat(prediction.expectedDuration()).isPositive();
      // All that it has learned from ran for half a minute.
      assertThat(prediction.durationP50())
          .isBetween(Duration.ofSeconds(10), Duration.ofSeconds(90));
      assertThat(prediction.durationP90()).isGreaterThanOrEqualTo(prediction.durationP50());
      assertThat(prediction.durationP95()).isGreaterThanOrEqualTo(prediction.durationP90());
    }
  }

  @Test
  void classifyPredictsWhatWaitsAgainWhenAnotherTaskOfItsTenantHasEnded() throws Exception {
    FeedbackMessage later =
        Samples.message(
            Samples.feedback("ends", FeedbackState.SUCCEEDED)
                .setObservedAt(NOON.plusSeconds(30))
                .build());
    try (var classify = classify(null)) {
      classify.processBroadcastElement(message(last(trained(20))), NOON_MILLIS);
      process(classify, submitted("waits"));
      process(classify, submitted("ends"));
      process(classify, later);

      PoolMessage again = last(classify.extractOutputValues());
      assertThat(again.pool()).isEqualTo("pool");
      var predicted = (PoolEvent.TasksPredicted) again.event();
      assertThat(predicted.predictions()).containsOnlyKeys("waits");
      assertThat(predicted.predictions().values())
          .allSatisfy(prediction -> assertThat(prediction.expectedDuration()).isPositive());
    }
  }

  @Test
  void classifyRefusesADamagedSnapshotAndGoesOn() throws Exception {
    ModelMessage good = message(trained(3).get(0));
    ModelMessage damaged =
        new ModelMessage(
            good.origin(),
            good.model(),
            0,
            1,
            5,
            good.examples(),
            good.featureSchema(),
            good.classes(),
            0,
            new byte[] {1, 2, 3},
            good.at());
    try (var classify = classify(null)) {
      classify.processBroadcastElement(good, NOON_MILLIS);
      classify.processBroadcastElement(damaged, NOON_MILLIS);
      told("t").forEach(message -> process(classify, message));

      assertThat(side(classify, DeadLetters.TAG))
          .extracting(DeadLetter::getReason)
          .containsExactly(DeadLetterReason.UNDECODABLE);
      assertThat(prediction(classify.extractOutputValues().get(0)).modelVersion()).isEqualTo(1);
    }
  }

  @Test
  void aMemberThatIsNoneOfAModelsMembersIsADeadLetter() throws Exception {
    ModelUpdate good = trained(3).get(0);
    for (int member : new int[] {-1, 2, 3}) {
      ModelUpdate bad = ModelUpdate.newBuilder(good).setMember(member).setMembers(2).build();
      assertThat(
              new ModelUpdateCheck(Samples.OPTIONS.input(), Samples.OPTIONS.time())
                  .check(bad, Samples.origin("model-updates", 0)))
          .isInstanceOfSatisfying(
              Decoded.Failure.class,
              refused -> assertThat(refused.reason()).isEqualTo(DeadLetterReason.MISSING_ID));
    }
  }

  @Test
  void classifyCountsModelsThatItPassesOver() throws Exception {
    ModelUpdate model = trained(3).get(0);
    ModelUpdate ofOtherClasses =
        ModelUpdate.newBuilder(model).setVersion(9).setClasses(List.of("SHORT", "LONG")).build();
    ModelUpdate ofNobody = ModelUpdate.newBuilder(model).setVersion(9).setModel("oracle").build();
    RecordedMetrics metrics = new RecordedMetrics();
    try (var classify = classify(TopicContents.NONE, null, metrics)) {
      classify.processBroadcastElement(message(model), NOON_MILLIS);
      assertThat(metrics.count("models_passed_over_total")).isZero();

      classify.processBroadcastElement(message(model), NOON_MILLIS);
      classify.processBroadcastElement(message(ofOtherClasses), NOON_MILLIS);
      classify.processBroadcastElement(message(ofNobody), NOON_MILLIS);

      assertThat(metrics.count("models_passed_over_total")).isEqualTo(3);
      assertThat(metrics.count("models_loaded_total")).isEqualTo(1);
      assertThat(metrics.gauge("serving_model_version")).isEqualTo(1L);
    }
  }

  @Test
  void classifyServesTheModelOfTheTopicFromItsFirstTaskOn() throws Exception {
    List<ModelUpdate> models = trained(6);
    ModelUpdate newest = models.get(6);
    assertThat(newest.getModel() + newest.getVersion()).isEqualTo("prior3");
    TopicContents published =
        Samples.contents("model-updates", newest, models.get(0), models.get(1));
    OperatorSubtaskState checkpoint;
    try (var classify = classify(published, null)) {
      told("t").forEach(message -> process(classify, message));
      classify.processBroadcastElement(message(models.get(3)), NOON_MILLIS);
      told("u").forEach(message -> process(classify, message));

      assertThat(classify.extractOutputValues())
          .extracting(message -> prediction(message).modelVersion())
          .containsExactly(3L, 3L);
      checkpoint = classify.snapshot(1, 0);
    }
    try (var classify = classify(Samples.contents("model-updates", models.get(0)), checkpoint)) {
      told("v").forEach(message -> process(classify, message));

      assertThat(prediction(classify.extractOutputValues().get(0)).modelVersion()).isEqualTo(3);
    }
  }

  @Test
  void classifyBeginsWithoutATopicThatIsDamaged() throws Exception {
    ModelUpdate damaged =
        ModelUpdate.newBuilder(trained(2).get(0)).setSnapshot(ByteBuffer.wrap(new byte[3])).build();
    try (var classify = classify(Samples.contents("model-updates", damaged), null)) {
      told("t").forEach(message -> process(classify, message));

      assertThat(prediction(classify.extractOutputValues().get(0)).modelVersion()).isZero();
    }
    byte[] garbage = {1, 2, 3};
    try (var classify = classify(Samples.contents("model-updates", garbage), null)) {
      told("t").forEach(message -> process(classify, message));

      assertThat(classify.extractOutputValues()).hasSize(1);
    }
  }

  @Test
  void classifyLetsACancellationPassBehindItsTask() throws Exception {
    try (var classify = classify(null)) {
      for (TenantMessage message : told("t", cancelled("t"))) {
        process(classify, message);
      }

      assertThat(classify.extractOutputValues())
          .extracting(message -> message.event().getClass().getSimpleName())
          .containsExactly("TaskSubmitted", "TaskCancelled");
    }
  }

  @Test
  void classifyKeepsTheAnswersOfATaskThatWasCancelledInAnotherPool() throws Exception {
    TaskMessage elsewhere =
        Samples.message(Samples.task("t").setPool("other").setKind(TaskEventKind.CANCEL).build());
    try (var classify = classify(null)) {
      for (TenantMessage message : told("t", elsewhere, ended("t", FeedbackState.SUCCEEDED))) {
        process(classify, message);
      }

      ScoredExample scored = side(classify, ClassifyFunction.EXAMPLES).get(0);
      assertThat(scored.answers().answers()).hasSize(3);
    }
  }

  @Test
  void trainScoresTheAnswerOfThenAndPublishesEveryFewExamples() throws Exception {
    try (var train = train(null, 1, 0)) {
      for (int i = 0; i < 4; i++) {
        train.processElement1(scored("t" + i), NOON_MILLIS);
      }

      assertThat(train.extractOutputValues())
          .extracting(update -> update.getModel() + update.getVersion())
          .containsExactly("prior1", "logistic1", "run-time1", "prior2", "logistic2", "run-time2");
      List<ModelEvaluation> evaluations = side(train, TrainFunction.EVALUATIONS);
      assertThat(evaluations).hasSize(4);
      assertThat(evaluations.get(3).getExamples()).isEqualTo(4);
      assertThat(evaluations.get(3).getAccuracy()).isEqualTo(1);
      assertThat(evaluations.get(2).getChampion()).isTrue();
      assertThat(evaluations.get(3).getChampion()).isFalse();
    }
  }

  @Test
  void trainIsRemindedOfWhatWasSaidAndScoresItBeforeAndAfterCalibration() throws Exception {
    List<ScoredExample> scored;
    try (var classify = classify(null)) {
      for (int i = 0; i < 4; i++) {
        for (TenantMessage message : told("t" + i, ended("t" + i, FeedbackState.SUCCEEDED))) {
          process(classify, message);
        }
      }
      scored = side(classify, ClassifyFunction.EXAMPLES);
    }
    assertThat(scored)
        .flatExtracting(example -> example.answers().answers())
        .hasSize(12)
        .allSatisfy(answer -> assertThat(answer.memo()).isNotEmpty());
    try (var train = train(null, 1, 0)) {
      for (ScoredExample example : scored) {
        train.processElement1(example, NOON_MILLIS);
      }
      // Four answers of one in four each, before the first model: sure of nothing, right of all.
      assertThat(lastOf("logistic", train).getCalibrationErrorBefore())
          .isCloseTo(0.75, within(1e-6));
    }
    try (var train = train(null, 1, 0)) {
      train.processElement1(scored("t"), NOON_MILLIS);
      train.processElement1(scored("u"), NOON_MILLIS);
      assertThat(last(side(train, TrainFunction.EVALUATIONS)).getCalibrationErrorBefore())
          .as("nobody kept what was said")
          .isNull();
    }
  }

  @Test
  void trainGoesOnAfterARestoreAsIfNothingHadHappened() throws Exception {
    List<ModelUpdate> straight = trained(4);
    OperatorSubtaskState checkpoint;
    try (var train = train(null, 1, 0)) {
      for (int i = 0; i < 3; i++) {
        train.processElement1(scored("t" + i), NOON_MILLIS);
      }
      checkpoint = train.snapshot(1, 0);
    }
    try (var train = train(checkpoint, 1, 0)) {
      train.processElement1(scored("t3"), NOON_MILLIS);

      assertThat(train.extractOutputValues()).isEqualTo(straight.subList(3, 6));
    }
  }

  @Test
  void trainTellsHowOftenPromisesOfRunTimesWereKept() throws Exception {
    ScoredExample like = scored("t");
    List<Answers.Answer> answers = new ArrayList<>(like.answers().answers());
    byte[] half = new RunTimePrediction(30, new double[] {10, 20, 30, 40}).memo();
    answers.add(new Answers.Answer("run-time", 1, light(0.7), half));
    ScoredExample scored = new ScoredExample(like.example(), new Answers(answers));
    try (var train = train(null, 1, 0)) {
      for (int i = 0; i < 2_010; i++) {
        train.processElement1(scored, NOON_MILLIS);
      }

      // It ran for just 30 s.
      assertThat(lastOf("run-time", train).getCoverage())
          .containsExactlyInAnyOrderEntriesOf(
              Map.of("p50", 0.0, "p90", 0.0, "p95", 1.0, "p99", 1.0));
      assertThat(lastOf("prior", train).getCoverage()).isEmpty();
    }
  }

  @Test
  void trainTellsHowOftenPromisesOfUsageWereKeptAlsoAfterARestore() throws Exception {
    LabelledExample like = scored("t").example();
    JudgedPeak peak = new JudgedPeak(new PeakPromise(100, 200, 300, 400), 250);
    LabelledExample judged =
        new LabelledExample(
            "t", like.features(), 0, like.durationMillis(), like.endedAtMillis(), null, peak, peak);
    byte[] promised = new RunTimePrediction(30, new double[] {10, 20, 30, 40}).memo();
    Answers answers = new Answers(List.of(new Answers.Answer("run-time", 1, light(0.7), promised)));
    OperatorSubtaskState checkpoint;
    try (var train = train(null, 1, 0)) {
      for (int i = 0; i < 2_000; i++) {
        train.processElement1(new ScoredExample(judged, answers), NOON_MILLIS);
      }
      checkpoint = train.snapshot(1, 0);
    }
    try (var train = train(checkpoint, 1, 0)) {
      for (int i = 0; i < 2; i++) {
        train.processElement1(new ScoredExample(judged, answers), NOON_MILLIS);
      }

      assertThat(lastOf("run-time", train).getCoverage())
          .containsEntry("memoryP90", 0.0)
          .containsEntry("memoryP95", 1.0)
          .containsEntry("gpuP90", 0.0)
          .containsEntry("gpuP95", 1.0)
          .containsEntry("p95", 1.0)
          .doesNotContainKey("cpuP95");
    }
  }

  @Test
  void trainSpreadsLearnersOverSubtasks() throws Exception {
    try (var first = train(null, 2, 0);
        var second = train(null, 2, 1)) {
      for (int i = 0; i < 2; i++) {
        first.processElement1(scored("t" + i), NOON_MILLIS);
        second.processElement1(scored("t" + i), NOON_MILLIS);
      }

      assertThat(first.extractOutputValues())
          .extracting(ModelUpdate::getModel)
          .containsExactly("prior", "run-time");
      assertThat(second.extractOutputValues())
          .extracting(ModelUpdate::getModel)
          .containsExactly("logistic");
    }
  }

  @Test
  void trainSpreadsMembersOverSubtasksAndClassifyPutsThemTogether() throws Exception {
    List<ScoredExample> examples = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      examples.add(scoredByForest("t" + i, i % 4));
    }
    Map<String, ModelUpdate> alone = new TreeMap<>();
    Map<String, ModelUpdate> spread = new TreeMap<>();
    List<OperatorSubtaskState> states = new ArrayList<>();
    try (var all = train(FOREST, TopicContents.NONE, null, 1, 0)) {
      examples.forEach(example -> process(all, example));
      all.extractOutputValues().forEach(update -> alone.put(key(update), update));
    }
    for (int subtask = 0; subtask < 3; subtask++) {
      try (var some = train(FOREST, TopicContents.NONE, null, 3, subtask)) {
        examples.subList(0, 20).forEach(example -> process(some, example));
        states.add(some.snapshot(1, 0));
      }
    }
    OperatorSubtaskState state =
        AbstractStreamOperatorTestHarness.repackageState(
            states.toArray(new OperatorSubtaskState[0]));
    for (int subtask = 0; subtask < 2; subtask++) {
      OperatorSubtaskState part =
          AbstractStreamOperatorTestHarness.repartitionOperatorState(state, 128, 3, 2, subtask);
      try (var some = train(FOREST, TopicContents.NONE, part, 2, subtask)) {
        examples.subList(20, 40).forEach(example -> process(some, example));
        for (ModelUpdate update : some.extractOutputValues()) {
          spread.put(key(update), update);
        }
        assertThat(some.extractOutputValues())
            .filteredOn(update -> update.getModel().equals("forest"))
            .as("half of the members")
            .extracting(ModelUpdate::getMember)
            .containsOnly(subtask, subtask + 2, subtask + 4, subtask + 6, subtask + 8);
      }
    }

    assertThat(spread.keySet()).hasSize(11).contains("forest/0", "forest/9", "run-time/0");
    assertThat(spread).isEqualTo(alone);

    try (var classify = classify(FOREST, TopicContents.NONE, null, new RecordedMetrics())) {
      told("before").forEach(message -> process(classify, message));
      for (ModelUpdate update : spread.values()) {
        classify.processBroadcastElement(message(update), NOON_MILLIS);
      }
      told("t").forEach(message -> process(classify, message));
      List<PoolMessage> answered = classify.extractOutputValues();

      Classifier forest = Learners.create("forest", FeatureSchema.ofTasks(SCALE), 0);
      for (ModelUpdate update : spread.values()) {
        if (update.getModel().equals("forest")) {
          forest.restore(update.getMember(), message(update).snapshot());
        }
      }
      double[] expected = new double[4];
      forest.predict(example("t", "before").features(), expected);
      assertThat(prediction(answered.get(0)).modelVersion()).isZero();
      assertThat(prediction(last(answered)).modelVersion()).isEqualTo(2);
      assertThat(prediction(last(answered)).probabilities())
          .containsExactly(expected[0], expected[1], expected[2], expected[3]);
    }
  }

  private static String key(ModelUpdate update) {
    return update.getModel() + "/" + update.getMember();
  }

  private static void process(
      TwoInputStreamOperatorTestHarness<ScoredExample, ModelMessage, ModelUpdate> train,
      ScoredExample example) {
    try {
      train.processElement1(example, NOON_MILLIS);
    } catch (Exception e) {
      // The harness declares nothing narrower.
      throw new AssertionError(e);
    }
  }

  /** A task of a class, with what a young forest had said of it. */
  private static ScoredExample scoredByForest(String taskId, int label) throws Exception {
    LabelledExample like = scored(taskId).example();
    double[] probabilities = new double[4];
    byte[] memo =
        Learners.create("forest", FeatureSchema.ofTasks(SCALE), 0)
            .answer(like.features(), probabilities);
    return new ScoredExample(
        new LabelledExample(
            taskId, like.features(), label, like.durationMillis(), like.endedAtMillis()),
        new Answers(List.of(new Answers.Answer("forest", 0, probabilities, memo))));
  }

  @Test
  void trainGoesOnFromAModelThatKnowsMore() throws Exception {
    ModelUpdate published = trained(6).get(6);
    assertThat(published.getVersion()).isEqualTo(3);
    try (var train = train(null, 1, 0)) {
      train.processElement2(message(published), NOON_MILLIS);
      train.processElement1(scored("t"), NOON_MILLIS);
      train.processElement1(scored("u"), NOON_MILLIS);

      ModelUpdate next = train.extractOutputValues().get(0);
      assertThat(next.getVersion()).isEqualTo(4);
      assertThat(next.getExamples()).isEqualTo(8);
    }
  }

  @Test
  void trainStaysAsItWasIfASnapshotTurnsOutWrongAtItsVeryEnd() throws Exception {
    List<ModelUpdate> straight = trained(2);
    ByteBuffer good = trained(6).get(6).getSnapshot();
    int body = good.remaining() - Integer.BYTES;
    ByteBuffer longer = ByteBuffer.allocate(good.remaining() + 1);
    longer.put(good.duplicate().limit(good.position() + body)).put((byte) 0);
    CRC32 checksum = new CRC32();
    checksum.update(longer.array(), 0, body + 1);
    longer.putInt((int) checksum.getValue()).flip();
    ModelUpdate wrong = ModelUpdate.newBuilder(trained(6).get(6)).setSnapshot(longer).build();
    try (var train = train(null, 1, 0)) {
      train.processElement2(message(wrong), NOON_MILLIS);
      train.processElement1(scored("t0"), NOON_MILLIS);
      train.processElement1(scored("t1"), NOON_MILLIS);

      assertThat(train.extractOutputValues()).isEqualTo(straight);
    }
  }

  @Test
  void trainGoesOnFromTheModelOfTheTopicBeforeItsFirstExample() throws Exception {
    List<ModelUpdate> models = trained(6);
    TopicContents published =
        Samples.contents("model-updates", models.get(6), models.get(0), models.get(1));
    try (var train = train(published, null, 1, 0)) {
      train.processElement1(scored("t"), NOON_MILLIS);
      train.processElement1(scored("u"), NOON_MILLIS);

      assertThat(train.extractOutputValues())
          .extracting(update -> update.getModel() + update.getVersion())
          .containsExactly("prior4", "logistic2", "run-time1");
      assertThat(train.extractOutputValues().get(0).getExamples()).isEqualTo(8);
    }
  }

  @Test
  void trainPublishesWhoServesOnceAnotherIsClearlyBetter() throws Exception {
    OperatorSubtaskState checkpoint;
    try (var train = train(null, 1, 0)) {
      ModelUpdate crowned = crowned(train);
      assertThat(crowned.getVersion()).isEqualTo(1);
      assertThat(crowned.getParameters()).containsEntry("learner", "logistic");

      train.processElement2(message(crowned), NOON_MILLIS);

      ModelEvaluation told = last(side(train, TrainFunction.EVALUATIONS));
      assertThat(told.getEvent()).isEqualTo(EvaluationEvent.PROMOTED);
      assertThat(told.getModel()).isEqualTo("logistic");
      assertThat(told.getChampion()).isTrue();
      assertThat(told.getNote()).contains("logistic").contains("prior");
      checkpoint = train.snapshot(1, 0);
    }
    try (var train = train(checkpoint, 1, 0)) {
      train.processElement1(scored("t"), NOON_MILLIS);
      train.processElement1(scored("u"), NOON_MILLIS);

      assertThat(train.extractOutputValues())
          .extracting(update -> update.getModel() + update.getChampion())
          .containsExactly("priorfalse", "logistictrue", "run-timefalse");
    }
  }

  @Test
  void trainTellsThatTheServingLearnerErrsMoreAndClassifyPassesItOn() throws Exception {
    ScoredExample right = scored("t", 0.9, 0.9);
    ScoredExample wrong = scored("t", 0.1, 0.1);
    OperatorSubtaskState checkpoint;
    try (var train = train(null, 1, 0)) {
      for (int i = 0; i < 1_000; i++) {
        train.processElement1(i % 10 == 0 ? wrong : right, NOON_MILLIS);
      }
      assertThat(side(train, TrainFunction.EVALUATIONS))
          .noneMatch(evaluation -> evaluation.getEvent() == EvaluationEvent.DRIFT);
      checkpoint = train.snapshot(1, 0);
    }
    ModelUpdate published;
    try (var train = train(checkpoint, 1, 0)) {
      for (int i = 0; i < 200; i++) {
        train.processElement1(wrong, NOON_MILLIS);
      }
      List<ModelEvaluation> told =
          side(train, TrainFunction.EVALUATIONS).stream()
              .filter(evaluation -> evaluation.getEvent() == EvaluationEvent.DRIFT)
              .toList();
      assertThat(told).hasSize(1);
      assertThat(told.get(0).getModel()).isEqualTo("prior");
      assertThat(told.get(0).getDrift()).isEqualTo(1);
      assertThat(told.get(0).getNote()).startsWith("errs more");
      published =
          last(
              train.extractOutputValues().stream()
                  .filter(update -> update.getModel().equals("prior"))
                  .toList());
      assertThat(published.getDrift()).isBetween(0.8, 1.0);
    }
    try (var classify = classify(null)) {
      classify.processBroadcastElement(message(published), NOON_MILLIS);
      told("t").forEach(message -> process(classify, message));

      assertThat(prediction(classify.extractOutputValues().get(0)).drift())
          .isEqualTo(published.getDrift());
    }
  }

  @Test
  void trainHasOneSubtaskThatCompares() throws Exception {
    try (var second = train(null, 2, 1)) {
      ScoredExample scored = scored("t", 0.3, 0.9);
      for (int i = 0; i < 2_000; i++) {
        second.processElement1(scored, NOON_MILLIS);
      }

      assertThat(second.extractOutputValues())
          .extracting(ModelUpdate::getModel)
          .containsOnly("logistic");
    }
  }

  @Test
  void classifyAnswersWithTheChampionAlsoAfterARestore() throws Exception {
    ModelUpdate logistic = trained(2).get(1);
    ModelUpdate crowned;
    try (var train = train(null, 1, 0)) {
      crowned = crowned(train);
    }
    OperatorSubtaskState checkpoint;
    try (var classify = classify(null)) {
      classify.processBroadcastElement(message(logistic), NOON_MILLIS);
      told("before").forEach(message -> process(classify, message));
      classify.processBroadcastElement(message(crowned), NOON_MILLIS);
      told("after").forEach(message -> process(classify, message));

      assertThat(classify.extractOutputValues())
          .extracting(message -> prediction(message).modelVersion())
          .containsExactly(0L, 1L);
      checkpoint = classify.snapshot(1, 0);
    }
    try (var classify = classify(checkpoint)) {
      told("later").forEach(message -> process(classify, message));

      assertThat(prediction(classify.extractOutputValues().get(0)).modelVersion()).isEqualTo(1);
    }
  }

  /** What train publishes when logistic has long been surer of the truth than prior. */
  private static ModelUpdate crowned(
      TwoInputStreamOperatorTestHarness<ScoredExample, ModelMessage, ModelUpdate> train)
      throws Exception {
    ScoredExample scored = scored("t", 0.3, 0.9);
    for (int i = 0; i < 2_000; i++) {
      train.processElement1(scored, NOON_MILLIS);
    }
    List<ModelUpdate> champions =
        train.extractOutputValues().stream()
            .filter(update -> update.getModel().equals(ChampionMessage.MODEL))
            .toList();
    assertThat(champions).hasSize(1);
    return champions.get(0);
  }

  private static ModelEvaluation lastOf(
      String model,
      TwoInputStreamOperatorTestHarness<ScoredExample, ModelMessage, ModelUpdate> train) {
    return last(
        side(train, TrainFunction.EVALUATIONS).stream()
            .filter(evaluation -> evaluation.getModel().equals(model))
            .toList());
  }

  private static <T> T last(List<T> values) {
    return values.get(values.size() - 1);
  }

  /** The machine's time, and with it the age of state, goes on to so long after its beginning. */
  private static void pass(AbstractStreamOperatorTestHarness<?> harness, Duration time)
      throws Exception {
    harness.setStateTtlProcessingTime(time.toMillis());
    harness.setProcessingTime(time.toMillis());
  }

  private static TaskMessage submitted(String taskId) {
    return Samples.message(Samples.task(taskId).build());
  }

  private static TaskMessage cancelled(String taskId) {
    return Samples.message(Samples.task(taskId).setKind(TaskEventKind.CANCEL).build());
  }

  private static FeedbackMessage ended(String taskId, FeedbackState state) {
    return Samples.message(Samples.feedback(taskId, state).build());
  }

  private static LabelledExample example(ProfiledMessage message) {
    if (message instanceof ProfiledMessage.Ended ended) {
      return ended.example();
    }
    throw new AssertionError("Not an end: " + message);
  }

  private static Prediction prediction(PoolMessage message) {
    if (message.event() instanceof PoolEvent.TaskSubmitted submitted) {
      return submitted.prediction();
    }
    throw new AssertionError("Not a submission: " + message);
  }

  /** A task that is submitted, and what follows. */
  private static List<TenantMessage> told(String taskId, TenantMessage... then) {
    List<TenantMessage> messages = new ArrayList<>(List.of(submitted(taskId)));
    messages.addAll(List.of(then));
    return messages;
  }

  /** What the end of a task teaches of whose tenant these were submitted before. */
  private static LabelledExample example(String taskId, String... before) throws Exception {
    try (var profile = profile(null)) {
      for (String earlier : before) {
        profile.processElement(submitted(earlier), NOON_MILLIS);
      }
      profile.processElement(submitted(taskId), NOON_MILLIS);
      profile.processElement(ended(taskId, FeedbackState.SUCCEEDED), NOON_MILLIS);
      return example(last(profile.extractOutputValues()));
    }
  }

  /** A LIGHT task of which everybody had said so. */
  private static ScoredExample scored(String taskId) throws Exception {
    return scored(taskId, 0.7, 0.7);
  }

  /** A LIGHT task, and how sure of that prior and logistic had been. */
  private static ScoredExample scored(String taskId, double prior, double logistic)
      throws Exception {
    return new ScoredExample(
        example(taskId),
        new Answers(
            List.of(
                new Answers.Answer("prior", 0, light(prior), new byte[0]),
                new Answers.Answer("logistic", 0, light(logistic), new byte[0]))));
  }

  private static double[] light(double sure) {
    double rest = (1 - sure) / 3;
    return new double[] {sure, rest, rest, rest};
  }

  /** What train publishes on so many examples. */
  private static List<ModelUpdate> trained(int examples) throws Exception {
    try (var train = train(null, 1, 0)) {
      for (int i = 0; i < examples; i++) {
        train.processElement1(scored("t" + i), NOON_MILLIS);
      }
      return train.extractOutputValues();
    }
  }

  private static ModelMessage message(ModelUpdate update) {
    return new ModelUpdateCheck(Samples.OPTIONS.input(), Samples.OPTIONS.time())
        .check(update, Samples.origin("model-updates", 0))
        .orElseThrow();
  }

  private static void process(
      KeyedBroadcastOperatorTestHarness<String, TenantMessage, ModelMessage, PoolMessage> classify,
      TenantMessage message) {
    try {
      classify.processElement(message, NOON_MILLIS);
    } catch (Exception e) {
      // The harness declares nothing narrower.
      throw new AssertionError(e);
    }
  }

  private static KeyedOneInputStreamOperatorTestHarness<String, TenantMessage, ProfiledMessage>
      profile(@Nullable OperatorSubtaskState state) throws Exception {
    return ProfilingFunction.harness(OPTIONS, state);
  }

  private static KeyedBroadcastOperatorTestHarness<String, TenantMessage, ModelMessage, PoolMessage>
      classify(@Nullable OperatorSubtaskState state) throws Exception {
    return classify(TopicContents.NONE, state);
  }

  private static KeyedBroadcastOperatorTestHarness<String, TenantMessage, ModelMessage, PoolMessage>
      classify(TopicContents published, @Nullable OperatorSubtaskState state) throws Exception {
    return classify(published, state, new RecordedMetrics());
  }

  private static KeyedBroadcastOperatorTestHarness<String, TenantMessage, ModelMessage, PoolMessage>
      classify(
          TopicContents published, @Nullable OperatorSubtaskState state, RecordedMetrics recorded)
          throws Exception {
    return classify(OPTIONS, published, state, recorded);
  }

  private static KeyedBroadcastOperatorTestHarness<String, TenantMessage, ModelMessage, PoolMessage>
      classify(
          PipelineOptions.Learning options,
          TopicContents published,
          @Nullable OperatorSubtaskState state,
          RecordedMetrics recorded)
          throws Exception {
    var harness =
        new KeyedBroadcastOperatorTestHarness<>(
            new WriteBehind<TenantMessage, ModelMessage, PoolMessage>(
                new ClassifyFunction(options, Samples.models(published)),
                List.of(ClassifyFunction.MODELS)) {
              @Override
              public OperatorMetricGroup getMetricGroup() {
                return recorded.group();
              }
            },
            TenantMessage::tenant,
            Types.STRING,
            1,
            1,
            0);
    open(harness, new LayoutTypeInfo<>(PoolMessageLayout.INSTANCE), state);
    return harness;
  }

  private static TwoInputStreamOperatorTestHarness<ScoredExample, ModelMessage, ModelUpdate> train(
      @Nullable OperatorSubtaskState state, int subtasks, int subtask) throws Exception {
    return train(TopicContents.NONE, state, subtasks, subtask);
  }

  private static TwoInputStreamOperatorTestHarness<ScoredExample, ModelMessage, ModelUpdate> train(
      TopicContents published, @Nullable OperatorSubtaskState state, int subtasks, int subtask)
      throws Exception {
    return train(OPTIONS, published, state, subtasks, subtask);
  }

  private static TwoInputStreamOperatorTestHarness<ScoredExample, ModelMessage, ModelUpdate> train(
      PipelineOptions.Learning options,
      TopicContents published,
      @Nullable OperatorSubtaskState state,
      int subtasks,
      int subtask)
      throws Exception {
    var harness =
        new TwoInputStreamOperatorTestHarness<>(
            new CoProcessOperator<>(new TrainFunction(options, Samples.models(published))),
            subtasks,
            subtasks,
            subtask);
    open(harness, new AvroTypeInfo<>(ModelUpdate.class), state);
    return harness;
  }

  private static <T> void open(
      AbstractStreamOperatorTestHarness<T> harness,
      TypeInformation<T> type,
      @Nullable OperatorSubtaskState state)
      throws Exception {
    harness.setup(type.createSerializer(new SerializerConfigImpl()));
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
  }

  private static <T> List<T> side(AbstractStreamOperatorTestHarness<?> harness, OutputTag<T> tag) {
    Queue<StreamRecord<T>> records = harness.getSideOutput(tag);
    List<T> values = new ArrayList<>();
    if (records != null) {
      records.forEach(record -> values.add(record.getValue()));
    }
    return values;
  }
}
