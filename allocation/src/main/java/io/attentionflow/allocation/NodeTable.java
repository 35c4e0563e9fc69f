package io.attentionflow.allocation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every node that the pool remembers, by id, written through to the store. */
final class NodeTable {

  private final PoolStore store;
  private final Map<String, Node> byId = new HashMap<>();

  /** Ascending by id, so that what is decided by a scan depends on nothing else. */
  private final List<Node> inOrder = new ArrayList<>();

  private final List<Node> changed = new ArrayList<>();
  private int orderings;
  private int arrangement;

  /** Between the orders of neighbours: room for many to come between. */
  private static final long GAP = 1L << 32;

  NodeTable(PoolStore store) {
    this.store = store;
    for (NodeState state : store.nodes()) {
      var node = new Node(state, this);
      byId.put(state.nodeId(), node);
      inOrder.add(node);
      note(node);
    }
    inOrder.sort((a, b) -> a.id().compareTo(b.id()));
    giveOrders();
  }

  private void giveOrders() {
    orderings++;
    for (int i = 0; i < inOrder.size(); i++) {
      inOrder.get(i).order(i * GAP);
    }
  }

  /** Rises when nodes get other orders than they had. */
  int orderings() {
    return orderings;
  }

  /** Rises when a node comes or goes, and so others stand elsewhere in order. */
  int arrangement() {
    return arrangement;
  }

  /** A node is otherwise than it was: what goes by it has to look. */
  void note(Node node) {
    if (node.setNoted(true)) {
      changed.add(node);
    }
  }

  /** Every node that is otherwise than when this list was cleared, gone ones too; not copied. */
  List<Node> changed() {
    return changed;
  }

  void clearChanged() {
    for (Node node : changed) {
      node.setNoted(false);
    }
    changed.clear();
  }

  /** Whether it is one of these, and not forgotten. */
  boolean has(Node node) {
    return !node.isForgotten();
  }

  @Nullable Node find(String nodeId) {
    return byId.get(nodeId);
  }

  /** The node, which the caller has from a placement that must be right. */
  Node get(String nodeId) {
    Node node = byId.get(nodeId);
    if (node == null) {
      throw new IllegalStateException("no node " + nodeId);
    }
    return node;
  }

  /** All nodes, those that left too, ascending by id. */
  List<Node> inOrder() {
    return inOrder;
  }

  /** Where a node is in order. */
  int indexOf(Node node) {
    return indexAfter(node.id()) - 1;
  }

  /** Where in order the first node is whose id comes after this one; the end if none does. */
  int indexAfter(String nodeId) {
    int from = 0;
    int to = inOrder.size();
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (inOrder.get(middle).id().compareTo(nodeId) <= 0) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  /** A node is new, or is otherwise than it was. */
  Node put(NodeState state) {
    Node node = byId.get(state.nodeId());
    if (node == null) {
      node = new Node(state, this);
      byId.put(state.nodeId(), node);
      insert(node);
      note(node);
    } else {
      node.become(state);
    }
    store.putNode(state);
    return node;
  }

  private void insert(Node node) {
    int at = indexAfter(node.id());
    inOrder.add(at, node);
    arrangement++;
    long before = at == 0 ? Long.MIN_VALUE : inOrder.get(at - 1).order();
    long after = at + 1 == inOrder.size() ? Long.MAX_VALUE : inOrder.get(at + 1).order();
    if (at == 0) {
      node.order(at + 1 == inOrder.size() ? 0 : after - GAP);
    } else if (at + 1 == inOrder.size()) {
      node.order(before + GAP);
    } else if (after - before > 1) {
      node.order(before + (after - before) / 2);
    } else {
      giveOrders();
    }
  }

  /** Forgets a node on which nothing runs. */
  void remove(Node node) {
    note(node);
    node.forget();
    byId.remove(node.id());
    inOrder.remove(indexAfter(node.id()) - 1);
    arrangement++;
    store.removeNode(node.id());
  }
}
