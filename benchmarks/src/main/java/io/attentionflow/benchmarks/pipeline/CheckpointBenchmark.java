package io.attentionflow.benchmarks.pipeline;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attentionflow.launcher.Console;
import io.attentionflow.launcher.Failure;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What checkpoints and a restore cost a pool with many nodes and a long queue. */
@Command(
    name = "benchmarks/checkpoint",
    description = {
      "Measures how long decisions of one full pool pause during checkpoints, and how long a "
          + "restore takes, on a Kafka broker and a Flink cluster in this process."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {"", "docs/benchmarks.md says what is measured, how, and what came of it."})
public final class CheckpointBenchmark implements Callable<Integer> {

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Nodes of the pool. Default: ${DEFAULT-VALUE}.")
  private int nodes;

  @Option(
      names = "--waiting",
      paramLabel = "N",
      defaultValue = "100000",
      description = "Tasks in its queue. Default: ${DEFAULT-VALUE}.")
  private int waiting;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "100",
      description = "Tasks a second that are placed at once. Default: ${DEFAULT-VALUE}.")
  private int rate;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "30",
      description =
          "How long that is measured, with a checkpoint a second. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "hashmap,rocksdb",
      description = "Flink's state backends, one after the other. Default: ${DEFAULT-VALUE}.")
  private List<String> backends;

  @Option(
      names = "--option",
      paramLabel = "KEY=VALUE",
      description = "Option of the job, as in config/pipeline.yaml. May be given several times.")
  private Map<String, String> jobOptions = new TreeMap<>();

  @Spec private CommandSpec spec;

  private final Console console;

  @SuppressWarnings("NullAway.Init") // picocli sets the options
  private CheckpointBenchmark(Console console) {
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
   * @return its exit code: 0 when done, 2 for bad usage and 1 for everything else
   */
  static int run(PrintStream out, PrintStream err, String... args) {
    return new CommandLine(new CheckpointBenchmark(new Console(out, err)))
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> {
              if (failure instanceof Failure known) {
                err.println(known.advice());
              } else {
                failure.printStackTrace(err);
              }
              return CommandLine.ExitCode.SOFTWARE;
            })
        .execute(args);
  }

  @Override
  public Integer call() throws Exception {
    for (int number : new int[] {nodes, waiting, rate, seconds}) {
      if (number < 1) {
        throw new ParameterException(
            spec.commandLine(), "--nodes, --waiting, --rate and --seconds must be 1 or more");
      }
    }
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    ObjectNode settings = result.putObject("settings");
    settings.put("nodes", nodes);
    settings.put("waiting", waiting);
    settings.put("ratePerSecond", rate);
    settings.put("seconds", seconds);
    settings.put("heapMib", Runtime.getRuntime().maxMemory() >> 20);
    for (String backend : backends) {
      result.set(backend, measure(backend));
    }
    console.result(result);
    return 0;
  }

  private ObjectNode measure(String backend) throws Exception {
    console.say(backend + ": starting a broker and a Flink cluster");
    Map<String, String> options = new TreeMap<>();
    // Nodes say nothing after they have joined.
    options.put("policy.heartbeat-timeout", "1d");
    options.put("execution.flink.state.backend.type", backend);
    options.put("execution.flink.execution.checkpointing.incremental", "true");
    // The cluster in this process sets next to no memory aside for RocksDB.
    options.put("execution.flink.state.backend.rocksdb.memory.fixed-per-slot", "256mb");
    options.putAll(jobOptions);
    try (TestBed bed = TestBed.start(1, options)) {
      CheckpointRun run =
          new CheckpointRun(bed, new FullPool(nodes, waiting), rate, seconds, console::say);
      MachineUse use = new MachineUse();
      CheckpointRun.Result seen = run.run("checkpoint-" + backend);
      ObjectNode node = JsonNodeFactory.instance.objectNode();
      node.put("decisions", seen.nanos().length);
      node.put("checkpoints", seen.checkpoints());
      node.put("p50Millis", rounded(seen.millis(0.5)));
      node.put("p99Millis", rounded(seen.millis(0.99)));
      node.put("maxMillis", rounded(seen.millis(1)));
      node.put("longestGapMillis", rounded(seen.longestGapNanos() / 1e6));
      node.put("secondsToStop", rounded(seen.secondsToStop()));
      node.put("secondsToRestore", rounded(seen.secondsToRestore()));
      use.processorsUsedByOthers()
          .ifPresent(others -> node.put("processorsUsedByOthers", rounded(others)));
      node.put(
          "loadAverage",
          rounded(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
      console.say(
          "%s: %d checkpoints, decisions after %.0f ms (p50), %.0f ms (p99), %.0f ms (longest), at most %.0f ms apart; "
                  .formatted(
                      backend,
                      seen.checkpoints(),
                      seen.millis(0.5),
                      seen.millis(0.99),
                      seen.millis(1),
                      seen.longestGapNanos() / 1e6)
              + "restored in %.1f s".formatted(seen.secondsToRestore()));
      return node;
    }
  }

  private static double rounded(double number) {
    return Math.round(number * 100) / 100.0;
  }
}
