package io.attentionflow.launcher.world;

import io.attentionflow.simulation.cluster.SimulatedAgents;
import io.attentionflow.simulation.scenario.Scenario;
import io.attentionflow.simulation.scenario.ScenarioWorld;
import io.attentionflow.simulation.trace.TraceTask;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;

/** The tasks of a scenario, without end, and how its agents behave. */
public final class ScenarioTasks {

  private static final Duration HEARTBEAT = Duration.ofSeconds(5);
  private static final Duration START_DELAY = Duration.ofMillis(50);

  private final ScenarioWorld world;

  /**
   * @param options seed, rate and speed
   * @param start when the first tasks come
   */
  public ScenarioTasks(Scenario scenario, ScenarioOptions options, Instant start) {
    world =
        new ScenarioWorld(
            scenario,
            options.seed(),
            new ScenarioWorld.Pace(start, options.rate(), options.speedup(scenario)));
  }

  public Iterator<TraceTask> tasks() {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return true;
      }

      @Override
      public TraceTask next() {
        return world.next().task();
      }
    };
  }

  public SimulatedAgents.Settings agents() {
    return world.agents(HEARTBEAT, START_DELAY);
  }

  /** Agents of nodes that never fail, and that run tasks so many times faster. */
  public static SimulatedAgents.Settings faultlessAgents(double speedup) {
    return new SimulatedAgents.Settings(
        HEARTBEAT, Duration.ZERO, speedup, false, Duration.ZERO, Duration.ZERO, 0);
  }
}
