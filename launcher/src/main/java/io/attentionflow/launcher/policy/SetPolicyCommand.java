package io.attentionflow.launcher.policy;

import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.jobs.allocation.InvalidOptionException;
import io.attentionflow.jobs.allocation.PolicySettings;
import io.attentionflow.launcher.Console;
import io.attentionflow.launcher.kafka.KafkaOptions;
import io.attentionflow.launcher.kafka.ReadTimeout;
import io.attentionflow.schema.PolicyUpdate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Another policy, from now on. */
@Command(
    name = "set",
    description = {
      "Sets the policy of a pool, from now on and without a restart. Settings are those below"
          + " 'policy' in config/pipeline.yaml, such as placement=random; what is not named is as the"
          + " job was configured, not as it was set before.",
      "Takes effect with the pool's next event; its version is on every decision. A pool that"
          + " nothing is known of gets one too, with a hint on standard error."
    })
public final class SetPolicyCommand implements Callable<Integer> {

  private final Console console;

  @Spec private CommandSpec spec;
  @Mixin private KafkaOptions kafka;
  @Mixin private ReadTimeout timeout;

  @Parameters(
      index = "0",
      paramLabel = "POOL",
      description = "The pool, or '*' for every pool without a policy of its own.")
  private String pool;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "KEY=VALUE",
      description = "What is otherwise than configured. None: all is as configured.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(names = "--proposal", description = "Only a suggestion: it is kept, and not applied.")
  private boolean proposal;

  @Option(names = "--note", paramLabel = "TEXT", defaultValue = "", description = "Why.")
  private String note;

  /** For picocli, which fills the rest in. */
  public SetPolicyCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws InterruptedException {
    check();
    kafka.requireBroker();
    try {
      PolicyUpdate update =
          PolicyWriter.write(
              kafka,
              timeout.value(),
              pool,
              PolicyUpdate.newBuilder()
                  .setPool(pool)
                  .setSettings(settings)
                  .setProposal(proposal)
                  .setNote(note));
      console.result(GetPolicyCommand.toJson(update));
      PoolHint.give(kafka, timeout.value(), pool, console);
    } catch (KafkaException e) {
      throw kafka.failure(e);
    }
    return ExitCode.OK;
  }

  private void check() {
    if (pool.isEmpty()) {
      throw wrong("The pool has no name; '*' is every pool");
    }
    try {
      PolicySettings.parse(settings, PoolPolicy.defaults());
    } catch (InvalidOptionException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private ParameterException wrong(String what) {
    return new ParameterException(spec.commandLine(), what);
  }
}
