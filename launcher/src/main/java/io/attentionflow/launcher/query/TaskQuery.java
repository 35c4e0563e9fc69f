package io.attentionflow.launcher.query;

import io.attentionflow.client.AllocationView;
import io.attentionflow.client.Answer;
import io.attentionflow.launcher.Console;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Where is this task, and why? */
@Command(
    name = "task",
    description = {
      "Says where a task is and why: its state, its places, what it waits for, how that was"
          + " decided, and the commands about it.",
      "Exit code 1 if nothing is known of it."
    })
public final class TaskQuery extends Query {

  @Parameters(paramLabel = "ID", description = "The task's id.")
  private String id;

  /** For picocli, which fills the rest in. */
  public TaskQuery(Console console) {
    super(console);
  }

  @Override
  Answer<?> ask(AllocationView view) {
    return view.task(id);
  }

  @Override
  String nothingKnown(AllocationView view) {
    return "nothing is known of task '%s': nothing was decided about it yet, or too long ago."
        .formatted(id);
  }
}
