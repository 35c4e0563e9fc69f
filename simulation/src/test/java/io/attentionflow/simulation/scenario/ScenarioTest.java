package io.attentionflow.simulation.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attentionflow.allocation.Resources;
import io.attentionflow.simulation.trace.TraceNode;
import io.attentionflow.simulation.trace.TraceTask;
import io.attentionflow.simulation.yaml.YamlException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScenarioTest {

  private static final Path FOLDER = Path.of("../config/scenarios");

  private static final String SMALL =
      """
      name: small
      pool: p
      nodes:
        - {name: n, count: 2, cpus: 4, memoryGib: 8}
      tenants:
        - {name: ann, share: 1}
      taskTypes:
        - name: query
          perHour: 60
          variants:
            - {name: v, share: 1, cpus: 1, memoryGib: 1, medianSeconds: 5, spread: 0, cpuUse: 1, memoryUse: 1}
      """;

  static Stream<Path> shipped() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("shipped")
  void readsEveryScenarioThatIsShipped(Path file) throws IOException {
    Scenario scenario = Scenario.read(file);

    assertThat(file.getFileName()).hasToString(scenario.name() + ".yaml");
    assertThat(scenario.cluster()).isNotEmpty();
  }

  /**
   * On a real cluster a command takes up to a second to be committed, and what ends is not over at
   * once: for so long nobody else has the place, and at the scenario's speed that is minutes.
   */
  @ParameterizedTest
  @MethodSource("shipped")
  void offersNoMoreThanItsNodesCarryInADayAtItsSpeed(Path file) throws IOException {
    Scenario scenario = Scenario.read(file);
    double idleSeconds = 2 * scenario.speedup();
    var world = new ScenarioWorld(scenario, 1, ScenarioWorld.Pace.natural());
    Instant end = Instant.EPOCH.plus(Duration.ofDays(1));
    double[] offered = new double[4];
    for (TraceTask task = world.next().task();
        task.submittedAt().isBefore(end);
        task = world.next().task()) {
      double seconds = task.truth().durationMillis() / 1000.0 + idleSeconds;
      add(offered, task.request().request(), seconds);
    }
    double[] carried = new double[4];
    for (TraceNode node : scenario.cluster()) {
      add(carried, node.capacity(), 86_400);
    }
    for (int i = 0; i < offered.length; i++) {
      assertThat(offered[i]).as("dimension %d", i).isLessThanOrEqualTo(carried[i]);
    }
  }

  private static void add(double[] sums, Resources resources, double seconds) {
    sums[0] += seconds * resources.cpuMillis();
    sums[1] += seconds * resources.memoryMib();
    sums[2] += seconds * resources.gpuCount() * resources.gpuMillis();
    sums[3] += seconds * resources.ioMibps();
  }

  @Test
  void runsAsFastAsItSays() throws IOException {
    assertThat(Scenario.parse("small.yaml", SMALL).speedup()).isEqualTo(200);
    assertThat(Scenario.parse("small.yaml", SMALL + "speedup: 40\n").speedup()).isEqualTo(40);
    refuses(SMALL + "speedup: 0\n", "small.yaml:", "speedup is 0.0");
    refuses(SMALL + "speedup: 1e9\n", "small.yaml:", "speedup is 1.0E9");
  }

  @Test
  void namesItsNodesByGroupAndNumber() throws IOException {
    assertThat(Scenario.parse("small.yaml", SMALL).cluster())
        .extracting(node -> node.nodeId())
        .containsExactly("n-1", "n-2");
  }

  @Test
  void namesAMisspeltKeyAndThoseThereAre() {
    refuses(
        SMALL.replace("perHour", "perHuor"),
        "small.yaml: taskTypes[1].perHuor is no key",
        "perHour,");
  }

  @Test
  void namesABadValueAndItsLine() {
    refuses(SMALL.replace("perHour: 60", "perHour: -1"), "small.yaml:", "query: perHour is -1.0");
    refuses(SMALL.replace("perHour: 60", "perHour: often"), "small.yaml:9", "often");
    refuses(SMALL.replace("memoryUse: 1", "memoryUse: 2"), "variant v: memoryUse is 2.0");
    refuses(SMALL.replace("count: 2", "count: 0"), "n: count is 0");
  }

  @Test
  void namesWhatIsMissing() {
    refuses(SMALL.replace("pool: p\n", ""), "pool is missing");
    refuses(SMALL.substring(0, SMALL.indexOf("taskTypes")), "taskTypes is empty");
    refuses("", "small.yaml");
  }

  @Test
  void refusesWhatWouldBeLost() {
    refuses(SMALL + "pool: q\n", "small.yaml", "'pool'");
    refuses(SMALL.replace("count: 2", "count: 2, count: 3"), "small.yaml", "'count'");
    refuses(SMALL + "---\n" + SMALL, "small.yaml", "second document");
    refuses(SMALL.replace("pool: p", "pool:"), "pool is missing");
    refuses(SMALL.replace("\n  - {name: ann, share: 1}", ""), "tenants is ");
    refuses(SMALL.replace("name: small", "name: &n small").replace("pool: p", "pool: *n"), "alias");
  }

  @Test
  void refusesATypeOfATenantThatIsNotThere() {
    refuses(
        SMALL.replace("perHour: 60", "perHour: 60\n    tenants: [zoe]"), "query: no tenant zoe");
  }

  private static void refuses(String yaml, String... said) {
    var thrown =
        assertThatThrownBy(() -> Scenario.parse("small.yaml", yaml))
            .isInstanceOf(YamlException.class);
    for (String part : said) {
      thrown.hasMessageContaining(part);
    }
  }
}
