package io.attentionflow.launcher.doctor;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.attentionflow.jobs.allocation.InvalidOptionException;
import io.attentionflow.jobs.allocation.PipelineOptions;
import io.attentionflow.launcher.Console;
import io.attentionflow.launcher.ExistingFile;
import io.attentionflow.launcher.doctor.Finding.Status;
import io.attentionflow.launcher.kafka.KafkaOptions;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says whether all is there that is needed, and what to do where it is not. */
@Command(
    name = "doctor",
    description = {
      "Checks this machine, the options of the job and the Kafka cluster, and says what to do.",
      "",
      "Exit code 1 if something would keep the job from running. A broker that nobody named is not"
          + " missed: 'local' needs none."
    })
public final class DoctorCommand implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Console console;

  @Mixin private KafkaOptions kafka;

  @Option(
      names = "--options",
      paramLabel = "FILE",
      converter = ExistingFile.class,
      description = "Options of the job to be checked, as in config/pipeline.yaml.")
  private @Nullable Path optionsFile;

  /** For picocli, which fills the rest in. */
  public DoctorCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    // Bad usage first.
    kafka.clientSettings();
    kafka.topics();
    List<Finding> findings = new ArrayList<>(MachineChecks.all());
    PipelineOptions options = options(findings);
    findings.addAll(new ClusterChecks(kafka, options.delivery().transactionTimeout()).all());
    findings.forEach(this::say);
    boolean healthy = findings.stream().noneMatch(found -> found.status() == Status.PROBLEM);
    console.say(healthy ? "Nothing is in the way." : "Something is in the way; see above.");
    console.result(toJson(findings, healthy));
    return healthy ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private PipelineOptions options(List<Finding> findings) {
    try {
      PipelineOptions options = PipelineOptions.load(optionsFile, System.getenv(), Map.of());
      findings.add(options(options));
      return options;
    } catch (InvalidOptionException e) {
      findings.add(
          Finding.problem(
              "options",
              String.valueOf(e.getMessage()),
              "Correct it in the file, or in the environment; config/pipeline.yaml explains each."));
    } catch (UncheckedIOException e) {
      findings.add(
          Finding.problem(
              "options", String.valueOf(e.getMessage()), "Is the file there, and readable?"));
    }
    return PipelineOptions.defaults();
  }

  /** A file names brokers and a prefix, too: those that are checked should be the same. */
  private Finding options(PipelineOptions options) {
    String servers = options.kafka().bootstrapServers();
    String prefix = options.kafka().topics().prefix();
    if (optionsFile == null
        || (servers.equals(kafka.bootstrapServers()) && prefix.equals(kafka.topics().prefix()))) {
      return Finding.ok("options", "the job can read its options");
    }
    return Finding.hint(
        "options",
        "the job would use brokers %s and the topic prefix '%s'".formatted(servers, prefix),
        "Others are checked here: --bootstrap-servers and --topic-prefix say which.");
  }

  private void say(Finding finding) {
    console.say(
        "%-8s %-16s %s"
            .formatted(
                finding.status().name().toLowerCase(Locale.ROOT),
                finding.check(),
                finding.found()));
    finding.advice().lines().forEach(line -> console.say(" ".repeat(26) + line));
  }

  private static ObjectNode toJson(List<Finding> findings, boolean healthy) {
    ObjectNode result = JSON.createObjectNode();
    result.put("healthy", healthy);
    ArrayNode checks = result.putArray("checks");
    for (Finding finding : findings) {
      ObjectNode check = checks.addObject();
      check.put("check", finding.check());
      check.put("status", finding.status().name());
      check.put("found", finding.found());
      if (!finding.advice().isEmpty()) {
        check.put("advice", finding.advice());
      }
    }
    return result;
  }
}
