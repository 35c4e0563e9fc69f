package io.attentionflow.allocation;

import io.attentionflow.allocation.NodeState.Status;
import io.attentionflow.allocation.TaskState.ShardState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides which tasks had better run elsewhere, and whether that is worth what it costs.
 *
 * <pre>
 * node drains, or reports more load than it should bear, for long enough
 *   -- task by task, the least run time lost first -->
 *      moved lately? others wait for room? gain not above its cost?  -- it stays, and why
 *      no room elsewhere? overloaded there, too? was it there before? -- it stays, and why
 *      otherwise                                                      -- it is moved
 * node drains for longer than the grace -- it is moved, or waits for a place, whatever it costs
 * </pre>
 *
 * <p>The cost of a move is the run time so far and the overhead of {@link MovePolicy}. The gain at
 * a draining node is the time by which it would be empty sooner, which is the rest of the run; at
 * an overloaded one it is the rest of the run times what the load is above what the node should
 * bear: as if all that runs there shared its resources evenly. Of a task whose run time is not
 * known nothing is gained.
 *
 * <p>Nodes are looked at only while one is unsettled and has tasks, and not more often than the
 * interval; a look takes time in the tasks on such nodes.
 */
final class Moves {

  /**
   * Most tasks for which a place is sought in vain in one look: a bound on what it may cost. The
   * next look goes on from there.
   */
  static final int MOST_MISSES = 256;

  private static final double FAR = PoolPolicy.FOR_EVER.toMillis();

  /** Those to be relieved, by id: so it costs nothing to see that there are none. */
  private final TreeMap<String, Node> unsettled = new TreeMap<>();

  private final NodeTable nodes;
  private final TaskTable tasks;
  private PoolPolicy policy;
  private Instant lookedAt;

  /** Where the look under way began, and where the next one does. */
  private MovesTurn begun = MovesTurn.FIRST;

  private MovesTurn next;

  Moves(NodeTable nodes, TaskTable tasks, PoolHeader header) {
    this.nodes = nodes;
    this.tasks = tasks;
    this.policy = header.policy();
    this.lookedAt = header.movesLookedAt();
    this.next = header.movesTurn();
    follow(policy);
  }

  /**
   * A task that may be moved.
   *
   * @param isForced whether it has to go, whatever it costs
   * @param gain null: not known
   * @param no why it stays; null: it is worth it, if there is a place for it
   */
  record Candidate(
      TaskState task,
      boolean isForced,
      @Nullable Duration gain,
      Duration cost,
      @Nullable Reason no) {}

  Instant lookedAt() {
    return lookedAt;
  }

  MovesTurn next() {
    return next;
  }

  /** The pool is run by this policy from now on. */
  void follow(PoolPolicy newPolicy) {
    policy = newPolicy;
    nodes.inOrder().forEach(this::changed);
  }

  /** A node is new, or otherwise than it was, or has other tasks than it had. */
  void changed(Node node) {
    if (isToBeRelieved(node)) {
      unsettled.put(node.id(), node);
    } else if (!unsettled.isEmpty()) {
      unsettled.remove(node.id());
    }
  }

  /** Since when what runs on a node had better not, after a heartbeat; null: it may. */
  static @Nullable Instant unsettledSince(
      @Nullable NodeState before, NodeState after, MovePolicy policy) {
    Instant since = before == null ? null : before.unsettledSince();
    if (after.status() == Status.DRAINING) {
      return since;
    }
    return after.strain() > policy.overloadAbove() ? since == null ? after.heardAt() : since : null;
  }

  /** When the next look is due; null: there is nothing to look at. */
  @Nullable Instant dueAt() {
    return unsettled.isEmpty() ? null : lookedAt.plus(policy.moves().interval());
  }

  private boolean isToBeRelieved(Node node) {
    MovePolicy moves = policy.moves();
    return node.state().unsettledSince() != null
        && node.shards() > 0
        && moves.mostPerInterval() > 0
        && (node.status() == Status.DRAINING
            ? moves.draining()
            : moves.overloaded() != Displaceable.NONE);
  }

  /**
   * Begins a look: says which nodes are to be relieved, by id, from the one on where the last look
   * was left off.
   */
  List<Node> look(Instant now) {
    lookedAt = now;
    begun = next;
    next = MovesTurn.FIRST;
    List<Node> found = new ArrayList<>();
    addLongEnough(unsettled.tailMap(begun.nodeId(), true), now, found);
    addLongEnough(unsettled.headMap(begun.nodeId(), false), now, found);
    return found;
  }

  private void addLongEnough(Map<String, Node> some, Instant now, List<Node> found) {
    for (Node node : some.values()) {
      boolean longEnough =
          node.status() == Status.DRAINING || isPast(node, policy.moves().overloadFor(), now);
      if (longEnough) {
        found.add(node);
      }
    }
  }

  /** How many of a node's candidates had their turn in the look before. */
  int turned(Node node) {
    return node.id().equals(begun.nodeId()) ? begun.tasks() : 0;
  }

  /**
   * Leaves off: the next look begins here.
   *
   * @param turned how many of the node's candidates had their turn, and are still there
   */
  void leaveOffAt(Node node, int turned) {
    next = new MovesTurn(node.id(), turned);
  }

  private static boolean isPast(Node node, Duration length, Instant now) {
    Instant since = node.state().unsettledSince();
    return since != null && !since.plus(length).isAfter(now);
  }

  /**
   * What may be moved off a node, the least run time lost first.
   *
   * @param othersWait whether tasks wait for room
   */
  List<Candidate> candidates(Node node, boolean othersWait, Instant now) {
    List<Candidate> candidates = new ArrayList<>();
    for (String taskId : node.taskIds()) {
      TaskState task = tasks.get(taskId);
      if (node.status() == Status.DRAINING || isMovable(task)) {
        candidates.add(candidate(task, node, othersWait, now));
      }
    }
    candidates.sort(
        Comparator.comparing(Candidate::cost)
            .thenComparing(
                Comparator.<Candidate>comparingLong(each -> each.task().sequence()).reversed()));
    return candidates;
  }

  private boolean isMovable(TaskState task) {
    return task.task().maxShards() == 1 && policy.moves().overloaded().allows(task.task().qos());
  }

  private Candidate candidate(TaskState task, Node node, boolean othersWait, Instant now) {
    MovePolicy moves = policy.moves();
    boolean drains = node.status() == Status.DRAINING;
    boolean forced = drains && isPast(node, moves.drainGrace(), now);
    Duration cost = Preemption.cost(task, now).plus(moves.overhead());
    Duration gain = gain(task, drains ? 1 : node.state().strain() / moves.overloadAbove() - 1, now);
    Reason no = null;
    if (task.generation() >= policy.maxAttempts()) {
      no = Reason.ATTEMPTS_EXHAUSTED;
    } else if (!forced && wasMovedWithin(task, moves.coolDown(), now)) {
      no = Reason.MOVE_LIMIT;
    } else if (!forced && othersWait) {
      no = Reason.WAITS_FOR_EARLIER;
    } else if (!forced
        && (gain == null || gain.toMillis() <= moves.gainFactor() * cost.toMillis())) {
      no = Reason.NO_NET_BENEFIT;
    }
    return new Candidate(task, forced, gain, cost, no);
  }

  private static @Nullable Duration gain(TaskState task, double part, Instant now) {
    long limit = RunTimes.limit(task);
    long length = RunTimes.expected(task);
    long rest = 0;
    for (ShardState shard : task.shards()) {
      if (!shard.ended()) {
        Instant start = shard.startedAt() == null ? task.since() : shard.startedAt();
        long end = RunTimes.end(start.toEpochMilli(), length, limit, now);
        rest = Math.max(rest, end - now.toEpochMilli());
      }
    }
    boolean known = length < RunTimes.ENDLESS;
    return known ? Duration.ofMillis((long) Math.min(rest * part, FAR)) : null;
  }

  private static boolean wasMovedWithin(TaskState task, Duration length, Instant now) {
    Instant movedAt = task.moves().movedAt();
    return movedAt != null && movedAt.plus(length).isAfter(now);
  }

  /** Why a task is not moved off an overloaded node to this one, where it would be; null: it is. */
  @Nullable Reason refuses(TaskState task, Node there, Instant now) {
    if (task.moves().left().contains(there.id())
        && wasMovedWithin(task, policy.moves().loopWindow(), now)) {
      return Reason.MOVES_IN_CIRCLES;
    }
    return there.inUse() > policy.moves().overloadAbove() ? Reason.NODE_OVERLOADED : null;
  }
}
