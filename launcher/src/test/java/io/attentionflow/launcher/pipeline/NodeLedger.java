package io.attentionflow.launcher.pipeline;

import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.FeedbackState;
import io.attentionflow.schema.Reason;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.ShardPlacement;
import io.attentionflow.schema.TaskFeedback;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What every node has given away at each point of the log of commands, checked against what it has:
 * each dimension, and each GPU by itself.
 *
 * <p>Two things are not in that log. A shard of a divided task that succeeded gives its share back
 * before the task's RELEASE, so the log of feedback says which did, and when. And a node may shrink
 * below what runs on it: from then on the pool stops what is too much, least important first, and
 * says nothing else before that is done. So the node has its old capacity up to the first of these
 * PREEMPTs, and the new one from the last on.
 */
final class NodeLedger {

  private final Map<String, Holding> holdings = new HashMap<>();
  private final Map<String, Shrinking> shrinking = new HashMap<>();
  private final Map<String, Map<Integer, Instant>> endedShards = new HashMap<>();
  private final Map<String, AllocationCommand> open = new HashMap<>();
  private final List<String> violations = new ArrayList<>();
  private final Map<String, AllocationCommand> latestByPool = new HashMap<>();
  private long checked;

  /** A shard, and the command that placed it. */
  private record Held(AllocationCommand command, ShardPlacement shard) {}

  private static final class Holding {
    Resources capacity;
    final Map<String, Held> shards = new LinkedHashMap<>();

    Holding(Resources capacity) {
      this.capacity = capacity;
    }

    /** What is given away beyond the capacity; empty: nothing. */
    String excess() {
      long cpu = 0;
      long memory = 0;
      long io = 0;
      Map<Integer, Long> gpus = new TreeMap<>();
      for (Held held : shards.values()) {
        Resources given = held.shard().getResources();
        cpu += given.getCpuMillis();
        memory += given.getMemoryMib();
        io += given.getIoMibps();
        for (int gpu : held.shard().getGpuIndices()) {
          gpus.merge(gpu, given.getGpuMillis(), Long::sum);
        }
      }
      StringBuilder excess = new StringBuilder();
      note(excess, "CPU", cpu, capacity.getCpuMillis());
      note(excess, "memory", memory, capacity.getMemoryMib());
      note(excess, "IO", io, capacity.getIoMibps());
      gpus.forEach(
          (gpu, millis) ->
              note(
                  excess,
                  "GPU " + gpu,
                  millis,
                  // Even a share of nothing needs a GPU that is there.
                  gpu < capacity.getGpuCount() ? capacity.getGpuMillis() : -1));
      return excess.toString();
    }

    private static void note(StringBuilder excess, String what, long held, long has) {
      if (held > has) {
        excess.append("%s %d of %d; ".formatted(what, held, has));
      }
    }
  }

  /** A node that has become smaller. */
  private static final class Shrinking {
    final Resources capacity;
    int stopped;
    int latestPriority = Integer.MIN_VALUE;

    Shrinking(Resources capacity) {
      this.capacity = capacity;
    }
  }

  void node(String nodeId, Resources capacity) {
    holdings.put(nodeId, new Holding(capacity));
  }

  /** At some point of the log the node gets smaller than what runs on it. */
  void shrinks(String nodeId, Resources capacity) {
    shrinking.put(nodeId, new Shrinking(capacity));
  }

  /** A node said this about a shard. */
  void feedback(TaskFeedback word) {
    if (word.getState() == FeedbackState.SUCCEEDED) {
      endedShards
          .computeIfAbsent(word.getCommandId(), unused -> new HashMap<>())
          .put(word.getShard(), word.getObservedAt());
    }
  }

  void replay(Collection<AllocationCommand> log) {
    for (AllocationCommand command : log) {
      AllocationCommand latest = latestByPool.put(command.getPool(), command);
      if (latest != null && isByShrinking(latest) && !isMoreOf(latest, command)) {
        checkShrunken(latest);
      }
      apply(command);
    }
    latestByPool.values().stream().filter(NodeLedger::isByShrinking).forEach(this::checkShrunken);
  }

  private static boolean isByShrinking(AllocationCommand command) {
    return command.getAction() == Action.PREEMPT && command.getReason() == Reason.NODE_SHRUNK;
  }

  /** Whether both are of one shrinking. */
  private static boolean isMoreOf(AllocationCommand latest, AllocationCommand command) {
    return isByShrinking(command) && command.getDecidedAt().equals(latest.getDecidedAt());
  }

  /** The last task was stopped: now all must fit. */
  private void checkShrunken(AllocationCommand last) {
    last.getShards().forEach(shard -> check(shard.getNodeId(), last.getCommandId()));
  }

  private void apply(AllocationCommand command) {
    switch (command.getAction()) {
      case ALLOCATE -> {
        open.put(command.getTaskId(), command);
        for (ShardPlacement shard : command.getShards()) {
          holding(shard.getNodeId()).shards.put(key(command, shard), new Held(command, shard));
        }
        for (ShardPlacement shard : command.getShards()) {
          giveBackEnded(shard.getNodeId(), command.getDecidedAt());
          check(shard.getNodeId(), command.getCommandId());
        }
      }
      case PREEMPT, RELEASE -> {
        AllocationCommand opened = open.remove(command.getTaskId());
        if (opened == null || !opened.getShards().equals(command.getShards())) {
          violations.add(command.getCommandId() + " does not give back what was given");
        }
        if (isByShrinking(command)) {
          shrink(command);
        }
        for (ShardPlacement shard : command.getShards()) {
          holding(shard.getNodeId()).shards.remove(key(command, shard));
        }
      }
      case REJECT -> {
        if (!command.getShards().isEmpty()) {
          violations.add(command.getCommandId() + " has a place");
        }
      }
      case RESIZE, UNKNOWN -> violations.add("%s is %s".formatted(command, command.getAction()));
    }
  }

  private void shrink(AllocationCommand command) {
    for (ShardPlacement shard : command.getShards()) {
      Shrinking node = shrinking.get(shard.getNodeId());
      if (node != null) {
        Holding holding = holding(shard.getNodeId());
        holding.capacity = node.capacity;
        if (holding.excess().isEmpty()) {
          violations.add(command.getCommandId() + " was stopped though the rest fits");
        }
        if (command.getPriority() < node.latestPriority) {
          violations.add(command.getCommandId() + " is less important than one stopped before");
        }
        node.latestPriority = command.getPriority();
        node.stopped++;
      }
    }
  }

  private void giveBackEnded(String nodeId, Instant now) {
    holding(nodeId).shards.values().removeIf(shard -> hasEnded(shard, now));
  }

  private boolean hasEnded(Held held, Instant now) {
    Instant ended =
        endedShards
            .getOrDefault(held.command().getCommandId(), Map.of())
            .get(held.shard().getShard());
    return held.command().getShards().size() > 1 && ended != null && !ended.isAfter(now);
  }

  private void check(String nodeId, String by) {
    checked++;
    String excess = holding(nodeId).excess();
    if (!excess.isEmpty()) {
      violations.add("%s after %s: %s".formatted(nodeId, by, excess));
    }
  }

  private Holding holding(String nodeId) {
    Holding holding = holdings.get(nodeId);
    if (holding == null) {
      throw new AssertionError("There is no node " + nodeId);
    }
    return holding;
  }

  private static String key(AllocationCommand command, ShardPlacement shard) {
    return "%s#%d/%d".formatted(command.getTaskId(), command.getGeneration(), shard.getShard());
  }

  /** A sentence each. */
  List<String> violations() {
    return violations;
  }

  /** How many placements were held against what a node has. */
  long checked() {
    return checked;
  }

  /** How many tasks were stopped because this node shrank. */
  int stopped(String nodeId) {
    Shrinking node = shrinking.get(nodeId);
    return node == null ? 0 : node.stopped;
  }
}
