package io.attentionflow.launcher.policy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attentionflow.launcher.Console;
import io.attentionflow.launcher.Failure;
import io.attentionflow.launcher.kafka.KafkaOptions;
import io.attentionflow.launcher.kafka.LatestRecords;
import io.attentionflow.launcher.kafka.ReadTimeout;
import io.attentionflow.schema.PolicyUpdate;
import io.attentionflow.schema.topic.Topic;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Which policies were set. */
@Command(
    name = "get",
    description = {
      "Prints the policies that were set, by pool; '*' is that of every pool without one of its own.",
      "'/shadow' behind the pool marks the policy of its shadow.",
      "What a policy does not name is as the job was configured. Exit code 1 if nothing was set."
    })
public final class GetPolicyCommand implements Callable<Integer> {

  private final Console console;

  @Mixin private KafkaOptions kafka;
  @Mixin private ReadTimeout timeout;

  @Parameters(arity = "0..1", paramLabel = "POOL", description = "Of this pool only, or '*'.")
  private @Nullable String pool;

  /** For picocli, which fills the rest in. */
  public GetPolicyCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    kafka.requireBroker();
    SortedMap<String, PolicyUpdate> policies;
    try {
      policies =
          LatestRecords.read(kafka, Topic.POLICY_UPDATES, PolicyUpdate.class, timeout.value());
    } catch (KafkaException e) {
      throw kafka.failure(e);
    }
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    policies.forEach(
        (key, update) -> {
          if (pool == null || pool.equals(update.getPool())) {
            result.set(key, toJson(update));
          }
        });
    if (result.isEmpty()) {
      throw new Failure(
          pool == null
              ? "no policy was set; every pool is run as the job was configured"
              : "no policy was set for '%s'".formatted(pool));
    }
    console.result(result);
    return ExitCode.OK;
  }

  static ObjectNode toJson(PolicyUpdate update) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("pool", update.getPool());
    json.put("version", update.getVersion());
    json.put("updatedAt", update.getUpdatedAt().toString());
    json.put("proposal", update.getProposal());
    json.put("author", update.getAuthor());
    json.put("note", update.getNote());
    if (update.getShadow() != null) {
      json.put("shadow", update.getShadow());
      json.put("ended", update.getEnded());
    }
    ObjectNode settings = json.putObject("settings");
    new TreeMap<>(update.getSettings()).forEach(settings::put);
    return json;
  }
}
