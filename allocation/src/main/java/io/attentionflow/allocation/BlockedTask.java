package io.attentionflow.allocation;

import io.attentionflow.allocation.NodeState.Status;
import io.attentionflow.allocation.Placing.Blocked;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Why a task has no place, kept up to date: nodes that change are looked at, and no others.
 *
 * <p>What counts is why the nodes refuse that could take it if nothing ran on them: the others
 * would refuse it anyway. A divisible task is judged by its smallest shard.
 */
final class BlockedTask {

  private final TaskState waiting;
  private final NodeIndex index;
  private final Demand demand;

  /** Of a divisible task; null: it is not divisible. */
  private final @Nullable ShardCounts shards;

  private final ReasonCounts filtered = new ReasonCounts();
  private final ReasonCounts hopeful = new ReasonCounts();

  /** Nodes with room now, of a task that is not divisible. */
  private final Set<Node> fitting = new LinkedHashSet<>();

  /** Why nodes with room for some shards take no more; null: it is not divisible. */
  private final @Nullable IdentityHashMap<Node, Reason> limits;

  private int populationOfCould = -1;
  private boolean could;

  /**
   * @param shards of a divisible task, all nodes counted; null: it is not divisible
   */
  BlockedTask(TaskState waiting, NodeIndex index, Demand demand, @Nullable ShardCounts shards) {
    this.waiting = waiting;
    this.index = index;
    this.demand = demand;
    this.shards = shards;
    this.limits = shards == null ? null : new IdentityHashMap<>();
    index.count(demand, waiting.task().gpuModels(), filtered, hopeful);
    if (shards != null) {
      shards.nodes().forEach(this::limit);
    }
  }

  boolean isOf(TaskState task) {
    return task.sequence() == waiting.sequence()
        && task.generation() == waiting.generation()
        && task.size().given().equals(waiting.size().given());
  }

  /** A node is about to be looked at anew: counts it no more. */
  void forget(Node node) {
    NodeGroup group = node.group();
    if (group == null) {
      return;
    }
    Status status = group.statusOf(node);
    if (status != Status.READY) {
      count(statusReason(status), group, status, -1);
    } else if (!group.hasModel(demand.resources, waiting.task().gpuModels())) {
      count(Reason.GPU_MODEL, group, status, -1);
    } else if (shards != null && limits != null && shards.remove(node)) {
      count(limits.remove(node), group, status, -1);
    } else if (!fitting.remove(node)) {
      count(group.lackedBy(node, demand), group, status, -1);
    }
  }

  private static @Nullable Reason statusReason(Status status) {
    return switch (status) {
      case READY, LEFT -> null;
      case DRAINING -> Reason.NODE_DRAINING;
      case SILENT -> Reason.NODE_SILENT;
    };
  }

  private void count(@Nullable Reason reason, NodeGroup group, Status status, int sign) {
    if (reason != null) {
      filtered.add(reason, sign);
      if (status == Status.READY && group.couldTake(demand.resources, waiting.task().gpuModels())) {
        hopeful.add(reason, sign);
      }
    }
  }

  /** Looks at a node as it is now; its group is that of now. */
  void look(Node node) {
    NodeGroup group = node.group();
    if (group == null || node.status() == Status.LEFT) {
      return;
    }
    Reason no = node.refuses(demand.resources, waiting.task().gpuModels());
    if (no != null) {
      count(no, group, node.status(), 1);
    } else if (shards == null) {
      fitting.add(node);
    } else {
      shards.add(node);
      limit(node);
    }
  }

  private void limit(Node node) {
    TaskRequest task = waiting.task();
    Reason no = node.limitedBy(demand.resources, task.gpuModels(), task.maxShards());
    NodeGroup group = node.group();
    if (no != null && group != null && limits != null) {
      limits.put(node, no);
      count(no, group, node.status(), 1);
    }
  }

  /** Nodes with room now; of a task that is not divisible. */
  List<Node> fitting() {
    return new ArrayList<>(fitting);
  }

  /** The fewest shards that fit now; 0: none do. */
  int fewestThatFit() {
    if (shards == null) {
      return fitting.isEmpty() ? 0 : 1;
    }
    return shards.fewestThatFit();
  }

  ReasonCounts filtered() {
    return filtered;
  }

  /** Why it has no place. */
  Blocked blocked() {
    int considered = index.considered();
    if (considered == 0) {
      return new Blocked(Reason.NO_NODES, 0, filtered.byReason());
    }
    if (index.ready() == 0) {
      return new Blocked(filtered.mostFrequent(), considered, filtered.byReason());
    }
    return new Blocked(
        couldFit() ? hopeful.mostFrequent() : Reason.EXCEEDS_EVERY_NODE,
        considered,
        filtered.byReason());
  }

  /** Whether it would fit if nothing ran in the pool. */
  private boolean couldFit() {
    if (shards == null) {
      return hopeful.total() > 0;
    }
    if (populationOfCould != index.population()) {
      populationOfCould = index.population();
      could = shards.couldFitIn(index);
    }
    return could;
  }
}
