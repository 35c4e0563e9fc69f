package io.attentionflow.learning.features;

import io.attentionflow.learning.quantile.QuantileLevels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Follows the tasks of one tenant: from a submission to a profile, from an end to a labelled
 * example.
 *
 * <pre>
 * unknown -- submitted --> waits -- started --> runs -- ended by itself --> ended
 *                            ^                   |
 *                            +---- cut short ----+
 * any     -- forget ----> unknown
 * </pre>
 *
 * <p>No clock, no randomness: the same events give the same profiles. An event that is repeated or
 * of an unknown task changes nothing. Not thread-safe.
 */
public final class TenantProfiler {

  private static final Set<String> KNOWN_ATTRIBUTES =
      Set.of("queue", "group", "executable", "partition");

  private final ComplexityScale scale;
  private final TenantHistory history;
  private final OpenTasks openTasks;
  private final Patience patience;

  /** One that hears of every end. */
  public TenantProfiler(ComplexityScale scale, TenantHistory history, OpenTasks openTasks) {
    this(scale, history, openTasks, Patience.ENDLESS);
  }

  /**
   * @param scale what the labels are
   * @param history of the tenant; changed
   * @param openTasks of the tenant; changed
   * @param patience with tasks of which nothing is heard; they are learned from all the same
   */
  public TenantProfiler(
      ComplexityScale scale, TenantHistory history, OpenTasks openTasks, Patience patience) {
    this.scale = scale;
    this.history = history;
    this.openTasks = openTasks;
    this.patience = patience;
  }

  /**
   * A task was submitted.
   *
   * @return what to expect of it; of one submitted before, what was expected then
   */
  public Profile submitted(TaskFacts facts) {
    OpenTask known = openTasks.get(facts.taskId());
    if (known != null) {
      return known.profile();
    }
    long[] keys = keys(facts);
    keys[KeyFeature.PREVIOUS_REQUEST.position] = history.previousRequest;
    @Nullable RunRecord[] records = history.records(scopes(keys));
    double[] numbers = numbers(facts, records, keys[KeyFeature.REQUEST.position]);
    byte[] evidence = evidence(new FeatureVector(numbers, keys));
    byte[] runs = runs(records);
    Profile profile = expect(facts, records, new FeatureVector(numbers, keys, evidence, runs));
    openTasks.put(new OpenTask(facts.withoutNames(), profile, null, false));
    history.enters(facts.taskId(), keys[KeyFeature.REQUEST.position], facts.submittedAtMillis());
    history.lastSubmittedAtMillis = facts.submittedAtMillis();
    history.previousRequest = keys[KeyFeature.REQUEST.position];
    history.previousTaskId = facts.taskId();
    history.previousClass = -1;
    return profile;
  }

  /**
   * What is known by now of tasks that wait: what their tenant's other tasks did since they were
   * submitted. To be asked when one of them has ended.
   *
   * @return those that have waited longest, the longest first; empty when it was asked just now
   */
  public List<WaitingTask> waiting(long nowMillis, Renewal renewal) {
    List<WaitingTask> waiting = new ArrayList<>();
    if (nowMillis - history.lastRenewedAtMillis < renewal.pauseMillis()) {
      return waiting;
    }
    history.lastRenewedAtMillis = nowMillis;
    InFlightTasks inFlight = history.inFlight();
    for (int at = 0; at < inFlight.size() && waiting.size() < renewal.mostTasks(); at++) {
      long sinceMillis = inFlight.sinceMillis(at);
      if (inFlight.runs(at)
          || !patience.believes(false, sinceMillis, nowMillis)
          || nowMillis - sinceMillis < renewal.pauseMillis()) {
        continue;
      }
      OpenTask task = openTasks.get(inFlight.taskId(at));
      if (task != null && !task.ended() && task.startedAtMillis() == null) {
        waiting.add(new WaitingTask(task.facts().taskId(), again(task, nowMillis)));
      }
    }
    return waiting;
  }

  private FeatureVector again(OpenTask task, long nowMillis) {
    FeatureVector before = task.profile().features();
    @Nullable RunRecord[] records = history.records(scopes(before.keys()));
    Numbers numbers = new Numbers();
    numbers.request(task.facts(), scale);
    numbers.ended(history, records, task.facts());
    numbers.inFlight(
        history,
        patience,
        records,
        before.keys()[KeyFeature.REQUEST.position],
        nowMillis,
        scale,
        task.facts().cpuMillis());
    return new FeatureVector(numbers.values(), before.keys(), before.evidence(), runs(records));
  }

  /** A task began to run. */
  public void started(String taskId, long atMillis) {
    OpenTask task = openTasks.get(taskId);
    if (task == null || task.ended() || task.startedAtMillis() != null) {
      return;
    }
    openTasks.put(task.withStart(atMillis));
    history.starts(taskId, atMillis);
  }

  /**
   * A task stopped running. What was cut short waits again, until it is started or forgotten.
   *
   * @return what it teaches; null if it is unknown, ended before, or was cut short
   */
  public @Nullable LabelledExample ended(String taskId, TaskOutcome outcome) {
    OpenTask task = openTasks.get(taskId);
    if (task == null || task.ended()) {
      return null;
    }
    long[] scopes = scopes(task.profile().features().keys());
    if (!outcome.byItself()) {
      for (long scope : scopes) {
        RunRecord record = history.recordToChange(scope);
        record.used(outcome);
        record.usedOf(task.facts(), outcome);
      }
      openTasks.put(task.withStart(null));
      history.stops(taskId, outcome.endedAtMillis());
      return null;
    }
    TaskFacts facts = task.facts();
    int label = scale.classOf(outcome.durationMillis(), facts.cpuMillis());
    for (long scope : scopes) {
      RunRecord record = history.recordToChange(scope);
      record.ended(outcome.durationMillis(), facts.requestedDurationMillis(), label);
      record.reach.ended(
          outcome.endedAtMillis() - outcome.durationMillis(), outcome.durationMillis());
      record.used(outcome);
      record.usedOf(facts, outcome);
    }
    long[] contexts = new long[TenantContext.count()];
    TenantContext.keysOf(task.profile().features(), contexts);
    for (long context : contexts) {
      if (context != Keys.UNKNOWN) {
        history.table.count(context, label, 1);
      }
    }
    history.leaves(taskId);
    history.lastEndedAtMillis = Math.max(history.lastEndedAtMillis, outcome.endedAtMillis());
    if (taskId.equals(history.previousTaskId)) {
      history.previousClass = label;
    }
    openTasks.put(task.withEnd());
    Profile said = task.profile();
    JudgedPeak cpu =
        JudgedPeak.of(said.peakCpuMillis(), facts.cpuMillis(), outcome.peakCpuMillis());
    JudgedPeak memory =
        JudgedPeak.of(said.peakMemoryMib(), facts.memoryMib(), outcome.peakMemoryMib());
    JudgedPeak gpu =
        JudgedPeak.of(said.peakGpuMillis(), facts.gpuMillis(), outcome.peakGpuMillis());
    PeakLevels.learn(history.peakLevels.cpu, cpu);
    PeakLevels.learn(history.peakLevels.memory, memory);
    PeakLevels.learn(history.peakLevels.gpu, gpu);
    return new LabelledExample(
        taskId,
        said.features(),
        label,
        outcome.durationMillis(),
        outcome.endedAtMillis(),
        cpu,
        memory,
        gpu);
  }

  /** Nothing more is expected of a task: it was cancelled, rejected, or is too long ago. */
  public void forget(String taskId) {
    openTasks.remove(taskId);
    history.leaves(taskId);
  }

  private static long[] keys(TaskFacts facts) {
    Map<String, String> attributes = new TreeMap<>(facts.attributes());
    long[] keys = new long[KeyFeature.count()];
    long type = Keys.of(facts.taskType());
    Long estimateMillis = facts.requestedDurationMillis();
    long estimate = estimateMillis == null ? Keys.UNKNOWN : Keys.of(estimateMillis);
    long shape =
        Keys.of(
            Keys.of(facts.cpuMillis(), facts.memoryMib()),
            Keys.of(facts.gpuMillis(), facts.ioMibps()));
    long all = Keys.UNKNOWN;
    int other = KeyFeature.OTHER_1.position;
    for (Map.Entry<String, String> attribute : attributes.entrySet()) {
      long pair = Keys.of(Keys.of(attribute.getKey()), Keys.of(attribute.getValue()));
      all = Keys.of(all, pair);
      if (!KNOWN_ATTRIBUTES.contains(attribute.getKey()) && other <= KeyFeature.OTHER_6.position) {
        keys[other++] = pair;
      }
    }
    set(keys, KeyFeature.TENANT, Keys.of(facts.tenant()));
    set(keys, KeyFeature.TYPE, type);
    set(keys, KeyFeature.ESTIMATE, estimate);
    set(keys, KeyFeature.CPU, Keys.of(facts.cpuMillis()));
    set(keys, KeyFeature.MEMORY, facts.memoryMib() == 0 ? 0 : Keys.of(facts.memoryMib()));
    set(keys, KeyFeature.SHAPE, shape);
    set(keys, KeyFeature.QOS_AND_PRIORITY, Keys.of(Keys.of(facts.qos()), facts.priority()));
    set(keys, KeyFeature.QUEUE, Keys.of(attributes.get("queue")));
    set(keys, KeyFeature.GROUP, Keys.of(attributes.get("group")));
    set(keys, KeyFeature.EXECUTABLE, Keys.of(attributes.get("executable")));
    set(keys, KeyFeature.PARTITION, Keys.of(attributes.get("partition")));
    set(keys, KeyFeature.ATTRIBUTES, all);
    set(keys, KeyFeature.REQUEST, Keys.of(Keys.of(type, shape), Keys.of(estimate, all)));
    return keys;
  }

  private static void set(long[] keys, KeyFeature feature, long key) {
    keys[feature.position] = key;
  }

  private double[] numbers(TaskFacts facts, @Nullable RunRecord[] records, long request) {
    Numbers numbers = new Numbers();
    numbers.request(facts, scale);
    numbers.ended(history, records, facts);
    numbers.inFlight(
        history, patience, records, request, facts.submittedAtMillis(), scale, facts.cpuMillis());
    return numbers.values();
  }

  private byte[] evidence(FeatureVector x) {
    long[] contexts = new long[TenantContext.count()];
    TenantContext.keysOf(x, contexts);
    int classes = scale.classes();
    byte[] evidence = new byte[contexts.length * 2 * classes];
    for (int i = 0; i < contexts.length; i++) {
      int slot = contexts[i] == Keys.UNKNOWN ? ClassTable.ABSENT : history.table.find(contexts[i]);
      if (slot != ClassTable.ABSENT) {
        history.table.encode(slot, evidence, i * 2 * classes);
      }
    }
    return evidence;
  }

  private static byte[] runs(@Nullable RunRecord[] records) {
    byte[] runs = new byte[records.length * FeatureVector.RUNS];
    for (int i = 0; i < records.length; i++) {
      RunRecord record = records[i];
      if (record != null) {
        record.encodeRuns(runs, i * FeatureVector.RUNS);
      }
    }
    return runs;
  }

  /** Scopes of run records: all of the tenant's, of the type, of the shape, of the request. */
  private static long[] scopes(long[] keys) {
    long type = keys[KeyFeature.TYPE.position];
    return new long[] {
      Keys.of(0, 0),
      Keys.of(1, type),
      Keys.of(2, Keys.of(type, keys[KeyFeature.SHAPE.position])),
      Keys.of(3, keys[KeyFeature.REQUEST.position])
    };
  }

  private Profile expect(TaskFacts facts, @Nullable RunRecord[] records, FeatureVector features) {
    RunRecord usage = null;
    for (RunRecord record : records) {
      usage = record == null ? usage : record;
    }
    return new Profile(
        features,
        usage == null ? null : rounded(usage.peakCpuMillis),
        usage == null ? null : rounded(usage.peakMemoryMib),
        usage == null ? null : rounded(usage.peakGpuMillis),
        peak(records, facts.cpuMillis(), r -> r.cpuShares, history.peakLevels.cpu),
        peak(records, facts.memoryMib(), r -> r.memoryShares, history.peakLevels.memory),
        peak(records, facts.gpuMillis(), r -> r.gpuShares, history.peakLevels.gpu));
  }

  /** What tasks like it do not exceed; null: never measured, or nothing asked for. */
  private @Nullable PeakPromise peak(
      @Nullable RunRecord[] records,
      long requested,
      Function<RunRecord, UsageShares> shares,
      QuantileLevels levels) {
    if (requested == 0) {
      return null;
    }
    double[] probabilities = null;
    for (RunRecord record : records) {
      if (record != null && !shares.apply(record).isEmpty()) {
        probabilities = probabilities == null ? UsageShares.asRequested() : probabilities;
        shares.apply(record).narrow(probabilities);
      }
    }
    return probabilities == null ? null : PeakPromise.of(requested, probabilities, levels);
  }

  private static @Nullable Long rounded(double number) {
    return Double.isNaN(number) ? null : Long.valueOf(Math.round(number));
  }
}
