package io.attentionflow.allocation.gpu;

import java.util.Arrays;

/** Nodes with the same things free, in order. */
final class NodeClass {

  /** What the nodes have free. */
  record State(long cpuMillis, long memoryMib, long ioMibps, GpuSet gpus) {}

  final State state;
  final int slot;
  private GpuSeat[] members = new GpuSeat[4];
  private int size;

  /** The value of a member, and the epoch that it is of. */
  private double value;

  private int epoch;

  NodeClass(State state, int slot) {
    this.state = state;
    this.slot = slot;
  }

  double value(NodeValue values) {
    if (epoch != values.epoch()) {
      value = values.of(state.gpus(), state.cpuMillis());
      epoch = values.epoch();
    }
    return value;
  }

  int size() {
    return size;
  }

  /** The i-th member in order. */
  GpuSeat member(int i) {
    return members[i];
  }

  void add(GpuSeat seat) {
    int at = find(seat);
    if (at < size && members[at] == seat) {
      throw new IllegalStateException(
          "node %d is in class %s already".formatted(seat.order, state));
    }
    if (size == members.length) {
      members = Arrays.copyOf(members, 2 * size);
    }
    System.arraycopy(members, at, members, at + 1, size - at);
    members[at] = seat;
    size++;
  }

  void remove(GpuSeat seat) {
    int at = find(seat);
    if (at == size || members[at] != seat) {
      throw new IllegalStateException("node %d is not in class %s".formatted(seat.order, state));
    }
    size--;
    System.arraycopy(members, at + 1, members, at, size - at);
  }

  private int find(GpuSeat seat) {
    int from = 0;
    int to = size;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (members[middle].order < seat.order) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }
}
