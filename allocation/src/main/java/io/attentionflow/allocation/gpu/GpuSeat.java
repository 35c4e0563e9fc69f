package io.attentionflow.allocation.gpu;

/** A node's place in a {@link GpuIndex}: the owner keeps it, and the index fills it. */
public final class GpuSeat {

  final long order;
  final long draw;

  /** What the node has; {@link GpuNode#NONE} while it takes no tasks. */
  GpuNode capacity = GpuNode.NONE;

  /** Free thousandths of each GPU. */
  int[] free = {};

  /** Where it is in the {@link SeatTable}. */
  int slot = SeatTable.NONE;

  /**
   * @param order lower ones win ties; no two of an index are the same
   * @param draw a number that looks random, for random ties
   */
  public GpuSeat(long order, long draw) {
    this.order = order;
    this.draw = draw;
  }

  /** As given to the constructor. */
  public long order() {
    return order;
  }
}
