package io.attentionflow.allocation.gpu;

import java.util.Arrays;

/** Nodes with the same things free, by number. */
final class NodeClass {

  /** What the nodes have free. */
  record State(long cpuMillis, long memoryMib, GpuSet gpus) {}

  final State state;
  final int slot;
  private int[] members = new int[4];
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

  /** The member with the i-th lowest number. */
  int member(int i) {
    return members[i];
  }

  void add(int node) {
    int at = -Arrays.binarySearch(members, 0, size, node) - 1;
    if (at < 0) {
      throw new IllegalStateException("node %d is in class %s already".formatted(node, state));
    }
    if (size == members.length) {
      members = Arrays.copyOf(members, 2 * size);
    }
    System.arraycopy(members, at, members, at + 1, size - at);
    members[at] = node;
    size++;
  }

  void remove(int node) {
    int at = Arrays.binarySearch(members, 0, size, node);
    if (at < 0) {
      throw new IllegalStateException("node %d is not in class %s".formatted(node, state));
    }
    size--;
    System.arraycopy(members, at + 1, members, at, size - at);
  }
}
