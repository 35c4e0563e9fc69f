package io.attentionflow.allocation.shadow;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.attentionflow.allocation.Command;
import io.attentionflow.allocation.Command.Action;
import io.attentionflow.allocation.InMemoryPoolStore;
import io.attentionflow.allocation.PoolEngine;
import io.attentionflow.allocation.PoolEvent;
import io.attentionflow.allocation.PoolEvent.NodeJoined;
import io.attentionflow.allocation.PoolEvent.NodeLeft;
import io.attentionflow.allocation.PoolEvent.Outcome;
import io.attentionflow.allocation.PoolEvent.PolicyChanged;
import io.attentionflow.allocation.PoolEvent.TaskCancelled;
import io.attentionflow.allocation.PoolEvent.TaskStarted;
import io.attentionflow.allocation.PoolEvent.TaskStopped;
import io.attentionflow.allocation.PoolEvent.TaskSubmitted;
import io.attentionflow.allocation.PoolInvariants;
import io.attentionflow.allocation.PoolOutput;
import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.PoolPolicy.Ordering;
import io.attentionflow.allocation.PoolPolicy.Placement;
import io.attentionflow.allocation.Prediction;
import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Reason;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.TaskRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ShadowPoolTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final PoolPolicy FCFS =
      PoolPolicy.defaults().withOrdering(Ordering.FCFS).withPlacement(Placement.LEAST_CONNECTION);
  private static final PoolPolicy BY_PRIORITY = FCFS.withOrdering(Ordering.PRIORITY);

  private final InMemoryPoolStore realStore = new InMemoryPoolStore();
  private final InMemoryPoolStore shadowStore = new InMemoryPoolStore();
  private final InMemoryRuns runs = new InMemoryRuns();
  private final List<Command> real = new ArrayList<>();
  private final List<Command> shadowed = new ArrayList<>();
  private final PoolEngine engine = new PoolEngine(FCFS, realStore);
  private @Nullable ShadowPool shadow;

  @Test
  void decidesOtherwiseByAnotherPolicyAndCommandsNobody() {
    begin(BY_PRIORITY);
    happens(joined("n", 1, 0));
    happens(submitted("first", 1, 0, 1));
    happens(submitted("humble", 1, 0, 2), submitted("urgent", 1, 9, 3));
    happens(started("first", 1, "n", 4), stopped("first", 1, "n", 60));

    assertThat(last(real).task().taskId()).isEqualTo("humble");
    assertThat(last(shadowed).task().taskId()).isEqualTo("urgent");
    assertThat(last(shadowed).action()).isEqualTo(Action.ALLOCATE);
  }

  @Test
  void letsATaskRunForAsLongAsItReallyRan() {
    happens(joined("n", 1, 0), submitted("first", 1, 0, 1));
    begin(BY_PRIORITY);
    happens(submitted("humble", 1, 0, 2), submitted("urgent", 1, 9, 3));
    happens(started("first", 1, "n", 10), stopped("first", 1, "n", 60));
    happens(started("humble", 1, "n", 70), stopped("humble", 1, "n", 80));
    happens(started("urgent", 1, "n", 90), stopped("urgent", 1, "n", 120));

    // In the shadow first runs from 1 on, and nothing else moves its time: it is over at 51.
    assertThat(shadowed)
        .extracting(command -> command.id() + " " + seconds(command))
        .containsExactly(
            "first#1/RELEASE 51",
            "urgent#1 51",
            "urgent#1/RELEASE 81",
            "humble#1 81",
            "humble#1/RELEASE 91");
  }

  private static long seconds(Command command) {
    return Duration.between(NOON, command.decidedAt()).toSeconds();
  }

  @Test
  void cancelsAndLosesWithTheRealPool() {
    happens(joined("n", 2, 0), submitted("a", 1, 0, 1), submitted("b", 1, 0, 1));
    begin(BY_PRIORITY);
    happens(new TaskCancelled("a", at(5)));
    happens(new NodeLeft("n", at(6)));

    assertThat(shadowed)
        .extracting(Command::id, Command::reason)
        .containsExactly(
            tuple("a#1/RELEASE", Reason.CANCELLED), tuple("b#1/PREEMPT", Reason.NODE_LEFT));
  }

  @Test
  void endsWhatTheRealPoolGaveUpAsWasExpectedOfIt() {
    happens(new PolicyChanged(FCFS.withMaxQueued(0).withVersion(1), NOON));
    happens(joined("n", 1, 0), submitted("a", 1, 0, 1));
    begin(FCFS);
    happens(submitted("b", 1, 0, 2));
    assertThat(last(real).reason()).isEqualTo(Reason.QUEUE_FULL);
    happens(started("a", 1, "n", 3), stopped("a", 1, "n", 10));
    assertThat(last(shadowed).id()).isEqualTo("b#1");

    shadowDue(10 + 30);

    assertThat(last(shadowed).id()).isEqualTo("b#1/RELEASE");
    assertThat(runs.size()).isZero();
  }

  @Test
  void refusesToBeginWithNothing() {
    assertThatThrownBy(() -> new ShadowPool(shadowStore, runs))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void decidesTheSameByTheSamePolicy() {
    for (long seed = 0; seed < 20; seed++) {
      var world = new World(seed, FCFS, FCFS);
      world.run(400);

      assertThat(world.shadowed)
          .as("seed %d", seed)
          .isEqualTo(world.real.subList(world.realBefore, world.real.size()));
      assertThat(world.shadowed).hasSizeGreaterThan(100);
    }
  }

  @Test
  void keepsAllInvariantsAndGoesOnFromWhatIsKept() {
    for (long seed = 0; seed < 20; seed++) {
      List<Placement> placements = List.of(Placement.values());
      PoolPolicy other =
          BY_PRIORITY.withPlacement(placements.get((int) (seed % placements.size())));
      var whole = new World(seed, FCFS, other);
      whole.run(400);
      var restarted = new World(seed, FCFS, other);
      restarted.restarts = new Random(seed);
      restarted.run(400);

      assertThat(whole.violations).as("seed %d", seed).isEmpty();
      assertThat(restarted.shadowed).as("seed %d", seed).isEqualTo(whole.shadowed);
      assertThat(whole.shadowed).isNotEqualTo(whole.real);
    }
  }

  /** Agents that start at once, report what they run, and lose a node now and then. */
  private static final class World {
    private final Random random;
    private final PoolPolicy shadowPolicy;
    private final PoolEngine engine;
    private final InMemoryPoolStore realStore = new InMemoryPoolStore();
    private final InMemoryPoolStore shadowStore = new InMemoryPoolStore();
    private final InMemoryRuns runs = new InMemoryRuns();
    private final PriorityQueue<PoolEvent> due =
        new PriorityQueue<>(Comparator.comparing(PoolEvent::at));
    private final List<Command> real = new ArrayList<>();
    private final List<Command> shadowed = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private final PoolInvariants invariants = new PoolInvariants();
    private final boolean faults;
    private int realBefore;
    private @Nullable ShadowPool shadow;
    private @Nullable Random restarts;

    World(long seed, PoolPolicy policy, PoolPolicy shadowPolicy) {
      random = new Random(seed);
      this.shadowPolicy = shadowPolicy;
      engine = new PoolEngine(policy, realStore);
      faults = !policy.equals(shadowPolicy);
      for (int i = 0; i < 4; i++) {
        due.add(joined("n" + i, 2 + i, 0));
      }
    }

    void run(int tasks) {
      ShadowPool.copy(realStore, shadowPolicy, shadowStore, runs);
      shadow = new ShadowPool(shadowStore, runs, this::watch);
      long second = 1;
      for (int i = 0; i < tasks; i++) {
        second += random.nextInt(6);
        due.add(submitted("t" + i, 1 + random.nextInt(2), random.nextInt(3), second));
        if (faults && random.nextInt(50) == 0) {
          String node = "n" + random.nextInt(4);
          due.add(new NodeLeft(node, at(second)));
          due.add(joined(node, 1 + random.nextInt(5), second + 20));
        }
      }
      while (!due.isEmpty()) {
        happens(due.remove());
      }
    }

    private void happens(PoolEvent event) {
      List<PoolOutput> answered = engine.on(event);
      for (PoolOutput output : answered) {
        if (output instanceof Commanded commanded) {
          obey(commanded.command());
        }
      }
      if (restarts != null && restarts.nextInt(20) == 0) {
        shadow = new ShadowPool(shadowStore, runs, this::watch);
      }
      for (PoolOutput output : requireNonNull(shadow).on(event, answered)) {
        if (output instanceof Commanded commanded) {
          shadowed.add(commanded.command());
        }
      }
    }

    private void obey(Command command) {
      real.add(command);
      if (command.action() == Action.ALLOCATE) {
        Instant now = command.decidedAt();
        String node = command.shards().get(0).nodeId();
        String task = command.task().taskId();
        due.add(new TaskStarted(task, command.generation(), 0, node, now));
        Outcome outcome = random.nextInt(10) == 0 ? Outcome.FAILED : Outcome.SUCCEEDED;
        Instant end = now.plusSeconds(1 + random.nextInt(40));
        due.add(new TaskStopped(task, command.generation(), 0, node, outcome, end));
      }
    }

    private void watch(PoolEvent event, List<PoolOutput> outputs) {
      violations.addAll(invariants.after(event, outputs));
    }
  }

  private void begin(PoolPolicy policy) {
    ShadowPool.copy(realStore, policy, shadowStore, runs);
    shadow = new ShadowPool(shadowStore, runs);
  }

  private void happens(PoolEvent... events) {
    for (PoolEvent event : events) {
      List<PoolOutput> answered = engine.on(event);
      collect(answered, real);
      if (shadow != null) {
        collect(shadow.on(event, answered), shadowed);
      }
    }
  }

  private void shadowDue(long second) {
    collect(requireNonNull(shadow).on(new PoolEvent.TimePassed(at(second)), List.of()), shadowed);
  }

  private static void collect(List<PoolOutput> outputs, List<Command> commands) {
    for (PoolOutput output : outputs) {
      if (output instanceof Commanded commanded) {
        commands.add(commanded.command());
      }
    }
  }

  private static Command last(List<Command> commands) {
    return commands.get(commands.size() - 1);
  }

  private static Instant at(long second) {
    return NOON.plusSeconds(second);
  }

  private static PoolEvent joined(String nodeId, int cores, long second) {
    return new NodeJoined(nodeId, new Resources(cores * 1000L, 0, 0, 0, 0), null, at(second));
  }

  private static PoolEvent submitted(String taskId, int cores, int priority, long second) {
    return new TaskSubmitted(
        new TaskRequest(
            taskId,
            "tenant",
            "type",
            at(second),
            new Resources(cores * 1000L, 0, 0, 0, 0),
            null,
            priority,
            Qos.BURSTABLE,
            null,
            1,
            1,
            List.of()),
        new Prediction("LIGHT", List.of(), List.of(), Duration.ofSeconds(30), null, null, null, 1),
        at(second));
  }

  private static PoolEvent started(String taskId, int generation, String nodeId, long second) {
    return new TaskStarted(taskId, generation, 0, nodeId, at(second));
  }

  private static PoolEvent stopped(String taskId, int generation, String nodeId, long second) {
    return new TaskStopped(taskId, generation, 0, nodeId, Outcome.SUCCEEDED, at(second));
  }
}
