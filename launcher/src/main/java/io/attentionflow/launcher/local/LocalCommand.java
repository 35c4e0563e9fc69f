package io.attentionflow.launcher.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attentionflow.client.TopicLayout;
import io.attentionflow.client.TopicProvisioner;
import io.attentionflow.jobs.allocation.AllocationJob;
import io.attentionflow.jobs.allocation.InvalidOptionException;
import io.attentionflow.jobs.allocation.PipelineOptions;
import io.attentionflow.launcher.Console;
import io.attentionflow.launcher.DurationConverter;
import io.attentionflow.launcher.ExistingFile;
import io.attentionflow.launcher.Failure;
import io.attentionflow.launcher.StopSignal;
import io.attentionflow.launcher.flink.FlinkInProcess;
import io.attentionflow.launcher.kafka.EmbeddedKafka;
import io.attentionflow.launcher.net.Ports;
import io.attentionflow.launcher.world.PlayedTrace;
import io.attentionflow.launcher.world.ScenarioOptions;
import io.attentionflow.launcher.world.ScenarioTasks;
import io.attentionflow.launcher.world.SimulatedCluster;
import io.attentionflow.launcher.world.TraceOptions;
import io.attentionflow.schema.topic.TopicNames;
import io.attentionflow.simulation.scenario.Scenario;
import io.attentionflow.simulation.trace.Trace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Everything in one process: a broker, Flink with the job, and a simulated cluster. */
@Command(
    name = "local",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a Kafka broker and a Flink cluster in this process, the job between them, and a"
          + " simulated cluster around it: submitters, and node agents that obey the commands and"
          + " send feedback. Says every few seconds how it is. Ctrl-C stops it.",
      "Nothing is kept; a log only if something fails."
    })
public final class LocalCommand implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int KAFKA_PORT = 9092;
  private static final int FLINK_PORT = 8081;
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration START_TIMEOUT = Duration.ofMinutes(2);
  private static final String CAUSED_BY = "Caused by: ";
  private static final String LOG_PROPERTY = "attentionflow.log";

  private final Console console;

  @Spec private CommandSpec spec;
  @Mixin private ScenarioOptions scenarioOptions;
  @Mixin private TraceOptions traceOptions;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "Stop after this time, such as 60s or 2h. Default: on Ctrl-C.")
  private @Nullable Duration duration;

  @Option(
      names = "--kafka-port",
      paramLabel = "PORT",
      description =
          "Where the broker listens; 0: anywhere. Default: "
              + KAFKA_PORT
              + ", or another if taken.")
  private @Nullable Integer kafkaPort;

  @Option(
      names = {"--flink-port", "--console-port"},
      paramLabel = "PORT",
      description =
          "Where the page is, which is Flink's; 0: anywhere. Default: "
              + FLINK_PORT
              + ", or another if taken.")
  private @Nullable Integer flinkPort;

  @Option(
      names = "--no-simulation",
      description = "Without submitters and nodes: for tasks and agents of your own.")
  private boolean noSimulation;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      converter = ExistingFile.class,
      description = "Play a trace instead of a scenario.")
  private @Nullable Path trace;

  @Option(
      names = "--options",
      paramLabel = "FILE",
      converter = ExistingFile.class,
      description = "Options of the job, as in config/pipeline.yaml.")
  private @Nullable Path optionsFile;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "One option of the job, such as policy.placement=random. Repeatable.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--every",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      defaultValue = "5s",
      description = "How often to say how it is. Default: ${DEFAULT-VALUE}.")
  private Duration every;

  @Option(
      names = "--log",
      paramLabel = "FILE",
      description =
          "What Kafka and Flink have to say. Default: a temporary file, kept if something fails.")
  private @Nullable Path logFile;

  /** The trace that is played, once the options are checked; null: a scenario is, or nothing. */
  private @Nullable PlayedTrace played;

  /** Whether all has started. */
  private boolean begun;

  public LocalCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws Exception {
    try (StopSignal stop = StopSignal.listen(console)) {
      Path log = logTo();
      boolean tells = false;
      try {
        // What is wrong with the options is said before anything starts, and leaves no log behind.
        checkOptions();
        tells = true;
        runUntil(stop, log);
        tells = false;
      } finally {
        if (!tells && logFile == null) {
          Files.deleteIfExists(log);
        }
      }
    }
    return 0;
  }

  /** To be stopped while it starts is no failure, though starting fails then. */
  private void runUntil(StopSignal stop, Path log) throws Exception {
    try {
      run(stop, log);
    } catch (Exception | LinkageError e) {
      // Kafka and Flink register shutdown hooks as they start, some in static initializers, and a
      // JVM that is on its way down takes none.
      if (begun || !stop.isAsked()) {
        throw e;
      }
    }
  }

  private void run(StopSignal stop, Path log) throws Exception {
    if (stop.isAsked()) {
      return;
    }
    console.say("Starting Kafka ...");
    try (EmbeddedKafka kafka = startKafka()) {
      PipelineOptions options = options(kafka.bootstrapServers());
      provision(kafka, options.kafka().topics());
      console.say("Starting Flink ...");
      try (FlinkInProcess flink = startFlink(options)) {
        JobID job = startJob(flink, options, stop, log);
        if (stop.isAsked()) {
          // Before it has begun.
          return;
        }
        console.say("Kafka  " + kafka.bootstrapServers());
        console.say("Flink  " + flink.webAddress());
        console.say("Log    " + log);
        run(kafka, flink, job, options, stop, log);
      }
    }
  }

  /** Before anything of Kafka or Flink is loaded, since they log when they are. */
  private Path logTo() throws IOException {
    Path log = logFile == null ? Files.createTempFile("attention-flow-", ".log") : logFile;
    System.setProperty(LOG_PROPERTY, log.toString());
    return log;
  }

  /** With the files they name. */
  private void checkOptions() {
    options("localhost:" + KAFKA_PORT);
    checkPorts();
    if (noSimulation) {
      refuse(
          "--no-simulation plays nothing; leave %s out",
          "--trace", "--scenario", "--rate", "--speedup", "--seed");
    } else if (trace == null) {
      scenarioOptions.read();
    } else {
      refuse("a trace has its own tasks; leave %s out", "--scenario", "--seed");
      refuse("a trace has its own tasks; leave %s out, or see --speedup", "--rate");
      Double speedup = scenarioOptions.givenSpeedup();
      Trace read = traceOptions.read(trace);
      played = speedup == null ? PlayedTrace.comfortably(read) : new PlayedTrace(read, speedup);
    }
  }

  /** What would be read by nobody. */
  private void refuse(String why, String... options) {
    for (String option : options) {
      if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
        throw wrong(why.formatted(option));
      }
    }
  }

  private void checkPorts() {
    checkPort("--kafka-port", kafkaPort);
    checkPort("--flink-port", flinkPort);
    if (kafkaPort != null && kafkaPort != 0 && kafkaPort.equals(flinkPort)) {
      throw wrong("--kafka-port and --flink-port are both %d".formatted(kafkaPort));
    }
    requireFree("--kafka-port", kafkaPort);
    requireFree("--flink-port", flinkPort);
  }

  private void checkPort(String option, @Nullable Integer wanted) {
    if (wanted != null && (wanted < 0 || wanted > 65_535)) {
      throw wrong("%s is %d; ports go from 1 to 65535, and 0 is any".formatted(option, wanted));
    }
  }

  private static void requireFree(String option, @Nullable Integer wanted) {
    if (wanted != null && wanted != 0 && !Ports.isFree(wanted)) {
      throw new Failure(
          "port %d is taken or cannot be used; name another by %s, or leave it out"
              .formatted(wanted, option));
    }
  }

  private PipelineOptions options(String bootstrapServers) {
    Map<String, String> overrides = new TreeMap<>(settings);
    if (overrides.put("kafka.bootstrap-servers", bootstrapServers) != null) {
      throw wrong("kafka.bootstrap-servers is this process's own; --kafka-port says where");
    }
    try {
      PipelineOptions options = PipelineOptions.load(optionsFile, System.getenv(), overrides);
      if (options.execution().parallelism() > 0) {
        return options;
      }
      overrides.put(
          "execution.parallelism",
          Integer.toString(Math.min(2, Runtime.getRuntime().availableProcessors())));
      return PipelineOptions.load(optionsFile, System.getenv(), overrides);
    } catch (InvalidOptionException e) {
      throw wrong(String.valueOf(e.getMessage()));
    } catch (UncheckedIOException e) {
      throw wrong(e.getMessage() + "; is it there, and may it be read?");
    }
  }

  private EmbeddedKafka startKafka() throws Exception {
    return EmbeddedKafka.start(port("--kafka-port", kafkaPort, KAFKA_PORT));
  }

  private FlinkInProcess startFlink(PipelineOptions options) throws Exception {
    return FlinkInProcess.start(
        1,
        Math.max(1, options.execution().parallelism()),
        port("--flink-port", flinkPort, FLINK_PORT));
  }

  private static int port(String option, @Nullable Integer wanted, int standard) {
    // Again: Kafka may have taken the port that Flink was to have.
    requireFree(option, wanted);
    if (wanted == null) {
      return Ports.preferring(standard);
    }
    return wanted == 0 ? Ports.free() : wanted;
  }

  private static void provision(EmbeddedKafka kafka, TopicNames names) throws InterruptedException {
    TopicLayout layout = TopicLayout.STANDARD.withNames(names).withReplicationFactor(1);
    try (Admin admin = Admin.create(settings(kafka))) {
      new TopicProvisioner(admin, layout).provision();
    }
  }

  private static Map<String, Object> settings(EmbeddedKafka kafka) {
    return Map.of("bootstrap.servers", kafka.bootstrapServers());
  }

  private JobID startJob(FlinkInProcess flink, PipelineOptions options, StopSignal stop, Path log)
      throws InterruptedException, ExecutionException {
    StreamExecutionEnvironment environment = flink.environment();
    AllocationJob.build(environment, options);
    JobID job = flink.submit(environment, "attention-flow allocation");
    long start = System.nanoTime();
    while (!flink.isRunning(job) && !stop.await(LOOK)) {
      failIfFailed(flink, job, log);
      if (System.nanoTime() - start > START_TIMEOUT.toNanos()) {
        throw new Failure(
            "the job does not start: %s\nThe log is %s."
                .formatted(causes(flink.failure(job)), log));
      }
    }
    return job;
  }

  private static void failIfFailed(FlinkInProcess flink, JobID job, Path log)
      throws InterruptedException, ExecutionException {
    JobStatus status = flink.status(job);
    if (status.isGloballyTerminalState()) {
      throw new Failure(
          "the job is %s: %s\nThe log is %s.".formatted(status, causes(flink.failure(job)), log));
    }
  }

  /** What a stack trace says first, and what it says last: the rest is in the log. */
  static String causes(String stackTrace) {
    List<String> lines = stackTrace.lines().toList();
    if (lines.isEmpty()) {
      return "Flink does not say why";
    }
    return lines.stream()
        .filter(line -> line.startsWith(CAUSED_BY))
        .reduce((first, second) -> second)
        .map(root -> lines.get(0) + "\n" + root)
        .orElse(lines.get(0));
  }

  private void run(
      EmbeddedKafka kafka,
      FlinkInProcess flink,
      JobID job,
      PipelineOptions options,
      StopSignal stop,
      Path log)
      throws InterruptedException, ExecutionException {
    try (PipelineTally tally = new PipelineTally(settings(kafka), options.kafka().topics());
        SimulatedCluster cluster = startCluster(kafka, options)) {
      tally.start();
      if (cluster != null) {
        cluster.start();
      }
      begun = true;
      console.say("Running; Ctrl-C stops.");
      console.result(report(watch(flink, job, tally, cluster, stop, log)));
    }
  }

  /** The simulated cluster; null: none is wanted. */
  private @Nullable SimulatedCluster startCluster(EmbeddedKafka kafka, PipelineOptions options) {
    if (noSimulation) {
      return null;
    }
    Instant start = Instant.now();
    if (played != null) {
      console.say(
          "%s, %,.0f times as fast".formatted(played.trace().description(), played.speedup()));
      return new SimulatedCluster(
          settings(kafka),
          options.kafka().topics(),
          played.trace().nodes(),
          played.from(start),
          ScenarioTasks.faultlessAgents(played.speedup()),
          Clock.systemUTC());
    }
    Scenario scenario = scenarioOptions.read();
    console.say(
        "%s %,.0f times as fast as real time."
            .formatted(scenario.description(), scenarioOptions.speedup(scenario)));
    ScenarioTasks world = new ScenarioTasks(scenario, scenarioOptions, start);
    return new SimulatedCluster(
        settings(kafka),
        options.kafka().topics(),
        scenario.cluster(),
        world.tasks(),
        world.agents(),
        Clock.systemUTC());
  }

  /** Until it is to stop, the time is over, or the job has failed. */
  private PipelineTally.Counts watch(
      FlinkInProcess flink,
      JobID job,
      PipelineTally tally,
      @Nullable SimulatedCluster cluster,
      StopSignal stop,
      Path log)
      throws InterruptedException, ExecutionException {
    long start = System.nanoTime();
    Duration told = Duration.ZERO;
    PipelineTally.Counts last = PipelineTally.Counts.NONE;
    String failure = "";
    while (!stop.await(LOOK)) {
      Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
      failIfFailed(flink, job, log);
      if (!flink.failure(job).equals(failure)) {
        failure = flink.failure(job);
        console.say("The job failed, and goes on from its checkpoint: " + causes(failure));
      }
      PipelineTally.Counts now = tally.counts();
      failIfOvercommitted(cluster, log);
      if (elapsed.minus(told).compareTo(every) >= 0) {
        console.say(StatusLine.of(elapsed, now, last, elapsed.minus(told)));
        told = elapsed;
        last = now;
      }
      if (duration != null && elapsed.compareTo(duration) >= 0) {
        break;
      }
    }
    failIfOvercommitted(cluster, log);
    if (!flink.isRunning(job)) {
      throw new Failure(
          "the job did not run at the end: %s\nThe log is %s."
              .formatted(causes(flink.failure(job)), log));
    }
    return tally.counts();
  }

  private static void failIfOvercommitted(@Nullable SimulatedCluster cluster, Path log) {
    if (cluster != null && cluster.counts().overcommitments() > 0) {
      throw new Failure(
          "a command gave out more of a node than it has; is somebody else playing the same"
              + " nodes on this broker? The log is "
              + log);
    }
  }

  private static ObjectNode report(PipelineTally.Counts counts) {
    return JSON.valueToTree(counts);
  }

  private ParameterException wrong(String what) {
    return new ParameterException(spec.commandLine(), what);
  }
}
