package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.learning.champion.Championship;
import io.attentionflow.learning.classify.Learners;
import io.attentionflow.learning.drift.DriftMonitor;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.UsageCoverage;
import io.attentionflow.learning.runtime.RunTimeLearner;
import io.attentionflow.learning.runtime.RunTimePrediction;
import io.attentionflow.schema.EvaluationEvent;
import io.attentionflow.schema.ModelEvaluation;
import io.attentionflow.schema.ModelUpdate;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.CoProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Trains the learners. Every subtask gets every example and every published model, and has the
 * members of learners whose number, modulo the subtasks, is its own; what learns run times comes
 * last.
 *
 * <p>A learner that knows less than what was published under its name goes on from there; one
 * without state before its first example. So what was learned outlives the state of the job.
 *
 * <p>The first subtask compares the learners and publishes who serves; that goes round through the
 * topic of models like everything learned, and the subtask that has the new champion writes why.
 */
final class TrainFunction extends CoProcessFunction<ScoredExample, ModelMessage, ModelUpdate>
    implements CheckpointedFunction {

  static final OutputTag<ModelEvaluation> EVALUATIONS =
      new OutputTag<>("evaluations", new AvroTypeInfo<>(ModelEvaluation.class));

  private final ScaleSettings scaleSettings;
  private final ArrayList<String> learners;
  private final String serving;
  private final long seed;
  private final int publishExamples;
  private final Duration publishInterval;
  private final boolean promote;
  private final Duration publishPause;
  private final Backlog<ModelMessage> publishedBefore;
  private transient List<String> classes;
  private transient FeatureSchema schema;
  private transient Map<String, Trainee> trainees;
  private transient ListState<TraineeState> states;
  private transient ListState<ChampionState> championStates;
  private transient Champions champions;
  private transient boolean compares;
  private transient String champion;
  private transient long crownedVersion;
  private transient Counter examples;
  private transient Counter published;
  private transient Counter tooLarge;
  private transient Counter passedOver;
  private transient Counter drifts;

  @SuppressWarnings("NullAway.Init") // Flink calls initializeState() first
  TrainFunction(PipelineOptions.Learning options, Backlog<ModelMessage> publishedBefore) {
    this.publishedBefore = publishedBefore;
    scaleSettings = ScaleSettings.of(options.scale());
    learners = new ArrayList<>(options.learners());
    serving = options.serving();
    seed = options.seed();
    publishExamples = options.publishExamples();
    publishInterval = options.publishInterval();
    publishPause = options.publishPause();
    promote = options.promote();
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    ComplexityScale scale = scaleSettings.scale();
    classes = scale.names();
    schema = FeatureSchema.ofTasks(scale);
    // Union: after a rescale every subtask sees all learners, and picks its own.
    states =
        context
            .getOperatorStateStore()
            .getUnionListState(
                new ListStateDescriptor<>(
                    "learners", new LayoutTypeInfo<>(TraineeStateLayout.INSTANCE)));
    championStates =
        context
            .getOperatorStateStore()
            .getUnionListState(
                new ListStateDescriptor<>(
                    "champion", new LayoutTypeInfo<>(ChampionStateLayout.INSTANCE)));
    trainees = new LinkedHashMap<>();
    int subtask = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
    int subtasks = getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
    List<String> taught = new ArrayList<>(learners);
    taught.add(RunTimeLearner.NAME);
    int number = 0;
    for (String learner : taught) {
      int members = members(learner);
      for (int member = 0; member < members; member++, number++) {
        if (number % subtasks == subtask) {
          put(Trainee.begin(create(learner, member), member, members, schema));
        }
      }
    }
    compares = promote && subtask == 0;
    champions = Champions.begin(learners, serving);
    if (context.isRestored()) {
      for (TraineeState state : states.get()) {
        resume(state);
      }
      for (ChampionState state : championStates.get()) {
        champions = Champions.resume(learners, serving, state);
      }
    }
    champion = promote ? champions.champion() : serving;
    if (!context.isRestored()) {
      publishedBefore
          .newest(ModelMessage::key, ModelMessage::version, this::fits)
          .values()
          .forEach(this::begin);
    }
    registerMetrics();
  }

  /** Goes on from what was published before; if it is damaged, as if it had not been. */
  private void begin(ModelMessage message) {
    try {
      if (ChampionMessage.isOne(message)) {
        crown(ChampionMessage.read(message), message.version());
      } else {
        adopt(message);
      }
    } catch (IllegalArgumentException e) {
      // The source brings it too, and then it becomes a dead letter.
    }
  }

  /** A release that cannot read an older one's snapshots begins anew. */
  private void resume(TraineeState state) throws IOException {
    Trainee beginner = trainees.get(ModelMessage.key(state.learner(), state.member()));
    if (beginner == null) {
      return;
    }
    try {
      Taught taught = create(state.learner(), state.member());
      put(Trainee.resume(taught, beginner.members(), schema, state));
    } catch (IllegalArgumentException e) {
      put(beginner);
    }
  }

  private void put(Trainee trainee) {
    trainees.put(trainee.key(), trainee);
  }

  private void registerMetrics() {
    MetricGroup ofOperator = getRuntimeContext().getMetricGroup();
    MetricGroup metrics = Metrics.group(ofOperator);
    examples = metrics.counter("examples_total");
    published = metrics.counter("models_published_total");
    tooLarge = metrics.counter("models_too_large_total");
    passedOver = metrics.counter("models_passed_over_total");
    drifts = metrics.counter("drifts_total");
    for (Trainee trainee : trainees.values()) {
      if (!trainee.leads()) {
        continue;
      }
      MetricGroup ofLearner = Metrics.group(ofOperator, "learner", trainee.name());
      ofLearner.gauge("accuracy", () -> trainee.evaluation().overall().accuracy());
      ofLearner.gauge("recent_accuracy", () -> trainee.evaluation().fading().accuracy());
      ofLearner.gauge("calibration_error", () -> trainee.evaluation().overall().calibrationError());
      ofLearner.gauge(
          "calibration_error_before", () -> orNothing(trainee.calibrationErrorBefore()));
      ofLearner.gauge("drift", trainee::drift);
    }
    Trainee runTimes = trainee(RunTimeLearner.NAME);
    if (runTimes != null) {
      registerCoverage(ofOperator, runTimes);
    }
  }

  private static void registerCoverage(MetricGroup ofOperator, Trainee runTimes) {
    for (double rank : RunTimePrediction.ranks()) {
      String percent = Long.toString(Math.round(100 * rank));
      Metrics.group(ofOperator, "quantile", "p" + percent)
          .gauge("run_time_coverage", () -> orNothing(runTimes.coverage().get("p" + percent)));
      for (String resource : List.of("cpu", "memory", "gpu")) {
        Metrics.group(ofOperator.addGroup("resource", resource), "quantile", "p" + percent)
            .gauge(
                "usage_coverage",
                () -> orNothing(runTimes.coverage().get(resource + "P" + percent)));
      }
    }
  }

  /** Not a number: there is none. */
  private static double orNothing(@Nullable Double measure) {
    return measure == null ? Double.NaN : measure;
  }

  @Override
  public void processElement1(ScoredExample example, Context ctx, Collector<ModelUpdate> out) {
    examples.inc();
    for (Trainee trainee : trainees.values()) {
      DriftMonitor.Drift drift = trainee.take(example);
      if (drift != null) {
        tell(drift, trainee, ctx);
      }
      if (trainee.isDue(publishExamples, publishInterval, publishPause)) {
        boolean serves = trainee.name().equals(champion);
        ModelUpdate update = trainee.publish(schema, classes, seed, serves);
        if (update == null) {
          tooLarge.inc();
        } else {
          out.collect(update);
          published.inc();
        }
        if (trainee.evaluation().examples() > 0) {
          ctx.output(EVALUATIONS, trainee.evaluate(serves, EvaluationEvent.PERIODIC, ""));
        }
      }
    }
    Championship.Change change = compares ? champions.take(example) : null;
    if (change != null) {
      out.collect(champions.publish(change, seed, schema.id(), classes));
    }
  }

  /** All learners look at the same tasks: what has changed is told of the one that serves. */
  private void tell(DriftMonitor.Drift drift, Trainee trainee, Context ctx) {
    drifts.inc();
    if (trainee.name().equals(champion) && trainee.evaluation().examples() > 0) {
      ctx.output(EVALUATIONS, trainee.evaluate(true, EvaluationEvent.DRIFT, drift.note()));
    }
  }

  @Override
  public void processElement2(ModelMessage message, Context ctx, Collector<ModelUpdate> out) {
    if (ChampionMessage.isOne(message)) {
      crown(message, ctx);
      return;
    }
    if (!fits(message)) {
      return;
    }
    try {
      adopt(message);
    } catch (IllegalArgumentException unreadable) {
      // Classify reads it too, and tells.
      passedOver.inc();
    }
  }

  /** Whether it is news to a learner of this subtask, or of who serves. */
  private boolean fits(ModelMessage message) {
    if (ChampionMessage.isOne(message)) {
      return promote && message.version() > crownedVersion;
    }
    Trainee trainee = trainees.get(message.key());
    return trainee != null
        && message.members() == trainee.members()
        && message.version() > trainee.version()
        && message.featureSchema().equals(schema.id())
        && message.classes().equals(classes);
  }

  private void adopt(ModelMessage message) {
    Trainee trainee = trainees.get(message.key());
    if (trainee != null) {
      trainee.adopt(message, create(message.model(), message.member()));
    }
  }

  /** Takes note of who serves, and tells of it where the learner's scores are. */
  private void crown(ModelMessage message, Context ctx) {
    if (!fits(message)) {
      return;
    }
    try {
      ChampionMessage crowned = ChampionMessage.read(message);
      if (!learners.contains(crowned.learner())) {
        return;
      }
      crown(crowned, message.version());
      Trainee trainee = trainee(champion);
      if (trainee != null && trainee.evaluation().examples() > 0) {
        EvaluationEvent event =
            crowned.rolledBack() ? EvaluationEvent.ROLLED_BACK : EvaluationEvent.PROMOTED;
        ctx.output(EVALUATIONS, trainee.evaluate(true, event, crowned.note()));
      }
    } catch (IllegalArgumentException unreadable) {
      // Classify reads it too, and tells.
      passedOver.inc();
    }
  }

  private void crown(ChampionMessage crowned, long version) {
    if (learners.contains(crowned.learner())) {
      champions.adopt(crowned, version);
      champion = crowned.learner();
      crownedVersion = version;
    }
  }

  @Override
  public void snapshotState(FunctionSnapshotContext context) throws Exception {
    List<TraineeState> now = new ArrayList<>();
    for (Trainee trainee : trainees.values()) {
      now.add(trainee.state());
    }
    states.update(now);
    championStates.update(compares ? List.of(champions.state()) : List.of());
  }

  private int members(String learner) {
    return learner.equals(RunTimeLearner.NAME)
        ? 1
        : Learners.create(learner, schema, seed).members();
  }

  private Taught create(String learner, int member) {
    return learner.equals(RunTimeLearner.NAME)
        ? new TaughtRunTimes(new RunTimeLearner(scaleSettings.scale()), new UsageCoverage())
        : new TaughtClassifier(Learners.member(learner, schema, seed, member));
  }

  /** The learner of this name, or the first of its members, if this subtask has it. */
  @Nullable Trainee trainee(String name) {
    return trainees.get(ModelMessage.key(name, 0));
  }
}
