package io.attentionflow.launcher.world;

import io.attentionflow.launcher.Console;
import io.attentionflow.launcher.DurationConverter;
import io.attentionflow.launcher.StopSignal;
import io.attentionflow.launcher.kafka.KafkaOptions;
import io.attentionflow.simulation.scenario.Scenario;
import io.attentionflow.simulation.trace.TraceTask;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tasks and node agents of a simulated world, on any Kafka cluster. */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    description = {
      "Submits the tasks of a simulated world to a Kafka cluster, and plays the agents of its nodes:"
          + " they obey the commands that come back, and send feedback.",
      "The topics must be there (see topics create), and the job should run. Ids of tasks end in the"
          + " time of the start, so that one run follows another. When it stops, its nodes leave,"
          + " and tasks that are not over wait in the pool: nobody cancels them."
    })
public final class SimulateCommand implements Callable<Integer> {

  private final Console console;

  @Mixin private KafkaOptions kafka;
  @Mixin private ScenarioOptions options;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "Stop after this time, such as 60s or 2h. Default: on Ctrl-C.")
  private @Nullable Duration duration;

  public SimulateCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    Scenario scenario = options.read();
    kafka.requireBroker();
    Instant start = Instant.now();
    ScenarioTasks world = new ScenarioTasks(scenario, options, start);
    String suffix = "-" + Long.toString(start.toEpochMilli(), Character.MAX_RADIX);
    try (StopSignal stop = StopSignal.listen(console);
        SimulatedCluster cluster =
            new SimulatedCluster(
                kafka.clientSettings(),
                kafka.topics(),
                scenario.cluster(),
                renamed(world.tasks(), suffix),
                world.agents(),
                Clock.systemUTC())) {
      cluster.start();
      console.say("%s Ctrl-C stops.".formatted(scenario.description()));
      Play play = new Play(cluster, stop, console);
      ClusterCounts counts = play.until(duration);
      Play.tellOfUnfinished(counts, console);
      console.result(Play.toJson(counts));
      return Play.exitCode(counts);
    } catch (KafkaException e) {
      throw kafka.failure(e);
    }
  }

  private static Iterator<TraceTask> renamed(Iterator<TraceTask> tasks, String suffix) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return tasks.hasNext();
      }

      @Override
      public TraceTask next() {
        TraceTask task = tasks.next();
        return task.movedTo(task.submittedAt(), task.taskId() + suffix);
      }
    };
  }
}
