package io.attentionflow.allocation;

import io.attentionflow.allocation.NodeState.Status;
import io.attentionflow.allocation.gpu.GpuIndex;
import io.attentionflow.allocation.gpu.GpuMemory;
import io.attentionflow.allocation.gpu.GpuNode;
import io.attentionflow.allocation.gpu.GpuPolicy;
import io.attentionflow.allocation.gpu.GpuRequest;
import io.attentionflow.allocation.gpu.GpuSeat;
import io.attentionflow.allocation.gpu.LearnedValues;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A pool's nodes as the placements see them that learn what is asked for.
 *
 * <p>What was learned is kept in the store as of some arrival, and written again only when values
 * change, every few hundred arrivals; what arrived since is found in the tasks themselves. For that
 * it must be written, too, before such a task is forgotten: see {@link #forgets}.
 */
final class ValuedNodes {

  private final GpuPolicy policy;
  private final NodeTable nodes;
  private final PoolStore store;
  private final LearnedValues learned;
  private final GpuIndex index;
  private final Map<Node, GpuSeat> seats = new HashMap<>();
  private final Map<GpuSeat, Node> bySeat = new HashMap<>();
  private int orderings;
  private long keptSequence;

  /**
   * Goes on from what the store holds; begins to learn if it holds nothing.
   *
   * @param nextSequence of the next task to arrive
   */
  ValuedNodes(
      GpuPolicy policy, NodeTable nodes, TaskTable tasks, PoolStore store, long nextSequence) {
    this.policy = policy;
    this.nodes = nodes;
    this.store = store;
    GpuMemory memory = store.gpuMemory();
    if (memory == null) {
      memory = GpuMemory.none(nextSequence);
      store.putGpuMemory(memory);
    }
    keptSequence = memory.nextSequence();
    List<GpuRequest> since = new ArrayList<>();
    for (TaskState task : tasks.byArrival()) {
      if (task.sequence() >= keptSequence && task.task().maxShards() <= Placer.MAX_SHARDS) {
        since.add(request(task.task()));
      }
    }
    learned = new LearnedValues(policy);
    learned.restore(memory, since);
    index = new GpuIndex(policy, learned);
    orderings = nodes.orderings();
    nodes.inOrder().forEach(this::update);
  }

  GpuPolicy policy() {
    return policy;
  }

  /** A node is otherwise than it was, or gone. */
  void update(Node node) {
    GpuSeat seat = seats.get(node);
    boolean takes = nodes.has(node) && node.status() == Status.READY;
    if (!takes) {
      if (seat != null) {
        index.remove(seat);
        seats.remove(node);
        bySeat.remove(seat);
      }
      return;
    }
    if (seat == null) {
      seat = new GpuSeat(node.order(), node.draw());
      seats.put(node, seat);
      bySeat.put(seat, node);
    }
    Resources capacity = node.state().capacity();
    String model = node.state().gpuModel();
    index.put(
        seat,
        new GpuNode(
            capacity.cpuMillis(),
            capacity.memoryMib(),
            capacity.gpuCount(),
            model == null ? "" : model),
        node.freeCpuMillis(),
        node.freeMemoryMib(),
        node.freeIoMibps(),
        node.gpus().free());
  }

  /** Once all changed nodes were told of: whether they still have the orders they had. */
  void settle() {
    if (orderings != nodes.orderings()) {
      orderings = nodes.orderings();
      seats.values().forEach(index::remove);
      seats.clear();
      bySeat.clear();
      nodes.inOrder().forEach(this::update);
    }
  }

  /** A task has come that was not there before. */
  void arrived(TaskState task) {
    if (learned.arrived(request(task.task()), index)) {
      index.valuesChanged();
      keep(task.sequence() + 1);
    }
  }

  /** What a task asks of a node, were it cut as little as may be. */
  private static GpuRequest request(TaskRequest task) {
    return request(Placer.shard(task.request(), task.minShards()), task.gpuModels());
  }

  private static GpuRequest request(Resources demand, List<String> gpuModels) {
    return new GpuRequest(
        demand.cpuMillis(),
        demand.memoryMib(),
        demand.ioMibps(),
        demand.gpuCount(),
        demand.gpuCount() == 0 ? 0 : (int) demand.gpuMillis(),
        demand.gpuCount() == 0 ? List.of() : gpuModels);
  }

  /**
   * A task is about to be forgotten.
   *
   * @param nextSequence of the next task to arrive
   */
  void forgets(TaskState task, long nextSequence) {
    if (task.sequence() >= keptSequence) {
      keep(nextSequence);
    }
  }

  private void keep(long nextSequence) {
    keptSequence = nextSequence;
    store.putGpuMemory(learned.memory(nextSequence));
  }

  /** Ranks the best nodes for a shard. */
  void rank(
      Resources demand,
      List<String> gpuModels,
      @Nullable LongUnaryOperator tieKey,
      Ranking ranking) {
    int ranked = index.choose(request(demand, gpuModels), tieKey);
    for (int rank = 0; rank < ranked; rank++) {
      GpuSeat seat = index.best(rank);
      Node node = bySeat.get(seat);
      if (node == null) {
        throw new IllegalStateException("no node has seat " + seat.order());
      }
      ranking.add(
          node,
          index.bestScore(rank),
          tieKey == null ? node.order() : tieKey.applyAsLong(node.draw()));
    }
  }

  /** The GPUs that a shard gets on a node that it fits. */
  List<Integer> gpus(Node node, Resources demand, List<String> gpuModels) {
    GpuSeat seat = seats.get(node);
    if (seat == null) {
      throw new IllegalStateException("node %s has no seat".formatted(node.id()));
    }
    return index.gpus(seat, request(demand, gpuModels));
  }
}
