package io.attentionflow.allocation;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A node as the pool knows it. What runs there is in the tasks, and not repeated here.
 *
 * <pre>
 * unknown, SILENT, LEFT -- joined, heard of -----------------> READY
 * READY                 -- draining -------------------------> DRAINING
 * READY, DRAINING       -- joined again, its tasks are lost --> READY
 * READY, DRAINING       -- not heard of within the timeout --> SILENT, its tasks are lost
 * any but LEFT          -- left -----------------------------> LEFT, its tasks are lost
 * SILENT, LEFT          -- not heard of within retention ----> unknown
 * </pre>
 *
 * <p>A word older than {@code heardAt} is late and changes nothing; one that brings a node back
 * must be newer. So does a second word that it joined at the same time. A heartbeat brings a node
 * back, or makes it known, since agents outlive us; a node that is not known must tell its
 * capacity. A heartbeat without capacity, or without a GPU model, leaves what is known.
 *
 * <p>Where less is left than runs there, the least important of what holds too much is stopped, the
 * latest placed first, until the rest fits.
 *
 * @param capacity what it has in all
 * @param observedUsage what it said was in use
 * @param gpuModel the model of its GPUs; null: none or unknown
 * @param heardAt the newest time it spoke of
 * @param unsettledSince since when what runs there had better run elsewhere, as it drains, or
 *     reports more load than the policy says it should bear; null: neither
 */
public record NodeState(
    String nodeId,
    Resources capacity,
    Resources observedUsage,
    @Nullable String gpuModel,
    Status status,
    Instant heardAt,
    @Nullable Instant unsettledSince) {

  /** It said, or we found, that this is its status. */
  NodeState heard(Status newStatus, Instant at) {
    Instant drainsSince = status == Status.DRAINING ? unsettledSince : at;
    return new NodeState(
        nodeId,
        capacity,
        observedUsage,
        gpuModel,
        newStatus,
        at,
        newStatus == Status.DRAINING ? drainsSince : null);
  }

  NodeState unsettledSince(@Nullable Instant since) {
    return new NodeState(nodeId, capacity, observedUsage, gpuModel, status, heardAt, since);
  }

  /** The part in use of the resource most in use, as it said; above 1: more than it has. */
  double strain() {
    double gpus = part(observedUsage.totalGpuMillis(), capacity.totalGpuMillis());
    return Math.max(
        Math.max(
            part(observedUsage.cpuMillis(), capacity.cpuMillis()),
            part(observedUsage.memoryMib(), capacity.memoryMib())),
        Math.max(gpus, part(observedUsage.ioMibps(), capacity.ioMibps())));
  }

  private static double part(long used, long capacity) {
    return capacity == 0 ? 0 : (double) used / capacity;
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
    /** Takes no new ones, until it joins again or comes back from silence. */
    DRAINING,
    /** Not heard of for longer than the timeout; takes none, and has none. */
    SILENT,
    /** Gone; remembered so that a late word does not bring it back. */
    LEFT
  }
}
