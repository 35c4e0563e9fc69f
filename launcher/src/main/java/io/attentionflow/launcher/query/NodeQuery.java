package io.attentionflow.launcher.query;

import io.attentionflow.client.AllocationView;
import io.attentionflow.client.Answer;
import io.attentionflow.launcher.Console;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** What is on this node? */
@Command(
    name = "node",
    description = {
      "Says how a node is: its capacity and use, and the tasks that are placed on it.",
      "Exit code 1 if nothing is known of it."
    })
public final class NodeQuery extends Query {

  @Parameters(paramLabel = "ID", description = "The node's id.")
  private String id;

  /** For picocli, which fills the rest in. */
  public NodeQuery(Console console) {
    super(console);
  }

  @Override
  Answer<?> ask(AllocationView view) {
    return view.node(id);
  }

  @Override
  String nothingKnown(AllocationView view) {
    return "nothing is known of node '%s': it was not heard of lately, or has left.".formatted(id);
  }
}
