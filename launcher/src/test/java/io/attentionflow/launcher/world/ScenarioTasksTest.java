package io.attentionflow.launcher.world;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.simulation.scenario.Scenario;
import io.attentionflow.simulation.trace.TraceTask;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class ScenarioTasksTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @Command
  private static final class Options {
    @Mixin ScenarioOptions scenario;
  }

  @Test
  void comeAsOftenAsTheRateSays() throws IOException {
    assertThat(span("--rate", "4")).isLessThan(span("--rate", "1").dividedBy(3));
    assertThat(span("--speedup", "400")).isLessThan(span("--speedup", "100").dividedBy(3));
  }

  @Test
  void comeAsFastAsTheScenarioSaysUnlessAnOptionDoes() throws IOException {
    Scenario slow = scenario("manufacturing");

    assertThat(options().speedup(slow)).isEqualTo(slow.speedup()).isLessThan(200);
    assertThat(options("--speedup", "300").speedup(slow)).isEqualTo(300);
    assertThat(options().speedup(scenario("general"))).isEqualTo(200);
  }

  /** How long it takes until a thousand have come. */
  private static Duration span(String... arguments) throws IOException {
    Iterator<TraceTask> tasks =
        new ScenarioTasks(scenario("general"), options(arguments), START).tasks();
    for (int i = 0; i < 999; i++) {
      tasks.next();
    }
    return Duration.between(START, tasks.next().submittedAt());
  }

  private static ScenarioOptions options(String... arguments) {
    Options options = new Options();
    new CommandLine(options).parseArgs(arguments);
    return options.scenario;
  }

  private static Scenario scenario(String name) throws IOException {
    return Scenario.read(Path.of("../config/scenarios", name + ".yaml"));
  }
}
