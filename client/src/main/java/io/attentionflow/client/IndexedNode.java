package io.attentionflow.client;

import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.ShardPlacement;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A node as {@link AllocationIndex} keeps it. Mutable. */
final class IndexedNode {

  final String id;
  final SortedMap<String, IndexedTask> tasks = new TreeMap<>();
  Origin origin;
  @Nullable NodeEvent event;

  IndexedNode(String id, Origin origin) {
    this.id = id;
    this.origin = origin;
  }

  /** Takes the node's word, unless it is older than what is known. */
  void accept(NodeEvent next, Origin from) {
    if (event == null || !next.getObservedAt().isBefore(event.getObservedAt())) {
      event = next;
      origin = from;
    }
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
          "UNKNOWN",
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
        event.getKind().name(),
        Amounts.of(event.getCapacity()),
        Amounts.of(event.getUsage()),
        allocated(),
        event.getGpuModel(),
        new TreeMap<>(event.getLabels()),
        event.getObservedAt(),
        placed);
  }
}
