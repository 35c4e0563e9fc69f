package io.attentionflow.client;

import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.NodeEventKind;
import io.attentionflow.schema.ShardPlacement;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A node as {@link AllocationIndex} keeps it. Mutable.
 *
 * <p>Its state is as pools have it, without silence: how long that takes is a matter of policy.
 */
final class IndexedNode {

  final String id;
  final SortedMap<String, IndexedTask> tasks = new TreeMap<>();
  Origin origin;
  @Nullable NodeEvent event;
  State state = State.UNKNOWN;

  /** What becomes of a node by what it says; a name is what {@link NodeAnswer} calls it. */
  enum State {
    /** Not heard of, or not understood. */
    UNKNOWN,
    /** Takes tasks. */
    READY,
    /** Takes no new ones. */
    DRAINING,
    /** Gone. */
    LEFT;

    /** A heartbeat changes nothing, but brings back who had left. */
    State after(NodeEventKind kind) {
      return switch (kind) {
        case JOINED -> READY;
        case HEARTBEAT -> this == DRAINING ? DRAINING : READY;
        case DRAINING -> this == LEFT ? LEFT : DRAINING;
        case LEFT -> LEFT;
        case UNKNOWN -> this;
      };
    }
  }

  IndexedNode(String id, Origin origin) {
    this.id = id;
    this.origin = origin;
  }

  /**
   * Takes the node's word, unless it is older than what is known; of one that has left, also unless
   * it is newer.
   */
  void accept(NodeEvent next, Origin from) {
    if (event != null) {
      int order = next.getObservedAt().compareTo(event.getObservedAt());
      if (order < 0 || (order == 0 && state == State.LEFT)) {
        return;
      }
    }
    event = next;
    state = state.after(next.getKind());
    origin = from;
  }

  Amounts allocated() {
    Amounts sum = Amounts.NONE;
    for (IndexedTask task : tasks.values()) {
      for (ShardPlacement shard : task.shards()) {
        if (shard.getNodeId().equals(id)) {
          sum = sum.plus(Amounts.of(shard.getResources()));
        }
      }
    }
    return sum;
  }

  NodeAnswer answer() {
    List<NodeAnswer.PlacedShard> placed = new ArrayList<>();
    for (IndexedTask task : tasks.values()) {
      for (ShardPlacement shard : task.shards()) {
        if (shard.getNodeId().equals(id)) {
          placed.add(
              new NodeAnswer.PlacedShard(
                  task.id,
                  task.generation(),
                  shard.getShard(),
                  Amounts.of(shard.getResources()),
                  task.since()));
        }
      }
    }
    if (event == null) {
      return new NodeAnswer(
          id,
          "",
          state.name(),
          Amounts.NONE,
          Amounts.NONE,
          allocated(),
          null,
          new TreeMap<>(),
          null,
          placed);
    }
    return new NodeAnswer(
        id,
        event.getPool(),
        state.name(),
        Amounts.of(event.getCapacity()),
        Amounts.of(event.getUsage()),
        allocated(),
        event.getGpuModel(),
        new TreeMap<>(event.getLabels()),
        event.getObservedAt(),
        placed);
  }
}
