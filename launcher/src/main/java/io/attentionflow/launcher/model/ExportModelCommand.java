package io.attentionflow.launcher.model;

import io.attentionflow.launcher.Console;
import io.attentionflow.launcher.Failure;
import io.attentionflow.launcher.FileReason;
import io.attentionflow.launcher.kafka.KafkaOptions;
import io.attentionflow.launcher.kafka.ReadTimeout;
import io.attentionflow.schema.ModelUpdate;
import io.attentionflow.schema.wire.RecordCodec;
import io.attentionflow.serving.JoinedMembers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A published model in a file. */
@Command(
    name = "export",
    description = {
      "Writes the newest snapshot of a model to a file: the record ModelUpdate as an Avro single"
          + " object, with its provenance; members that are published each by itself are put"
          + " together. Prints the provenance."
    })
public final class ExportModelCommand implements Callable<Integer> {

  private final Console console;

  @Mixin private KafkaOptions kafka;
  @Mixin private ReadTimeout timeout;

  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      description = "The model's name. Default: the one that serves.")
  private @Nullable String model;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "Where to write it; overwritten if it is there.")
  private Path output;

  /** For picocli, which fills the rest in. */
  public ExportModelCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    kafka.requireBroker();
    try {
      PublishedModels models = PublishedModels.read(kafka, timeout.value());
      ModelUpdate wanted = wanted(models);
      write(wanted);
      console.result(models.toJson(wanted));
    } catch (KafkaException e) {
      throw kafka.failure(e);
    }
    return ExitCode.OK;
  }

  private ModelUpdate wanted(PublishedModels models) {
    String name = model == null ? models.champion() : model;
    if (name == null) {
      throw new Failure("no model was published yet; the job publishes once it has learned");
    }
    List<ModelUpdate> members =
        models.byKey().values().stream()
            .filter(published -> published.getModel().equals(name))
            .toList();
    if (members.isEmpty()) {
      throw new Failure(
          "no model '%s' was published; there are: %s"
              .formatted(name, String.join(", ", names(models))));
    }
    try {
      return JoinedMembers.join(members);
    } catch (IOException e) {
      throw new Failure(
          "cannot put the published members together: %s; if the job has just begun to publish, try again"
              .formatted(e.getMessage()),
          e);
    }
  }

  private static List<String> names(PublishedModels models) {
    return models.byKey().values().stream().map(ModelUpdate::getModel).distinct().toList();
  }

  private void write(ModelUpdate wanted) {
    try {
      Files.write(output, RecordCodec.of(ModelUpdate.class).encode(wanted));
    } catch (IOException e) {
      throw new Failure(
          "cannot write %s: %s".formatted(output, FileReason.ofWriting(output, e)), e);
    }
  }
}
