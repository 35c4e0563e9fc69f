package io.attentionflow.launcher.world;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attentionflow.launcher.Console;
import io.attentionflow.launcher.ExistingFile;
import io.attentionflow.launcher.StopSignal;
import io.attentionflow.launcher.kafka.KafkaOptions;
import io.attentionflow.simulation.trace.Trace;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A trace on any Kafka cluster. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = {
      "Submits the tasks of a trace to a Kafka cluster, from now on and faster than they came, and"
          + " plays the agents of its nodes: they run each task for its recorded time, as much"
          + " faster.",
      "Ends when all tasks are over, or when nothing runs and nothing was commanded for "
          + ReplayCommand.QUIET_SECONDS
          + " s: what still waits then is taken to wait for ever, and its number is said.",
      "What takes a moment on Kafka takes that much longer in the"
          + " trace's time: for figures of a schedule, see evaluate."
    })
public final class ReplayCommand implements Callable<Integer> {

  /** A command takes a checkpoint's time; a restart of the job some more. */
  static final int QUIET_SECONDS = 60;

  private static final Duration QUIET = Duration.ofSeconds(QUIET_SECONDS);

  private final Console console;

  @Spec private CommandSpec spec;
  @Mixin private KafkaOptions kafka;
  @Mixin private TraceOptions options;

  @Parameters(paramLabel = "FILE", converter = ExistingFile.class, description = "The trace.")
  private Path file;

  @Option(
      names = "--speedup",
      paramLabel = "FACTOR",
      description =
          "How many times faster than in the trace. Default: as much as lets it be submitted in"
              + " five minutes.")
  private @Nullable Double speedup;

  public ReplayCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    Trace trace = options.read(file);
    PlayedTrace played = played(trace);
    kafka.requireBroker();
    try (StopSignal stop = StopSignal.listen(console);
        SimulatedCluster cluster =
            new SimulatedCluster(
                kafka.clientSettings(),
                kafka.topics(),
                trace.nodes(),
                played.from(Instant.now()),
                ScenarioTasks.faultlessAgents(played.speedup()),
                Clock.systemUTC())) {
      cluster.start();
      console.say(
          "%s, %,.0f times as fast: submitted in %,d s"
              .formatted(trace.description(), played.speedup(), played.span().toSeconds()));
      long start = System.nanoTime();
      ClusterCounts counts = new Play(cluster, stop, console).untilFinished(QUIET);
      if (!stop.isAsked()) {
        Play.tellOfWaiting(counts, QUIET, console);
      }
      ObjectNode report = Play.toJson(counts);
      report.put("speedup", played.speedup());
      report.put("seconds", (System.nanoTime() - start) / 1e9);
      console.result(report);
      return Play.exitCode(counts);
    } catch (KafkaException e) {
      throw kafka.failure(e);
    }
  }

  private PlayedTrace played(Trace trace) {
    if (speedup == null) {
      return PlayedTrace.comfortably(trace);
    }
    if (!(speedup > 0)) {
      throw new ParameterException(
          spec.commandLine(), "--speedup is %s; it must be above 0".formatted(speedup));
    }
    return new PlayedTrace(trace, speedup);
  }
}
