package io.attentionflow.allocation;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Nodes of which some are drawn by their place among all, by id; so it does not matter in what
 * order they are added. Used again and again, so that drawing makes nothing.
 */
final class Candidates {

  private @Nullable Node[] nodes = new Node[64];
  private long[] orders = new long[64];
  private int size;

  void clear() {
    size = 0;
  }

  int size() {
    return size;
  }

  /**
   * Adds a node that is not in it.
   *
   * @param order its {@link Node#order}
   */
  void add(Node node, long order) {
    if (size == orders.length) {
      nodes = Arrays.copyOf(nodes, 2 * size);
      orders = Arrays.copyOf(orders, 2 * size);
    }
    nodes[size] = node;
    orders[size++] = order;
  }

  /** Takes a node out if it is in it. */
  void remove(Node node) {
    for (int i = 0; i < size; i++) {
      if (orders[i] == node.order()) {
        removeAt(i);
        return;
      }
    }
  }

  /**
   * Takes out the node with so many before it.
   *
   * <p>Source: C. A. R. Hoare, "Algorithm 65: Find", Communications of the ACM 4 (1961), about the
   * middle one.
   */
  Node take(int place) {
    int from = 0;
    int to = size - 1;
    while (from < to) {
      long pivot = orders[(from + to) >>> 1];
      int low = from;
      int high = to;
      while (low <= high) {
        while (orders[low] < pivot) {
          low++;
        }
        while (orders[high] > pivot) {
          high--;
        }
        if (low <= high) {
          swap(low++, high--);
        }
      }
      if (place <= high) {
        to = high;
      } else if (place >= low) {
        from = low;
      } else {
        break;
      }
    }
    Node taken = Objects.requireNonNull(nodes[place]);
    removeAt(place);
    return taken;
  }

  private void swap(int one, int other) {
    long order = orders[one];
    orders[one] = orders[other];
    orders[other] = order;
    Node node = nodes[one];
    nodes[one] = nodes[other];
    nodes[other] = node;
  }

  private void removeAt(int place) {
    size--;
    orders[place] = orders[size];
    nodes[place] = nodes[size];
  }
}
