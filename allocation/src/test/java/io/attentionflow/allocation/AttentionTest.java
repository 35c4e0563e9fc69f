package io.attentionflow.allocation;

import static io.attentionflow.allocation.Pools.at;
import static io.attentionflow.allocation.Pools.cores;
import static io.attentionflow.allocation.Pools.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attentionflow.allocation.Command.Action;
import io.attentionflow.allocation.PoolEvent.NodeJoined;
import io.attentionflow.allocation.PoolEvent.Outcome;
import io.attentionflow.allocation.PoolEvent.TaskStopped;
import io.attentionflow.allocation.PoolEvent.TaskSubmitted;
import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.allocation.PoolPolicy.Ordering;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class AttentionTest {

  private static final Prediction LIGHT = expected("LIGHT", 10);
  private static final Prediction HEAVY = expected("HEAVY", 10);

  private static final PoolPolicy POLICY = PoolPolicy.defaults().withOrdering(Ordering.ATTENTION);

  private static Prediction expected(String complexity, long seconds) {
    return Pools.ofClass(complexity, Pools.runs(Duration.ofSeconds(seconds), null));
  }

  /** One node; every task runs for as long as it is expected to. */
  private static final class World {
    final List<Commanded> placed = new ArrayList<>();
    final Map<String, Instant> startedAt = new HashMap<>();
    private final PoolEngine engine;
    private final PriorityQueue<TaskStopped> ends =
        new PriorityQueue<>(
            Comparator.comparing(TaskStopped::at).thenComparing(TaskStopped::taskId));

    World(PoolPolicy policy, long cores) {
      engine = new PoolEngine(policy, new InMemoryPoolStore());
      hear(new NodeJoined("a", Pools.cores(cores), null, at(0)));
    }

    void submit(Pools.Ask ask, Prediction prediction, long second) {
      passUntil(second);
      hear(new TaskSubmitted(ask.submittedAt(at(second)).build(), prediction, at(second)));
    }

    void passUntil(long second) {
      while (!ends.isEmpty() && !ends.peek().at().isAfter(at(second))) {
        hear(ends.remove());
      }
    }

    private void hear(PoolEvent event) {
      for (PoolOutput output : engine.on(event)) {
        if (output instanceof Commanded commanded
            && commanded.command().action() == Action.ALLOCATE) {
          placed.add(commanded);
          Command command = commanded.command();
          startedAt.put(command.task().taskId(), command.decidedAt());
          Duration runs = commanded.decision().prediction().expectedDuration();
          ends.add(
              new TaskStopped(
                  command.task().taskId(),
                  command.generation(),
                  0,
                  "a",
                  Outcome.SUCCEEDED,
                  command.decidedAt().plus(runs == null ? Duration.ZERO : runs)));
        }
      }
    }

    List<String> order() {
      return placed.stream().map(commanded -> commanded.command().task().taskId()).toList();
    }
  }

  @Test
  void startsOfTheClassThatHoldsTheLeastAgainstItsShare() {
    World world = new World(POLICY, 4);
    for (int i = 0; i < 4; i++) {
      world.submit(task("fills-" + i), LIGHT, 1);
    }
    world.submit(task("light"), LIGHT, 2);
    world.submit(task("heavy"), HEAVY, 3);

    world.passUntil(11);

    assertThat(world.order()).containsSubsequence("heavy", "light");
  }

  @Test
  void lendsWhatNobodyElseAsksFor() {
    World world = new World(POLICY, 4);

    for (int i = 0; i < 4; i++) {
      world.submit(task("light-" + i), LIGHT, 1);
    }

    assertThat(world.order()).hasSize(4);
  }

  @Test
  void asksOtherClassesWhileThereIsNoRoomForTheFirst() {
    World world = new World(POLICY, 4);
    world.submit(task("fills").asking(cores(3)), LIGHT, 1);
    world.submit(task("wide").asking(cores(4)), HEAVY, 2);

    world.submit(task("small"), LIGHT, 3);

    assertThat(world.order()).containsExactly("fills", "small");
    assertThat(world.placed.get(1).decision().overtook()).isEqualTo("wide");
  }

  @Test
  void letsNobodyPastWhoIsOutOfPatience() {
    World world = new World(POLICY.withPatience(Duration.ofSeconds(20)), 4);
    world.submit(task("fills").asking(cores(3)), expected("LIGHT", 60), 1);
    world.submit(task("wide").asking(cores(4)), HEAVY, 2);

    world.submit(task("small"), LIGHT, 22);
    world.passUntil(61);

    assertThat(world.order()).containsExactly("fills", "wide");
  }

  @Test
  void saysShareAndTemperatureOfEveryChoice() {
    World world = new World(POLICY, 1);
    world.submit(task("fills"), LIGHT, 1);
    world.submit(task("light"), LIGHT, 1);
    world.submit(task("important").ofPriority(10), HEAVY, 1);

    world.passUntil(11);

    Decision decision = world.placed.get(1).decision();
    assertThat(world.order().get(1)).isEqualTo("important");
    assertThat(decision.attentionShare()).isBetween(0.5, 1.0);
    assertThat(decision.temperature()).isBetween(0.5, 4.0);
  }

  @Test
  void coolsWhileThePoolIsFull() {
    World world = new World(POLICY, 2);
    for (int i = 0; i < 400; i++) {
      world.submit(task("t" + i), LIGHT, i);
    }

    assertThat(world.placed.get(world.placed.size() - 1).decision().temperature())
        .isLessThan(world.placed.get(2).decision().temperature())
        .isGreaterThanOrEqualTo(0.5);
  }

  /** Twice as much important work as there is room for, without end. */
  @Test
  void startsEveryUnimportantTaskWithinTheBoundUnderAFlood() {
    Duration patience = Duration.ofSeconds(90);
    World world = new World(POLICY.withPatience(patience), 4);
    List<String> unimportant = new ArrayList<>();
    for (int second = 1; second <= 1200; second++) {
      if (second % 5 < 4) {
        world.submit(
            task("important-" + second).ofPriority(10), second % 2 == 0 ? LIGHT : HEAVY, second);
      }
      if (second % 60 == 0) {
        unimportant.add("unimportant-" + second);
        world.submit(task("unimportant-" + second).ofPriority(-10), HEAVY, second);
      }
    }

    // A place comes free every 2.5 s; all that wait for longer than others go first.
    for (String taskId : unimportant.subList(0, 17)) {
      int submitted = Integer.parseInt(taskId.substring("unimportant-".length()));
      assertThat(world.startedAt).containsKey(taskId);
      assertThat(Duration.between(at(submitted), world.startedAt.get(taskId)))
          .as(taskId)
          .isLessThanOrEqualTo(patience.plusSeconds(10));
    }
  }

  @Nested
  class AtSaturation {

    private static final long CORES = 100;

    /** Two cores a second come free, and each class alone asks for more than that. */
    @Test
    void givesEachClassItsShareWithinFivePoints() {
      World world = new World(POLICY, CORES);
      List<Prediction> classes =
          List.of(expected("LIGHT", 20), expected("HEAVY", 40), expected("EXTREME", 50));
      int[] priorities = {4, 0, 2};
      for (int second = 1; second <= 900; second++) {
        for (int k = 0; k < 3; k++) {
          for (int n = 0; n < 6; n++) {
            String taskId = "%d-%d-%d".formatted(second, k, n);
            world.submit(task(taskId).ofPriority(priorities[k]), classes.get(k), second);
          }
        }
      }

      Map<String, Double> meant = new HashMap<>();
      Map<String, Double> held = new HashMap<>();
      Map<String, Integer> decisions = new HashMap<>();
      for (Commanded placed : world.placed) {
        long second = Duration.between(at(0), placed.command().decidedAt()).toSeconds();
        String complexity = placed.command().complexity();
        Double share = placed.decision().attentionShare();
        if (second > 840 && share != null) {
          meant.merge(complexity, share, Double::sum);
          decisions.merge(complexity, 1, Integer::sum);
        }
        Duration runs = placed.decision().prediction().expectedDuration();
        long until = second + (runs == null ? 0 : runs.toSeconds());
        double seconds = Math.max(0, Math.min(900, until) - Math.max(840, second));
        held.merge(complexity, seconds / (60 * CORES), Double::sum);
      }

      assertThat(held.values().stream().mapToDouble(share -> share).sum())
          .isCloseTo(1, within(0.01));
      decisions.forEach(
          (complexity, count) ->
              assertThat(held.get(complexity))
                  .as(complexity)
                  .isCloseTo(Objects.requireNonNull(meant.get(complexity)) / count, within(0.05)));
      assertThat(decisions).hasSize(3);
    }
  }

  @Nested
  class ClassQueuesByDeadline {

    private final World world = new World(POLICY.withOrdering(Ordering.CQED), 1);

    private void submit(String taskId, int priority, Prediction prediction) {
      world.submit(task(taskId).ofPriority(priority), prediction, 2);
    }

    @Test
    void putsPriorityFirstThenTheLighterClassThenTheDeadline() {
      world.submit(task("fills"), LIGHT, 1);
      submit("heavy", 0, HEAVY);
      submit("longer", 0, expected("LIGHT", 30));
      submit("light", 0, LIGHT);
      world.submit(task("due").dueBy(at(400)), expected("LIGHT", 30), 2);
      submit("important", 1, HEAVY);

      world.passUntil(1000);

      assertThat(world.order())
          .containsExactly("fills", "important", "due", "light", "longer", "heavy");
    }
  }
}
