package io.attentionflow.benchmarks.pipeline;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attentionflow.benchmarks.pipeline.TestBed.Job;
import io.attentionflow.jobs.allocation.PipelineOptions.Delivery.Guarantee;
import io.attentionflow.launcher.Console;
import io.attentionflow.launcher.Failure;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * Throughput and latency of the job {@code allocation}, beside a job that only copies.
 *
 * <p>As everywhere in Attention Flow, the result is JSON on standard output and progress is on
 * standard error; the exit code is 0 when done, 2 for bad usage and 1 for everything else.
 */
@Command(
    name = "benchmarks/pipeline",
    description = {
      "Measures the job 'allocation' on a Kafka broker and a Flink cluster in this process.",
      "",
      "Throughput: works off a backlog of tasks, in turn with an identity job that copies the same "
          + "task events, and with a job that carries the same records without deciding: it decodes "
          + "each task event, hands it on by pool, and writes a command and a decision of it. "
          + "Latency: from a task event to its committed command, at a fixed rate."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {"", "docs/benchmarks.md says what is measured, how, and what came of it."})
public final class PipelineBenchmark implements Callable<Integer> {

  @Option(
      names = "--tasks",
      paramLabel = "N",
      defaultValue = "200000",
      description = "Task events in the backlog that count. Default: ${DEFAULT-VALUE}.")
  private int tasks;

  @Option(
      names = "--run-in",
      paramLabel = "N",
      defaultValue = "100000",
      description =
          "Task events that go before them in the same round, of the same job: what is compiled "
              + "when a job has just begun is not what it costs to run it. "
              + "Default: ${DEFAULT-VALUE}.")
  private int runIn;

  @Option(
      names = "--copies",
      paramLabel = "N",
      defaultValue = "8",
      description =
          "So many times as many for the identity job, and a quarter of that for the carrying job, "
              + "so that all run about as long and checkpoints count for all. "
              + "Default: ${DEFAULT-VALUE}.")
  private int copies;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Rounds of all jobs that count. 0: no throughput. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "6",
      description =
          "Rounds of all jobs that go before and do not count: a job runs for days, and the code "
              + "that it spends them in is compiled within its first minutes: here, with the sixth "
              + "round. They are told on standard error. "
              + "Default: ${DEFAULT-VALUE}.")
  private int warmUpRounds;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      defaultValue = "2",
      description = "Subtasks of each step of all jobs. Default: ${DEFAULT-VALUE}.")
  private int parallelism;

  @Option(
      names = "--delivery",
      paramLabel = "GUARANTEE",
      split = ",",
      defaultValue = "exactly-once",
      converter = GuaranteeConverter.class,
      description =
          "exactly-once, at-least-once, or both, separated by a comma. Default: ${DEFAULT-VALUE}.")
  private List<Guarantee> deliveries;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "200",
      description = "Nodes, so large that all tasks find room. Default: ${DEFAULT-VALUE}.")
  private int nodes;

  @Option(
      names = "--pools",
      paramLabel = "N",
      defaultValue = "8",
      description = "Pools that nodes and tasks are spread over. Default: ${DEFAULT-VALUE}.")
  private int pools;

  @Option(
      names = "--tenants",
      paramLabel = "N",
      defaultValue = "100",
      description = "Tenants that the tasks are of. Default: ${DEFAULT-VALUE}.")
  private int tenants;

  @Option(
      names = "--agents",
      description =
          "Nodes run what they are told to and say so, in throughput rounds: two more events and "
              + "one more command for each task, and learning. Without, a task is decided, and runs "
              + "on.")
  private boolean agents;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "500",
      description = "Task events a second when latency is measured. Default: ${DEFAULT-VALUE}.")
  private int rate;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "20",
      description =
          "How long latency is measured, after five seconds that do not count. 0: no latency. "
              + "Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--option",
      paramLabel = "KEY=VALUE",
      description =
          "Option of the job, as in config/pipeline.yaml, such as "
              + "execution.flink.state.backend.type=rocksdb. Those of Flink hold for all jobs. May "
              + "be given several times.")
  private Map<String, String> jobOptions = new TreeMap<>();

  @Option(
      names = "--profile",
      paramLabel = "FILE.jfr",
      description =
          "Records one more round of the job 'allocation' with Java Flight Recorder, and says where "
              + "the time went.")
  private @Nullable Path profile;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the result there, too.")
  private @Nullable Path json;

  @Spec private CommandSpec spec;

  private final Console console;
  private volatile boolean interrupted;

  @SuppressWarnings("NullAway.Init") // picocli sets the options
  private PipelineBenchmark(Console console) {
    this.console = console;
  }

  public static void main(String[] args) {
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    System.exit(run(out, err, args));
  }

  /**
   * Runs the benchmark.
   *
   * @return its exit code
   */
  static int run(PrintStream out, PrintStream err, String... args) {
    PipelineBenchmark benchmark = new PipelineBenchmark(new Console(out, err));
    return new CommandLine(benchmark)
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> {
              benchmark.explain(failure, err);
              return CommandLine.ExitCode.SOFTWARE;
            })
        .execute(args);
  }

  private void explain(Exception failure, PrintStream err) {
    if (interrupted) {
      console.say("Stopped.");
    } else if (failure instanceof Failure known) {
      console.say(known.advice());
    } else {
      failure.printStackTrace(err);
    }
  }

  /** The names that the job's options have for them. */
  private static final class GuaranteeConverter implements ITypeConverter<Guarantee> {
    @Override
    public Guarantee convert(String name) {
      try {
        return Deliveries.of(name);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(String.valueOf(e.getMessage()));
      }
    }
  }

  @Override
  public Integer call() throws Exception {
    check();
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    result.set("machine", machine());
    result.set("settings", settings());
    if (profile != null) {
      Profiler.prepare();
    }
    say("starting a broker and a Flink cluster");
    try (TestBed bed = TestBed.start(parallelism, jobOptions)) {
      Thread onInterrupt = new Thread(() -> interrupt(bed), "benchmark-interrupt");
      Runtime.getRuntime().addShutdownHook(onInterrupt);
      for (Guarantee delivery : deliveries) {
        result.set(Deliveries.name(delivery), measure(bed, delivery));
      }
      if (profile != null) {
        result.set("profile", profile(bed, deliveries.get(0), profile));
      }
      Runtime.getRuntime().removeShutdownHook(onInterrupt);
    }
    console.result(result);
    if (json != null) {
      new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(json.toFile(), result);
    }
    return 0;
  }

  /** Ctrl-C: what runs now fails, as its broker goes, and nobody is interested in how. */
  private void interrupt(TestBed bed) {
    interrupted = true;
    bed.close();
  }

  private void check() {
    if (runIn < 0) {
      throw new ParameterException(spec.commandLine(), "--run-in must be 0 or more");
    }
    for (int number : new int[] {tasks, copies, parallelism, nodes, pools, tenants, rate}) {
      if (number < 1) {
        throw new ParameterException(
            spec.commandLine(),
            "--tasks, --copies, --parallelism, --nodes, --pools, --tenants and --rate must be 1 or"
                + " more");
      }
    }
  }

  private ObjectNode measure(TestBed bed, Guarantee delivery) throws Exception {
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    if (rounds > 0) {
      result.set("throughput", throughput(bed, delivery));
    }
    if (seconds > 0) {
      result.set("latency", latency(bed, delivery));
    }
    return result;
  }

  private ThroughputRound round(TestBed bed) {
    return new ThroughputRound(bed, workload(), runIn, tasks, copies, parallelism, agents);
  }

  private Workload workload() {
    return new Workload(nodes, pools, tenants);
  }

  private ObjectNode throughput(TestBed bed, Guarantee delivery) throws Exception {
    ThroughputRound round = round(bed);
    bed.carry(round.sample(delivery));
    Map<Job, List<ThroughputRound.Result>> results = new EnumMap<>(Job.class);
    for (int number = 1 - warmUpRounds; number <= rounds; number++) {
      for (Job job : inTurn(number)) {
        String prefix = "%s-%s-%d".formatted(name(job), Deliveries.name(delivery), number);
        ThroughputRound.Result result = round.run(job, delivery, prefix, null);
        say(
            "%-10s %s, round %d%s: %,.0f events/s, %.1f µs CPU/event, others used %s processors"
                .formatted(
                    name(job),
                    Deliveries.name(delivery),
                    number,
                    number > 0 ? "" : " (does not count)",
                    result.eventsPerSecond(),
                    result.cpuMicrosPerEvent(),
                    format(result.processorsUsedByOthers())));
        if (number > 0) {
          results.computeIfAbsent(job, unused -> new ArrayList<>()).add(result);
        }
      }
    }
    return throughput(results, delivery);
  }

  /** There and back in every other round, so that none always finds the machine as it was. */
  private static List<Job> inTurn(int round) {
    return Math.floorMod(round, 2) == 0
        ? List.of(Job.IDENTITY, Job.CARRYING, Job.ALLOCATION)
        : List.of(Job.ALLOCATION, Job.CARRYING, Job.IDENTITY);
  }

  private ObjectNode throughput(
      Map<Job, List<ThroughputRound.Result>> results, Guarantee delivery) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    Map<Job, Double> medians = new EnumMap<>(Job.class);
    Map<Job, Double> cpu = new EnumMap<>(Job.class);
    results.forEach(
        (job, rounds) -> {
          List<Double> rates =
              rounds.stream().map(ThroughputRound.Result::eventsPerSecond).toList();
          medians.put(job, Statistics.median(rates));
          cpu.put(
              job,
              Statistics.median(
                  rounds.stream().map(ThroughputRound.Result::cpuMicrosPerEvent).toList()));
          ObjectNode ofJob = node.putObject(name(job));
          ofJob.put("medianEventsPerSecond", Math.round(Statistics.median(rates)));
          ofJob.put("spread", rounded(Statistics.spread(rates), 3));
          ofJob.put(
              "medianCpuMicrosPerEvent",
              rounded(
                  Statistics.median(
                      rounds.stream().map(ThroughputRound.Result::cpuMicrosPerEvent).toList()),
                  2));
          var array = ofJob.putArray("rounds");
          for (ThroughputRound.Result round : rounds) {
            ObjectNode one = array.addObject();
            one.put("eventsPerSecond", Math.round(round.eventsPerSecond()));
            one.put("secondsUntilVisible", rounded(round.secondsUntilVisible(), 3));
            one.put("cpuMicrosPerEvent", rounded(round.cpuMicrosPerEvent(), 2));
            one.put("gcSeconds", rounded(round.gcSeconds(), 3));
            round
                .processorsUsedByOthers()
                .ifPresent(others -> one.put("processorsUsedByOthers", rounded(others, 2)));
          }
        });
    putRatios(node, "", Job.IDENTITY, medians, cpu, delivery);
    putRatios(node, "ToCarrying", Job.CARRYING, medians, cpu, delivery);
    return node;
  }

  /** The job {@code allocation} beside another, by events/s and by processor time. */
  private void putRatios(
      ObjectNode node,
      String suffix,
      Job other,
      Map<Job, Double> rates,
      Map<Job, Double> cpu,
      Guarantee delivery) {
    double ratio = of(rates, Job.ALLOCATION) / of(rates, other);
    double byCpu = of(cpu, other) / of(cpu, Job.ALLOCATION);
    node.put("ratio" + suffix, rounded(ratio, 3));
    node.put("ratio" + suffix + "ByCpu", rounded(byCpu, 3));
    say(
        "%s: %s %,.0f events/s, allocation %,.0f events/s, ratio %.3f (by CPU time %.3f)"
            .formatted(
                Deliveries.name(delivery),
                name(other),
                of(rates, other),
                of(rates, Job.ALLOCATION),
                ratio,
                byCpu));
  }

  private static double of(Map<Job, Double> medians, Job job) {
    Double median = medians.get(job);
    if (median == null) {
      throw new IllegalStateException("no rounds of " + job);
    }
    return median;
  }

  private ObjectNode latency(TestBed bed, Guarantee delivery) throws Exception {
    say("latency, %s: %,d events/s for %d s".formatted(Deliveries.name(delivery), rate, seconds));
    LatencyRun.Result result =
        new LatencyRun(bed, workload(), rate, seconds, parallelism)
            .run(delivery, "latency-" + Deliveries.name(delivery));
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("events", result.nanos().length);
    node.put("p50Millis", rounded(result.millis(0.5), 1));
    node.put("p90Millis", rounded(result.millis(0.9), 1));
    node.put("p99Millis", rounded(result.millis(0.99), 1));
    node.put("maxMillis", rounded(result.millis(1), 1));
    result
        .use()
        .processorsUsedByOthers()
        .ifPresent(others -> node.put("processorsUsedByOthers", rounded(others, 2)));
    say(
        "%s: p50 %.0f ms, p99 %.0f ms"
            .formatted(Deliveries.name(delivery), result.millis(0.5), result.millis(0.99)));
    return node;
  }

  private ObjectNode profile(TestBed bed, Guarantee delivery, Path file) throws Exception {
    if (rounds == 0) {
      round(bed).run(Job.ALLOCATION, delivery, "profile-warm-up", null);
    }
    try (Profiler profiler = new Profiler(file)) {
      ThroughputRound.Result result = round(bed).run(Job.ALLOCATION, delivery, "profile", profiler);
      say("profiled: %,.0f events/s, recording in %s".formatted(result.eventsPerSecond(), file));
      return profile(profiler.profile());
    }
  }

  private ObjectNode profile(Profiler.Profile seen) throws IOException {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("cpuSeconds", rounded(seen.cpuSeconds(), 2));
    node.put("gcSeconds", rounded(seen.gcSeconds(), 2));
    ObjectNode owners = node.putObject("cpuByThreads");
    say("CPU time, %.1f s in all, by threads of:".formatted(seen.cpuSeconds()));
    seen.cpuSecondsByOwner()
        .forEach(
            (owner, seconds) -> {
              double part = seconds / seen.cpuSeconds();
              owners.put(owner.meaning(), rounded(part, 3));
              say("  %5.1f %%  %s".formatted(100 * part, owner.meaning()));
            });
    if (seen.samples() == 0) {
      say(
          "no sample fell into the job's tasks: so few events are over too soon, give more --tasks");
    }
    ObjectNode parts = node.putObject("tasksByCode");
    say("of the time of the job's tasks, %,d samples, in:".formatted(seen.samples()));
    seen.samplesByPart()
        .forEach(
            (part, samples) -> {
              double share = (double) samples.samples() / seen.samples();
              ObjectNode one = parts.putObject(part.meaning());
              one.put("part", rounded(share, 3));
              ObjectNode methods = one.putObject("methods");
              say("  %5.1f %%  %s".formatted(100 * share, part.meaning()));
              for (Profiler.Count count : samples.methods()) {
                double ofAll = (double) count.samples() / seen.samples();
                methods.put(count.method(), rounded(ofAll, 3));
                say("          %5.1f %%  %s".formatted(100 * ofAll, count.method()));
              }
            });
    return node;
  }

  private static ObjectNode machine() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    var system = ManagementFactory.getOperatingSystemMXBean();
    node.put("processors", system.getAvailableProcessors());
    node.put("system", system.getName() + " " + system.getArch());
    node.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.version"));
    node.put("heapMib", Runtime.getRuntime().maxMemory() >> 20);
    node.put("loadAverage", rounded(system.getSystemLoadAverage(), 2));
    return node;
  }

  private ObjectNode settings() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("tasks", tasks);
    node.put("runIn", runIn);
    node.put("copies", copies);
    node.put("warmUp", warmUpRounds);
    node.put("rounds", rounds);
    node.put("parallelism", parallelism);
    node.put("nodes", nodes);
    node.put("pools", pools);
    node.put("tenants", tenants);
    node.put("agents", agents);
    node.put("ratePerSecond", rate);
    node.put("seconds", seconds);
    ObjectNode options = node.putObject("options");
    jobOptions.forEach(options::put);
    return node;
  }

  private static String name(Job job) {
    return job.name().toLowerCase(Locale.ROOT);
  }

  private static String format(OptionalDouble number) {
    return number.isPresent() ? "%.2f".formatted(number.getAsDouble()) : "?";
  }

  private static double rounded(double number, int digits) {
    double scale = Math.pow(10, digits);
    return Math.round(number * scale) / scale;
  }

  private void say(String line) {
    console.say(line);
  }
}
