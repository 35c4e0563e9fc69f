package io.attentionflow.learning.features;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Fills in the numeric features of one task; what is not known stays NaN. */
final class Numbers {

  private static final long HOUR_MILLIS = 3_600_000;
  private static final long DAY_MILLIS = 24 * HOUR_MILLIS;

  private final double[] values = new double[NumberFeature.count()];

  Numbers() {
    Arrays.fill(values, Double.NaN);
  }

  double[] values() {
    return values;
  }

  private void set(NumberFeature feature, double value) {
    values[feature.position] = value;
  }

  /** What the submission itself says. */
  void request(TaskFacts facts, ComplexityScale scale) {
    long now = facts.submittedAtMillis();
    set(NumberFeature.CPU, log1p(facts.cpuMillis()));
    set(NumberFeature.MEMORY, known(facts.memoryMib()));
    set(NumberFeature.GPU, log1p(facts.gpuMillis()));
    set(NumberFeature.IO, log1p(facts.ioMibps()));
    set(NumberFeature.INPUT_BYTES, known(facts.inputBytes()));
    set(NumberFeature.PRIORITY, facts.priority());
    set(NumberFeature.HOUR, (double) Math.floorDiv(Math.floorMod(now, DAY_MILLIS), HOUR_MILLIS));
    // The first of January 1970 was a Thursday.
    set(NumberFeature.WEEKDAY, (double) Math.floorMod(Math.floorDiv(now, DAY_MILLIS) + 3, 7L));
    Long estimate = facts.requestedDurationMillis();
    if (estimate != null) {
      set(NumberFeature.ESTIMATE, RunRecord.logSeconds(estimate));
      set(NumberFeature.ESTIMATE_CLASS, scale.classOf(estimate, facts.cpuMillis()));
    }
    Long deadline = facts.deadlineMillis();
    if (deadline != null) {
      set(NumberFeature.SLACK, RunRecord.logSeconds(deadline - now));
    }
  }

  private static double known(long size) {
    return size == 0 ? Double.NaN : log1p(size);
  }

  private static double log1p(long size) {
    return StrictMath.log1p((double) size);
  }

  /**
   * How tasks like it ended.
   *
   * @param scopes of the tenant, the type, the shape, the request
   */
  void ended(TenantHistory history, long[] scopes, TaskFacts facts) {
    ofTenant(history.record(scopes[0]), facts);
    RunRecord ofType = history.record(scopes[1]);
    if (ofType != null) {
      set(NumberFeature.MEAN_RUN_OF_TYPE, ofType.meanRun);
      set(NumberFeature.RATIO_OF_TYPE, ofType.meanRatio);
      set(NumberFeature.LAST_CLASS_OF_TYPE, label(ofType.lastClass));
    }
    RunRecord ofShape = history.record(scopes[2]);
    if (ofShape != null) {
      set(NumberFeature.MEAN_RUN_OF_SHAPE, ofShape.meanRun);
    }
    RunRecord ofRequest = history.record(scopes[3]);
    if (ofRequest != null) {
      set(NumberFeature.MEAN_RUN_OF_REQUEST, ofRequest.meanRun);
      set(NumberFeature.LAST_RUN_OF_REQUEST, ofRequest.lastRun);
      set(NumberFeature.LAST_CLASS_OF_REQUEST, label(ofRequest.lastClass));
      set(NumberFeature.SECOND_LAST_CLASS_OF_REQUEST, label(ofRequest.secondLastClass));
    }
    if (history.lastEndedAtMillis > 0) {
      set(
          NumberFeature.SINCE_LAST_END,
          RunRecord.logSeconds(facts.submittedAtMillis() - history.lastEndedAtMillis));
    }
  }

  private void ofTenant(@Nullable RunRecord tenant, TaskFacts facts) {
    if (tenant == null) {
      return;
    }
    set(NumberFeature.LAST_RUN, tenant.lastRun);
    set(NumberFeature.SECOND_LAST_RUN, tenant.secondLastRun);
    set(NumberFeature.MEAN_RUN, tenant.meanRun);
    set(NumberFeature.RATIO, tenant.meanRatio);
    set(NumberFeature.LAST_RATIO, tenant.lastRatio);
    set(NumberFeature.LIMIT_HITS, tenant.limitHits);
    set(NumberFeature.LAST_CLASS, label(tenant.lastClass));
    set(NumberFeature.SECOND_LAST_CLASS, label(tenant.secondLastClass));
    Long estimate = facts.requestedDurationMillis();
    if (estimate != null) {
      set(NumberFeature.SCALED_ESTIMATE, RunRecord.logSeconds(estimate) + tenant.meanRatio);
    }
  }

  private static double label(int label) {
    return label < 0 ? Double.NaN : label;
  }

  /** What the tenant has waiting and running. An age is a lower bound on a run time. */
  void inFlight(
      TenantHistory history,
      Patience patience,
      long[] scopes,
      long request,
      long now,
      ComplexityScale scale,
      long cpuMillis) {
    InFlightTasks tasks = history.inFlight();
    int inFlight = 0;
    int running = 0;
    int ofRequest = 0;
    var ages = new Starts();
    var agesOfRequest = new Starts();
    long[] passed = Reach.nothing();
    long[] passedOfRequest = Reach.nothing();
    for (int at = 0; at < tasks.size(); at++) {
      long sinceMillis = tasks.sinceMillis(at);
      if (!patience.believes(tasks.runs(at), sinceMillis, now)) {
        continue;
      }
      inFlight++;
      boolean same = tasks.request(at) == request;
      ofRequest += same ? 1 : 0;
      if (tasks.runs(at)) {
        running++;
        ages.add(sinceMillis);
        Reach.runs(passed, sinceMillis, now);
        if (same) {
          agesOfRequest.add(sinceMillis);
          Reach.runs(passedOfRequest, sinceMillis, now);
        }
      }
    }
    ages(NumberFeature.NEWEST_AGE, NumberFeature.OLDEST_AGE, ages, now);
    ages(
        NumberFeature.NEWEST_AGE_OF_REQUEST,
        NumberFeature.OLDEST_AGE_OF_REQUEST,
        agesOfRequest,
        now);
    set(NumberFeature.IN_FLIGHT, StrictMath.log1p(inFlight));
    set(NumberFeature.RUNNING, StrictMath.log1p(running));
    set(NumberFeature.IN_FLIGHT_OF_REQUEST, StrictMath.log1p(ofRequest));
    set(NumberFeature.REACH, Reach.level(reach(history.record(scopes[0])), passed));
    set(
        NumberFeature.REACH_OF_REQUEST,
        Reach.level(reach(history.record(scopes[3])), passedOfRequest));
    String previousTaskId = history.previousTaskId;
    if (previousTaskId == null) {
      return;
    }
    set(
        NumberFeature.SINCE_LAST_SUBMISSION,
        RunRecord.logSeconds(now - history.lastSubmittedAtMillis));
    if (history.previousClass >= 0) {
      set(NumberFeature.PREVIOUS_STATE, 2);
      set(NumberFeature.PREVIOUS_CLASS, history.previousClass);
      return;
    }
    int previous = tasks.find(previousTaskId);
    if (previous == InFlightTasks.ABSENT) {
      return;
    }
    long sinceMillis = tasks.sinceMillis(previous);
    if (!patience.believes(tasks.runs(previous), sinceMillis, now)) {
      return;
    }
    if (tasks.runs(previous)) {
      long age = Math.max(0, now - sinceMillis);
      set(NumberFeature.PREVIOUS_STATE, 1);
      set(NumberFeature.PREVIOUS_CLASS, scale.classOf(age, cpuMillis));
    } else {
      set(NumberFeature.PREVIOUS_STATE, 0);
    }
  }

  private static @Nullable Reach reach(@Nullable RunRecord record) {
    return record == null ? null : record.reach;
  }

  /** The first and the last of some starts: what is oldest and newest of what runs. */
  private static final class Starts {
    private long firstMillis = Long.MAX_VALUE;
    private long lastMillis = Long.MIN_VALUE;

    void add(long startMillis) {
      firstMillis = Math.min(firstMillis, startMillis);
      lastMillis = Math.max(lastMillis, startMillis);
    }

    boolean isEmpty() {
      return lastMillis == Long.MIN_VALUE;
    }
  }

  private void ages(NumberFeature newest, NumberFeature oldest, Starts starts, long now) {
    if (!starts.isEmpty()) {
      set(newest, RunRecord.logSeconds(now - starts.lastMillis));
      set(oldest, RunRecord.logSeconds(now - starts.firstMillis));
    }
  }
}
