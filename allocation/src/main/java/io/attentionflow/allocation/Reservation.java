package io.attentionflow.allocation;

import java.util.List;

/**
 * Room that is kept on a node for a task that waits, which is to start there when what runs there
 * now should have ended.
 *
 * <p>Until then, of what is free on the node, that much has to stay free as the task will need
 * beyond what will have been given back. Mutable, for within one event.
 */
final class Reservation {

  private final Node node;
  private final long atMillis;
  private final long firstEndMillis;
  private final boolean firm;
  private final long windowMillis;
  private final Amounts needed;

  /** So much of each resource of one node. */
  static final class Amounts {
    long cpuMillis;
    long memoryMib;
    long ioMibps;

    /** Of each GPU; empty: of none. */
    final long[] gpuMillis;

    Amounts(int gpus) {
      gpuMillis = new long[gpus];
    }

    void add(Resources resources, List<Integer> gpuIndices, int sign) {
      cpuMillis += sign * resources.cpuMillis();
      memoryMib += sign * resources.memoryMib();
      ioMibps += sign * resources.ioMibps();
      for (int gpu : gpuIndices) {
        if (gpu < gpuMillis.length) {
          gpuMillis[gpu] += sign * resources.gpuMillis();
        }
      }
    }

    void subtract(Amounts other) {
      cpuMillis -= other.cpuMillis;
      memoryMib -= other.memoryMib;
      ioMibps -= other.ioMibps;
      for (int gpu = 0; gpu < Math.min(gpuMillis.length, other.gpuMillis.length); gpu++) {
        gpuMillis[gpu] -= other.gpuMillis[gpu];
      }
    }

    /** Becomes, in each resource, the larger of both. */
    void raiseTo(Amounts other) {
      cpuMillis = Math.max(cpuMillis, other.cpuMillis);
      memoryMib = Math.max(memoryMib, other.memoryMib);
      ioMibps = Math.max(ioMibps, other.ioMibps);
      for (int gpu = 0; gpu < Math.min(gpuMillis.length, other.gpuMillis.length); gpu++) {
        gpuMillis[gpu] = Math.max(gpuMillis[gpu], other.gpuMillis[gpu]);
      }
    }
  }

  /**
   * @param atMillis when there will be room, milliseconds since 1970; {@link RunTimes#ENDLESS}: not
   *     known
   * @param firstEndMillis when the first of those should end that have to end before
   * @param firm whether it goes by limits instead of expectations
   * @param needed what the task asks for, less what will have been given back by then; kept
   */
  Reservation(
      Node node, long nowMillis, long atMillis, long firstEndMillis, boolean firm, Amounts needed) {
    this.node = node;
    this.atMillis = atMillis;
    this.firstEndMillis = firstEndMillis;
    this.firm = firm;
    this.needed = needed;
    // Where nothing bounds the run times, only what fits beside something firm may start.
    this.windowMillis = firm && atMillis >= RunTimes.ENDLESS ? 0 : atMillis - nowMillis;
  }

  Node node() {
    return node;
  }

  long atMillis() {
    return atMillis;
  }

  long firstEndMillis() {
    return firstEndMillis;
  }

  /** Whether a task, were it to start now, should still run when this is needed. */
  boolean isOutlastedBy(TaskState task) {
    return (firm ? RunTimes.limit(task) : RunTimes.expected(task)) > windowMillis;
  }

  /** From now on, milliseconds. */
  long windowMillis() {
    return windowMillis;
  }

  /** What has to stay free of what is free on the node; negative: nothing. */
  Amounts needed() {
    return needed;
  }

  /** A task started that was let past: what it gives back in time need not be there already. */
  void letPast(TaskState task, List<ShardPlacement> shards) {
    if (isOutlastedBy(task)) {
      return;
    }
    for (ShardPlacement shard : shards) {
      if (shard.nodeId().equals(node.id())) {
        needed.add(shard.resources(), shard.gpuIndices(), -1);
      }
    }
  }
}
