package io.attentionflow.launcher.query;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.attentionflow.client.AllocationView;
import io.attentionflow.client.Answer;
import io.attentionflow.client.ViewOptions;
import io.attentionflow.launcher.Console;
import io.attentionflow.launcher.DurationConverter;
import io.attentionflow.launcher.Failure;
import io.attentionflow.launcher.kafka.KafkaOptions;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.topic.TopicNames;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * One question to the allocation topics: reads them up to now, answers, and ends.
 *
 * <p>The answer is what {@link AllocationView} says, as JSON: {@code value}, the {@code position}
 * of the newest record it rests on with its age, and {@code lagRecords}. Times are ISO 8601; what
 * is not known or does not apply is absent.
 */
abstract class Query implements Callable<Integer> {

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
          .addModule(new SimpleModule().addSerializer(Instant.class, ToStringSerializer.instance))
          .build();

  private final Console console;

  @Mixin private KafkaOptions kafka;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      defaultValue = "60s",
      description =
          "How long reading the topics up to now may take, such as 10s or 5m. Default:"
              + " ${DEFAULT-VALUE}.")
  private Duration timeout;

  @Option(
      names = "--look-back",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      defaultValue = "1h",
      description =
          "How far back to read of decisions and node events, and how long ago a task may have"
              + " ended. Default: ${DEFAULT-VALUE}.")
  private Duration lookBack;

  Query(Console console) {
    this.console = console;
  }

  /**
   * Asks a view that has caught up.
   *
   * @return its value is null: nothing is known
   */
  abstract Answer<?> ask(AllocationView view);

  /** What to say if nothing is known, and why that may be. */
  abstract String nothingKnown(AllocationView view);

  @Override
  public Integer call() throws InterruptedException {
    requireTopics();
    ViewOptions options =
        new ViewOptions(kafka.topics(), lookBack, lookBack, ViewOptions.STANDARD.mostSettled());
    try (AllocationView view = new AllocationView(kafka.clientSettings(), options)) {
      view.start();
      if (!view.awaitCaughtUp(timeout)) {
        throw new Failure(
            "the topics could not be read up to now within %d s. Give it more by --timeout."
                .formatted(timeout.toSeconds()));
      }
      if (view.undecodable() > 0) {
        console.say("%,d records could not be decoded".formatted(view.undecodable()));
      }
      return answer(view);
    } catch (KafkaException e) {
      throw kafka.failure(e);
    }
  }

  private int answer(AllocationView view) {
    Answer<?> answer = ask(view);
    if (answer.value() == null) {
      throw new Failure(nothingKnown(view));
    }
    console.result(JSON.valueToTree(answer));
    return ExitCode.OK;
  }

  /** Or a misspelt prefix would look like a cluster where nothing ever happened. */
  private void requireTopics() throws InterruptedException {
    TopicNames names = kafka.topics();
    try (Admin admin = kafka.admin()) {
      Set<String> there = kafka.answer(admin.listTopics().names());
      String commands = names.of(Topic.ALLOCATION_COMMANDS);
      if (!there.contains(commands)) {
        throw new Failure(
            """
            there is no topic %s at %s.
            Is --topic-prefix right? The topics are made by: attention-flow topics create."""
                .formatted(commands, kafka.bootstrapServers()));
      }
    }
  }

  /** The pools that something is known of, for a person who asked about none of them. */
  static String knownPools(AllocationView view) {
    return view.pools().isEmpty()
        ? "Nothing is known of any pool."
        : "Known are: " + String.join(", ", view.pools()) + ".";
  }
}
