package io.attentionflow.simulation.cluster;

import io.attentionflow.allocation.Command;
import io.attentionflow.allocation.ShardPlacement;
import java.util.List;

/**
 * A command as node agents read it: what it says about the task, they echo.
 *
 * @param generation the placement it is about, from 1
 * @param shards where the task is to run, or ran; empty on REJECT
 */
public record AgentCommand(
    Command.Action action,
    String taskId,
    int generation,
    String pool,
    String tenant,
    String taskType,
    List<ShardPlacement> shards) {

  public AgentCommand {
    shards = List.copyOf(shards);
  }

  /** The command of a pool's engine. */
  public static AgentCommand of(String pool, Command command) {
    return new AgentCommand(
        command.action(),
        command.task().taskId(),
        command.generation(),
        pool,
        command.task().tenant(),
        command.task().taskType(),
        command.shards());
  }

  /** The id of the command that opened the placement. */
  String openedBy() {
    return taskId + "#" + generation;
  }
}
