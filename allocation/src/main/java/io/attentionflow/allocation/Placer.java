package io.attentionflow.allocation;

import io.attentionflow.allocation.Command.Action;
import io.attentionflow.allocation.Decision.NodeScore;
import io.attentionflow.allocation.NodeState.Status;
import io.attentionflow.allocation.Placing.Blocked;
import io.attentionflow.allocation.Placing.Found;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
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

  private static final int SCORES_SHOWN = 5;

  private final NodeTable nodes;
  private @Nullable String lastNodeId;

  // Of the search under way.
  private final ReasonCounts filtered = new ReasonCounts();
  private final double[] bestScores = new double[SCORES_SHOWN];
  private final @Nullable Node[] bestNodes = new Node[SCORES_SHOWN];
  private int considered;
  private int best;

  /**
   * A placer over these nodes.
   *
   * @param lastNodeId where the last task was placed; null: nowhere yet
   */
  Placer(NodeTable nodes, @Nullable String lastNodeId) {
    this.nodes = nodes;
    this.lastNodeId = lastNodeId;
  }

  /** Where the last task was placed; null: nowhere yet. */
  @Nullable String lastNodeId() {
    return lastNodeId;
  }

  /** Finds a place for a task that has none, and takes it. */
  Placing place(TaskState waiting, PoolPolicy policy) {
    TaskRequest task = waiting.task();
    int shards = fewestShards(task);
    Resources demand = shard(task.request(), shards == 0 ? task.maxShards() : shards);
    long draw =
        policy.placement() == PoolPolicy.Placement.RANDOM
            ? Draws.of(Command.id(Action.ALLOCATE, task.taskId(), waiting.generation() + 1))
            : 0;
    if (shards == 0 || !search(task, demand, scoring(policy, draw))) {
      return blocked(task, demand);
    }
    int consideredFirst = considered;
    SortedMap<Reason, Integer> filteredFirst = filtered.byReason();
    List<NodeScore> scores = scores();
    List<ShardPlacement> placements = new ArrayList<>(shards);
    placements.add(takeBest(task, 0, demand));
    for (int shard = 1; shard < shards; shard++) {
      if (!search(task, demand, scoring(policy, Draws.of(draw, shard)))) {
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

  private Scoring scoring(PoolPolicy policy, long draw) {
    int turn = lastNodeId == null ? 0 : nodes.indexAfter(lastNodeId);
    return Scoring.of(policy, draw, turn, nodes.inOrder().size());
  }

  /** Looks at every node; says whether there is one. */
  private boolean search(TaskRequest task, Resources demand, Scoring scoring) {
    filtered.clear();
    considered = 0;
    best = 0;
    List<Node> inOrder = nodes.inOrder();
    for (int index = 0; index < inOrder.size(); index++) {
      Node node = inOrder.get(index);
      if (node.status() == Status.LEFT) {
        continue;
      }
      considered++;
      Reason no = node.refuses(demand, task.gpuModels());
      if (no != null) {
        filtered.add(no);
      } else {
        keepIfAmongBest(node, scoring.score(node, index, demand));
      }
    }
    return best > 0;
  }

  /** Of equal scores the first stays first: the one with the lower id. */
  private void keepIfAmongBest(Node node, double score) {
    int place = best;
    while (place > 0 && score > bestScores[place - 1]) {
      place--;
    }
    if (place == SCORES_SHOWN) {
      return;
    }
    best = Math.min(best + 1, SCORES_SHOWN);
    for (int i = best - 1; i > place; i--) {
      bestScores[i] = bestScores[i - 1];
      bestNodes[i] = bestNodes[i - 1];
    }
    bestScores[place] = score;
    bestNodes[place] = node;
  }

  private Node best(int rank) {
    Node node = bestNodes[rank];
    if (rank >= best || node == null) {
      throw new IllegalStateException("no node of rank " + rank);
    }
    return node;
  }

  private ShardPlacement takeBest(TaskRequest task, int shard, Resources demand) {
    Node node = best(0);
    lastNodeId = node.id();
    return node.take(task.taskId(), shard, demand);
  }

  private List<NodeScore> scores() {
    List<NodeScore> scores = new ArrayList<>(best);
    for (int rank = 0; rank < best; rank++) {
      scores.add(new NodeScore(best(rank).id(), bestScores[rank]));
    }
    return scores;
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
