package io.attentionflow.allocation;

import java.util.List;

/**
 * Where one shard of a task runs, and what it may use there.
 *
 * @param shard which shard, from 0
 * @param gpuIndices which GPUs of the node, from 0, ascending; as many as {@code
 *     resources.gpuCount()}
 */
public record ShardPlacement(
    int shard, String nodeId, Resources resources, List<Integer> gpuIndices) {

  public ShardPlacement {
    gpuIndices = List.copyOf(gpuIndices);
    if (gpuIndices.size() != resources.gpuCount()) {
      throw new IllegalArgumentException(
          "%d GPUs named of %d".formatted(gpuIndices.size(), resources.gpuCount()));
    }
  }
}
