package io.attentionflow.allocation;

import io.attentionflow.allocation.Decision.NodeScore;
import io.attentionflow.allocation.NodeState.Status;
import io.attentionflow.allocation.Placing.Blocked;
import io.attentionflow.allocation.Placing.Found;
import io.attentionflow.allocation.gpu.GpuPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Finds nodes for a task, by filters and a score.
 *
 * <p>A divisible task is cut into the fewest shards that fit, all of one size (rounded up), all or
 * nothing. As the shards are alike, how many of them a node takes does not depend on what the other
 * nodes take: counting them tells whether all fit, and then each may go where it scores best, with
 * nothing ever to be undone.
 *
 * <p>Takes O(nodes) time a shard.
 */
final class Placer {

  /** Most shards of a task: a bound on what one request may cost. */
  static final int MAX_SHARDS = 256;

  /** How often a node is drawn in vain before those that have room are sought. */
  private static final int MOST_DRAWS = 32;

  private final NodeTable nodes;
  private final TaskTable tasks;
  private final PoolStore store;
  private @Nullable String lastNodeId;

  /** Of a placement that values nodes. */
  private @Nullable ValuedNodes valued;

  // Of the search under way.
  private final ReasonCounts filtered = new ReasonCounts();
  private final Ranking ranking = new Ranking();
  private int considered;

  /**
   * A placer over these nodes.
   *
   * @param header of the pool as it is now
   */
  Placer(NodeTable nodes, TaskTable tasks, PoolStore store, PoolHeader header) {
    this.nodes = nodes;
    this.tasks = tasks;
    this.store = store;
    this.lastNodeId = header.lastNodeId();
    follow(header.policy(), header.nextSequence());
  }

  /** The pool is run by this policy from now on. */
  void follow(PoolPolicy policy, long nextSequence) {
    GpuPolicy values = policy.placement().valued();
    if (values == null) {
      valued = null;
      if (store.gpuMemory() != null) {
        store.putGpuMemory(null);
      }
    } else if (valued == null || valued.policy() != values) {
      valued = new ValuedNodes(values, nodes, tasks, store, nextSequence);
    }
  }

  /** Where the last task was placed; null: nowhere yet. */
  @Nullable String lastNodeId() {
    return lastNodeId;
  }

  /** A task has come that was not there before. */
  void arrived(TaskState task) {
    if (valued != null) {
      lookAtChanged();
      valued.arrived(task);
    }
  }

  /** A task is about to be forgotten. */
  void forgets(TaskState task, long nextSequence) {
    if (valued != null) {
      valued.forgets(task, nextSequence);
    }
  }

  private void lookAtChanged() {
    ValuedNodes told = valued;
    if (told == null) {
      nodes.forEachChanged(node -> {});
    } else {
      nodes.forEachChanged(told::update);
      told.settle();
    }
  }

  /** Finds a place for a task that has none, and takes it. */
  Placing place(TaskState waiting, PoolPolicy policy) {
    TaskRequest task = waiting.task();
    int shards = fewestShards(task);
    Resources demand = shard(task.request(), shards == 0 ? task.maxShards() : shards);
    var draw = new Draw(policy, waiting);
    if (shards == 0 || !search(task, demand, policy, draw)) {
      return blocked(task, demand);
    }
    int consideredFirst = considered;
    SortedMap<Reason, Integer> filteredFirst = filtered.byReason();
    List<NodeScore> scores = ranking.scores();
    List<ShardPlacement> placements = new ArrayList<>(shards);
    placements.add(takeBest(task, 0, demand));
    for (int shard = 1; shard < shards; shard++) {
      if (!search(task, demand, policy, draw.ofShard(shard))) {
        throw new IllegalStateException(
            "%s: %d of %d shards fit".formatted(task.taskId(), shard, shards));
      }
      placements.add(takeBest(task, shard, demand));
    }
    return new Found(placements, consideredFirst, filteredFirst, scores);
  }

  /** Whether this node, with nothing on it, would take the task or a part of it. */
  static boolean couldHelp(Node node, TaskRequest task) {
    return node.couldTake(shard(task.request(), task.maxShards()), task.gpuModels());
  }

  /** What each of so many equal shards asks for, rounded up. */
  static Resources shard(Resources request, int shards) {
    if (shards == 1) {
      return request;
    }
    boolean several = request.gpuCount() > 1;
    return new Resources(
        ceilDiv(request.cpuMillis(), shards),
        ceilDiv(request.memoryMib(), shards),
        several ? (int) ceilDiv(request.gpuCount(), shards) : request.gpuCount(),
        several ? request.gpuMillis() : ceilDiv(request.gpuMillis(), shards),
        ceilDiv(request.ioMibps(), shards));
  }

  private static long ceilDiv(long dividend, int divisor) {
    return dividend / divisor + (dividend % divisor == 0 ? 0 : 1);
  }

  /**
   * The fewest shards that fit now; 0: none do. One that is never divided is left to the search.
   */
  private int fewestShards(TaskRequest task) {
    if (task.maxShards() == 1) {
      return 1;
    }
    for (int shards = task.minShards(); shards <= task.maxShards(); shards++) {
      if (fit(task, shards)) {
        return shards;
      }
    }
    return 0;
  }

  private boolean fit(TaskRequest task, int shards) {
    Resources demand = shard(task.request(), shards);
    long fitting = 0;
    for (Node node : nodes.inOrder()) {
      fitting += node.times(demand, task.gpuModels(), shards);
      if (fitting >= shards) {
        return true;
      }
    }
    return false;
  }

  /** Ranks the best nodes for a shard; says whether there is one. */
  private boolean search(TaskRequest task, Resources demand, PoolPolicy policy, Draw draw) {
    lookAtChanged();
    ranking.clear();
    count(task, demand);
    LongUnaryOperator tieKey =
        policy.placementRules().ties() == TieBreak.RANDOM ? draw::ofNode : null;
    switch (policy.placement()) {
      case LEAST_LOADED -> rank(task, demand, Scoring.LEAST_LOADED, tieKey);
      case LEAST_CONNECTION -> rank(task, demand, Scoring.LEAST_CONNECTION, tieKey);
      case ROUND_ROBIN -> rankInTurn(task, demand);
      case RANDOM -> rankDrawn(task, demand, draw, 1, (node, asked) -> 0, null);
      case POWER_OF_TWO -> rankDrawn(task, demand, draw, 2, Scoring.LEAST_LOADED, tieKey);
      case BEST_FIT, DOT_PRODUCT -> rankByFit(task, demand, policy.placement(), tieKey);
      case FRAGMENTATION, VALUE ->
          Objects.requireNonNull(valued).rank(demand, task.gpuModels(), tieKey, ranking);
    }
    return !ranking.isEmpty();
  }

  private void count(TaskRequest task, Resources demand) {
    filtered.clear();
    considered = 0;
    for (Node node : nodes.inOrder()) {
      if (node.status() != Status.LEFT) {
        considered++;
        Reason no = node.refuses(demand, task.gpuModels());
        if (no != null) {
          filtered.add(no);
        }
      }
    }
  }

  private void rank(
      TaskRequest task, Resources demand, Scoring scoring, @Nullable LongUnaryOperator tieKey) {
    for (Node node : nodes.inOrder()) {
      if (node.refuses(demand, task.gpuModels()) == null) {
        rank(node, scoring.score(node, demand), tieKey);
      }
    }
  }

  private void rank(Node node, double score, @Nullable LongUnaryOperator tieKey) {
    ranking.add(node, score, tieKey == null ? node.order() : tieKey.applyAsLong(node.draw()));
  }

  private void rankInTurn(TaskRequest task, Resources demand) {
    List<Node> inOrder = nodes.inOrder();
    int turn = lastNodeId == null ? 0 : nodes.indexAfter(lastNodeId);
    for (int index = 0; index < inOrder.size(); index++) {
      Node node = inOrder.get(index);
      if (node.refuses(demand, task.gpuModels()) == null) {
        ranking.add(node, 0 - Math.floorMod(index - turn, inOrder.size()), node.order());
      }
    }
  }

  /** Ranks so many nodes with room, drawn each as likely; fewer if there are fewer. */
  private void rankDrawn(
      TaskRequest task,
      Resources demand,
      Draw draw,
      int wanted,
      Scoring scoring,
      @Nullable LongUnaryOperator tieKey) {
    List<Node> drawn = new ArrayList<>(wanted);
    List<Node> inOrder = nodes.inOrder();
    for (int i = 0; i < MOST_DRAWS && drawn.size() < wanted && !inOrder.isEmpty(); i++) {
      Node node = inOrder.get(draw.below(i, inOrder.size()));
      if (!drawn.contains(node) && node.refuses(demand, task.gpuModels()) == null) {
        drawn.add(node);
      }
    }
    if (drawn.size() < wanted) {
      List<Node> fitting = new ArrayList<>();
      for (Node node : inOrder) {
        if (!drawn.contains(node) && node.refuses(demand, task.gpuModels()) == null) {
          fitting.add(node);
        }
      }
      for (int i = MOST_DRAWS; drawn.size() < wanted && !fitting.isEmpty(); i++) {
        drawn.add(fitting.remove(draw.below(i, fitting.size())));
      }
    }
    drawn.forEach(node -> rank(node, scoring.score(node, demand), tieKey));
  }

  private void rankByFit(
      TaskRequest task,
      Resources demand,
      PoolPolicy.Placement placement,
      @Nullable LongUnaryOperator tieKey) {
    long mostCpuMillis = 1;
    int mostGpus = 1;
    for (Node node : nodes.inOrder()) {
      if (node.status() == Status.READY) {
        mostCpuMillis = Math.max(mostCpuMillis, node.state().capacity().cpuMillis());
        mostGpus = Math.max(mostGpus, node.state().capacity().gpuCount());
      }
    }
    rank(
        task,
        demand,
        placement == PoolPolicy.Placement.BEST_FIT
            ? Scoring.bestFit(mostCpuMillis, mostGpus)
            : Scoring.dotProduct(mostCpuMillis, mostGpus),
        tieKey);
  }

  private ShardPlacement takeBest(TaskRequest task, int shard, Resources demand) {
    Node node = ranking.first();
    lastNodeId = node.id();
    return valued == null
        ? node.take(task.taskId(), shard, demand)
        : node.take(task.taskId(), shard, demand, valued.gpus(node, demand, task.gpuModels()));
  }

  /**
   * Why it has no place. What counts is why the nodes refuse that could take it if nothing ran on
   * them: the others would refuse it anyway.
   */
  private Blocked blocked(TaskRequest task, Resources demand) {
    var hopeful = new ReasonCounts();
    boolean someReady = false;
    filtered.clear();
    considered = 0;
    for (Node node : nodes.inOrder()) {
      if (node.status() == Status.LEFT) {
        continue;
      }
      considered++;
      someReady |= node.status() == Status.READY;
      Reason no = node.limitedBy(demand, task.gpuModels(), task.maxShards());
      if (no != null) {
        filtered.add(no);
        if (node.couldTake(demand, task.gpuModels())) {
          hopeful.add(no);
        }
      }
    }
    SortedMap<Reason, Integer> byReason = filtered.byReason();
    if (considered == 0) {
      return new Blocked(Reason.NO_NODES, 0, byReason);
    }
    if (!someReady) {
      return new Blocked(filtered.mostFrequent(), considered, byReason);
    }
    return new Blocked(
        couldFitInAll(task) ? hopeful.mostFrequent() : Reason.EXCEEDS_EVERY_NODE,
        considered,
        byReason);
  }

  /** Whether it would fit if nothing ran in the pool. */
  private boolean couldFitInAll(TaskRequest task) {
    for (int shards = task.minShards(); shards <= task.maxShards(); shards++) {
      Resources demand = shard(task.request(), shards);
      long fitting = 0;
      for (Node node : nodes.inOrder()) {
        fitting += node.timesIfEmpty(demand, task.gpuModels(), shards);
        if (fitting >= shards) {
          return true;
        }
      }
    }
    return false;
  }
}
