package io.attentionflow.simulation.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attentionflow.allocation.Command.Action;
import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.PoolPolicy.Backfill;
import io.attentionflow.allocation.PoolPolicy.Ordering;
import io.attentionflow.allocation.PoolPolicy.Placement;
import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.RightSizing;
import io.attentionflow.allocation.RightSizing.Mode;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.simulation.cluster.SimulatedAgents.Settings;
import io.attentionflow.simulation.evaluate.Evaluation.Progress;
import io.attentionflow.simulation.evaluate.EvaluationOptions.Labels;
import io.attentionflow.simulation.evaluate.EvaluationReport.AllocationReport;
import io.attentionflow.simulation.evaluate.EvaluationReport.HoursReport;
import io.attentionflow.simulation.evaluate.EvaluationReport.SizingReport;
import io.attentionflow.simulation.scenario.Scenario;
import io.attentionflow.simulation.scenario.ScenarioWorld;
import io.attentionflow.simulation.scenario.ScenarioWorld.Pace;
import io.attentionflow.simulation.trace.LineCount;
import io.attentionflow.simulation.trace.OpenbTrace;
import io.attentionflow.simulation.trace.SwfTrace;
import io.attentionflow.simulation.trace.SwfTrace.Protocol;
import io.attentionflow.simulation.trace.TaskTruth;
import io.attentionflow.simulation.trace.TaskTruth.End;
import io.attentionflow.simulation.trace.Trace;
import io.attentionflow.simulation.trace.Trace.Dimension;
import io.attentionflow.simulation.trace.TraceNode;
import io.attentionflow.simulation.trace.TraceTask;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EvaluationTest {

  private static final Path TRACES = Path.of("src/test/resources/traces");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long WEEK_SECONDS = 7 * 24 * 3600L;

  /**
   * Four processors. Job 1 takes two of them from 0 to 100; job 2 needs all four and runs from 100
   * to 150; jobs 3 and 6 must wait for it, though there was room, and run from 150 to 170 and 180.
   */
  @Test
  void schedulesFirstComeFirstServedAsOneDoesByHand() throws IOException {
    AllocationReport report = allocation(run(small(), fcfs()));

    assertThat(report.allocated()).isEqualTo(4);
    assertThat(report.meanWaitSeconds()).isEqualTo((0 + 90 + 130 + 100) / 4.0);
    assertThat(report.maxWaitSeconds()).isEqualTo(130);
    assertThat(report.meanBoundedSlowdown())
        .isCloseTo((1 + 140 / 50.0 + 150 / 20.0 + 130 / 30.0) / 4, within(1e-12));
    assertThat(report.p95BoundedSlowdown()).isEqualTo(7.5);
    assertThat(report.utilization())
        .containsOnlyKeys("cpu")
        .hasEntrySatisfying(
            "cpu", share -> assertThat(share).isCloseTo(480 / 720.0, within(1e-12)));
  }

  @Test
  void doesNotCountASlowdownOfWhatIsShorterThanTenSeconds() {
    Trace trace = trace(List.of(node(1)), task("a", 0, 1, 2), task("b", 0, 1, 2));

    // b waits 2 s and runs 2 s: 4 s of 10.
    assertThat(allocation(run(trace, fcfs())).meanBoundedSlowdown()).isEqualTo(1);
  }

  @Test
  void decidesAboutTheLastThatEndedThoughTimeIsDueAtOnce() {
    // At 100 nothing runs any more, and the pool has asked to be woken, for a deadline.
    TraceTask late = due(task("late", 2, 4, 50), 100);
    Trace trace = trace(List.of(node(4)), task("a", 0, 4, 100), task("b", 1, 4, 100), late);
    EvaluationOptions options = fcfs();
    PoolPolicy policy = options.policy().withRejectAfterDeadline(true);

    AllocationReport report = allocation(run(trace, options.withPolicy(policy)));

    assertThat(report.allocated()).isEqualTo(2);
    assertThat(report.rejected()).isEqualTo(1);
    assertThat(report.pending()).isZero();
  }

  @Test
  void tellsWhatWaitsForEverFromWhatWasTurnedAway() {
    Trace trace = trace(List.of(node(1)), task("fits", 0, 1, 2), task("never", 0, 2, 2));
    EvaluationOptions noQueue = fcfs().withPolicy(fcfs().policy().withMaxQueued(0));

    assertThat(allocation(run(trace, fcfs())).pending()).isEqualTo(1);
    assertThat(allocation(run(trace, noQueue)).rejected()).isEqualTo(1);
    assertThat(allocation(run(trace, noQueue)).pending()).isZero();
  }

  @Test
  void takesBackWhatIsCancelled() {
    TraceTask queued = cancelled(task("queued", 0, 1, 50), 10);
    TraceTask running = cancelled(task("running", 0, 1, 50), 20);
    Trace trace = trace(List.of(node(1)), running, queued, task("last", 0, 1, 5));
    AllocationReport report = allocation(run(trace, fcfs()));

    assertThat(report.allocated()).isEqualTo(2);
    assertThat(report.rejected()).isEqualTo(1);
    assertThat(report.meanWaitSeconds()).isEqualTo(20);
  }

  @Test
  void fillsAClusterWithPodsThatNeverLeave() throws IOException {
    Trace pods = OpenbTrace.read(TRACES.resolve("pods.csv"), TRACES.resolve("nodes.csv"));
    EvaluationReport report =
        run(OpenbTrace.inflate(pods, 3, 1), placing(fcfs(), Placement.BEST_FIT));

    assertThat(allocation(report).gpuAllocationRatio()).isBetween(0.5, 1.0);
    assertThat(allocation(report).gpuAllocationRatioAt()).containsOnlyKeys(0.9, 0.95, 1.0);
    assertThat(allocation(report).rejected()).isPositive();
    assertThat(allocation(report).pending()).isZero();
    assertThat(allocation(report).meanBoundedSlowdown()).isNull();
    assertThat(allocation(report).utilization()).isNull();
    assertThat(allocation(report).meanWaitSeconds()).isZero();
    assertThat(report.learning().examples()).isZero();
    assertThat(violations(report)).isZero();
  }

  @Test
  void givesTheSameReportForTheSameSeed() throws IOException {
    assertThat(general(5, 1000)).isEqualTo(general(5, 1000)).isNotEqualTo(general(6, 1000));
  }

  @Test
  void reckonsInShadowWhatTasksNeedAndGivesThemWhatTheyRequest() {
    SizingReport shadow = sizing(run(modest(), sizing(Mode.SHADOW)));
    HoursReport cores = given(shadow.coreHours());

    assertThat(cores.allocated()).isEqualTo(cores.requested());
    assertThat(cores.rightSized()).isBetween(cores.used(), 0.5 * cores.requested());
    assertThat(shadow.placed()).containsKeys("NOT_ENOUGH_HISTORY", "CUT");
    assertThat(shadow.memoryCoverage()).isEqualTo(1);
    assertThat(shadow.outOfMemory()).isZero();
  }

  @Test
  void givesTasksWhatTheyNeedSoThatMoreRunAtOnce() {
    EvaluationReport on = run(modest(), sizing(Mode.ON));
    HoursReport cores = given(sizing(on).coreHours());

    assertThat(cores.allocated()).isEqualTo(cores.rightSized()).isLessThan(cores.requested());
    assertThat(given(allocation(on).meanWaitSeconds()))
        .isLessThan(given(allocation(run(modest(), sizing(Mode.OFF))).meanWaitSeconds()));
    assertThat(violations(on)).isZero();
  }

  @Test
  void givesMoreMemoryToATaskThatRanOutOfIt() throws IOException {
    List<TraceTask> tasks = new ArrayList<>(modest().tasks());
    tasks.add(using(task("hungry", 1_000_000, 4, 100), 1_000, 100));
    Trace trace = trace(List.of(node(8)), tasks.toArray(TraceTask[]::new));
    StringWriter lines = new StringWriter();
    EvaluationReport report;
    try (DecisionLines decisions = new DecisionLines(lines)) {
      report =
          new Evaluation(
                  trace, sizing(Mode.ON), Settings.faultless(), () -> 0, decisions, Progress.NONE)
              .run();
    }

    assertThat(sizing(report).outOfMemory()).isEqualTo(1);
    JsonNode resized =
        JSON.readTree(
            lines
                .toString()
                .lines()
                .filter(line -> line.contains("hungry#2\""))
                .findFirst()
                .orElseThrow());
    assertThat(resized.get("action").textValue()).isEqualTo(Action.RESIZE.name());
    assertThat(resized.get("sizing").textValue()).isEqualTo("RAISED");
    assertThat(resized.at("/shards/0/resources/memoryMib").longValue()).isEqualTo(100);
    assertThat(lines.toString()).contains("hungry#2/RELEASE");
    assertThat(violations(report)).isZero();
  }

  @Test
  void givesMoreHeadroomWhileAChangeOfTasksIsFresh() throws IOException {
    Trace steady = running(1_500, 1_500);
    Trace changing = running(1_200, 1_500);

    assertThat(run(steady, byDriftAlone()).learning().drifts()).isZero();
    assertThat(headroom(steady)).containsOnly(0.1);
    assertThat(run(changing, byDriftAlone()).learning().drifts()).isPositive();
    assertThat(headroom(changing).subList(0, 1_200)).containsOnly(0.1);
    assertThat(headroom(changing)).anySatisfy(headroom -> assertThat(headroom).isGreaterThan(0.5));
  }

  /**
   * One a week, at the same hour of the same day. They are all alike, but that the first of them
   * run for a minute, and of those after them only every other, as it happens.
   */
  private static Trace running(int minute, int tasks) {
    TraceTask[] all = new TraceTask[tasks];
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < tasks; i++) {
      long runsSeconds = i < minute || random.nextBoolean() ? 60 : 50_000;
      all[i] = using(task("t" + i, WEEK_SECONDS * i, 1, runsSeconds), 1_000, 30);
    }
    return trace(List.of(node(8)), all);
  }

  private static EvaluationOptions byDriftAlone() {
    RightSizing byDrift = new RightSizing(Mode.SHADOW, 0.1, 0, 1, 0, 0.1, 2);
    return fcfs().withPolicy(fcfs().policy().withRightSizing(byDrift));
  }

  /** Of each decision, in their order; the least there is while too little is known for any. */
  private static List<Double> headroom(Trace trace) throws IOException {
    StringWriter lines = new StringWriter();
    try (DecisionLines decisions = new DecisionLines(lines)) {
      new Evaluation(trace, byDriftAlone(), Settings.faultless(), () -> 0, decisions, Progress.NONE)
          .run();
    }
    List<Double> headroom = new ArrayList<>();
    for (String line : lines.toString().lines().toList()) {
      JsonNode decision = JSON.readTree(line);
      if (decision.get("action").textValue().equals(Action.ALLOCATE.name())) {
        headroom.add(decision.path("headroom").asDouble(0.1));
      }
    }
    return headroom;
  }

  /**
   * A hundred tasks that use a quarter of the CPU, and three tenths of the memory, they ask for.
   */
  private static Trace modest() {
    TraceTask[] tasks = new TraceTask[100];
    for (int i = 0; i < tasks.length; i++) {
      tasks[i] = using(task("t" + i, 60L * i, 4, 150), 1_000, 30);
    }
    return trace(List.of(node(8)), tasks);
  }

  private static EvaluationOptions sizing(Mode mode) {
    PoolPolicy policy = fcfs().policy();
    return fcfs().withPolicy(policy.withRightSizing(policy.rightSizing().withMode(mode)));
  }

  private static SizingReport sizing(EvaluationReport report) {
    return given(allocation(report).sizing());
  }

  @Test
  void learnsOnlyFromWhatHasEndedInTheLog() throws IOException {
    EvaluationReport report =
        run(SwfTrace.read(TRACES.resolve("small.swf"), Protocol.LEARNING), fcfs(Labels.LOGGED));

    assertThat(report.learning().examples()).isEqualTo(6);
    assertThat(report.allocation()).isNull();
    assertThat(report.invariants()).isNull();
    assertThat(JSON.readTree(report.toJson()).has("allocation")).isFalse();
  }

  @Test
  void knowsNothingOfATaskBeforeItsEnd() {
    // All of one class; each is submitted just before, or just when, the one before it ends.
    List<TraceTask> before = new ArrayList<>();
    List<TraceTask> when = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      before.add(task("t" + i, 999L * i, 1, 1000));
      when.add(task("t" + i, 1000L * i, 1, 1000));
    }
    Trace early = trace(List.of(node(4)), before.toArray(TraceTask[]::new));
    Trace late = trace(List.of(node(4)), when.toArray(TraceTask[]::new));

    assertThat(logLoss(run(early, fcfs(Labels.LOGGED))))
        .isEqualTo(logLoss(run(early, fcfs())))
        .isGreaterThan(logLoss(run(late, fcfs())));
    assertThat(logLoss(run(late, fcfs(Labels.LOGGED)))).isEqualTo(logLoss(run(late, fcfs())));
  }

  @Test
  void refusesByNameWhatDoesNotExist() {
    assertThatThrownBy(() -> EvaluationOptions.choose(Backfill.class, "backfill", "sideways"))
        .hasMessage("There is no backfill 'sideways'; there are: NONE, EASY, EASY_SHORTEST");
    assertThatThrownBy(() -> EvaluationOptions.defaults().withLearner("oracle"))
        .hasMessageStartingWith("There is no learner 'oracle'; there are: ");
    assertThat(EvaluationOptions.choose(Placement.class, "placement", "least-loaded"))
        .isEqualTo(Placement.LEAST_LOADED);
  }

  @Test
  void refusesToAllocateOnNoNodes() {
    Trace nowhere = trace(List.of(), task("a", 0, 1, 2));

    assertThatThrownBy(() -> run(nowhere, fcfs())).hasMessageContaining("no nodes");
    assertThat(run(nowhere, fcfs(Labels.LOGGED)).learning().examples()).isEqualTo(1);
  }

  @Test
  void writesEachDecisionOnALine() throws IOException {
    StringWriter lines = new StringWriter();
    try (DecisionLines decisions = new DecisionLines(lines)) {
      new Evaluation(small(), fcfs(), Settings.faultless(), () -> 0, decisions, Progress.NONE)
          .run();
    }

    List<String> written = lines.toString().lines().toList();
    assertThat(written).hasSize(8);
    JsonNode second = JSON.readTree(written.get(2));
    assertThat(second.get("commandId").textValue()).isEqualTo("job-2#1");
    assertThat(second.get("action").textValue()).isEqualTo(Action.ALLOCATE.name());
    assertThat(second.get("waitMillis").longValue()).isEqualTo(90_000);
    assertThat(second.get("shards").get(0).get("nodeId").textValue()).isEqualTo("machine");
  }

  @Test
  void reportsInTheNamesOfTheContract() throws IOException {
    JsonNode report = JSON.readTree(run(small(), fcfs()).toJson());

    assertThat(report.at("/trace/tasks").intValue()).isEqualTo(4);
    assertThat(report.at("/trace/spanSeconds").doubleValue()).isEqualTo(50);
    assertThat(report.at("/learning/byLearner/prior/accuracy").isNumber()).isTrue();
    assertThat(report.at("/allocation/policy/ordering").textValue()).isEqualTo("FCFS");
    assertThat(report.at("/allocation/gpuAllocationRatio").isMissingNode()).isTrue();
    assertThat(report.at("/invariants/violated").isNumber()).isTrue();
  }

  @Property(tries = 40)
  void bringsEveryTaskToAnEndOrSaysWhyNot(@ForAll long seed) {
    EvaluationReport report = run(randomTrace(seed), randomOptions(seed), unreliable(seed));
    AllocationReport allocation = allocation(report);

    assertThat(report.invariants())
        .satisfies(
            checks -> {
              assertThat(checks.firstViolation()).isNull();
              assertThat(checks.violated()).isZero();
              assertThat(checks.checked()).isPositive();
            });
    assertThat(allocation.allocated() + allocation.rejected())
        .isLessThanOrEqualTo(report.trace().tasks());
    assertThat(allocation.allocated() + allocation.rejected() + allocation.pending())
        .isGreaterThanOrEqualTo(report.trace().tasks());
  }

  /** Ends that come exactly when they were expected, or when a deadline is due, among them. */
  @Property(tries = 100)
  void leavesNobodyWaitingOnAnEmptyMachine(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    TraceTask[] tasks = new TraceTask[40];
    for (int i = 0; i < tasks.length; i++) {
      int at = random.nextInt(300);
      TraceTask task = task("t" + i, at, 1 + random.nextInt(8), 10L * (1 + random.nextInt(12)));
      tasks[i] = random.nextInt(4) == 0 ? due(task, at + 10 * random.nextInt(60)) : task;
    }
    EvaluationOptions options = randomOptions(seed);
    PoolPolicy policy =
        options
            .policy()
            .withMaxQueued(1000)
            .withRejectAfterDeadline(random.nextBoolean())
            .withRightSizing(RightSizing.defaults());

    AllocationReport report =
        allocation(run(trace(List.of(node(8)), tasks), options.withPolicy(policy)));

    assertThat(report.pending()).isZero();
    assertThat(report.allocated() + report.rejected()).isEqualTo(tasks.length);
  }

  private static Trace randomTrace(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<TraceNode> nodes = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(4); i++) {
      nodes.add(
          TraceNode.of(
              "n" + i,
              "p",
              new Resources(1000L * (1 + random.nextInt(8)), 4096, 2, 1000, 0),
              "T4"));
    }
    TraceTask[] tasks = new TraceTask[60];
    for (int i = 0; i < tasks.length; i++) {
      TraceTask task =
          task("t" + i, random.nextInt(3600), 1 + random.nextInt(9), random.nextInt(900));
      if (random.nextInt(4) == 0) {
        task = using(task, random.nextInt(4_000), 1 + random.nextInt(5_000));
      }
      tasks[i] = random.nextInt(10) == 0 ? cancelled(task, random.nextInt(7200)) : task;
    }
    return trace(nodes, tasks);
  }

  private static EvaluationOptions randomOptions(long seed) {
    SplittableRandom random = new SplittableRandom(seed + 1);
    Placement[] placements = Placement.values();
    Ordering[] orderings = Ordering.values();
    Backfill[] backfills = Backfill.values();
    Mode[] modes = Mode.values();
    return EvaluationOptions.defaults()
        .withPolicy(
            PoolPolicy.defaults()
                .withOrdering(orderings[random.nextInt(orderings.length)])
                .withPlacement(placements[random.nextInt(placements.length)])
                .withBackfill(backfills[random.nextInt(backfills.length)])
                .withPatience(Duration.ofMinutes(1 + random.nextInt(300)))
                .withMaxQueued(random.nextInt(3) == 0 ? random.nextInt(20) : 1000)
                .withRightSizing(
                    RightSizing.defaults().withMode(modes[random.nextInt(modes.length)]))
                .withSeed(seed));
  }

  private static Settings unreliable(long seed) {
    return new Settings(
        Duration.ofSeconds(20),
        Duration.ofMillis(500),
        1,
        true,
        Duration.ofMinutes(40),
        Duration.ofMinutes(5),
        seed);
  }

  private static EvaluationReport general(long seed, int tasks) throws IOException {
    Scenario scenario = Scenario.read(Path.of("../config/scenarios/general.yaml"));
    ScenarioWorld world = new ScenarioWorld(scenario, seed, Pace.natural());
    return run(
        world.trace(tasks), fcfs(), world.agents(Duration.ofSeconds(30), Duration.ofSeconds(1)));
  }

  private static Trace small() throws IOException {
    return SwfTrace.read(TRACES.resolve("small.swf"), Protocol.SCHEDULING);
  }

  private static Trace trace(List<TraceNode> nodes, TraceTask... tasks) {
    return new Trace(
        "by hand", List.of(tasks), nodes, EnumSet.allOf(Dimension.class), true, LineCount.NONE);
  }

  private static TraceNode node(int cores) {
    return TraceNode.of("n", "p", new Resources(cores * 1000L, 4096, 0, 0, 0), null);
  }

  private static TraceTask task(String id, long atSeconds, int cores, long runsSeconds) {
    Resources asked = new Resources(cores * 1000L, 100, 0, 0, 0);
    TaskRequest request =
        new TaskRequest(
            id,
            "ann",
            "query",
            Instant.ofEpochSecond(atSeconds),
            asked,
            null,
            0,
            Qos.BURSTABLE,
            null,
            1,
            1,
            List.of());
    TaskTruth truth = new TaskTruth(runsSeconds * 1000, End.SUCCEEDED, asked, asked, null);
    return new TraceTask("p", request, 0, new TreeMap<>(), null, truth);
  }

  private static TraceTask using(TraceTask task, long cpuMillis, long memoryMib) {
    Resources used = new Resources(cpuMillis, memoryMib, 0, 0, 0);
    TaskTruth truth = task.truth();
    return task.withTruth(new TaskTruth(truth.durationMillis(), truth.end(), used, used, null));
  }

  private static TraceTask due(TraceTask task, long atSeconds) {
    TaskRequest request = task.request();
    TaskRequest withDeadline =
        new TaskRequest(
            request.taskId(),
            request.tenant(),
            request.taskType(),
            request.submittedAt(),
            request.request(),
            null,
            0,
            request.qos(),
            Instant.ofEpochSecond(atSeconds),
            1,
            1,
            List.of());
    return new TraceTask("p", withDeadline, 0, new TreeMap<>(), null, task.truth());
  }

  private static TraceTask cancelled(TraceTask task, long atSeconds) {
    return new TraceTask(
        task.pool(),
        task.request(),
        task.inputBytes(),
        task.attributes(),
        Instant.ofEpochSecond(atSeconds),
        task.truth());
  }

  private static EvaluationOptions fcfs() {
    EvaluationOptions defaults = EvaluationOptions.defaults();
    return defaults.withPolicy(defaults.policy().withOrdering(Ordering.FCFS));
  }

  private static EvaluationOptions fcfs(Labels labels) {
    return fcfs().withLabels(labels);
  }

  private static EvaluationOptions placing(EvaluationOptions options, Placement placement) {
    return options.withPolicy(options.policy().withPlacement(placement));
  }

  private static EvaluationReport run(Trace trace, EvaluationOptions options) {
    return run(trace, options, Settings.faultless());
  }

  private static EvaluationReport run(Trace trace, EvaluationOptions options, Settings agents) {
    return new Evaluation(trace, options, agents, () -> 0, DecisionSink.NONE, Progress.NONE).run();
  }

  private static AllocationReport allocation(EvaluationReport report) {
    return given(report.allocation());
  }

  private static long violations(EvaluationReport report) {
    return given(report.invariants()).violated();
  }

  private static double logLoss(EvaluationReport report) {
    return given(report.learning().logLoss());
  }

  private static <T> T given(@Nullable T value) {
    if (value == null) {
      throw new AssertionError("absent from the report");
    }
    return value;
  }
}
