package io.attentionflow.simulation.trace;

import io.attentionflow.allocation.Resources;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A node of the cluster that a trace runs on.
 *
 * @param capacity what it has for tasks
 * @param gpuModel the model of its GPUs; null: none or unknown
 * @param labels anything else, such as zone or rack; in order of their names
 */
public record TraceNode(
    String nodeId,
    String pool,
    Resources capacity,
    @Nullable String gpuModel,
    SortedMap<String, String> labels) {

  public TraceNode {
    if (nodeId.isEmpty() || pool.isEmpty()) {
      throw new IllegalArgumentException("a node needs an id and a pool");
    }
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
  }

  /** A node without labels. */
  public static TraceNode of(
      String nodeId, String pool, Resources capacity, @Nullable String gpuModel) {
    return new TraceNode(nodeId, pool, capacity, gpuModel, new TreeMap<>());
  }
}
