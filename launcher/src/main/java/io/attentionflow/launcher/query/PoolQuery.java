package io.attentionflow.launcher.query;

import io.attentionflow.client.AllocationView;
import io.attentionflow.client.Answer;
import io.attentionflow.launcher.Console;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** How is this pool? */
@Command(
    name = "pool",
    description = {
      "Says how a pool is: its nodes, capacity and use, what has a place and what waits, and the"
          + " demand by class.",
      "Exit code 1 if nothing is known of it."
    })
public final class PoolQuery extends Query {

  @Parameters(paramLabel = "POOL", description = "The pool's name.")
  private String pool;

  /** For picocli, which fills the rest in. */
  public PoolQuery(Console console) {
    super(console);
  }

  @Override
  Answer<?> ask(AllocationView view) {
    return view.pool(pool);
  }

  @Override
  String nothingKnown(AllocationView view) {
    return "nothing is known of pool '%s'. %s".formatted(pool, knownPools(view));
  }
}
