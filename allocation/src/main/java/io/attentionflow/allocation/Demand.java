package io.attentionflow.allocation;

/**
 * What a shard asks for, in the small numbers that a {@link NodeGroup} compares.
 *
 * <p>An amount that is too large for them is larger than what any node is taken to have.
 */
final class Demand {

  /** Nothing that a node has counts beyond this: what asks for more fits nowhere. */
  static final int MOST = Integer.MAX_VALUE - 1;

  final Resources resources;
  final int cpu;
  final int memory;
  final int io;
  final int gpus;

  /** Whether those are whole ones; else a share of one. */
  final boolean whole;

  /** Thousandths of the one GPU that a share is asked of. */
  final int share;

  /** What a node has free, in such a number; negative: it has given more than it has. */
  static int clamped(long free) {
    return (int) Math.max(-1, Math.min(MOST, free));
  }

  Demand(Resources resources) {
    this.resources = resources;
    cpu = (int) Math.min(Integer.MAX_VALUE, resources.cpuMillis());
    memory = (int) Math.min(Integer.MAX_VALUE, resources.memoryMib());
    io = (int) Math.min(Integer.MAX_VALUE, resources.ioMibps());
    gpus = resources.gpuCount();
    whole = resources.gpuMillis() == 1000;
    share = (int) resources.gpuMillis();
  }
}
