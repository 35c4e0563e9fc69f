package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.PoolEvent;
import io.attentionflow.allocation.Prediction;
import io.attentionflow.allocation.Probabilities;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.jobs.layout.LayoutTypeInfo;
import io.attentionflow.learning.classify.Classifier;
import io.attentionflow.learning.classify.Learners;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.PeakPromise;
import io.attentionflow.learning.features.Profile;
import io.attentionflow.learning.runtime.RunTimeLearner;
import io.attentionflow.learning.runtime.RunTimePrediction;
import io.attentionflow.schema.DeadLetterReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReadOnlyBroadcastState;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.metrics.Counter;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Profiles each task that arrives, see {@link TenantProfiles}, and asks the serving model about it.
 * Of a sample, which is all of them while few come, it asks the other models, too, and keeps all
 * answers until the task has ended, so that each is scored by what it said when it could not know:
 * see {@link Comparison}.
 *
 * <p>A newer snapshot, of a learner or of one of its members, takes effect between two tasks.
 * Without state of its own it begins with the newest of the topic, so that no task is judged by
 * less than what was learned before. Before there is any, a model answers as a learner does that
 * has seen nothing, and its version is 0.
 */
final class ClassifyFunction extends WriteBehind.Function<TenantMessage, ModelMessage, PoolMessage>
    implements CheckpointedFunction {

  static final OutputTag<ScoredExample> EXAMPLES =
      new OutputTag<>("examples", new LayoutTypeInfo<>(ScoredExampleLayout.INSTANCE));

  static final MapStateDescriptor<String, ModelMessage> MODELS =
      new MapStateDescriptor<>(
          "models", Types.STRING, new LayoutTypeInfo<>(ModelMessageLayout.INSTANCE));

  private final ScaleSettings scaleSettings;
  private final ArrayList<String> learners;
  private final String first;
  private final boolean promote;
  private final long seed;
  private final Duration openTaskTtl;
  private final int comparedPerSecond;
  private final Backlog<ModelMessage> published;
  private final TenantProfiles.Settings profiling;
  private transient List<String> classes;
  private transient FeatureSchema schema;
  private transient Map<String, Model> models;
  private transient RunTimeLearner runTimes;
  private transient long runTimesVersion;
  private transient String serving;
  private transient long championVersion;
  private transient boolean restored;
  private transient TenantProfiles profiles;
  private transient ExpiringStates<Answers> answersByTask;
  private transient Sweeps sweeps;
  private transient Comparison comparison;
  private transient Counter modelsLoaded;
  private transient Counter modelsPassedOver;
  private transient Counter predictedAgain;
  private transient ReasonCounters deadLetters;

  ClassifyFunction(PipelineOptions.Learning options, Backlog<ModelMessage> published) {
    this.published = published;
    profiling = TenantProfiles.Settings.of(options);
    scaleSettings = ScaleSettings.of(options.scale());
    learners = new ArrayList<>(options.learners());
    first = options.serving();
    promote = options.promote();
    seed = options.seed();
    openTaskTtl = options.openTaskTtl();
    comparedPerSecond = options.comparedPerSecond();
  }

  /**
   * A classifier that answers.
   *
   * @param versions of its members; it goes by the first one's
   */
  @SuppressWarnings("ArrayRecordComponent") // never changed
  private record Model(Classifier classifier, long[] versions, double drift) {

    static Model begin(Classifier classifier) {
      return new Model(classifier, new long[classifier.members()], 0);
    }

    long version() {
      return versions[0];
    }
  }

  @Override
  public void initializeState(FunctionInitializationContext context) throws Exception {
    ComplexityScale scale = scaleSettings.scale();
    classes = scale.names();
    schema = FeatureSchema.ofTasks(scale);
    serving = first;
    models = new LinkedHashMap<>();
    for (String learner : learners) {
      models.put(learner, Model.begin(Learners.create(learner, schema, seed)));
    }
    runTimes = new RunTimeLearner(scale);
    runTimesVersion = 0;
    restored = false;
    if (!context.isRestored()) {
      BroadcastState<String, ModelMessage> kept =
          context.getOperatorStateStore().getBroadcastState(MODELS);
      kept.putAll(published.newest(ModelMessage::key, ModelMessage::version, this::fits));
    }
  }

  @Override
  @SuppressWarnings("NullAway.Init") // Flink calls initializeState() first
  public void open(OpenContext context) {
    answersByTask =
        new ExpiringStates<>(getRuntimeContext(), "answers", AnswersLayout.INSTANCE, openTaskTtl);
    comparison = new Comparison(comparedPerSecond);
    var metrics = Metrics.group(getRuntimeContext().getMetricGroup());
    modelsLoaded = metrics.counter("models_loaded_total");
    modelsPassedOver = metrics.counter("models_passed_over_total");
    deadLetters = new ReasonCounters(getRuntimeContext().getMetricGroup(), "dead_letters_total");
    profiles = new TenantProfiles(profiling, getRuntimeContext(), deadLetters);
    List<Sweeps.Swept> swept = new ArrayList<>(profiles.swept());
    swept.add(answersByTask);
    sweeps = new Sweeps(profiling.shortestTtl(), swept);
    metrics.gauge("serving_model_version", () -> model(serving).version());
    metrics.gauge("serving_model_drift", () -> model(serving).drift());
    metrics.gauge("run_time_model_version", () -> runTimesVersion);
    predictedAgain = metrics.counter("tasks_predicted_again_total");
  }

  @Override
  public void processElement(TenantMessage message, ReadOnlyContext ctx, Collector<PoolMessage> out)
      throws Exception {
    if (!restored) {
      restore(ctx.getBroadcastState(MODELS));
    }
    if (message instanceof TaskMessage.Submitted) {
      sweeps.schedule(ctx.getCurrentKey(), ctx.timerService());
    }
    long nowMillis = ctx.timerService().currentProcessingTime();
    for (ProfiledMessage profiled :
        profiles.on(message, nowMillis, letter -> ctx.output(DeadLetters.TAG, letter))) {
      process(profiled, nowMillis, ctx, out);
    }
  }

  private void process(
      ProfiledMessage message, long nowMillis, ReadOnlyContext ctx, Collector<PoolMessage> out) {
    if (message instanceof ProfiledMessage.Submitted submitted) {
      TaskMessage.Submitted task = submitted.message();
      boolean compared =
          comparison.includes(task.task().taskId(), task.origin().brokerTimeMillis());
      Prediction prediction =
          compared
              ? compare(task.task(), submitted.profile(), nowMillis)
              : serve(task.task(), submitted.profile());
      out.collect(
          new PoolMessage(
              task.origin(),
              task.pool(),
              new PoolEvent.TaskSubmitted(task.task(), prediction, task.at())));
    } else if (message instanceof ProfiledMessage.Cancelled cancelled) {
      TaskMessage.Cancelled task = cancelled.message();
      if (cancelled.forgotten()) {
        answersByTask.of(task.tenant()).remove(task.taskId());
      }
      out.collect(
          new PoolMessage(
              task.origin(), task.pool(), new PoolEvent.TaskCancelled(task.taskId(), task.at())));
    } else if (message instanceof ProfiledMessage.Ended ended) {
      String taskId = ended.example().taskId();
      ExpiringStates<Answers>.OfKey kept = answersByTask.of(ctx.getCurrentKey());
      Answers answers = kept.get(taskId, nowMillis);
      kept.remove(taskId);
      ctx.output(
          EXAMPLES, new ScoredExample(ended.example(), answers == null ? Answers.NONE : answers));
    } else if (message instanceof ProfiledMessage.Waiting waiting) {
      predictAgain(waiting, out);
    } else {
      throw new IllegalStateException("No case for " + message);
    }
  }

  /** A task keeps its class, but not the run time that was expected of it. */
  private void predictAgain(ProfiledMessage.Waiting waiting, Collector<PoolMessage> out) {
    SortedMap<String, SortedMap<String, Prediction>> byPool = new TreeMap<>();
    Model model = model(serving);
    double[] probabilities = new double[classes.size()];
    double[] byRunTime = new double[runTimes.classes()];
    for (ProfiledMessage.Waiting.Task task : waiting.tasks()) {
      model.classifier().predict(runTimes.expect(task.features(), byRunTime), probabilities);
      RunTimePrediction runTime = runTimes.predict(probabilities);
      byPool
          .computeIfAbsent(task.pool(), pool -> new TreeMap<>())
          .put(task.taskId(), prediction(probabilities, runTime, null, null, model));
      predictedAgain.inc();
    }
    byPool.forEach(
        (pool, predictions) ->
            out.collect(
                new PoolMessage(
                    waiting.origin(),
                    pool,
                    new PoolEvent.TasksPredicted(predictions, waiting.at()))));
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext ctx, Collector<PoolMessage> out)
      throws Exception {
    sweeps.sweep(ctx.getCurrentKey(), ctx.timerService());
  }

  /** Asks the serving model only. */
  private Prediction serve(TaskRequest task, Profile profile) {
    Model model = model(serving);
    double[] probabilities = new double[classes.size()];
    double[] byRunTime = new double[runTimes.classes()];
    model.classifier().predict(runTimes.expect(profile.features(), byRunTime), probabilities);
    RunTimePrediction runTime = runTimes.predict(probabilities);
    return prediction(
        probabilities, runTime, usage(profile), usageP95(task.request(), profile), model);
  }

  /** Asks every model, and keeps what they answered. */
  private Prediction compare(TaskRequest task, Profile profile, long nowMillis) {
    List<Answers.Answer> answers = new ArrayList<>(models.size());
    double[] served = {};
    double[] byRunTime = new double[runTimes.classes()];
    FeatureVector x = runTimes.expect(profile.features(), byRunTime);
    for (Map.Entry<String, Model> model : models.entrySet()) {
      double[] probabilities = new double[classes.size()];
      byte[] memo = model.getValue().classifier().answer(x, probabilities);
      answers.add(
          new Answers.Answer(model.getKey(), model.getValue().version(), probabilities, memo));
      if (model.getKey().equals(serving)) {
        served = probabilities;
      }
    }
    RunTimePrediction runTime = runTimes.predict(served);
    answers.add(
        new Answers.Answer(RunTimeLearner.NAME, runTimesVersion, byRunTime, runTime.memo()));
    answersByTask.of(task.tenant()).put(task.taskId(), new Answers(answers), nowMillis);
    return prediction(
        served, runTime, usage(profile), usageP95(task.request(), profile), model(serving));
  }

  private Prediction prediction(
      double[] probabilities,
      RunTimePrediction runTime,
      @Nullable Resources usage,
      @Nullable Resources usageP95,
      Model model) {
    int best = 0;
    for (int i = 1; i < probabilities.length; i++) {
      if (probabilities[i] > probabilities[best]) {
        best = i;
      }
    }
    // Of what has learned nothing yet, nothing is to be expected.
    boolean known = runTimes.labels() > 0;
    return new Prediction(
        classes.get(best),
        classes,
        Probabilities.of(probabilities),
        known ? duration(runTime.mean()) : null,
        known ? duration(runTime.quantiles()[RunTimePrediction.P50]) : null,
        known ? duration(runTime.quantiles()[RunTimePrediction.P90]) : null,
        known ? duration(runTime.quantiles()[RunTimePrediction.P95]) : null,
        usage,
        usageP95,
        model.version(),
        model.drift());
  }

  private static Duration duration(double seconds) {
    return Duration.ofMillis(Math.round(seconds * 1000));
  }

  private static @Nullable Resources usage(Profile profile) {
    Long cpuMillis = profile.expectedPeakCpuMillis();
    Long memoryMib = profile.expectedPeakMemoryMib();
    Long gpuMillis = profile.expectedPeakGpuMillis();
    if (cpuMillis == null && memoryMib == null && gpuMillis == null) {
      return null;
    }
    return Resources.ofTotalGpu(orZero(cpuMillis), orZero(memoryMib), orZero(gpuMillis), 0);
  }

  /** What was never measured is expected to be used as asked for. */
  static @Nullable Resources usageP95(Resources asked, Profile profile) {
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

  private static long orZero(@Nullable Long amount) {
    return amount == null ? 0 : amount;
  }

  /** There is nothing to do: see {@link #write}. */
  @Override
  public void snapshotState(FunctionSnapshotContext context) {}

  @Override
  void write(Consumer<String> become) {
    profiles.write(become);
    answersByTask.write(become);
  }

  @Override
  public void processBroadcastElement(ModelMessage message, Context ctx, Collector<PoolMessage> out)
      throws Exception {
    BroadcastState<String, ModelMessage> kept = ctx.getBroadcastState(MODELS);
    restore(kept);
    if (!fits(message) || message.version() <= knownVersion(message)) {
      modelsPassedOver.inc();
      return;
    }
    try {
      load(message);
    } catch (IllegalArgumentException e) {
      bury(message, e, ctx);
      return;
    }
    kept.put(message.key(), message);
    modelsLoaded.inc();
  }

  /** Broadcast state can be read only once there is an element to read it for. */
  private void restore(ReadOnlyBroadcastState<String, ModelMessage> kept) throws Exception {
    if (restored) {
      return;
    }
    restored = true;
    for (Map.Entry<String, ModelMessage> entry : kept.immutableEntries()) {
      if (fits(entry.getValue()) && entry.getValue().version() > knownVersion(entry.getValue())) {
        loadAgain(entry.getValue());
      }
    }
  }

  /** A release that cannot read an older one's snapshots starts without them. */
  private void loadAgain(ModelMessage message) {
    try {
      load(message);
    } catch (IllegalArgumentException e) {
      modelsPassedOver.inc();
    }
  }

  /** Every subtask has it, and one tells. */
  private void bury(ModelMessage message, IllegalArgumentException why, Context ctx) {
    modelsPassedOver.inc();
    if (getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() != 0) {
      return;
    }
    deadLetters.count(DeadLetterReason.UNDECODABLE);
    ctx.output(
        DeadLetters.TAG,
        DeadLetters.of(
            message.origin(),
            DeadLetterReason.UNDECODABLE,
            "snapshot %d of %s: %s"
                .formatted(message.version(), message.model(), why.getMessage())));
  }

  private long knownVersion(ModelMessage message) {
    if (ChampionMessage.isOne(message)) {
      return championVersion;
    }
    return isOfRunTimes(message)
        ? runTimesVersion
        : model(message.model()).versions()[message.member()];
  }

  /** Whether it is of a learner that runs, and of the features and classes of today. */
  private boolean fits(ModelMessage message) {
    boolean concerns =
        ChampionMessage.isOne(message)
            ? promote
            : isOfRunTimes(message) ? message.members() == 1 : isWholeOrMember(message);
    return concerns
        && message.featureSchema().equals(schema.id())
        && message.classes().equals(classes);
  }

  private boolean isWholeOrMember(ModelMessage message) {
    Model model = models.get(message.model());
    return model != null
        && (message.members() == 1 || message.members() == model.versions().length);
  }

  private static boolean isOfRunTimes(ModelMessage message) {
    return message.model().equals(RunTimeLearner.NAME);
  }

  private void load(ModelMessage message) {
    if (ChampionMessage.isOne(message)) {
      crown(ChampionMessage.read(message), message.version());
      return;
    }
    if (isOfRunTimes(message)) {
      RunTimeLearner restored = new RunTimeLearner(scaleSettings.scale());
      restored.restore(message.snapshot());
      runTimes = restored;
      runTimesVersion = message.version();
      return;
    }
    Model known = model(message.model());
    models.put(
        message.model(), message.members() == 1 ? whole(message, known) : joined(message, known));
  }

  private Model whole(ModelMessage message, Model known) {
    Classifier classifier = Learners.create(message.model(), schema, seed);
    classifier.restore(message.snapshot());
    long[] versions = new long[known.versions().length];
    Arrays.fill(versions, message.version());
    return new Model(classifier, versions, message.drift());
  }

  /** With one of its members replaced. */
  private static Model joined(ModelMessage message, Model known) {
    known.classifier().restore(message.member(), message.snapshot());
    long[] versions = known.versions().clone();
    versions[message.member()] = message.version();
    double drift = message.member() == 0 ? message.drift() : known.drift();
    return new Model(known.classifier(), versions, drift);
  }

  private void crown(ChampionMessage champion, long version) {
    championVersion = version;
    if (models.containsKey(champion.learner())) {
      serving = champion.learner();
    }
  }

  private Model model(String name) {
    Model model = models.get(name);
    if (model == null) {
      throw new IllegalStateException("No model " + name + " among " + models.keySet());
    }
    return model;
  }
}
