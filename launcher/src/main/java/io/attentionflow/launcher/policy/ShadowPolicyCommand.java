package io.attentionflow.launcher.policy;

import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.jobs.allocation.InvalidOptionException;
import io.attentionflow.jobs.allocation.PolicySettings;
import io.attentionflow.launcher.Console;
import io.attentionflow.launcher.Failure;
import io.attentionflow.launcher.kafka.CommittedRecords;
import io.attentionflow.launcher.kafka.KafkaOptions;
import io.attentionflow.launcher.kafka.ReadTimeout;
import io.attentionflow.schema.AllocationDecision;
import io.attentionflow.schema.PolicyUpdate;
import io.attentionflow.schema.topic.Topic;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Another policy on the same events, commanding nobody. */
@Command(
    name = "shadow",
    description = {
      "With settings or a name: from now on a copy of the pool is run by that policy too, on the"
          + " same events; it commands nobody, and its decisions are on the topic of decisions,"
          + " marked. Another one replaces it, and begins anew.",
      "With --end: not any more.",
      "With neither: sums up how the shadow decided, beside the pool itself. Exit code 1 if it has"
          + " not decided anything."
    })
public final class ShadowPolicyCommand implements Callable<Integer> {

  private static final String DEFAULT_NAME = "shadow";

  private final Console console;

  @Spec private CommandSpec spec;
  @Mixin private KafkaOptions kafka;
  @Mixin private ReadTimeout timeout;

  @Parameters(
      index = "0",
      paramLabel = "POOL",
      description = "The pool, or '*' for a shadow of every pool without one of its own.")
  private String pool;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "KEY=VALUE",
      description = "What is otherwise than configured, as for 'policy set'.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Of the shadow, on its decisions. Default: " + DEFAULT_NAME + ".")
  private @Nullable String name;

  @Option(names = "--end", description = "There is to be no shadow any more.")
  private boolean end;

  @Option(names = "--note", paramLabel = "TEXT", defaultValue = "", description = "Why.")
  private String note;

  /** For picocli, which fills the rest in. */
  public ShadowPolicyCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    check();
    kafka.requireBroker();
    try {
      if (end || name != null || !settings.isEmpty()) {
        console.result(GetPolicyCommand.toJson(write()));
        PoolHint.give(kafka, timeout.value(), pool, console);
      } else {
        console.result(compare().toJson());
      }
    } catch (KafkaException e) {
      throw kafka.failure(e);
    }
    return ExitCode.OK;
  }

  private void check() {
    if (pool.isEmpty()) {
      throw wrong("The pool has no name; '*' is every pool");
    }
    if (name != null && name.isEmpty()) {
      throw wrong("--name is empty");
    }
    if (pool.equals("*") && !end && name == null && settings.isEmpty()) {
      throw wrong("Name a pool: what is summed up is of one, and not of all together");
    }
    if (end && !settings.isEmpty()) {
      throw wrong("--end takes no settings");
    }
    try {
      PolicySettings.parse(settings, PoolPolicy.defaults());
    } catch (InvalidOptionException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private PolicyUpdate write() throws InterruptedException {
    return PolicyWriter.write(
        kafka,
        timeout.value(),
        pool + "/shadow",
        PolicyUpdate.newBuilder()
            .setPool(pool)
            .setSettings(settings)
            .setShadow(name == null ? DEFAULT_NAME : name)
            .setEnded(end)
            .setNote(note));
  }

  private ShadowComparison compare() {
    ShadowComparison comparison = new ShadowComparison(pool);
    CommittedRecords.read(
        kafka,
        Topic.ALLOCATION_DECISIONS,
        AllocationDecision.class,
        timeout.value(),
        (key, decision) -> {
          if (decision != null) {
            comparison.add(decision);
          }
        });
    if (comparison.isEmpty()) {
      throw new Failure(
          "no shadow of '%s' has decided anything; begin one by: policy shadow %s KEY=VALUE"
              .formatted(pool, pool));
    }
    return comparison;
  }

  private ParameterException wrong(String what) {
    return new ParameterException(spec.commandLine(), what);
  }
}
