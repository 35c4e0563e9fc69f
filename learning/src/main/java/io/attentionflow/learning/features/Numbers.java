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
   * @param records of the tenant, the type, the shape, the request
   */
  void ended(TenantHistory history, @Nullable RunRecord[] records, TaskFacts facts) {
    ofTenant(records[0], facts);
    RunRecord ofType = records[1];
    if (ofType != null) {
      set(NumberFeature.MEAN_RUN_OF_TYPE, ofType.meanRun);
      set(NumberFeature.RATIO_OF_TYPE, ofType.meanRatio);
      set(NumberFeature.LAST_CLASS_OF_TYPE, label(ofType.lastClass));
    }
    RunRecord ofShape = records[2];
    if (ofShape != null) {
      set(NumberFeature.MEAN_RUN_OF_SHAPE, ofShape.meanRun);
    }
    RunRecord ofRequest = records[3];
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
      @Nullable RunRecord[] records,
      long request,
      long now,
      ComplexityScale scale,
      long cpuMillis) {
    InFlightTasks tasks = history.inFlight();
    var all = new Running();
    var ofRequest = new Running();
    int inFlight = tasks.waiting(patience, now);
    int inFlightOfRequest = tasks.waiting(patience, now, request);
    for (int at = tasks.nextRunning(0); at < tasks.size(); at = tasks.nextRunning(at + 1)) {
      long sinceMillis = tasks.sinceMillis(at);
      if (!patience.believes(true, sinceMillis, now)) {
        continue;
      }
      all.add(sinceMillis, now);
      if (tasks.request(at) == request) {
        ofRequest.add(sinceMillis, now);
      }
    }
    ages(NumberFeature.NEWEST_AGE, NumberFeature.OLDEST_AGE, all, now);
    ages(NumberFeature.NEWEST_AGE_OF_REQUEST, NumberFeature.OLDEST_AGE_OF_REQUEST, ofRequest, now);
    set(NumberFeature.IN_FLIGHT, log1p(inFlight + all.count));
    set(NumberFeature.RUNNING, log1p(all.count));
    set(NumberFeature.IN_FLIGHT_OF_REQUEST, log1p(inFlightOfRequest + ofRequest.count));
    set(NumberFeature.REACH, Reach.level(reach(records[0]), all.passed));
    set(NumberFeature.REACH_OF_REQUEST, Reach.level(reach(records[3]), ofRequest.passed));
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

  /** What is to be known of the tasks that run: the oldest, the newest, and how far they got. */
  private static final class Running {
    private final long[] passed = Reach.nothing();
    private int count;
    private long firstMillis = Long.MAX_VALUE;
    private long lastMillis = Long.MIN_VALUE;

    void add(long startMillis, long now) {
      count++;
      firstMillis = Math.min(firstMillis, startMillis);
      lastMillis = Math.max(lastMillis, startMillis);
      Reach.runs(passed, startMillis, now);
    }
  }

  private void ages(NumberFeature newest, NumberFeature oldest, Running running, long now) {
    if (running.count > 0) {
      set(newest, RunRecord.logSeconds(now - running.lastMillis));
      set(oldest, RunRecord.logSeconds(now - running.firstMillis));
    }
  }
}
