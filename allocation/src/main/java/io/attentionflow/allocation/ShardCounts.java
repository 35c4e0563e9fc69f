package io.attentionflow.allocation;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * How many shards of a divisible task fit into a pool, for each number of shards that it may be cut
 * into.
 *
 * <p>As the shards of a task are alike, how many of them a node takes does not depend on what the
 * other nodes take: the counts of nodes add up.
 *
 * <p>Fewer shards are larger. So once it is known that so many fit, nodes too small for that many
 * are passed over. If none fit, no more nodes than that many have room for any, and what they take
 * is remembered, so that a node that changes is all that has to be looked at.
 */
final class ShardCounts {

  private final TaskRequest task;
  private final int fewest;
  private final Demand[] demands;
  private final long[] fitting;
  private final IdentityHashMap<Node, int[]> byNode = new IdentityHashMap<>();

  /** The most shards that are still of interest: fewer than are known to fit. */
  private int most;

  ShardCounts(TaskRequest task) {
    this.task = task;
    this.fewest = task.minShards();
    this.most = task.maxShards();
    this.demands = new Demand[most - fewest + 1];
    this.fitting = new long[demands.length];
    for (int shards = fewest; shards <= most; shards++) {
      demands[shards - fewest] = new Demand(Placer.shard(task.request(), shards));
    }
  }

  /** Looks at all nodes that matter. */
  void countAll(NodeIndex nodes) {
    nodes.forEachWithRoom(
        () -> demands[most - fewest],
        task.gpuModels(),
        node -> {
          add(node);
          int fit = fewestThatFit();
          most = fit > 0 ? fit - 1 : most;
          return most >= fewest;
        });
  }

  /** Counts a node that has room for the smallest shard. */
  void add(Node node) {
    int[] times = new int[demands.length];
    for (int shards = fewest; shards <= most; shards++) {
      int at = shards - fewest;
      times[at] = (int) node.times(demands[at].resources, shards);
      fitting[at] += times[at];
    }
    byNode.put(node, times);
  }

  /** Counts a node no more that was counted, if it was; says whether. */
  boolean remove(Node node) {
    int[] times = byNode.remove(node);
    if (times == null) {
      return false;
    }
    for (int i = 0; i < times.length; i++) {
      fitting[i] -= times[i];
    }
    return true;
  }

  /** The fewest shards that fit; 0: none do. */
  int fewestThatFit() {
    int last = Math.min(most + 1, fewest + demands.length - 1);
    for (int shards = fewest; shards <= last; shards++) {
      if (fitting[shards - fewest] >= shards) {
        return shards;
      }
    }
    return 0;
  }

  /** The nodes that are counted. */
  List<Node> nodes() {
    return new ArrayList<>(byNode.keySet());
  }

  /** The smallest shard. */
  Demand smallest() {
    return demands[demands.length - 1];
  }

  /** A shard of so many. */
  Demand demand(int shards) {
    return demands[shards - fewest];
  }

  /** Whether as many would fit as are needed if nothing ran in the pool. */
  boolean couldFitIn(NodeIndex nodes) {
    for (int shards = fewest; shards < fewest + demands.length; shards++) {
      Resources demand = demand(shards).resources;
      long room = 0;
      for (NodeGroup group : nodes.groups()) {
        room +=
            group.count(NodeState.Status.READY)
                * group.timesIfEmpty(demand, task.gpuModels(), shards);
      }
      if (room >= shards) {
        return true;
      }
    }
    return false;
  }
}
