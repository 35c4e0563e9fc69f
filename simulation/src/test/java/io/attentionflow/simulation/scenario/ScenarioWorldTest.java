package io.attentionflow.simulation.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attentionflow.simulation.scenario.ScenarioWorld.Arrival;
import io.attentionflow.simulation.scenario.ScenarioWorld.Pace;
import io.attentionflow.simulation.trace.TraceTask;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ScenarioWorldTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void makesTheSameTasksForTheSameSeed() throws IOException {
    assertThat(tasks(7, new Pace(START, 1, 1), 500))
        .isEqualTo(tasks(7, new Pace(START, 1, 1), 500))
        .isNotEqualTo(tasks(8, new Pace(START, 1, 1), 500));
  }

  @Test
  void makesTasksInOrderOfSubmissionUnderIdsOfTheirOwn() throws IOException {
    List<TraceTask> tasks = tasks(7, Pace.natural(), 2000);

    assertThat(tasks).isSortedAccordingTo((a, b) -> a.submittedAt().compareTo(b.submittedAt()));
    assertThat(tasks).extracting(TraceTask::taskId).doesNotHaveDuplicates();
  }

  @Test
  void leavesRunTimesAloneWhenTheWorldRunsFaster() throws IOException {
    List<TraceTask> slow = tasks(7, new Pace(START, 1, 1), 500);
    List<TraceTask> fast = tasks(7, new Pace(START, 1, 600), 500);

    assertThat(fast)
        .extracting(task -> task.truth().durationMillis())
        .isEqualTo(slow.stream().map(task -> task.truth().durationMillis()).toList());
    assertThat(fast)
        .extracting(task -> task.request().requestedDuration())
        .isEqualTo(slow.stream().map(task -> task.request().requestedDuration()).toList());
    assertThat(took(slow).toMillis() / 600.0)
        .isCloseTo((double) took(fast).toMillis(), within(2.0));
  }

  @Test
  void submitsMoreOftenAtAHigherRate() throws IOException {
    double once = took(tasks(7, new Pace(START, 1, 1), 3000)).toMillis();
    double thrice = took(tasks(7, new Pace(START, 3, 1), 3000)).toMillis();

    assertThat(once / thrice).isCloseTo(3, within(0.5));
  }

  @Test
  void makesAGeneralWorldThatAGoodModelCanMostlyForesee() throws IOException {
    Scenario general = general();
    for (long seed = 1; seed <= 3; seed++) {
      ScenarioWorld world = new ScenarioWorld(general, seed, Pace.natural());
      int tasks = 40_000;
      int[] classes = new int[4];
      int foreseen = 0;
      for (int i = 0; i < tasks; i++) {
        Arrival arrival = world.next();
        int truth = classOf(arrival.task().truth().durationMillis());
        classes[truth]++;
        foreseen += arrival.bestClass(60, 600, 7200) == truth ? 1 : 0;
      }

      assertThat(foreseen / (double) tasks).as("seed %d", seed).isBetween(0.95, 0.975);
      assertThat(Arrays.stream(classes).max().orElse(0) / (double) tasks)
          .as("seed %d", seed)
          .isBetween(0.35, 0.47);
    }
  }

  @Test
  void foreseesTheClassThatHoldsMostOfTheRunTimesDistribution() {
    assertThat(arrival(10, 0.5).bestClass(60, 600)).isZero();
    assertThat(arrival(61, 0).bestClass(60, 600)).isEqualTo(1);
    assertThat(arrival(60, 0).bestClass(60, 600)).isZero();
    // Half of it is below 60, a hair less than half between, and the rest beyond.
    assertThat(arrival(60, 2).bestClass(60, 6000)).isZero();
    assertThat(arrival(1e6, 3).bestClass(60, 600)).isEqualTo(2);
  }

  private static Arrival arrival(double medianSeconds, double spread) {
    try {
      TraceTask any = new ScenarioWorld(general(), 1, Pace.natural()).next().task();
      return new Arrival(any, medianSeconds, spread);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static int classOf(long durationMillis) {
    return durationMillis <= 60_000
        ? 0
        : durationMillis <= 600_000 ? 1 : durationMillis <= 7_200_000 ? 2 : 3;
  }

  private static Duration took(List<TraceTask> tasks) {
    return Duration.between(START, tasks.get(tasks.size() - 1).submittedAt());
  }

  private static List<TraceTask> tasks(long seed, Pace pace, int count) throws IOException {
    ScenarioWorld world = new ScenarioWorld(general(), seed, pace);
    return Stream.generate(() -> world.next().task()).limit(count).toList();
  }

  private static Scenario general() throws IOException {
    return Scenario.read(Path.of("../config/scenarios/general.yaml"));
  }
}
