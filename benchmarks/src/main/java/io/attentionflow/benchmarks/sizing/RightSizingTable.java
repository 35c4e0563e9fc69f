package io.attentionflow.benchmarks.sizing;

import io.attentionflow.allocation.RightSizing;
import io.attentionflow.allocation.RightSizing.Mode;
import io.attentionflow.simulation.evaluate.DecisionSink;
import io.attentionflow.simulation.evaluate.Evaluation;
import io.attentionflow.simulation.evaluate.EvaluationOptions;
import io.attentionflow.simulation.evaluate.EvaluationReport;
import io.attentionflow.simulation.scenario.Scenario;
import io.attentionflow.simulation.scenario.ScenarioWorld;
import io.attentionflow.simulation.scenario.ScenarioWorld.Pace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Runs the first tasks of a scenario with right-sizing off, in shadow, on, and on with less
 * headroom, and prints the allocation report of each, and how often promises of peaks held.
 */
public final class RightSizingTable {

  private RightSizingTable() {}

  /** The scenario's file, and how many tasks. */
  public static void main(String[] args) throws IOException {
    Scenario scenario = Scenario.read(Path.of(args[0]));
    int tasks = Integer.parseInt(args[1]);
    RightSizing usual = RightSizing.defaults();
    print(scenario, tasks, usual.withMode(Mode.OFF));
    print(scenario, tasks, usual.withMode(Mode.SHADOW));
    print(scenario, tasks, usual.withMode(Mode.ON));
    print(scenario, tasks, on(0.05, 0.2, usual));
    print(scenario, tasks, on(0, 0, usual));
  }

  private static RightSizing on(double headroom, double perUncertainty, RightSizing usual) {
    return new RightSizing(
        Mode.ON,
        headroom,
        perUncertainty,
        usual.perDrift(),
        usual.perOutOfMemory(),
        usual.floor(),
        usual.outOfMemoryRetries());
  }

  private static void print(Scenario scenario, int tasks, RightSizing rightSizing) {
    var world = new ScenarioWorld(scenario, 1, Pace.natural());
    EvaluationOptions options = EvaluationOptions.defaults();
    EvaluationReport report =
        new Evaluation(
                world.trace(tasks),
                options.withPolicy(options.policy().withRightSizing(rightSizing)),
                world.agents(Duration.ofSeconds(30), Duration.ofSeconds(1)),
                System::nanoTime,
                DecisionSink.NONE,
                Evaluation.Progress.NONE)
            .run();
    System.out.printf(
        "%s%n%s%n%s%n%s%n",
        rightSizing, report.allocation(), report.learning().usageCoverage(), report.invariants());
  }
}
