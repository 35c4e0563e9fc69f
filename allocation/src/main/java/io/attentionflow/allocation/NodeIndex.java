package io.attentionflow.allocation;

import io.attentionflow.allocation.NodeState.Status;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A pool's nodes by what they have in all: finds those with room, ranks them, and counts why the
 * others refuse, without a look at each.
 *
 * <p>Ranking takes about O(groups + log nodes) time, more where many nodes have room in each
 * resource but not in all; counting a fraction of a nanosecond a node. Clusters have few kinds of
 * nodes; where each is its own kind, both are scans.
 */
final class NodeIndex {

  private final Scoring scoring;
  private final Map<Kind, NodeGroup> byKind = new LinkedHashMap<>();
  private final List<NodeGroup> groups = new ArrayList<>();
  private final Frontier frontier = new Frontier();

  /** Of one group, while it is counted. */
  private final ReasonCounts lacks = new ReasonCounts();

  private int population;

  /** Whether some group does not know yet who came and went. */
  private boolean isUnsettled;

  private record Kind(Resources capacity, @Nullable String gpuModel) {}

  /** An index without nodes, for one way to score them. */
  NodeIndex(Scoring scoring) {
    this.scoring = scoring;
  }

  /** Kinds of nodes, in no order that matters. */
  List<NodeGroup> groups() {
    return groups;
  }

  /** Rises when a node comes, goes, or begins or ceases to take tasks. */
  int population() {
    return population;
  }

  /** Forgets nodes that are gone, or are of another kind now; before {@link #update}. */
  void forget(Node node, boolean isGone) {
    NodeGroup group = node.group();
    if (group != null && (isGone || (node.mayBeOfOtherKind() && !group.isOf(node.state())))) {
      isUnsettled = true;
      group.remove(node);
      node.group(null);
      population++;
      if (group.isEmpty()) {
        byKind.values().remove(group);
        groups.remove(group);
      }
    }
  }

  private static Kind kind(Node node) {
    return new Kind(node.state().capacity(), node.state().gpuModel());
  }

  /** A node is otherwise than it was, or new. */
  void update(Node node) {
    NodeGroup group = node.group();
    node.settleKind();
    if (group != null) {
      population += group.statusOf(node) == node.status() ? 0 : 1;
      group.update(node);
      isUnsettled |= group.isStale();
      return;
    }
    group = byKind.get(kind(node));
    if (group == null) {
      group = new NodeGroup(node.state().capacity(), node.state().gpuModel(), scoring);
      byKind.put(kind(node), group);
      groups.add(group);
    }
    node.group(group);
    group.add(node);
    isUnsettled |= group.isStale();
    population++;
  }

  /** All that changed has been told. */
  void settle() {
    if (isUnsettled) {
      groups.forEach(NodeGroup::settle);
      isUnsettled = false;
    }
  }

  /** How many nodes take tasks. */
  int ready() {
    int ready = 0;
    for (NodeGroup group : groups) {
      ready += group.count(Status.READY);
    }
    return ready;
  }

  /** How many nodes there are, but for those that left. */
  int considered() {
    int considered = 0;
    for (NodeGroup group : groups) {
      considered +=
          group.count(Status.READY) + group.count(Status.DRAINING) + group.count(Status.SILENT);
    }
    return considered;
  }

  /**
   * Counts why nodes refuse a shard, each under the first reason that holds.
   *
   * @param all gets the count of all nodes but those that left
   * @param hopeful gets those among them that would take it if nothing ran on them; null: is not
   *     asked for
   */
  void count(
      Demand demand, List<String> gpuModels, ReasonCounts all, @Nullable ReasonCounts hopeful) {
    for (NodeGroup group : groups) {
      all.add(Reason.NODE_DRAINING, group.count(Status.DRAINING));
      all.add(Reason.NODE_SILENT, group.count(Status.SILENT));
      if (group.count(Status.READY) > 0) {
        if (!group.hasModel(demand.resources, gpuModels)) {
          all.add(Reason.GPU_MODEL, group.count(Status.READY));
        } else if (hopeful != null && group.couldTake(demand.resources, gpuModels)) {
          lacks.clear();
          group.countLacks(demand, lacks);
          all.addAll(lacks);
          hopeful.addAll(lacks);
        } else {
          group.countLacks(demand, all);
        }
      }
    }
  }

  /**
   * Counts only the nodes that would refuse a shard if nothing ran on them, too, and those that
   * take nothing: what need not be asked of every node.
   */
  void countHopeless(Demand demand, List<String> gpuModels, ReasonCounts all) {
    for (NodeGroup group : groups) {
      all.add(Reason.NODE_DRAINING, group.count(Status.DRAINING));
      all.add(Reason.NODE_SILENT, group.count(Status.SILENT));
      if (group.count(Status.READY) > 0) {
        if (!group.hasModel(demand.resources, gpuModels)) {
          all.add(Reason.GPU_MODEL, group.count(Status.READY));
        } else if (!group.couldTake(demand.resources, gpuModels)) {
          group.countLacks(demand, all);
        }
      }
    }
  }

  /** Ranks the best nodes with room for a shard: looks first where the best may still be. */
  void rank(Demand demand, List<String> gpuModels, Ranking ranking, Keys keys) {
    frontier.begin(keys);
    for (NodeGroup group : groups) {
      if (group.hasModel(demand.resources, gpuModels)) {
        if (group.isOrdered()) {
          group.rankInOrder(demand, ranking, keys);
        } else {
          group.enter(demand, frontier);
        }
      }
    }
    while (frontier.take(ranking)) {
      frontier.group().expand(frontier.entry(), demand, frontier, ranking, keys);
    }
  }

  /**
   * Tells of nodes with room for a shard, kind by kind, in order within a kind.
   *
   * @param demand what has to fit; asked for again and again, as it may grow meanwhile
   * @param told says whether to go on
   */
  void forEachWithRoom(Supplier<Demand> demand, List<String> gpuModels, Predicate<Node> told) {
    for (NodeGroup group : groups) {
      if (group.hasModel(demand.get().resources, gpuModels)
          && !group.forEachWithRoom(demand, told)) {
        return;
      }
    }
  }

  /**
   * Finds the first nodes with room for a shard, by id.
   *
   * @param from of an order that is not lower
   * @param to of an order that is lower; the largest number: all from there
   * @param most of each kind of node
   */
  List<Node> firstWithRoom(Demand demand, List<String> gpuModels, long from, long to, int most) {
    List<Node> found = new ArrayList<>();
    for (NodeGroup group : groups) {
      if (group.hasModel(demand.resources, gpuModels)) {
        int before = found.size();
        group.findFirst(
            demand, from, to, found, before > Integer.MAX_VALUE - most ? most : before + most);
      }
    }
    return found;
  }
}
