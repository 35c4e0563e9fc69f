package io.attentionflow.launcher.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attentionflow.launcher.Ran;
import io.attentionflow.launcher.RunningCommand;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.AllocationDecision;
import io.attentionflow.simulation.evaluate.EvaluationReport;
import io.attentionflow.simulation.evaluate.EvaluationReport.InvariantsReport;
import io.attentionflow.simulation.evaluate.EvaluationReport.LearningReport;
import io.attentionflow.simulation.evaluate.EvaluationReport.TraceReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluateCommandTest {

  private static final Path TRACES = Path.of("../simulation/src/test/resources/traces");
  private static final String SWF = TRACES.resolve("small.swf").toString();
  private static final String PODS = TRACES.resolve("pods.csv").toString();
  private static final String NODES = TRACES.resolve("nodes.csv").toString();
  private static final String TASKS = TRACES.resolve("tasks.jsonl").toString();
  private static final String TABLE = TRACES.resolve("table.csv").toString();
  private static final String ROWS = TRACES.resolve("rows.arff").toString();
  private static final String ADAPTERS = "../config/adapters";
  private static final Map<String, String> FILES =
      Map.of("NODES", NODES, "MAPPING", ADAPTERS + "/template.yaml");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path directory;

  /** Four jobs on four processors, whose schedule can be worked out by hand. */
  @Test
  void reportsAScheduleAsTheContractHasIt() {
    JsonNode report = evaluated(SWF, "--format", "swf", "--ordering", "fcfs", "--backfill", "none");

    assertThat(report.at("/trace/tasks").intValue()).isEqualTo(4);
    assertThat(report.at("/trace/spanSeconds").doubleValue()).isEqualTo(50);
    assertThat(report.at("/learning/examples").intValue()).isEqualTo(4);
    assertThat(names(report.at("/learning")))
        .contains(
            "learner",
            "accuracy",
            "kappa",
            "logLoss",
            "calibrationError",
            "byLearner",
            "examplesPerSecond");
    assertThat(report.at("/allocation/policy/ordering").textValue()).isEqualTo("FCFS");
    assertThat(report.at("/allocation/policy/backfill").textValue()).isEqualTo("none");
    assertThat(report.at("/allocation/allocated").intValue()).isEqualTo(4);
    assertThat(report.at("/allocation/rejected").intValue()).isZero();
    assertThat(report.at("/allocation/pending").intValue()).isZero();
    assertThat(report.at("/allocation/meanWaitSeconds").doubleValue()).isEqualTo(80);
    assertThat(report.at("/allocation/maxWaitSeconds").doubleValue()).isEqualTo(130);
    assertThat(report.at("/allocation/p95BoundedSlowdown").doubleValue()).isEqualTo(7.5);
    assertThat(report.at("/allocation/utilization/cpu").doubleValue()).isBetween(0.66, 0.67);
    assertThat(report.at("/allocation/decisionsPerSecond").doubleValue()).isPositive();
    assertThat(report.at("/allocation").has("gpuAllocationRatio"))
        .as("absent where it does not apply")
        .isFalse();
    assertThat(report.at("/invariants/checked").intValue()).isPositive();
    assertThat(report.at("/invariants/violated").intValue()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "fcfs, easy, requested",
    "shortest-predicted, easy-shortest, actual",
    "slowdown-deadline, easy, predicted"
  })
  void letsTasksOvertakeAsIsAskedFor(String ordering, String backfill, String durations) {
    JsonNode report =
        evaluated(
            SWF,
            "--format=swf",
            "--ordering=" + ordering,
            "--backfill=" + backfill,
            "--durations=" + durations,
            "--patience=72h");

    assertThat(report.at("/allocation/policy/backfill").textValue()).isEqualTo(backfill);
    assertThat(report.at("/allocation/policy/patienceSeconds").doubleValue()).isEqualTo(259_200);
    assertThat(report.at("/allocation/allocated").intValue()).isEqualTo(4);
    assertThat(report.at("/invariants/violated").intValue()).isZero();
  }

  @Test
  void choosesTheJobsOfALogByWhereLabelsComeFrom() {
    assertThat(evaluated(SWF, "--format", "swf").at("/trace/tasks").intValue()).isEqualTo(4);

    Ran logged = Ran.of("evaluate", SWF, "--format", "swf", "--labels", "logged");
    assertThat(logged.json().at("/trace/tasks").intValue()).isEqualTo(6);
    assertThat(logged.json().at("/learning/examples").intValue()).isEqualTo(6);
    assertThat(logged.json().has("allocation")).isFalse();
    assertThat(logged.json().has("invariants")).isFalse();
    assertThat(logged.err()).contains("1 tasks have no logged wait");
  }

  @Test
  void evaluatesPodsOfAGpuCluster() {
    JsonNode report = evaluated(PODS, "--format", "openb", "--nodes", NODES);

    assertThat(names(report.at("/allocation/utilization"))).contains("cpu", "memory", "gpu");
    assertThat(report.at("/allocation/gpuAllocationRatio").isNumber()).isTrue();
  }

  @Test
  void learnsFromTheLoggedEndsOfPodsThatWereScheduled() {
    JsonNode report = evaluated(PODS, "--format", "openb", "--nodes", NODES, "--labels", "logged");

    assertThat(report.at("/learning/examples").intValue()).isPositive();
    assertThat(report.has("allocation")).isFalse();
  }

  @Test
  void fillsAClusterAsPublishedAndTheSameForTheSameSeed() {
    JsonNode report = inflated("7");

    assertThat(report.at("/allocation/gpuAllocationRatio").doubleValue()).isBetween(0.1, 1.0);
    assertThat(report.at("/allocation/pending").intValue()).isZero();
    assertThat(report.at("/allocation/policy/placement").textValue()).isEqualTo("RANDOM");
    assertThat(report.at("/allocation/policy/seed").intValue()).isEqualTo(7);
    assertThat(inflated("7").at("/trace")).isEqualTo(report.at("/trace"));
    assertThat(inflated("8").at("/trace")).isNotEqualTo(report.at("/trace"));
  }

  private static JsonNode inflated(String seed) {
    return evaluated(
        PODS,
        "--format",
        "openb",
        "--nodes",
        NODES,
        "--inflate",
        "30",
        "--placement",
        "random",
        "--seed",
        seed);
  }

  @Test
  void evaluatesTaskEventsAndSaysWhichLinesAreBad() {
    Ran ran = Ran.of("evaluate", TASKS, "--format", "jsonl");

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.json().at("/trace/tasks").intValue()).isEqualTo(2);
    assertThat(ran.err()).contains("4 bad lines", "tasks.jsonl:6: task plain again");
  }

  @Test
  void evaluatesATableByItsMapping() {
    Ran ran =
        Ran.of("evaluate", TABLE, "--format", "csv", "--mapping", ADAPTERS + "/template.yaml");

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.json().at("/trace/tasks").intValue()).isEqualTo(3);
    assertThat(ran.json().at("/trace/filteredLines").intValue()).isEqualTo(2);
    assertThat(ran.json().at("/invariants/violated").intValue()).isZero();
    assertThat(ran.err()).contains("2 bad lines", "table.csv:5: task a-1 again");
    assertFails(
        "there is no column",
        TABLE,
        "--format",
        "csv",
        "--mapping",
        ADAPTERS + "/alibaba-genai.yaml");
    assertFails("cannot read the mapping", TABLE, "--format", "csv", "--mapping", TABLE);
  }

  @Test
  void learnsFromRowsAtOnceAndAllocatesNothing() {
    JsonNode report = evaluated(ROWS, "--learner", "prior", "--start", "1");

    assertThat(report.at("/trace/tasks").intValue()).isEqualTo(4);
    assertThat(report.at("/trace").has("spanSeconds")).isFalse();
    assertThat(report.at("/learning/learner").textValue()).isEqualTo("prior");
    assertThat(report.at("/learning/examples").intValue()).isEqualTo(4);
    assertThat(report.at("/learning/accuracy").doubleValue()).isBetween(0.25, 1.0);
    assertThat(names(report.at("/learning/byLearner"))).contains("forest", "mixture");
    assertThat(report.has("allocation")).isFalse();
    assertFails("no attribute colour", ROWS, "--class-attribute", "colour");
  }

  @Test
  void tellsTasksApartByTheClassesThatAreAskedFor() throws IOException {
    Path decisions = directory.resolve("decisions.jsonl");

    evaluated(
        SWF, "--format", "swf", "--class-bounds", "60s,10m", "--decisions", decisions.toString());

    assertThat(lines(decisions))
        .allSatisfy(line -> assertThat(line.at("/complexity").textValue()).startsWith("CLASS_"));
  }

  @Test
  void writesDecisionsInTheFieldNamesOfTheTopics() throws IOException {
    Path decisions = directory.resolve("decisions.jsonl");
    Set<String> known = new HashSet<>();
    for (Schema schema : List.of(AllocationCommand.SCHEMA$, AllocationDecision.SCHEMA$)) {
      schema.getFields().forEach(field -> known.add(field.name()));
    }

    evaluated(
        SWF, "--format", "swf", "--durations", "predicted", "--decisions", decisions.toString());

    assertThat(lines(decisions))
        .isNotEmpty()
        .allSatisfy(
            line ->
                assertThat(names(line))
                    .contains("classProbabilities", "waitMillis", "requested", "placement")
                    .isSubsetOf(known));
  }

  @Test
  void takesAStretchOfTheTasks() {
    JsonNode report = evaluated(SWF, "--format", "swf", "--start", "1", "--count", "2");

    assertThat(report.at("/trace/tasks").intValue()).isEqualTo(2);
  }

  @Test
  void writesTheReportAndTheDecisionsWhereTold() throws IOException {
    Path report = directory.resolve("report.json");
    Path decisions = directory.resolve("decisions.jsonl");

    JsonNode printed =
        evaluated(
            SWF,
            "--format",
            "swf",
            "--learner",
            "prior",
            "--ordering",
            "fcfs",
            "--durations",
            "actual",
            "--rightsizing",
            "off",
            "--report",
            report.toString(),
            "--decisions",
            decisions.toString());

    assertThat(JSON.readTree(report.toFile())).isEqualTo(printed);
    assertThat(printed.at("/learning/learner").textValue()).isEqualTo("prior");
    assertThat(printed.at("/allocation/policy/durations").textValue()).isEqualTo("actual");
    List<JsonNode> lines = lines(decisions);
    assertThat(lines)
        .filteredOn(line -> line.get("action").textValue().equals("ALLOCATE"))
        .extracting(line -> line.get("commandId").textValue())
        .containsExactly("job-1#1", "job-2#1", "job-3#1", "job-6#1");
  }

  @ParameterizedTest
  @CsvSource({
    "--format,xml,'swf, openb, jsonl, csv, arff'",
    "--ordering,no-such,'fcfs, priority'",
    "--placement,no-such,'least-loaded, least-connection, round-robin, random'",
    "--backfill,no-such,none",
    "--durations,no-such,'requested, predicted, actual'",
    "--rightsizing,no-such,off",
    "--learner,no-such,'prior, logistic, mixture, blend'",
    "--labels,no-such,'simulated, logged'"
  })
  void refusesANameThatThereIsNotAndSaysWhichThereAre(String option, String name, String known) {
    List<String> args = new ArrayList<>(List.of("evaluate", SWF, option, name));
    if (!option.equals("--format")) {
      args.addAll(List.of("--format", "swf"));
    }
    Ran ran = Ran.of(args.toArray(String[]::new));

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains(option, "'" + name + "'").contains(known.split(", "));
  }

  @Test
  void takesNamesAsTheyAreSpeltElsewhereToo() {
    JsonNode report = evaluated(SWF, "--format", "SWF", "--placement", "LEAST_CONNECTION");

    assertThat(report.at("/allocation/policy/placement").textValue()).isEqualTo("LEAST_CONNECTION");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--format swf --inflate 1.3|--inflate goes with --format openb only",
        "--format swf --nodes NODES|--nodes does not go with --format swf",
        "--format openb|--format openb needs the cluster: --nodes FILE",
        "--format openb --nodes NODES --inflate 0|--inflate must be above 0",
        "--format openb --nodes NODES --inflate 1.3 --labels logged|tasks that never end",
        "--format swf --decisions d.jsonl --labels logged|nothing is allocated",
        "--format swf --start -1|must not be negative",
        "--format swf --mapping "
            + ADAPTERS
            + "/template.yaml|--mapping goes with --format csv only",
        "--format csv|--format csv needs --mapping FILE",
        "--format swf --class-attribute c|--class-attribute goes with --format arff only",
        "--format swf --classes A,B|--classes needs --class-bounds",
        "--format swf --class-bounds 2h,1h|do not ascend",
        "--format swf --class-bounds 1h --classes A|1 classes",
        "--format arff --ordering fcfs|--ordering does not go with --format arff",
        "--format arff --labels logged|--labels does not go with --format arff",
        "--format swf --count many|--count",
      })
  void refusesWhatDoesNotGoTogether(String options, String complaint) {
    Ran ran =
        Ran.of(
            Stream.concat(Stream.of("evaluate", SWF), Stream.of(options.split(" ")))
                .map(word -> FILES.getOrDefault(word, word))
                .toArray(String[]::new));

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains(complaint).doesNotContain("\tat ");
  }

  @Test
  void saysWhichOptionsHaveNoEffectWithLoggedEnds() {
    Ran ran =
        Ran.of("evaluate", SWF, "--format", "swf", "--labels", "logged", "--ordering", "fcfs");

    assertThat(ran.exitCode()).isZero();
    assertThat(ran.err()).contains("--ordering has no effect").doesNotContain("--placement");
  }

  @Test
  void refusesATraceWithoutNodesUnlessItOnlyLearns() throws IOException {
    String file = tasksWithoutNodes().toString();

    Ran simulated = Ran.of("evaluate", file, "--format", "jsonl");
    assertThat(simulated.exitCode()).isEqualTo(2);
    assertThat(simulated.err()).contains("names no nodes", "--nodes", "--labels logged");
    assertThat(evaluated(file, "--format", "jsonl", "--nodes", NODES).has("allocation")).isTrue();
    assertThat(evaluated(file, "--format", "jsonl", "--labels", "logged").has("allocation"))
        .isFalse();
  }

  private Path tasksWithoutNodes() throws IOException {
    return Files.write(
        directory.resolve("tasks.jsonl"),
        Files.readAllLines(Path.of(TASKS)).stream().filter(line -> !line.contains("n-1")).toList());
  }

  @Test
  void saysWhatIsWrongWithAFile() throws IOException {
    Path prose = Files.writeString(directory.resolve("prose"), "once upon\na time\n");
    Path empty = Files.writeString(directory.resolve("empty"), "");
    Path cut = directory.resolve("cut.gz");
    Files.write(cut, new byte[] {0x1f, (byte) 0x8b, 8, 0, 0});

    assertFails("none of 2 lines can be read", prose.toString(), "--format", "swf");
    assertFails("no jobs", empty.toString(), "--format", "swf");
    assertFails("has no tasks", empty.toString(), "--format", "jsonl");
    assertFails("cut.gz as swf: it ends too early", cut.toString(), "--format", "swf");
    assertFails("no column", SWF, "--format", "openb", "--nodes", NODES);
    assertFails(
        "on the nodes of " + PODS + " as openb: ", PODS, "--format", "openb", "--nodes", PODS);
    assertFails("no task is left", SWF, "--format", "swf", "--start", "99");
    assertFails("it is a directory", SWF, "--format", "swf", "--report", directory.toString());
    assertFails(
        "report: there is no directory /no/such/directory",
        SWF,
        "--format",
        "swf",
        "--report",
        "/no/such/directory/report");
    assertFails(
        "there is no directory /no/such/directory",
        SWF,
        "--format",
        "swf",
        "--decisions",
        "/no/such/directory/d");
  }

  private static void assertFails(String complaint, String... args) {
    Ran ran = Ran.of(evaluate(args));
    assertThat(ran.exitCode()).as(ran.toString()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains(complaint).doesNotContain("\tat ", "null");
  }

  @Test
  void failsIfAnInvariantWasViolated() {
    assertThat(EvaluateCommand.exitCode(report(new InvariantsReport(10, 0, null)))).isZero();
    assertThat(EvaluateCommand.exitCode(report(new InvariantsReport(10, 1, "that")))).isEqualTo(1);
    assertThat(EvaluateCommand.exitCode(report(null))).isZero();
  }

  private static EvaluationReport report(@Nullable InvariantsReport invariants) {
    return new EvaluationReport(
        new TraceReport("", 0, 0.0, 0, 0),
        new LearningReport(
            "",
            0,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            new TreeMap<>(),
            null,
            null,
            null,
            null),
        null,
        invariants);
  }

  @Test
  void leavesWholeLinesOfDecisionsWhenInterrupted() throws Exception {
    // Enough tasks for many seconds: it is interrupted as soon as it is seen to decide.
    Path decisions = directory.resolve("decisions.jsonl");
    List<String> tasks = new ArrayList<>();
    for (int i = 0; i < 300_000; i++) {
      tasks.add("%d %d 0 100 1 -1 -1 1 200 -1 1 %d 1 1 1 1 -1 -1".formatted(i + 1, i, i % 50));
    }
    tasks.add(0, "; MaxProcs: 200");
    Path file = Files.write(directory.resolve("long.swf"), tasks);

    try (RunningCommand command =
        RunningCommand.start(
            "evaluate", file.toString(), "--format", "swf", "--decisions", decisions.toString())) {
      command.await(Pattern.compile("to go"), PATIENCE);
      command.stop();
      command.await(Pattern.compile("decisions so far are in"), PATIENCE);
      assertThat(command.awaitExit(PATIENCE)).as("of a process that a signal ended").isEqualTo(143);
    }

    assertThat(lines(decisions))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line.has("commandId")).isTrue());
  }

  @Test
  void tellsOnceASecondHowFarItIs() {
    List<String> said = new ArrayList<>();
    long[] now = {0};
    ProgressLine progress = new ProgressLine(() -> now[0], said::add);

    progress.reached(100, 1000);
    now[0] = Duration.ofSeconds(2).toNanos();
    progress.reached(200, 1000);
    progress.reached(300, 1000);
    now[0] = Duration.ofSeconds(90).toNanos();
    progress.reached(500, 1000);
    now[0] = Duration.ofMinutes(3).toNanos();
    progress.reached(1000, 1000);

    assertThat(said)
        .containsExactly(
            "200 of 1,000 tasks (20 %), about 8 s to go",
            "500 of 1,000 tasks (50 %), about 1 min 30 s to go",
            "all 1,000 tasks submitted, waiting for their ends");
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static JsonNode evaluated(String... args) {
    Ran ran = Ran.of(evaluate(args));
    assertThat(ran.exitCode()).as(ran.toString()).isZero();
    return ran.json();
  }

  private static String[] evaluate(String... args) {
    return Stream.concat(Stream.of("evaluate"), Stream.of(args)).toArray(String[]::new);
  }

  private static List<JsonNode> lines(Path file) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      if (!line.isBlank()) {
        lines.add(JSON.readTree(line));
      }
    }
    return lines;
  }
}
