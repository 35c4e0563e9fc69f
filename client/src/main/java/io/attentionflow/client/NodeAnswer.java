package io.attentionflow.client;

import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * A node, and what is placed on it.
 *
 * @param pool empty: the node itself was not heard of
 * @param state READY, DRAINING, or LEFT, by what it said; UNKNOWN: not heard of. That it drains is
 *     known if it was said within the time that was read, and that it is silent shows in {@code
 *     observedAt} alone
 * @param usage what it said was in use
 * @param allocated what the commands gave away of it
 * @param observedAt when it was last heard of, in event time; null: never
 * @param tasks what is placed on it, by task id
 */
public record NodeAnswer(
    String nodeId,
    String pool,
    String state,
    Amounts capacity,
    Amounts usage,
    Amounts allocated,
    @Nullable String gpuModel,
    SortedMap<String, String> labels,
    @Nullable Instant observedAt,
    List<PlacedShard> tasks) {

  public NodeAnswer {
    tasks = List.copyOf(tasks);
  }

  /** One shard of a task on this node. */
  public record PlacedShard(
      String taskId, int generation, int shard, Amounts resources, Instant since) {}
}
