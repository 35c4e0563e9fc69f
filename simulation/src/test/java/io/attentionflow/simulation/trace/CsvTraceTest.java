package io.attentionflow.simulation.trace;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Resources;
import io.attentionflow.simulation.trace.TaskTruth.End;
import io.attentionflow.simulation.yaml.YamlException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvTraceTest {

  private static final Path TABLE = Path.of("src/test/resources/traces/table.csv");
  private static final Path ADAPTERS = Path.of("../config/adapters");

  private static final String SHORTEST =
      """
      task: {submittedAt: t}
      outcome: {durationMillis: {column: run, unit: ms}}
      """;

  @TempDir private Path directory;

  @Test
  void readsWhatTheTemplateSays() throws IOException {
    Trace trace = template();

    assertThat(trace.tasks()).extracting(TraceTask::taskId).containsExactly("a-1", "b-1", "a-2");
    TraceTask first = trace.tasks().get(0);
    assertThat(first.pool()).isEqualTo("batch");
    assertThat(first.request().tenant()).isEqualTo("ann");
    assertThat(first.request().taskType()).isEqualTo("solver");
    assertThat(first.submittedAt()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(first.request().request()).isEqualTo(new Resources(2000, 4096, 0, 0, 0));
    assertThat(first.request().requestedDuration()).isEqualTo(Duration.ofMinutes(10));
    assertThat(first.request().priority()).isEqualTo(3);
    assertThat(first.request().qos()).isEqualTo(Qos.BURSTABLE);
    assertThat(first.attributes()).isEqualTo(Map.of("queue", "long"));
    Resources peak = new Resources(0, 1536, 0, 0, 0);
    assertThat(first.truth()).isEqualTo(new TaskTruth(90_000, End.SUCCEEDED, peak, peak, 5000L));
  }

  @Test
  void takesDefaultsForEmptyCellsAndReadsQuotedOnes() throws IOException {
    TraceTask killed = template().tasks().get(2);

    assertThat(killed.request().taskType()).isEqualTo("solver, fast");
    assertThat(killed.request().requestedDuration()).isNull();
    assertThat(killed.request().priority()).isZero();
    assertThat(killed.request().request()).isEqualTo(new Resources(1000, 512, 1, 1000, 0));
    assertThat(killed.truth().end()).isEqualTo(End.CANCELLED);
    assertThat(killed.truth().peakUsage()).isEqualTo(Resources.NONE);
  }

  @Test
  void namesBadLinesAndCountsThoseThatDoNotCount() throws IOException {
    LineCount lines = template().lines();

    assertThat(lines.used()).isEqualTo(3);
    assertThat(lines.filtered()).isEqualTo(2);
    assertThat(lines.firstBad())
        .extracting(LineCount.BadLine::toString)
        .containsExactly(
            "table.csv:5: task a-1 again",
            "table.csv:6: submitted is no time as in yyyy-MM-dd HH:mm:ss: yesterday");
  }

  @Test
  void makesTheNodesOfTheMapping() throws IOException {
    List<TraceNode> nodes = template().nodes();

    assertThat(nodes).hasSize(8);
    assertThat(nodes.get(7))
        .isEqualTo(TraceNode.of("node-8", "batch", new Resources(16000, 65536, 2, 1000, 0), null));
  }

  private static Trace template() throws IOException {
    return CsvTrace.read(TABLE, CsvMapping.read(ADAPTERS.resolve("template.yaml")));
  }

  @Test
  void readsAllSamplesOfMappings() throws IOException {
    try (var samples = Files.list(ADAPTERS)) {
      for (Path sample : samples.toList()) {
        assertThat(CsvMapping.read(sample).task().submittedAt()).as("%s", sample).isNotNull();
      }
    }
  }

  @Test
  void readsATableWithoutNamesAndOtherDelimiters() throws IOException {
    Trace trace =
        read(
            "1000;7\n2.5;8\n",
            SHORTEST.replace("submittedAt: t", "submittedAt: {column: t, unit: s}")
                + "columns: [t, run]\ndelimiter: \";\"\n");

    assertThat(trace.tasks())
        .extracting(
            task -> task.submittedAt().toEpochMilli(), task -> task.truth().durationMillis())
        .containsExactly(tuple(2500L, 8L), tuple(1_000_000L, 7L));
    assertThat(trace.tasks()).extracting(TraceTask::taskId).containsExactly("2", "1");
    assertThat(trace.tasks()).extracting(TraceTask::pool).containsOnly("csv");
  }

  @Test
  void worksOutRunAndWaitFromTimes() throws IOException {
    Trace trace =
        read(
            """
            t,from,to
            2026-01-01T00:00:00Z,2026-01-01T00:00:30Z,2026-01-01T00:02:00Z
            2026-01-01T01:00:00+01:00,2026-01-01T00:00:00,2026-01-01T00:00:01
            2026-01-01T00:00:01Z,2026-01-01T00:00:00Z,2026-01-01T00:02:00Z
            """,
            """
            task: {submittedAt: {column: t, pattern: iso}}
            outcome:
              startedAt: {column: from, pattern: iso}
              endedAt: {column: to, pattern: iso}
            """);

    assertThat(trace.tasks())
        .extracting(TraceTask::truth)
        .extracting(TaskTruth::loggedWaitMillis, TaskTruth::durationMillis)
        .containsExactly(tuple(30_000L, 90_000L), tuple(0L, 1000L));
    assertThat(trace.lines().bad()).isOne();
  }

  @Test
  void knowsTheClassesOfAMapping() throws IOException {
    CsvMapping mapping =
        CsvMapping.parse(
            "m.yaml", SHORTEST + "classes: {names: [SHORT, LONG, ENDLESS], bounds: [0.5s, 1d]}\n");

    assertThat(requireNonNull(mapping.scale()).upperBounds())
        .containsExactly(Duration.ofMillis(500), Duration.ofDays(1));
    assertThat(CsvMapping.parse("m.yaml", SHORTEST).scale()).isNull();
  }

  @Test
  void saysWhichColumnIsNotThere() {
    assertThatThrownBy(() -> read("when,run\n1,2\n", SHORTEST))
        .isInstanceOf(TraceFormatException.class)
        .hasMessage("table.csv: there is no column t; there are: when, run");
    assertThatThrownBy(() -> read("", SHORTEST))
        .isInstanceOf(TraceFormatException.class)
        .hasMessage("table.csv is empty");
    assertThatThrownBy(() -> read("t,run\nx,1\n,1\n", SHORTEST))
        .isInstanceOf(TraceFormatException.class)
        .hasMessageContaining(
            "none of 2 lines can be read; the first: table.csv:2: t is no number");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "submittedAt: t|submited: t|m.yaml: task.submited is no key; there are:",
        "submittedAt: t|submittedAt: {unit: s}|either a column or a constant",
        "submittedAt: t|submittedAt: {column: t, unit: y}|there is no unit y",
        "submittedAt: t|submittedAt: {column: t, pattern: bb}|no pattern of a time",
        "submittedAt: t|submittedAt: {column: t, zone: Mars}|there is no time zone Mars",
        "submittedAt: t|tenant: t|task: submittedAt is missing",
        "durationMillis: {column: run, unit: ms}|state: x|needs either durationMillis",
        "unit: ms|times: -1|times is -1",
        "task:|classes: {names: [A], bounds: []}~task:|1 classes",
        "task:|where: [{column: t}]~task:|needs in, or above",
        "task:|delimiter: ab~task:|delimiter is 'ab'",
      })
  void refusesAMappingThatMakesNoSense(String from, String to, String complaint) {
    // A tilde stands for the end of a line, which a line of values cannot have.
    String broken = SHORTEST.replace(from, to.replace('~', '\n'));

    assertThat(broken).isNotEqualTo(SHORTEST);
    assertThatThrownBy(() -> CsvMapping.parse("m.yaml", broken))
        .isInstanceOf(YamlException.class)
        .hasMessageContaining(complaint);
  }

  private Trace read(String table, String mapping) throws IOException {
    return CsvTrace.read(
        Files.writeString(directory.resolve("table.csv"), table),
        CsvMapping.parse("m.yaml", mapping));
  }
}
