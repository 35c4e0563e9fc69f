package io.attentionflow.allocation;

import io.attentionflow.allocation.Decision.NodeScore;
import io.attentionflow.allocation.NodeState.Status;
import io.attentionflow.allocation.Placing.Found;
import io.attentionflow.allocation.gpu.GpuPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds nodes for a task, by filters and a score.
 *
 * <p>A divisible task is cut into the fewest shards that fit, all of one size (rounded up), all or
 * nothing. As the shards are alike, how many of them a node takes does not depend on what the other
 * nodes take: {@link ShardCounts} tells whether all fit, and then each may go where it scores best,
 * with nothing ever to be undone.
 *
 * <p>Nodes are not scanned: {@link NodeIndex} finds and counts them, {@link ValuedNodes} those that
 * are valued by what was learned, and {@link BlockedTask} knows of the task that was sought a place
 * for in vain last what every node that changed since means to it.
 */
final class Placer {

  /** Most shards of a task: a bound on what one request may cost. */
  static final int MAX_SHARDS = 256;

  /** How often a node is drawn in vain before those that have room are sought. */
  private static final int MOST_DRAWS = 32;

  /**
   * In larger pools, of nodes that were passed over for a task that had not waited for room, only
   * those are counted that would not take it if nothing ran on them either.
   */
  static final int MOST_COUNTED = 2_048;

  private final NodeTable nodes;
  private final TaskTable tasks;
  private final PoolStore store;
  private @Nullable String lastNodeId;

  /** Of a placement that values nodes. */
  private @Nullable ValuedNodes valued;

  private final Scoring.Largest largest = new Scoring.Largest();
  private NodeIndex index = new NodeIndex(Scoring.NONE);

  /** The task that was sought a place for in vain last; null: none, or it has one now. */
  private @Nullable BlockedTask blocked;

  private final Ranking ranking = new Ranking();

  /** Of the search under way. */
  private final ReasonCounts filtered = new ReasonCounts();

  private final List<Node> drawn = new ArrayList<>();

  /** Of a placement that draws nodes. */
  private @Nullable RoomTable rooms;

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
    blocked = null;
    rooms = draws(policy) ? new RoomTable(nodes) : null;
    index = new NodeIndex(scoring(policy));
    for (Node node : nodes.inOrder()) {
      node.group(null);
      index.update(node);
    }
    index.settle();
  }

  private static boolean draws(PoolPolicy policy) {
    return switch (policy.placement()) {
      case RANDOM, POWER_OF_TWO -> true;
      case LEAST_LOADED,
          LEAST_CONNECTION,
          ROUND_ROBIN,
          BEST_FIT,
          DOT_PRODUCT,
          FRAGMENTATION,
          VALUE ->
          false;
    };
  }

  private Scoring scoring(PoolPolicy policy) {
    return switch (policy.placement()) {
      case LEAST_LOADED, POWER_OF_TWO -> Scoring.LEAST_LOADED;
      case LEAST_CONNECTION -> Scoring.LEAST_CONNECTION;
      case BEST_FIT -> Scoring.bestFit(largest);
      case DOT_PRODUCT -> Scoring.dotProduct(largest);
      case ROUND_ROBIN, RANDOM, FRAGMENTATION, VALUE -> Scoring.NONE;
    };
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
    List<Node> changed = nodes.changed();
    if (changed.isEmpty()) {
      return;
    }
    for (Node node : changed) {
      if (blocked != null) {
        blocked.forget(node);
      }
      index.forget(node, !nodes.has(node));
    }
    for (Node node : changed) {
      if (nodes.has(node)) {
        index.update(node);
      }
      if (valued != null) {
        valued.update(node);
      }
      if (rooms != null && nodes.has(node)) {
        rooms.update(node);
      }
    }
    index.settle();
    if (valued != null) {
      valued.settle();
    }
    if (blocked != null) {
      for (Node node : changed) {
        blocked.look(node);
      }
    }
    nodes.clearChanged();
  }

  /** Finds a place for a task that has none, and takes it; says why if there is none. */
  Placing place(TaskState waiting, PoolPolicy policy) {
    lookAtChanged();
    BlockedTask before = blocked;
    if (before != null && before.isOf(waiting)) {
      int shards = before.fewestThatFit();
      if (shards == 0) {
        return before.blocked();
      }
      blocked = null;
      return take(waiting, policy, shards, before);
    }
    TaskRequest task = waiting.asks();
    ShardCounts counts = counts(task);
    int shards = counts == null ? 1 : counts.fewestThatFit();
    Found found = shards == 0 ? null : find(waiting, policy, shards);
    if (found != null) {
      return found;
    }
    Demand demand = counts == null ? new Demand(task.request()) : counts.smallest();
    blocked = new BlockedTask(waiting, index, demand, counts);
    return blocked.blocked();
  }

  /** Finds a place, and takes it; null: there is none. Cheaper where nobody asks why. */
  @Nullable Found placeIfItFits(TaskState waiting, PoolPolicy policy) {
    lookAtChanged();
    ShardCounts counts = counts(waiting.asks());
    int shards = counts == null ? 1 : counts.fewestThatFit();
    return shards == 0 ? null : find(waiting, policy, shards);
  }

  /** Gives back what was found and is not taken after all. */
  void takeBack(TaskState task, Found found, @Nullable String lastNodeIdBefore) {
    for (ShardPlacement shard : found.shards()) {
      Node node = nodes.get(shard.nodeId());
      node.giveBack(task.task().taskId(), new TaskState.ShardState(shard, null, false));
    }
    lastNodeId = lastNodeIdBefore;
  }

  /** Null: it is not divisible. */
  private @Nullable ShardCounts counts(TaskRequest task) {
    if (task.maxShards() == 1) {
      return null;
    }
    var counts = new ShardCounts(task);
    counts.countAll(index);
    return counts;
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

  private @Nullable Found find(TaskState waiting, PoolPolicy policy, int shards) {
    TaskRequest task = waiting.asks();
    Demand demand = new Demand(shard(task.request(), shards));
    rank(task, demand, policy, new Draw(policy, waiting), null);
    if (ranking.isEmpty()) {
      return null;
    }
    filtered.clear();
    if (nodes.inOrder().size() <= MOST_COUNTED) {
      index.count(demand, task.gpuModels(), filtered, null);
    } else {
      index.countHopeless(demand, task.gpuModels(), filtered);
    }
    return takeRanked(waiting, policy, shards, demand, filtered);
  }

  /** Takes a place of a task that had none, and for which there is one since. */
  private Found take(TaskState waiting, PoolPolicy policy, int shards, BlockedTask before) {
    if (waiting.task().maxShards() > 1) {
      return Objects.requireNonNull(find(waiting, policy, shards));
    }
    TaskRequest task = waiting.asks();
    Demand demand = new Demand(task.request());
    rank(task, demand, policy, new Draw(policy, waiting), before.fitting());
    return takeRanked(waiting, policy, 1, demand, before.filtered());
  }

  private Found takeRanked(
      TaskState waiting, PoolPolicy policy, int shards, Demand demand, ReasonCounts filtered) {
    TaskRequest task = waiting.asks();
    int considered = index.considered();
    SortedMap<Reason, Integer> byReason = filtered.byReason();
    List<NodeScore> scores = ranking.scores();
    if (shards == 1) {
      return new Found(List.of(takeBest(task, 0, demand)), considered, byReason, scores);
    }
    List<ShardPlacement> placements = new ArrayList<>(shards);
    placements.add(takeBest(task, 0, demand));
    var draw = new Draw(policy, waiting);
    for (int shard = 1; shard < shards; shard++) {
      lookAtChanged();
      rank(task, demand, policy, draw.ofShard(shard), null);
      if (ranking.isEmpty()) {
        throw new IllegalStateException(
            "%s: %d of %d shards fit".formatted(task.taskId(), shard, shards));
      }
      placements.add(takeBest(task, shard, demand));
    }
    return new Found(placements, considered, byReason, scores);
  }

  /**
   * Ranks the best nodes for a shard.
   *
   * @param fitting all nodes with room, where they are known; null: they are not
   */
  private void rank(
      TaskRequest task, Demand demand, PoolPolicy policy, Draw draw, @Nullable List<Node> fitting) {
    ranking.clear();
    Keys keys = Keys.of(policy.placementRules().ties(), draw);
    switch (policy.placement()) {
      case LEAST_LOADED, LEAST_CONNECTION -> rankByScore(task, demand, keys, fitting);
      case BEST_FIT, DOT_PRODUCT -> {
        measureLargest();
        rankByScore(task, demand, keys, fitting);
      }
      case ROUND_ROBIN -> rankInTurn(task, demand, fitting);
      case RANDOM -> rankDrawn(task, demand, draw, 1, Keys.BY_ID);
      case POWER_OF_TWO -> rankDrawn(task, demand, draw, 2, keys);
      case FRAGMENTATION, VALUE ->
          Objects.requireNonNull(valued)
              .rank(demand.resources, task.gpuModels(), keys.ofDraw(), ranking);
    }
  }

  private void measureLargest() {
    largest.clear();
    for (NodeGroup group : index.groups()) {
      if (group.count(Status.READY) > 0) {
        largest.include(group.capacity());
      }
    }
  }

  private void rankByScore(
      TaskRequest task, Demand demand, Keys keys, @Nullable List<Node> fitting) {
    if (fitting == null) {
      index.rank(demand, task.gpuModels(), ranking, keys);
    } else {
      fitting.forEach(node -> rank(node, demand, keys));
    }
  }

  private void rank(Node node, Demand demand, Keys keys) {
    NodeGroup group = node.group();
    if (group == null) {
      throw new IllegalStateException("node %s is in no index".formatted(node.id()));
    }
    ranking.add(node, group.score(node, demand), keys.of(node));
  }

  private void rankInTurn(TaskRequest task, Demand demand, @Nullable List<Node> fitting) {
    int size = nodes.inOrder().size();
    int turn = lastNodeId == null ? 0 : nodes.indexAfter(lastNodeId);
    List<Node> candidates = fitting;
    if (candidates == null) {
      long from = turn == size ? Long.MAX_VALUE : nodes.inOrder().get(turn).order();
      candidates =
          index.firstWithRoom(demand, task.gpuModels(), from, Long.MAX_VALUE, Ranking.MOST);
      candidates.addAll(
          index.firstWithRoom(demand, task.gpuModels(), Long.MIN_VALUE, from, Ranking.MOST));
    }
    for (Node node : candidates) {
      ranking.add(node, 0 - Math.floorMod(nodes.indexOf(node) - turn, size), node.order());
    }
  }

  /** Ranks so many nodes with room, drawn each as likely; fewer if there are fewer. */
  private void rankDrawn(TaskRequest task, Demand demand, Draw draw, int wanted, Keys keys) {
    RoomTable room = Objects.requireNonNull(rooms);
    int all = nodes.inOrder().size();
    room.seek(demand, task.gpuModels());
    drawn.clear();
    for (int i = 0; i < MOST_DRAWS && drawn.size() < wanted && all > 0; i++) {
      int place = draw.below(i, all);
      if (room.hasRoom(place)) {
        drawn.add(room.take(place));
      }
    }
    if (drawn.size() < wanted) {
      int left = room.count();
      for (int i = MOST_DRAWS; drawn.size() < wanted && left > 0; i++, left--) {
        drawn.add(room.take(room.placeOf(draw.below(i, left))));
      }
    }
    for (Node node : drawn) {
      room.update(node);
      rank(node, demand, keys);
    }
  }

  private ShardPlacement takeBest(TaskRequest task, int shard, Demand demand) {
    Node node = ranking.first();
    lastNodeId = node.id();
    return valued == null
        ? node.take(task.taskId(), shard, demand.resources)
        : node.take(
            task.taskId(),
            shard,
            demand.resources,
            valued.gpus(node, demand.resources, task.gpuModels()));
  }
}
