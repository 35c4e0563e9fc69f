package io.attentionflow.allocation;

import static io.attentionflow.allocation.Pools.NOON;
import static io.attentionflow.allocation.Pools.cores;
import static io.attentionflow.allocation.Pools.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.Command.Action;
import io.attentionflow.allocation.PoolEvent.NodeDraining;
import io.attentionflow.allocation.PoolEvent.NodeHeartbeat;
import io.attentionflow.allocation.PoolEvent.NodeJoined;
import io.attentionflow.allocation.PoolEvent.Outcome;
import io.attentionflow.allocation.PoolEvent.PolicyChanged;
import io.attentionflow.allocation.PoolEvent.TaskStarted;
import io.attentionflow.allocation.PoolEvent.TaskStopped;
import io.attentionflow.allocation.PoolEvent.TaskSubmitted;
import io.attentionflow.allocation.PoolEvent.TimePassed;
import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.allocation.PoolOutput.WakeAt;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Twenty nodes under a load that stays the same, in virtual time: all that asks for best effort, so
 * that anybody might be moved, with use that goes up and down around what was asked for.
 */
class SteadyLoadTest {

  private static final int NODES = 20;
  private static final int CORES = 16;
  private static final Duration BEAT = Duration.ofSeconds(30);

  private final Random random = new Random(7);
  private final InMemoryPoolStore store = new InMemoryPoolStore();
  private final PoolEngine engine = new PoolEngine(PoolPolicy.defaults(), store);
  private final PoolInvariants invariants = new PoolInvariants();
  private final PriorityQueue<Due> due =
      new PriorityQueue<>(Comparator.comparing(Due::at).thenComparingLong(Due::number));
  private final Map<String, Duration> lengths = new HashMap<>();
  private final List<Command> commands = new ArrayList<>();
  private long number;
  private int submitted;

  /** Something that is to happen. */
  private record Due(Instant at, long number, Runnable what) {}

  private void after(Instant at, Runnable what) {
    due.add(new Due(at, number++, what));
  }

  private void runUntil(Instant end) {
    while (!due.isEmpty() && !due.element().at().isAfter(end)) {
      due.remove().what().run();
    }
  }

  private void tell(PoolEvent event) {
    List<PoolOutput> outputs = engine.on(event);
    assertThat(invariants.after(event, outputs)).isEmpty();
    for (PoolOutput output : outputs) {
      if (output instanceof WakeAt wake) {
        after(wake.at(), () -> tell(new TimePassed(wake.at())));
      } else if (output instanceof Commanded commanded) {
        commands.add(commanded.command());
        if (commanded.command().action() == Action.ALLOCATE) {
          begin(commanded.command());
        }
      }
    }
  }

  private void begin(Command command) {
    String taskId = command.task().taskId();
    String nodeId = command.shards().get(0).nodeId();
    Instant start = command.decidedAt().plusSeconds(1);
    Instant end = start.plus(lengths.get(taskId));
    after(start, () -> tell(new TaskStarted(taskId, command.generation(), 0, nodeId, start)));
    after(
        end,
        () ->
            tell(new TaskStopped(taskId, command.generation(), 0, nodeId, Outcome.SUCCEEDED, end)));
  }

  /**
   * A world in which so much of the pool is asked for on average, by tasks of one to four cores
   * that run for 10 minutes on average.
   */
  private void world(double load) {
    for (int i = 0; i < NODES; i++) {
      String nodeId = "node-%02d".formatted(i);
      tell(new NodeJoined(nodeId, cores(CORES), null, NOON));
      beatFrom(nodeId, NOON.plusMillis(1 + BEAT.toMillis() * i / NODES));
    }
    double perSecond = load * NODES * CORES / (2.5 * 600);
    submitFrom(NOON.plusSeconds(1), perSecond);
  }

  private void beatFrom(String nodeId, Instant at) {
    after(
        at,
        () -> {
          double used = 0;
          for (TaskState task : store.tasks()) {
            for (TaskState.ShardState shard : task.shards()) {
              if (shard.placement().nodeId().equals(nodeId)) {
                used += shard.placement().resources().cpuMillis();
              }
            }
          }
          long cpu = (long) (used * (0.7 + 0.5 * random.nextDouble()));
          tell(new NodeHeartbeat(nodeId, cores(CORES), new Resources(cpu, 0, 0, 0, 0), null, at));
          beatFrom(nodeId, at.plus(BEAT));
        });
  }

  private void submitFrom(Instant at, double perSecond) {
    after(
        at,
        () -> {
          String taskId = "t" + submitted++;
          Duration length = Duration.ofMillis((long) (1_200_000 * random.nextDouble()));
          lengths.put(taskId, length);
          TaskRequest request =
              task(taskId)
                  .asking(cores(1 + random.nextInt(4)))
                  .withQos(Qos.BEST_EFFORT)
                  .submittedAt(at)
                  .build();
          tell(new TaskSubmitted(request, Pools.runs(length, null), at));
          double wait = -Math.log(1 - random.nextDouble()) / perSecond;
          submitFrom(at.plusMillis((long) (wait * 1000)), perSecond);
        });
  }

  private long stopped(Instant since) {
    return commands.stream()
        .filter(command -> command.action() == Action.PREEMPT)
        .filter(command -> !command.decidedAt().isBefore(since))
        .count();
  }

  private boolean isEmpty(String nodeId) {
    for (TaskState task : store.tasks()) {
      if (task.placements().stream().anyMatch(shard -> shard.nodeId().equals(nodeId))) {
        return false;
      }
    }
    return true;
  }

  @Test
  void nothingIsMovedIn24Hours() {
    world(0.8);

    runUntil(NOON.plus(Duration.ofHours(24)));

    assertThat(commands).hasSizeGreaterThan(20_000);
    assertThat(stopped(NOON)).isZero();
  }

  @Test
  void withoutTheGatesTasksWouldBeMovedInTheSameWorld() {
    var hasty =
        new MovePolicy(
            true,
            Displaceable.BEST_EFFORT,
            0.8,
            Duration.ZERO,
            BEAT,
            10,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            1,
            Duration.ofHours(1));
    tell(new PolicyChanged(PoolPolicy.defaults().withMoves(hasty).withVersion(1), NOON));
    world(0.8);

    runUntil(NOON.plus(Duration.ofHours(2)));

    assertThat(stopped(NOON)).isGreaterThan(20);
  }

  @Test
  void aDrainingNodeOfAPoolWithRoomIsEmptiedAndNothingElseIsMoved() {
    world(0.3);
    Instant drained = NOON.plus(Duration.ofHours(1));
    runUntil(drained);
    assertThat(isEmpty("node-03")).isFalse();

    tell(new NodeDraining("node-03", drained));
    runUntil(drained.plus(Duration.ofMinutes(15)));

    assertThat(isEmpty("node-03")).isTrue();
    assertThat(stopped(drained)).isBetween(1L, 20L);
    assertThat(commands)
        .filteredOn(command -> command.action() == Action.PREEMPT)
        .allMatch(command -> command.reason() == Reason.NODE_DRAINING)
        .allMatch(command -> command.shards().get(0).nodeId().equals("node-03"));
  }
}
