package io.attentionflow.allocation;

import static io.attentionflow.allocation.Pools.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.PoolEvent.NodeDraining;
import io.attentionflow.allocation.PoolEvent.NodeHeartbeat;
import io.attentionflow.allocation.PoolEvent.NodeJoined;
import io.attentionflow.allocation.PoolEvent.NodeLeft;
import io.attentionflow.allocation.PoolEvent.Outcome;
import io.attentionflow.allocation.PoolEvent.PolicyChanged;
import io.attentionflow.allocation.PoolEvent.TaskCancelled;
import io.attentionflow.allocation.PoolEvent.TaskStarted;
import io.attentionflow.allocation.PoolEvent.TaskStopped;
import io.attentionflow.allocation.PoolEvent.TaskSubmitted;
import io.attentionflow.allocation.PoolEvent.TimePassed;
import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.allocation.PoolOutput.Ignored;
import io.attentionflow.allocation.PoolOutput.WaitEnded;
import io.attentionflow.allocation.PoolOutput.Waiting;
import io.attentionflow.allocation.PoolOutput.WakeAt;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An engine under test: takes events in seconds after noon, keeps what it said to the last one, and
 * checks the invariants after each.
 */
final class Pool {

  final InMemoryPoolStore store = new InMemoryPoolStore();
  private final PoolEngine engine;
  private final PoolInvariants invariants = new PoolInvariants();
  private List<PoolOutput> outputs = List.of();

  Pool(PoolPolicy policy) {
    engine = new PoolEngine(policy, store);
  }

  void join(String nodeId, Resources capacity, long second) {
    on(new NodeJoined(nodeId, capacity, null, at(second)));
  }

  void joinWithGpus(String nodeId, Resources capacity, String gpuModel, long second) {
    on(new NodeJoined(nodeId, capacity, gpuModel, at(second)));
  }

  void heartbeat(String nodeId, Resources capacity, long second) {
    heartbeat(nodeId, capacity, Resources.NONE, second);
  }

  void heartbeat(String nodeId, Resources capacity, Resources usage, long second) {
    on(new NodeHeartbeat(nodeId, capacity, usage, null, at(second)));
  }

  void drain(String nodeId, long second) {
    on(new NodeDraining(nodeId, at(second)));
  }

  void leave(String nodeId, long second) {
    on(new NodeLeft(nodeId, at(second)));
  }

  void submit(Pools.Ask task, long second) {
    submit(task, Pools.UNKNOWN, second);
  }

  void submit(Pools.Ask task, Prediction prediction, long second) {
    on(new TaskSubmitted(task.build(), prediction, at(second)));
  }

  /** Submits without the checks, which take time in the size of the pool. */
  void submitUnchecked(Pools.Ask task, long second) {
    outputs = engine.on(new TaskSubmitted(task.build(), Pools.UNKNOWN, at(second)));
  }

  void cancel(String taskId, long second) {
    on(new TaskCancelled(taskId, at(second)));
  }

  void start(String taskId, int generation, String nodeId, long second) {
    on(new TaskStarted(taskId, generation, 0, nodeId, at(second)));
  }

  void stop(String taskId, int generation, String nodeId, Outcome outcome, long second) {
    stop(taskId, generation, 0, nodeId, outcome, second);
  }

  void stop(String taskId, int generation, int shard, String nodeId, Outcome outcome, long second) {
    on(new TaskStopped(taskId, generation, shard, nodeId, outcome, at(second)));
  }

  void change(PoolPolicy policy, long second) {
    on(new PolicyChanged(policy, at(second)));
  }

  PoolPolicy policy() {
    return engine.policy();
  }

  void pass(long second) {
    on(new TimePassed(at(second)));
  }

  void on(PoolEvent event) {
    outputs = engine.on(event);
    assertThat(invariants.after(event, outputs)).isEmpty();
    assertThat(invariants.against(store)).isEmpty();
  }

  List<PoolOutput> outputs() {
    return outputs;
  }

  /** What the engine said to the last event, but for wake-ups, a line each. */
  List<String> said() {
    return outputs.stream()
        .filter(output -> !(output instanceof WakeAt))
        .map(Pool::line)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  /** When the engine asked to be woken in answer to the last event; null: it did not ask. */
  @Nullable Long wakeAtSecond() {
    return outputs.stream()
        .filter(WakeAt.class::isInstance)
        .map(output -> ((WakeAt) output).at().getEpochSecond() - Pools.NOON.getEpochSecond())
        .findFirst()
        .orElse(null);
  }

  TaskState task(String taskId) {
    TaskState task = store.task(taskId);
    if (task == null) {
      throw new AssertionError("no task " + taskId);
    }
    return task;
  }

  NodeState node(String nodeId) {
    NodeState node = store.node(nodeId);
    if (node == null) {
      throw new AssertionError("no node " + nodeId);
    }
    return node;
  }

  private static String line(PoolOutput output) {
    if (output instanceof Commanded commanded) {
      Command command = commanded.command();
      String where =
          command.shards().stream()
              .map(shard -> " " + shard.nodeId() + gpus(shard))
              .collect(Collectors.joining());
      return command.action() + " " + command.id() + " " + command.reason() + where;
    }
    if (output instanceof Waiting waiting) {
      return "%s waits at %d: %s %s"
          .formatted(
              waiting.task().taskId(),
              waiting.position(),
              waiting.reason(),
              waiting.nodesFiltered());
    }
    if (output instanceof PoolOutput.Stayed stayed) {
      return "%s stays on %s: %s".formatted(stayed.taskId(), stayed.nodeId(), stayed.reason());
    }
    if (output instanceof WaitEnded ended) {
      return ended.taskId() + " waits no more";
    }
    if (output instanceof Ignored ignored) {
      return "ignored %s %s: %s".formatted(ignored.taskId(), ignored.nodeId(), ignored.reason());
    }
    throw new IllegalStateException("No case for " + output);
  }

  private static String gpus(ShardPlacement shard) {
    return shard.gpuIndices().isEmpty() ? "" : shard.gpuIndices().toString();
  }
}
