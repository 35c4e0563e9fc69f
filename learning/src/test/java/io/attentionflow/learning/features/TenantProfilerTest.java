package io.attentionflow.learning.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TenantProfilerTest {

  private static final long MINUTE = 60_000;
  private static final byte NONE = RunCode.NONE;
  private static final Renewal RENEWAL = new Renewal(50, 1000);

  private final OpenTasksInMemory openTasks = new OpenTasksInMemory();
  private final TenantHistory history = new TenantHistory(4);
  private final TenantProfiler profiler =
      new TenantProfiler(ComplexityScale.DEFAULT, history, openTasks);

  @Test
  void knowsNothingOfATenantItNeverSaw() {
    Profile profile = submit("a", 0);

    assertThat(profile.features().runs()).containsOnly(RunCode.NONE);
    assertThat(profile.expectedPeakMemoryMib()).isNull();
    assertThat(number(profile, NumberFeature.LAST_RUN)).isNaN();
    assertThat(number(profile, NumberFeature.SINCE_LAST_SUBMISSION)).isNaN();
    assertThat(profile.features().evidence()).containsOnly(0);
  }

  @Test
  void fitsItsSchema() {
    FeatureSchema.ofTasks(ComplexityScale.DEFAULT).check(submit("a", 0).features());
  }

  @Test
  void teachesWhatWasKnownAtSubmission() {
    Profile profile = submit("a", 0);
    submit("b", MINUTE);
    profiler.started("a", 2 * MINUTE);

    LabelledExample example = end("a", 2 * MINUTE, 5 * MINUTE);

    assertThat(example)
        .isEqualTo(new LabelledExample("a", profile.features(), 1, 5 * MINUTE, 7 * MINUTE));
  }

  @Test
  void answersADuplicateAsBeforeAndChangesNothing() throws IOException {
    Profile first = submit("a", 0);
    end("b", 0, MINUTE);
    byte[] before = written(history);

    assertThat(submit("a", 9 * MINUTE)).isSameAs(first);
    assertThat(written(history)).isEqualTo(before);
  }

  @Test
  void learnsNothingFromUnknownAndRepeatedEnds() throws IOException {
    submit("a", 0);
    end("a", 0, MINUTE);
    byte[] before = written(history);

    assertThat(profiler.ended("a", ranFor(0, MINUTE))).isNull();
    assertThat(profiler.ended("nobody", ranFor(0, MINUTE))).isNull();
    assertThat(written(history)).isEqualTo(before);
  }

  @Test
  void learnsNoClassFromWhatWasCutShortButWaitsForTheNextTry() {
    submit("a", 0);
    profiler.started("a", MINUTE);

    assertThat(profiler.ended("a", new TaskOutcome(2 * MINUTE, MINUTE, false, 0, 900, 0))).isNull();

    Profile next = submit("b", 3 * MINUTE);
    assertThat(number(next, NumberFeature.RUNNING)).isZero();
    assertThat(number(next, NumberFeature.PREVIOUS_STATE)).isZero();
    assertThat(next.expectedPeakMemoryMib()).isEqualTo(900);
    profiler.started("a", 4 * MINUTE);
    assertThat(end("a", 4 * MINUTE, 30 * MINUTE).label()).isEqualTo(2);
  }

  @Test
  void tellsHowLongWhatRunsHasRunAlready() {
    submit("a", 0);
    profiler.started("a", MINUTE);
    submit("b", 2 * MINUTE);
    profiler.started("b", 3 * MINUTE);

    Profile profile = submit("c", 11 * MINUTE + 30_000);

    assertThat(number(profile, NumberFeature.NEWEST_AGE)).isEqualTo(Math.log(510));
    assertThat(number(profile, NumberFeature.OLDEST_AGE)).isEqualTo(Math.log(630));
    assertThat(number(profile, NumberFeature.PREVIOUS_STATE)).isEqualTo(1);
    assertThat(number(profile, NumberFeature.PREVIOUS_CLASS)).isEqualTo(1);
    assertThat(number(profile, NumberFeature.IN_FLIGHT)).isEqualTo(Math.log1p(2));
  }

  @Test
  void forgetsWhatWillNotEnd() {
    submit("a", 0);
    profiler.forget("a");

    assertThat(profiler.ended("a", ranFor(0, MINUTE))).isNull();
    assertThat(number(submit("b", MINUTE), NumberFeature.IN_FLIGHT)).isZero();
  }

  @Test
  void doubtsWhatIsNotHeardOfForTooLong() {
    TenantProfiler impatient =
        new TenantProfiler(
            ComplexityScale.DEFAULT, history, openTasks, new Patience(5 * MINUTE, 60 * MINUTE));
    submit("waits", 0);
    submit("runs", 0);
    profiler.started("runs", MINUTE);

    Profile before = impatient.submitted(facts("before", 5 * MINUTE));
    assertThat(number(before, NumberFeature.IN_FLIGHT)).isEqualTo(Math.log1p(2));

    Profile after = impatient.submitted(facts("after", 10 * MINUTE + 1));
    assertThat(number(after, NumberFeature.IN_FLIGHT)).isEqualTo(Math.log1p(1));
    assertThat(number(after, NumberFeature.RUNNING)).isEqualTo(Math.log1p(1));
    assertThat(number(after, NumberFeature.PREVIOUS_STATE)).isNaN();

    Profile last = impatient.submitted(facts("last", 61 * MINUTE + 1));
    assertThat(number(last, NumberFeature.RUNNING)).isZero();
    assertThat(number(last, NumberFeature.NEWEST_AGE)).isNaN();
    assertThat(end("runs", MINUTE, 90 * MINUTE)).isNotNull();
  }

  @Test
  void expectsTheUsageThatTheSameRequestHadBefore() {
    for (int i = 0; i < 20; i++) {
      submit("t" + i, i * MINUTE);
      profiler.started("t" + i, i * MINUTE);
      profiler.ended("t" + i, new TaskOutcome(i * MINUTE, 5 * MINUTE, true, 700, 2048, 0));
    }

    Profile profile = submit("next", 30 * MINUTE);

    assertThat(profile.expectedPeakCpuMillis()).isEqualTo(700);
    assertThat(profile.expectedPeakMemoryMib()).isEqualTo(2048);
    assertThat(profile.expectedPeakGpuMillis()).isNull();
  }

  @Test
  void promisesGpuWhereItIsAskedFor() {
    for (int i = 0; i < 200; i++) {
      profiler.submitted(withGpu("t" + i, i * MINUTE));
      profiler.ended(
          "t" + i, new TaskOutcome(i * MINUTE + 1, 1, true, 700, 300, 600 + i % 10 * 100));
      profiler.forget("t" + i);
    }

    PeakPromise promised =
        Objects.requireNonNull(profiler.submitted(withGpu("next", 300 * MINUTE)).peakGpuMillis());
    assertThat(promised.p50()).isBetween(950L, 1100L);
    assertThat(promised.p95()).isBetween(1400L, 1500L);
    assertThat(submit("none", 300 * MINUTE).peakGpuMillis()).isNull();
  }

  /** However usage lies within its steps, and also once it has changed. */
  @Property(tries = 20)
  void keepsWhatItPromisesOfPeaks(@ForAll @IntRange(max = 1000) int seed) {
    Random random = new Random(seed);
    TenantProfiler one =
        new TenantProfiler(ComplexityScale.DEFAULT, new TenantHistory(4), new OpenTasksInMemory());
    int kept = 0;
    double most = 900;
    for (int i = 0; i < 3000; i++) {
      if (i % 1000 == 0) {
        most = 200 + 800 * random.nextDouble();
      }
      long used = Math.max(1, Math.round(most * StrictMath.sqrt(random.nextDouble())));
      one.submitted(facts("t" + i, i * MINUTE));
      LabelledExample example =
          one.ended("t" + i, new TaskOutcome(i * MINUTE + 1, 1, true, used, 0, 0));
      one.forget("t" + i);
      JudgedPeak peak = Objects.requireNonNull(example).cpu();
      kept += peak == null || peak.used() <= peak.promised().p95() ? 1 : 0;
    }

    assertThat(kept / 3000.0).isBetween(0.94, 0.96);
  }

  @Test
  void goesOnFromWhatTheReleaseBeforeWrote() throws IOException {
    TenantHistory read;
    OpenTask open;
    try (DataInputStream history = resource("tenant-history-3.bin");
        DataInputStream task = resource("open-task-3.bin")) {
      read = TenantHistory.readFrom(history);
      open = OpenTask.readFrom(task);
      assertThat(history.available() + task.available()).isZero();
    }
    // It had seen 30 tasks of one request that used 700 of 1000 and 300 of 512.
    Profile before = open.profile();
    assertThat(before.peakCpuMillis()).isEqualTo(new PeakPromise(700, 700, 700, 700));
    assertThat(before.peakGpuMillis()).isNull();
    assertThat(open.startedAtMillis()).isEqualTo(31 * MINUTE);

    Profile now =
        new TenantProfiler(ComplexityScale.DEFAULT, read, openTasks)
            .submitted(facts("next", 40 * MINUTE));
    assertThat(now.expectedPeakMemoryMib()).isEqualTo(300);
    assertThat(Objects.requireNonNull(now.peakCpuMillis()).p95()).isEqualTo(700);
    assertThat(Objects.requireNonNull(now.peakMemoryMib()).p95()).isEqualTo(308);
  }

  @Test
  void readsAnOpenTaskThatWasWrittenWithNames() throws IOException {
    try (DataInputStream in = resource("open-task-4.bin")) {
      OpenTask task = OpenTask.readFrom(in);

      assertThat(in.available()).isZero();
      assertThat(task.facts())
          .isEqualTo(
              new TaskFacts(
                  "old",
                  "",
                  "",
                  MINUTE,
                  1000,
                  512,
                  500,
                  3,
                  2 * MINUTE,
                  7,
                  "",
                  10 * MINUTE,
                  42,
                  Map.of()));
      assertThat(KeyFeature.QUEUE.of(task.profile().features())).isEqualTo(Keys.of("fast"));
      assertThat(task.startedAtMillis()).isEqualTo(MINUTE + MINUTE / 2);
    }
  }

  private static DataInputStream resource(String name) {
    return new DataInputStream(
        Objects.requireNonNull(TenantProfilerTest.class.getResourceAsStream(name)));
  }

  @Test
  void tellsTheLastRunTimesOfEachScopeTheNewestFirst() {
    submit("a", 0);
    end("a", 0, MINUTE);
    profiler.submitted(withEstimate("b", MINUTE));
    end("b", MINUTE, 8 * MINUTE);

    byte[] runs = submit("next", 20 * MINUTE).features().runs();

    byte one = RunCode.encode(MINUTE);
    byte eight = RunCode.encode(8 * MINUTE);
    assertThat(runs).hasSize(FeatureVector.SCOPES * FeatureVector.RUNS);
    assertThat(Arrays.copyOf(runs, 3)).as("of the tenant").containsExactly(eight, one, NONE);
    int ofRequest = 3 * FeatureVector.RUNS;
    assertThat(Arrays.copyOfRange(runs, ofRequest, ofRequest + 2))
        .as("of the request")
        .containsExactly(one, NONE);
  }

  @Test
  void knowsMoreOfWhatWaitsOnceAnotherHasEnded() {
    Profile first = submit("first", 0);
    submit("second", MINUTE);
    submit("runs", 2 * MINUTE);
    submit("ends", 3 * MINUTE);
    profiler.started("runs", 3 * MINUTE);
    end("ends", 3 * MINUTE, MINUTE);

    List<WaitingTask> waiting = profiler.waiting(4 * MINUTE, RENEWAL);

    assertThat(waiting).extracting(WaitingTask::taskId).containsExactly("first", "second");
    FeatureVector now = waiting.get(0).features();
    assertThat(now.runs()[0]).isEqualTo(RunCode.encode(MINUTE));
    assertThat(now.keys()).isEqualTo(first.features().keys());
    assertThat(NumberFeature.LAST_RUN.of(now)).isCloseTo(Math.log(60), within(1e-9));
    assertThat(submit("first", 0)).as("what was said at submission").isEqualTo(first);
  }

  @Test
  void looksAtFewOfThoseThatWaitAndNotAllTheTime() {
    for (int i = 0; i < 5; i++) {
      submit("t" + i, i * MINUTE);
    }

    assertThat(profiler.waiting(4 * MINUTE, new Renewal(9, MINUTE)))
        .as("but not the one that has just come")
        .hasSize(4);
    assertThat(profiler.waiting(4 * MINUTE + 1, new Renewal(9, MINUTE))).isEmpty();
    assertThat(profiler.waiting(5 * MINUTE, new Renewal(2, MINUTE)))
        .extracting(WaitingTask::taskId)
        .containsExactly("t0", "t1");
    assertThat(profiler.waiting(6 * MINUTE, new Renewal(0, MINUTE))).isEmpty();
  }

  @Test
  void scalesTheEstimateOfARequestItNeverSaw() {
    for (int i = 0; i < 5; i++) {
      submit("t" + i, 0);
      end("t" + i, 0, 30 * MINUTE);
    }

    // Estimates were two hours, a quarter of which was used.
    Profile profile = profiler.submitted(withEstimate("new", 8 * MINUTE));

    assertThat(number(profile, NumberFeature.SCALED_ESTIMATE))
        .isCloseTo(Math.log(120), within(1e-9));
  }

  @Test
  void staysBelowAKilobyteOnTheWire() throws IOException {
    for (int i = 0; i < 50; i++) {
      submit("t" + i, i * MINUTE);
      end("t" + i, i * MINUTE, i * MINUTE);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    submit("next", 60 * MINUTE).features().writeTo(new DataOutputStream(bytes));

    assertThat(bytes.size()).isLessThan(1024);
  }

  @Test
  void keepsAnOpenTaskAsItIs() throws IOException {
    submit("a", 0);
    profiler.started("a", MINUTE);
    OpenTask task = Objects.requireNonNull(openTasks.get("a"));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    task.writeTo(new DataOutputStream(bytes));

    OpenTask read = OpenTask.readFrom(in(bytes.toByteArray()));

    ByteArrayOutputStream again = new ByteArrayOutputStream();
    read.writeTo(new DataOutputStream(again));
    assertThat(read.facts()).isEqualTo(task.facts());
    assertThat(read.startedAtMillis()).isEqualTo(MINUTE);
    assertThat(again.toByteArray()).isEqualTo(bytes.toByteArray());
  }

  /** Whatever happens, and wherever it is written and read in between. */
  @Property(tries = 100)
  void goesOnAfterReadingAsItWouldHaveWithout(
      @ForAll @Size(max = 60) List<@IntRange(max = 59) Integer> commands,
      @ForAll @IntRange(max = 59) int cut)
      throws IOException {
    OpenTasksInMemory tasks = new OpenTasksInMemory();
    TenantHistory straight = new TenantHistory(4);
    for (int i = 0; i < commands.size(); i++) {
      if (i == cut) {
        break;
      }
      apply(new TenantProfiler(ComplexityScale.DEFAULT, straight, tasks), commands.get(i), i);
    }
    TenantHistory copied = straight.copy();
    TenantHistory read = TenantHistory.readFrom(in(written(straight)));
    assertThat(written(read)).isEqualTo(written(straight));

    TenantProfiler original = new TenantProfiler(ComplexityScale.DEFAULT, straight, tasks);
    Profile expected = original.submitted(facts("probe", 100 * MINUTE));
    tasks.remove("probe");
    for (TenantHistory other : List.of(copied, read)) {
      Profile profile =
          new TenantProfiler(ComplexityScale.DEFAULT, other, tasks)
              .submitted(facts("probe", 100 * MINUTE));
      tasks.remove("probe");
      assertThat(written(profile)).isEqualTo(written(expected));
      assertThat(written(other)).isEqualTo(written(straight));
    }
  }

  private static void apply(TenantProfiler profiler, int command, int step) {
    String taskId = "t" + command % 10;
    long now = step * MINUTE;
    switch (command / 10) {
      case 0, 1 -> profiler.submitted(facts(taskId, now));
      case 2, 3 -> profiler.started(taskId, now);
      case 4 -> profiler.ended(taskId, ranFor(now, command * MINUTE));
      default -> profiler.forget(taskId);
    }
  }

  private Profile submit(String taskId, long atMillis) {
    return profiler.submitted(facts(taskId, atMillis));
  }

  private LabelledExample end(String taskId, long startedAtMillis, long durationMillis) {
    submit(taskId, startedAtMillis);
    return Objects.requireNonNull(profiler.ended(taskId, ranFor(startedAtMillis, durationMillis)));
  }

  private static TaskOutcome ranFor(long startedAtMillis, long durationMillis) {
    return new TaskOutcome(startedAtMillis + durationMillis, durationMillis, true, 0, 0, 0);
  }

  private static TaskFacts facts(String taskId, long atMillis) {
    return GeneratedTasks.facts(taskId, "ann", "batch", 1, atMillis);
  }

  private static TaskFacts withEstimate(String taskId, long estimateMillis) {
    return new TaskFacts(
        taskId,
        "ann",
        "batch",
        0,
        1000,
        512,
        0,
        0,
        estimateMillis,
        0,
        "BURSTABLE",
        null,
        0,
        Map.of());
  }

  private static TaskFacts withGpu(String taskId, long atMillis) {
    return new TaskFacts(
        taskId,
        "ann",
        "train",
        atMillis,
        1000,
        512,
        2000,
        0,
        null,
        0,
        "BURSTABLE",
        null,
        0,
        Map.of());
  }

  private static double number(Profile profile, NumberFeature feature) {
    return feature.of(profile.features());
  }

  private static byte[] written(Profile profile) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    profile.writeTo(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static byte[] written(TenantHistory history) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    history.writeTo(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static DataInputStream in(byte[] bytes) {
    return new DataInputStream(new ByteArrayInputStream(bytes));
  }
}
