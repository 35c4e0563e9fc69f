package io.attentionflow.allocation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Every node that the pool remembers, by id, written through to the store. */
final class NodeTable {

  private final PoolStore store;
  private final TaskTable tasks;
  private final Map<String, Node> byId = new HashMap<>();

  /** Ascending by id, so that what is decided by a scan depends on nothing else. */
  private final List<Node> inOrder = new ArrayList<>();

  NodeTable(PoolStore store, TaskTable tasks) {
    this.store = store;
    this.tasks = tasks;
    for (NodeState state : store.nodes()) {
      var node = new Node(state);
      byId.put(state.nodeId(), node);
      inOrder.add(node);
    }
    inOrder.sort((a, b) -> a.id().compareTo(b.id()));
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
      node = new Node(state);
      byId.put(state.nodeId(), node);
      inOrder.add(indexAfter(state.nodeId()), node);
    } else {
      node.become(state, tasks);
    }
    store.putNode(state);
    return node;
  }

  /** Forgets a node on which nothing runs. */
  void remove(Node node) {
    byId.remove(node.id());
    inOrder.remove(indexAfter(node.id()) - 1);
    store.removeNode(node.id());
  }
}
