package io.attentionflow.launcher.topics;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attentionflow.client.TopicLayout;
import io.attentionflow.client.TopicProvisioner;
import io.attentionflow.client.TopicStatus;
import io.attentionflow.client.TopicStatus.State;
import io.attentionflow.launcher.Console;
import io.attentionflow.launcher.kafka.KafkaOptions;
import io.attentionflow.schema.topic.Topic;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes the topics of the catalogue. */
@Command(
    name = "create",
    description = {
      "Makes the topics that are missing, and leaves those that are there as they are. Can be run"
          + " again at any time.",
      "",
      "A topic that is there and laid out otherwise is reported and is no failure, since it may be"
          + " meant so; with --strict it is."
    })
public final class CreateTopicsCommand implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Console console;

  @Spec private CommandSpec command;
  @Mixin private KafkaOptions kafka;

  @Option(names = "--dry-run", description = "Only say what is there and what would be made.")
  private boolean dryRun;

  @Option(
      names = "--strict",
      description =
          "Exit with 1 if a topic is not as wanted in the end; with --dry-run, also if one is"
              + " missing.")
  private boolean strict;

  @Option(
      names = "--replication-factor",
      paramLabel = "N",
      description = "Copies of each partition. Default: as the brokers are configured.")
  private @Nullable Integer replicationFactor;

  @Option(
      names = "--partitions",
      paramLabel = "TOPIC=N",
      description =
          "Partitions of one topic, by its name without prefix. Repeatable. Default: as in the"
              + " catalogue, which suits some ten thousand tasks a second.")
  private Map<String, Integer> partitions = new LinkedHashMap<>();

  /** For picocli, which fills the rest in. */
  public CreateTopicsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    TopicLayout layout = layout();
    List<TopicStatus> statuses;
    try (Admin admin = kafka.admin()) {
      TopicProvisioner provisioner = new TopicProvisioner(admin, layout);
      statuses = dryRun ? provisioner.check() : provisioner.provision();
    } catch (KafkaException e) {
      throw kafka.failure(e);
    }
    statuses.forEach(status -> console.say(line(status)));
    console.result(toJson(statuses));
    boolean asWanted =
        statuses.stream()
            .allMatch(
                status -> status.state() == State.AS_WANTED || status.state() == State.CREATED);
    return strict && !asWanted ? ExitCode.SOFTWARE : ExitCode.OK;
  }

  private TopicLayout layout() {
    TopicLayout layout = TopicLayout.STANDARD.withNames(kafka.topics());
    try {
      if (replicationFactor != null) {
        layout = layout.withReplicationFactor(replicationFactor);
      }
      for (Map.Entry<String, Integer> entry : partitions.entrySet()) {
        layout = layout.withPartitions(topic(entry.getKey()), entry.getValue());
      }
    } catch (IllegalArgumentException e) {
      throw wrong("Kafka does not take that: " + e.getMessage());
    }
    return layout;
  }

  private Topic topic(String name) {
    for (Topic topic : Topic.values()) {
      if (topic.baseName().equals(name)) {
        return topic;
      }
    }
    throw wrong(
        "There is no topic '%s'; there are: %s"
            .formatted(
                name,
                Arrays.stream(Topic.values())
                    .map(Topic::baseName)
                    .collect(Collectors.joining(", "))));
  }

  private String line(TopicStatus status) {
    String name = "%-40s ".formatted(status.name());
    return switch (status.state()) {
      case MISSING -> name + "missing, would get %d partitions".formatted(status.partitions());
      case CREATED -> name + "created, %d partitions".formatted(status.partitions());
      case AS_WANTED -> name + "is there";
      case DIFFERS -> name + "differs: " + String.join("; ", status.differences());
    };
  }

  private ObjectNode toJson(List<TopicStatus> statuses) {
    ObjectNode result = JSON.createObjectNode();
    result.put("dryRun", dryRun);
    result.put("missing", count(statuses, State.MISSING));
    result.put("created", count(statuses, State.CREATED));
    result.put("asWanted", count(statuses, State.AS_WANTED));
    result.put("differs", count(statuses, State.DIFFERS));
    ArrayNode topics = result.putArray("topics");
    for (TopicStatus status : statuses) {
      ObjectNode topic = topics.addObject();
      topic.put("topic", status.topic().baseName());
      topic.put("name", status.name());
      topic.put("state", status.state().name());
      topic.put("partitions", status.partitions());
      ArrayNode differences = topic.putArray("differences");
      status.differences().forEach(differences::add);
    }
    return result;
  }

  private static long count(List<TopicStatus> statuses, State state) {
    return statuses.stream().filter(status -> status.state() == state).count();
  }

  private ParameterException wrong(String what) {
    return new ParameterException(command.commandLine(), what);
  }
}
