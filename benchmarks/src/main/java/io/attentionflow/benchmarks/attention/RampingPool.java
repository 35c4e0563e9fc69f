package io.attentionflow.benchmarks.attention;

import io.attentionflow.allocation.Command;
import io.attentionflow.allocation.Command.Action;
import io.attentionflow.allocation.InMemoryPoolStore;
import io.attentionflow.allocation.PoolEngine;
import io.attentionflow.allocation.PoolEvent;
import io.attentionflow.allocation.PoolEvent.NodeJoined;
import io.attentionflow.allocation.PoolEvent.Outcome;
import io.attentionflow.allocation.PoolEvent.TaskStopped;
import io.attentionflow.allocation.PoolEvent.TaskSubmitted;
import io.attentionflow.allocation.PoolEvent.TimePassed;
import io.attentionflow.allocation.PoolOutput;
import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.Prediction;
import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.TaskRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * A real engine over simulated nodes, to which three classes of tasks come at a rate that rises
 * slowly, then is so high that each class alone could fill the pool, and falls to little.
 *
 * <p>Single-core tasks on ten-core nodes; each class asks for a third of the rate.
 */
final class RampingPool {

  static final List<String> CLASSES = List.of("LIGHT", "MODERATE", "HEAVY");

  private static final int[] PRIORITIES = {4, 0, 8};
  private static final int[] MEAN_SECONDS = {15, 30, 45};
  private static final int NODES = 60;
  private static final int CORES = 10;
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final SplittableRandom random;
  private final PoolEngine engine;
  private final PriorityQueue<TaskStopped> ends =
      new PriorityQueue<>(Comparator.comparing(TaskStopped::at).thenComparing(TaskStopped::taskId));
  private final double[] running = new double[CLASSES.size()];
  private final double[] shares = new double[CLASSES.size()];
  private final double[] owed = new double[CLASSES.size()];
  private double temperature;
  private long tasks;

  RampingPool(PoolPolicy policy, long seed) {
    random = new SplittableRandom(seed);
    engine =
        new PoolEngine(policy.withHeartbeatTimeout(PoolPolicy.FOR_EVER), new InMemoryPoolStore());
    Arrays.fill(shares, Double.NaN);
    temperature = Double.NaN;
    for (int node = 0; node < NODES; node++) {
      Resources capacity = new Resources(CORES * 1000L, 0, 0, 0, 0);
      tell(new NodeJoined("node-%03d".formatted(node), capacity, null, START));
    }
  }

  /**
   * How the pool was at some time.
   *
   * @param load use of the cores, 0 to 1
   * @param temperature by the last decision; NaN: none yet
   * @param meant share of each class by the last decision about it
   * @param held share of the cores that each class holds
   */
  @SuppressWarnings("ArrayRecordComponent") // read at once, and by nobody else
  record Sample(long second, double load, double temperature, double[] meant, double[] held) {}

  /** Plays so many seconds; a sample for each. */
  List<Sample> play(int seconds) {
    List<Sample> samples = new ArrayList<>(seconds);
    for (int second = 1; second <= seconds; second++) {
      Instant now = START.plusSeconds(second);
      while (!ends.isEmpty() && !ends.peek().at().isAfter(now)) {
        TaskStopped end = ends.remove();
        running[Integer.parseInt(end.taskId().substring(0, 1))]--;
        tell(end);
      }
      submit(now, rate(second / (double) seconds));
      tell(new TimePassed(now));
      samples.add(sample(second));
    }
    return samples;
  }

  /** Work that comes, as a part of what the pool can do: up, far above it for a while, and down. */
  private static double rate(double part) {
    if (part < 0.25) {
      return 0.3 + part * 2.4;
    }
    return part < 0.6 ? 3.6 : 0.2;
  }

  private void submit(Instant now, double rate) {
    for (int k = 0; k < CLASSES.size(); k++) {
      owed[k] += rate * NODES * CORES / CLASSES.size() / MEAN_SECONDS[k];
      while (owed[k] >= 1) {
        owed[k]--;
        long seconds = 1L + random.nextInt(2 * MEAN_SECONDS[k] - 1);
        tell(new TaskSubmitted(task(k, now), prediction(k, seconds), now));
      }
    }
  }

  private TaskRequest task(int k, Instant now) {
    return new TaskRequest(
        "%d-%d".formatted(k, tasks++),
        "tenant",
        "type",
        now,
        new Resources(1000, 0, 0, 0, 0),
        null,
        PRIORITIES[k],
        Qos.BURSTABLE,
        null,
        1,
        1,
        List.of());
  }

  private static Prediction prediction(int k, long seconds) {
    return new Prediction(
        CLASSES.get(k),
        CLASSES,
        List.of(1 / 3.0, 1 / 3.0, 1 / 3.0),
        Duration.ofSeconds(seconds),
        null,
        null,
        null,
        1);
  }

  private void tell(PoolEvent event) {
    for (PoolOutput output : engine.on(event)) {
      if (output instanceof Commanded commanded
          && commanded.command().action() == Action.ALLOCATE) {
        placed(commanded);
      }
    }
  }

  private void placed(Commanded commanded) {
    Command command = commanded.command();
    int k = CLASSES.indexOf(command.complexity());
    running[k]++;
    Double share = commanded.decision().attentionShare();
    shares[k] = share == null ? Double.NaN : share;
    Double now = commanded.decision().temperature();
    temperature = now == null ? Double.NaN : now;
    Duration runs = commanded.decision().prediction().expectedDuration();
    ends.add(
        new TaskStopped(
            command.task().taskId(),
            command.generation(),
            0,
            command.shards().get(0).nodeId(),
            Outcome.SUCCEEDED,
            command.decidedAt().plus(runs == null ? Duration.ZERO : runs)));
  }

  private Sample sample(long second) {
    double[] held = Arrays.stream(running).map(cores -> cores / (NODES * CORES)).toArray();
    return new Sample(second, Arrays.stream(held).sum(), temperature, shares.clone(), held);
  }
}
