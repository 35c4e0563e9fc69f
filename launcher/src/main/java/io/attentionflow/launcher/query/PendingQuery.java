package io.attentionflow.launcher.query;

import io.attentionflow.client.AllocationView;
import io.attentionflow.client.Answer;
import io.attentionflow.client.PendingList;
import io.attentionflow.launcher.Console;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What waits in this pool? */
@Command(
    name = "pending",
    description = {
      "Says what waits in a pool, and for what: how many tasks for each reason, and the first of"
          + " the queue.",
      "A task's position and estimated start are as of its 'observedAt', when it began to wait or"
          + " to wait for something else: several may have the same position, and a start that was"
          + " expected may be past. Listed by position, then by how long they wait.",
      "Exit code 1 if nothing is known of the pool."
    })
public final class PendingQuery extends Query {

  @Spec private CommandSpec command;

  @Parameters(paramLabel = "POOL", description = "The pool's name.")
  private String pool;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "100",
      description = "List N tasks at most; all are counted. Default: ${DEFAULT-VALUE}.")
  private int limit;

  /** For picocli, which fills the rest in. */
  public PendingQuery(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws InterruptedException {
    if (limit < 0) {
      throw new ParameterException(command.commandLine(), "--limit must not be negative");
    }
    return super.call();
  }

  @Override
  Answer<?> ask(AllocationView view) {
    Answer<PendingList> answer = view.pending(pool, limit);
    // Of a pool that nobody has heard of, nothing waits either: that is no answer.
    return view.pools().contains(pool) ? answer : new Answer<>(null, null, answer.lagRecords());
  }

  @Override
  String nothingKnown(AllocationView view) {
    return "nothing is known of pool '%s'. %s".formatted(pool, knownPools(view));
  }
}
