package io.attentionflow.allocation;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A node as the pool knows it. What runs there is in the tasks, and not repeated here.
 *
 * @param capacity what it has in all
 * @param observedUsage what it said was in use
 * @param gpuModel the model of its GPUs; null: none or unknown
 * @param heardAt the newest time it spoke of
 */
public record NodeState(
    String nodeId,
    Resources capacity,
    Resources observedUsage,
    @Nullable String gpuModel,
    Status status,
    Instant heardAt) {

  /** It said, or we found, that this is its status. */
  NodeState heard(Status newStatus, Instant at) {
    return new NodeState(nodeId, capacity, observedUsage, gpuModel, newStatus, at);
  }

  /** Whether what it could take is the same. */
  boolean takesLike(NodeState other) {
    return status == other.status
        && capacity.equals(other.capacity)
        && Objects.equals(gpuModel, other.gpuModel);
  }

  /** Whether it takes tasks. */
  public enum Status {
    /** Takes tasks. */
    READY,
    /** Takes no new ones. */
    DRAINING,
    /** Not heard of for longer than the timeout; takes none, and has none. */
    SILENT,
    /** Gone; remembered so that a late word does not bring it back. */
    LEFT
  }
}
