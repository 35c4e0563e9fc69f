package io.attentionflow.allocation;

import io.attentionflow.allocation.Command.Action;
import io.attentionflow.allocation.PoolEvent.NodeDraining;
import io.attentionflow.allocation.PoolEvent.NodeHeartbeat;
import io.attentionflow.allocation.PoolEvent.NodeJoined;
import io.attentionflow.allocation.PoolEvent.NodeLeft;
import io.attentionflow.allocation.PoolEvent.Outcome;
import io.attentionflow.allocation.PoolEvent.PolicyChanged;
import io.attentionflow.allocation.PoolEvent.TaskCancelled;
import io.attentionflow.allocation.PoolEvent.TaskStarted;
import io.attentionflow.allocation.PoolEvent.TaskStopped;
import io.attentionflow.allocation.PoolEvent.TaskSubmitted;
import io.attentionflow.allocation.PoolEvent.TasksPredicted;
import io.attentionflow.allocation.PoolEvent.TimePassed;
import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.allocation.PoolOutput.WakeAt;
import io.attentionflow.allocation.PoolPolicy.Backfill;
import io.attentionflow.allocation.PoolPolicy.Ordering;
import io.attentionflow.allocation.PoolPolicy.Placement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A small world gone wrong: tasks of every shape, agents that obey most of the time, and every
 * fault that a pool has to live with. Nodes vanish, flap, shrink, grow and drain; words are lost,
 * come twice, late, out of order, or about what never was.
 *
 * <p>The world reacts to what the pool says, so that most feedback is about placements that are
 * open. The same seed and the same outputs give the same events.
 */
final class RandomEvents {

  private static final int RECENT = 40;

  private final Random random;
  private final int nodes;

  /** Of so many faults of a node one happens. */
  private final int calm;

  /** Whether most faults are of one node, which comes and goes. */
  private final boolean flapping;

  /** Whether of every fourth task nothing is ever heard. */
  private final boolean mute;

  private final int tasksPerThousand;

  /** Of a hundred tasks so many are so small that a node holds a lot of them. */
  private final int smallPerHundred;

  private final List<Command> open = new ArrayList<>();
  private final List<Command> closed = new ArrayList<>();
  private final List<TaskRequest> submitted = new ArrayList<>();
  private final List<PoolEvent> said = new ArrayList<>();
  private final PriorityQueue<Instant> wakes = new PriorityQueue<>();
  private final List<PoolEvent> again = new ArrayList<>();
  private Instant now = Pools.NOON;
  private int nextTask;
  private PoolPolicy policy;

  RandomEvents(long seed) {
    random = new Random(seed);
    nodes = 1 + random.nextInt(8);
    tasksPerThousand = 50 + random.nextInt(300);
    smallPerHundred = random.nextInt(3) * 40;
    calm = pick(new Integer[] {1, 4, 20});
    flapping = random.nextInt(4) == 0;
    mute = random.nextInt(4) == 0;
    policy =
        new PoolPolicy(
            0,
            pick(Ordering.values()),
            pick(Placement.values()),
            pick(Backfill.values()),
            patience(),
            random.nextInt(4) == 0 ? random.nextInt(6) : 1000,
            Duration.ofSeconds(20 + random.nextInt(40)),
            maxAttempts(),
            Duration.ofSeconds(20 + random.nextInt(4000)),
            random.nextBoolean(),
            random.nextLong(),
            new PlacementRules(pick(TieBreak.values())),
            attention(),
            preemption(),
            moves(),
            rightSizing());
  }

  PoolPolicy policy() {
    return policy;
  }

  /** What the pool answered to the last event. */
  void hear(List<PoolOutput> outputs) {
    for (PoolOutput output : outputs) {
      if (output instanceof WakeAt wake) {
        wakes.add(wake.at());
      } else if (output instanceof Commanded commanded) {
        Command command = commanded.command();
        open.removeIf(other -> other.task().taskId().equals(command.task().taskId()));
        if (command.action() == Action.ALLOCATE || command.action() == Action.RESIZE) {
          open.add(command);
        } else if (!command.shards().isEmpty()) {
          remember(closed, command);
        }
      }
    }
  }

  PoolEvent next() {
    PoolEvent event = draw();
    remember(said, event);
    return event;
  }

  private PoolEvent draw() {
    if (!again.isEmpty() && random.nextInt(3) == 0) {
      return again.remove(random.nextInt(again.size()));
    }
    now = now.plusMillis(random.nextInt(10) == 0 ? random.nextInt(8000) : random.nextInt(300));
    if (!wakes.isEmpty() && !wakes.peek().isAfter(now) && random.nextInt(4) > 0) {
      return new TimePassed(wakes.remove());
    }
    if (!said.isEmpty() && random.nextInt(60) == 0) {
      again.add(said.get(random.nextInt(said.size())));
    }
    int dice = random.nextInt(1000);
    if (dice < tasksPerThousand) {
      return submit();
    }
    dice = random.nextInt(1000);
    if (dice < 330) {
      return feedback();
    }
    if (dice < 900) {
      return heartbeat();
    }
    if (dice < 945) {
      return random.nextInt(calm) == 0 ? fault(dice) : heartbeat();
    }
    if (dice < 965) {
      return new TaskCancelled(taskId(), near());
    }
    if (dice < 972) {
      return changePolicy();
    }
    if (dice < 990) {
      SortedMap<String, Prediction> predictions = new TreeMap<>();
      for (int i = random.nextInt(6); i >= 0; i--) {
        predictions.put(taskId(), prediction());
      }
      return new TasksPredicted(predictions, near());
    }
    return new TimePassed(near());
  }

  private PoolEvent fault(int dice) {
    String nodeId = flapping && random.nextInt(5) > 0 ? "node-0" : nodeId();
    if (dice < 925) {
      return new NodeJoined(nodeId, capacity(), model(), near());
    }
    return dice < 935 ? new NodeDraining(nodeId, near()) : new NodeLeft(nodeId, near());
  }

  private PoolEvent submit() {
    if (!submitted.isEmpty() && random.nextInt(30) == 0) {
      TaskRequest duplicate = submitted.get(submitted.size() - 1);
      return new TaskSubmitted(duplicate, Pools.UNKNOWN, near());
    }
    int most = random.nextInt(6) == 0 ? 1 + random.nextInt(5) : 1;
    Pools.Ask ask =
        Pools.task("t" + nextTask++)
            .asking(request())
            .ofPriority(random.nextInt(6))
            .withQos(pick(Qos.values()))
            .submittedAt(random.nextInt(20) == 0 ? longAgo() : near())
            .inShards(1 + random.nextInt(most), most);
    if (random.nextInt(5) == 0) {
      ask = ask.dueBy(now.plusMillis(random.nextInt(20_000) - 1000));
    }
    if (random.nextInt(8) == 0) {
      ask = ask.onModels(random.nextBoolean() ? new String[] {"T4"} : new String[] {"T4", "V100"});
    }
    if (random.nextInt(3) == 0) {
      ask = ask.estimatedAt(runTime());
    }
    if (random.nextInt(300) == 0) {
      ask = ask.inShards(1, 100_000);
    }
    TaskRequest task = ask.build();
    submitted.add(task);
    return new TaskSubmitted(task, prediction(), now);
  }

  private Prediction prediction() {
    Prediction prediction =
        switch (random.nextInt(4)) {
          case 0 -> Pools.UNKNOWN;
          case 1 -> Pools.runs(runTime(), null);
          default -> Pools.runs(runTime(), runTime());
        };
    prediction =
        random.nextInt(3) == 0
            ? prediction
            : Pools.ofClass(pick(new String[] {"LIGHT", "HEAVY", "EXTREME"}), prediction);
    if (random.nextInt(3) == 0) {
      return prediction;
    }
    double light = random.nextInt(101) / 100.0;
    return new Prediction(
        prediction.complexity(),
        List.of("LIGHT", "HEAVY"),
        List.of(light, 1 - light),
        prediction.expectedDuration(),
        null,
        null,
        prediction.durationP95(),
        null,
        new Resources(random.nextInt(2000), random.nextInt(4) * 250L, 0, 0, 0),
        1,
        random.nextInt(4) == 0 ? random.nextDouble() : 0);
  }

  private RightSizing rightSizing() {
    return new RightSizing(
        pick(RightSizing.Mode.values()),
        random.nextInt(3) * 0.2,
        random.nextInt(3) * 0.5,
        random.nextInt(2),
        random.nextInt(2),
        random.nextInt(3) * 0.25,
        random.nextInt(3));
  }

  private Duration runTime() {
    return random.nextInt(100) == 0
        ? Duration.ofSeconds(Long.MAX_VALUE)
        : Duration.ofMillis(random.nextInt(30_000));
  }

  private int maxAttempts() {
    return random.nextBoolean() ? 1 + random.nextInt(5) : 100;
  }

  private Duration patience() {
    return random.nextBoolean() ? PoolPolicy.FOR_EVER : Duration.ofMillis(random.nextInt(60_000));
  }

  private PreemptionPolicy preemption() {
    return new PreemptionPolicy(
        pick(Displaceable.values()),
        1 + random.nextInt(2),
        random.nextInt(4),
        random.nextInt(4) == 0 ? random.nextInt(5) : 1000);
  }

  private MovePolicy moves() {
    return new MovePolicy(
        random.nextInt(4) > 0,
        pick(Displaceable.values()),
        0.2 + random.nextDouble() * 2,
        Duration.ofMillis(random.nextInt(8000)),
        Duration.ofMillis(1 + random.nextInt(8000)),
        random.nextInt(6),
        Duration.ofMillis(random.nextInt(20_000)),
        Duration.ofMillis(random.nextInt(60_000)),
        Duration.ofMillis(random.nextInt(3000)),
        1 + random.nextInt(2),
        Duration.ofMillis(random.nextInt(30_000)));
  }

  private AttentionPolicy attention() {
    return new AttentionPolicy(
        random.nextInt(3),
        random.nextInt(3),
        random.nextInt(3),
        random.nextInt(3),
        1 + random.nextInt(5),
        random.nextDouble(),
        random.nextDouble() / 5,
        random.nextDouble() * 0.9,
        random.nextDouble() * 2,
        0.05,
        0.05 + random.nextInt(5));
  }

  private Resources request() {
    if (random.nextInt(100) < smallPerHundred) {
      return new Resources(random.nextInt(3) * 125L, random.nextInt(3) * 80L, 0, 0, 0);
    }
    int shape = random.nextInt(12);
    int gpus = shape < 3 ? 1 : shape == 3 ? 1 + random.nextInt(5) : 0;
    long millis = gpus > 1 ? 1000 : pick(new Long[] {0L, 100L, 250L, 500L, 810L, 1000L});
    boolean absurd = random.nextInt(400) == 0;
    return new Resources(
        absurd ? Long.MAX_VALUE - 1000 : random.nextInt(5) * 500L,
        random.nextInt(4) * 300L,
        gpus,
        millis,
        random.nextInt(3) == 0 ? random.nextInt(60) : 0);
  }

  private PoolEvent feedback() {
    List<Command> from = random.nextInt(12) == 0 || open.isEmpty() ? closed : open;
    if (from.isEmpty()) {
      return new TaskStarted("never", 1, 0, nodeId(), near());
    }
    Command command = from.get(random.nextInt(from.size()));
    if (mute && Math.floorMod(command.task().taskId().hashCode(), 4) == 0) {
      return heartbeat();
    }
    ShardPlacement shard = command.shards().get(random.nextInt(command.shards().size()));
    boolean wrong = random.nextInt(25) == 0;
    int generation = command.generation() + (wrong ? random.nextInt(3) - 1 : 0);
    int index = shard.shard() + (wrong ? random.nextInt(3) - 1 : 0);
    String nodeId = wrong ? nodeId() : shard.nodeId();
    if (random.nextInt(3) == 0) {
      return new TaskStarted(command.task().taskId(), generation, index, nodeId, near());
    }
    Outcome outcome = random.nextInt(3) > 0 ? Outcome.SUCCEEDED : pick(Outcome.values());
    return new TaskStopped(command.task().taskId(), generation, index, nodeId, outcome, near());
  }

  private PoolEvent heartbeat() {
    boolean changes = random.nextInt(25) == 0;
    Resources capacity = changes ? capacity() : Resources.NONE;
    Resources usage =
        new Resources(
            random.nextInt(4000), random.nextInt(2000), 1, random.nextInt(1001), random.nextInt(9));
    return new NodeHeartbeat(
        nodeId(), capacity, usage, random.nextInt(30) == 0 ? model() : null, near());
  }

  private Resources capacity() {
    int gpus = random.nextInt(3) == 0 ? 0 : random.nextInt(9);
    if (random.nextInt(200) == 0) {
      gpus = 2_000_000;
    }
    long millis = gpus == 0 ? 0 : gpus > 1 ? 1000 : random.nextInt(4) == 0 ? 500 : 1000;
    return new Resources(
        random.nextInt(9) * 500L, random.nextInt(5) * 600L, gpus, millis, random.nextInt(3) * 50L);
  }

  private PoolEvent changePolicy() {
    PoolPolicy changed =
        policy
            .withVersion(policy.version() + random.nextInt(4) - 1)
            .withOrdering(pick(Ordering.values()))
            .withPlacement(pick(Placement.values()))
            .withBackfill(pick(Backfill.values()))
            .withPatience(patience())
            .withAttention(random.nextInt(4) == 0 ? attention() : policy.attention())
            .withRejectAfterDeadline(random.nextBoolean())
            .withPlacementRules(new PlacementRules(pick(TieBreak.values())))
            .withHeartbeatTimeout(Duration.ofSeconds(20 + random.nextInt(40)))
            .withMaxAttempts(maxAttempts())
            .withPreemption(preemption())
            .withMoves(random.nextBoolean() ? moves() : policy.moves())
            .withRightSizing(rightSizing());
    if (changed.version() > policy.version()) {
      policy = changed;
    }
    return new PolicyChanged(changed, near());
  }

  private String nodeId() {
    return "node-" + random.nextInt(nodes + (random.nextInt(20) == 0 ? 3 : 0));
  }

  private String taskId() {
    return submitted.isEmpty() || random.nextInt(10) == 0
        ? "t" + random.nextInt(nextTask + 10)
        : submitted
            .get(submitted.size() - 1 - random.nextInt(Math.min(RECENT, submitted.size())))
            .taskId();
  }

  private @Nullable String model() {
    return pick(new String[] {"T4", "V100", "T4", null});
  }

  /** Now, most of the time; else somewhat earlier. */
  private Instant longAgo() {
    return now.minusSeconds(random.nextInt(100_000));
  }

  private Instant near() {
    return random.nextInt(15) == 0 ? now.minusMillis(random.nextInt(30_000)) : now;
  }

  private <T> T pick(T[] values) {
    return values[random.nextInt(values.length)];
  }

  private static <T> void remember(List<T> recent, T value) {
    recent.add(value);
    if (recent.size() > RECENT) {
      recent.remove(0);
    }
  }
}
