package io.attentionflow.launcher.query;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attentionflow.launcher.Console;
import io.attentionflow.launcher.StopSignal;
import io.attentionflow.launcher.kafka.KafkaOptions;
import io.attentionflow.schema.DeadLetter;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Follows what is decided. */
@Command(
    name = "watch",
    description = {
      "Follows what is decided: a line of JSON for every command, for every task that begins to"
          + " wait or waits for something else, and for every task that waits no more. Sees only"
          + " what is committed. Ctrl-C ends it.",
      "",
      "A line says the topic, partition and offset of its record, the broker's time of it, the"
          + " task's id, and the record; there is no record where a task waits no more.",
      "",
      "With --dead-letters: follows what the job could not use, and why. A line says the topic,"
          + " partition and offset of that record, the reason, the same for people, the broker's"
          + " time of it, and key and value if the letter has them: as text, or else in Base64;"
          + " 1,000 characters or bytes of each."
    })
public final class WatchCommand implements Callable<Integer> {

  private final Console console;

  @Spec private CommandSpec command;
  @Mixin private KafkaOptions kafka;

  @Option(
      names = "--pool",
      paramLabel = "POOL",
      description =
          "Only of this pool. That a task waits no more is told if it was told that it waits.")
  private @Nullable String pool;

  @Option(names = "--task", paramLabel = "ID", description = "Only of this task.")
  private @Nullable String task;

  @Option(
      names = "--dead-letters",
      description = "What could not be used, of any pool and task, instead of what is decided.")
  private boolean deadLetters;

  @Option(
      names = "--count",
      paramLabel = "N",
      description = "End after N lines. Default: on Ctrl-C.")
  private @Nullable Long count;

  @Option(
      names = "--from-beginning",
      description =
          "Begin with the oldest record that the topics still have. Default: with the next one.")
  private boolean fromBeginning;

  /** For picocli, which fills the rest in. */
  public WatchCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (count != null && count < 0) {
      throw new ParameterException(command.commandLine(), "--count must not be negative");
    }
    if (deadLetters && (pool != null || task != null)) {
      throw new ParameterException(
          command.commandLine(),
          "--dead-letters goes with neither --pool nor --task: what cannot be read has none");
    }
    kafka.requireBroker();
    try (StopSignal stop = StopSignal.listen(console);
        DecisionFeed feed =
            new DecisionFeed(
                kafka.clientSettings(),
                kafka.topics(),
                deadLetters ? DecisionFeed.DEAD_LETTERS : DecisionFeed.DECISIONS,
                new Interest(pool, task),
                console::say)) {
      feed.begin(fromBeginning);
      console.say("Watching; Ctrl-C ends it.");
      long left = count == null ? Long.MAX_VALUE : count;
      while (left > 0 && !stop.isAsked() && !console.isDeaf()) {
        List<Change> changes = feed.poll();
        int shown = (int) Math.min(left, changes.size());
        changes.subList(0, shown).forEach(change -> console.line(toJson(change)));
        left -= shown;
      }
      return ExitCode.OK;
    } catch (KafkaException e) {
      throw kafka.failure(e);
    }
  }

  private static ObjectNode toJson(Change change) {
    if (change.record() instanceof DeadLetter letter) {
      return DeadLetterJson.of(letter);
    }
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("topic", change.topic().baseName());
    line.put("partition", change.partition());
    line.put("offset", change.offset());
    line.put("writtenAt", change.writtenAt().toString());
    line.put("taskId", change.taskId());
    if (change.record() != null) {
      line.set("record", RecordJson.of(change.record()));
    }
    return line;
  }
}
