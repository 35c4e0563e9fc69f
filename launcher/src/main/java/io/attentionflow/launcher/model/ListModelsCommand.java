package io.attentionflow.launcher.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.attentionflow.launcher.Console;
import io.attentionflow.launcher.kafka.KafkaOptions;
import io.attentionflow.launcher.kafka.ReadTimeout;
import io.attentionflow.schema.ModelUpdate;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** Which models were published. */
@Command(
    name = "list",
    description = "Prints where each published model came from, without its contents.")
public final class ListModelsCommand implements Callable<Integer> {

  private final Console console;

  @Mixin private KafkaOptions kafka;
  @Mixin private ReadTimeout timeout;

  /** For picocli, which fills the rest in. */
  public ListModelsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    kafka.requireBroker();
    try {
      PublishedModels models = PublishedModels.read(kafka, timeout.value());
      ArrayNode result = JsonNodeFactory.instance.arrayNode();
      for (ModelUpdate model : models.byKey().values()) {
        result.add(models.toJson(model));
      }
      console.result(result);
    } catch (KafkaException e) {
      throw kafka.failure(e);
    }
    return ExitCode.OK;
  }
}
