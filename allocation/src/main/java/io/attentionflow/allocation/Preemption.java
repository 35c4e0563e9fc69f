package io.attentionflow.allocation;

import io.attentionflow.allocation.Reservation.Amounts;
import io.attentionflow.allocation.TaskState.Phase;
import io.attentionflow.allocation.TaskState.ShardState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides which tasks are stopped so that a more important one can start.
 *
 * <p>Who waits and has no room may take the place of tasks that are less important, by at least the
 * gap of the {@link PreemptionPolicy}, if their quality of service allows it. On each node that is
 * looked at the tasks with the least work lost are stopped until there is room, and then those are
 * let off that need not have been; of the nodes, the one with the least work lost is taken. Work is
 * run time so far times the dominant share of the pool.
 *
 * <p>Let alone is who was stopped as often as the policy allows, who was placed as often as it may
 * be, and who is out of patience, since it would go first of those that wait. For a task that can
 * only be placed in several shards nobody is stopped. A priority only ever takes the place of lower
 * ones, so that nothing goes in circles.
 *
 * <p>What may be stopped is indexed by priority: nothing is looked at unless somebody waits who is
 * more important than the least important that runs. A look is at the {@link #MOST_TASKS} least
 * important at most of those on nodes that could take what waits, if it takes GPUs first at those
 * that hold some; and at the first {@link #MOST_NODES} nodes that they are on. After one in vain,
 * there is none for a second.
 */
final class Preemption {

  /** Most tasks that are looked at for one that waits. */
  static final int MOST_TASKS = 1_024;

  /** Most nodes that are looked at for one that waits. */
  static final int MOST_NODES = 64;

  private final NodeTable nodes;
  private final TaskTable tasks;
  private final PoolLoad load;
  private final DisplaceableTasks displaceable;
  private PoolPolicy policy;
  private PreemptionPace pace;

  Preemption(NodeTable nodes, TaskTable tasks, PoolLoad load, PoolHeader header) {
    this.nodes = nodes;
    this.tasks = tasks;
    this.load = load;
    this.displaceable = new DisplaceableTasks(nodes);
    this.policy = header.policy();
    this.pace = header.preemptions();
    follow(policy);
  }

  /** A task that may be stopped, and the work that is lost if it is. */
  private record Victim(TaskState task, double lost) {}

  /**
   * Who is stopped to make room on one node.
   *
   * @param victims the least work lost first
   */
  record Eviction(Node node, List<TaskState> victims, double lost) {}

  PreemptionPace pace() {
    return pace;
  }

  /** The pool is run by this policy from now on. */
  void follow(PoolPolicy newPolicy) {
    policy = newPolicy;
    displaceable.clear();
    for (TaskState task : tasks.byArrival()) {
      if (task.phase() == Phase.PLACED || task.phase() == Phase.RUNNING) {
        placed(task);
      }
    }
  }

  /** A task has a place. */
  void placed(TaskState task) {
    if (policy.preemption().victims().allows(task.task().qos())) {
      displaceable.add(task);
    }
  }

  /** A task has a place no more. */
  void gone(TaskState task) {
    displaceable.remove(task);
  }

  /** A task has other places than it had. */
  void changed(TaskState task) {
    if (displaceable.remove(task)) {
      displaceable.add(task);
    }
  }

  /** A node has other resources than it had. */
  void resized(Node node) {
    for (String taskId : node.taskIds()) {
      changed(tasks.get(taskId));
    }
  }

  /** Whether it may be worth a look for somebody who waits. */
  boolean isDue(Instant now) {
    return !displaceable.isEmpty() && pace.isDue(now);
  }

  /** Whether somebody runs who may have to make room for this task. */
  boolean mayMakeRoomFor(TaskState waiting) {
    return waiting.task().minShards() == 1
        && !displaceable.isEmpty()
        && displaceable.leastPriority() <= limit(waiting);
  }

  /** The highest priority that may be stopped for a task. */
  private long limit(TaskState waiting) {
    return (long) waiting.task().priority() - policy.preemption().priorityGap();
  }

  /** Who is to make room for a task that has none; null: nobody can, or may now. */
  @Nullable Eviction evictionFor(TaskState waiting, Instant now) {
    int left = pace.left(now, policy.preemption().mostPerMinute());
    Eviction best = null;
    for (Node node : nodesToLookAt(waiting, now)) {
      Eviction here = evictionOn(node, waiting, now);
      if (here != null && here.victims().size() <= left && (best == null || isLess(here, best))) {
        best = here;
      }
    }
    return best;
  }

  /** Where it takes GPUs, those that hold some come first, and what holds none after them. */
  private Set<Node> nodesToLookAt(TaskState waiting, Instant now) {
    TaskRequest task = waiting.asks();
    Set<Node> found = new LinkedHashSet<>();
    int left = MOST_TASKS;
    if (task.request().gpuCount() > 0) {
      left -= lookAt(waiting, seat -> seat.holdsGpus() && suits(seat, task), left, now, found);
      lookAt(waiting, seat -> !seat.holdsGpus() && suits(seat, task), left, now, found);
    } else {
      lookAt(waiting, seat -> suits(seat, task), left, now, found);
    }
    return found;
  }

  private static boolean suits(DisplaceableTasks.Seat seat, TaskRequest task) {
    return Node.couldTake(seat.capacity(), seat.gpuModel(), task.request(), task.gpuModels());
  }

  /** Adds nodes to those found; says at how many tasks it looked. */
  private int lookAt(
      TaskState waiting,
      Predicate<DisplaceableTasks.Seat> suits,
      int most,
      Instant now,
      Set<Node> found) {
    List<DisplaceableTasks.Running> least =
        displaceable.leastImportant(suits, limit(waiting), most);
    for (DisplaceableTasks.Running running : least) {
      if (found.size() >= MOST_NODES) {
        break;
      }
      TaskState task = tasks.get(running.taskId());
      if (!isLetAlone(task, now)) {
        for (ShardState shard : task.shards()) {
          Node node = nodes.get(shard.placement().nodeId());
          if (!shard.ended()
              && node.couldTake(waiting.asks().request(), waiting.task().gpuModels())) {
            found.add(node);
          }
        }
      }
    }
    return least.size();
  }

  private boolean isLetAlone(TaskState task, Instant now) {
    boolean outOfPatience =
        policy.patience().compareTo(PoolPolicy.FOR_EVER) < 0
            && !task.task().submittedAt().plus(policy.patience()).isAfter(now);
    return outOfPatience
        || task.moves().preemptions() >= policy.preemption().mostPerTask()
        || task.generation() >= policy.maxAttempts();
  }

  private @Nullable Eviction evictionOn(Node node, TaskState waiting, Instant now) {
    List<Victim> victims = victimsOn(node, waiting, now);
    var trial = new Trial(node, waiting.asks().request());
    int taken = 0;
    while (!trial.fits() && taken < victims.size()) {
      trial.stop(victims.get(taken++).task(), 1);
    }
    if (!trial.fits()) {
      return null;
    }
    List<Victim> needed = new ArrayList<>(victims.subList(0, taken));
    for (int i = needed.size() - 1; i >= 0; i--) {
      trial.stop(needed.get(i).task(), -1);
      if (trial.fits()) {
        needed.remove(i);
      } else {
        trial.stop(needed.get(i).task(), 1);
      }
    }
    double lost = 0;
    List<TaskState> stopped = new ArrayList<>(needed.size());
    for (Victim victim : needed) {
      lost += victim.lost();
      stopped.add(victim.task());
    }
    return new Eviction(node, stopped, lost);
  }

  private List<Victim> victimsOn(Node node, TaskState waiting, Instant now) {
    List<Victim> victims = new ArrayList<>();
    for (String taskId : node.taskIds()) {
      TaskState task = tasks.get(taskId);
      if (task.task().priority() <= limit(waiting)
          && policy.preemption().victims().allows(task.task().qos())
          && !isLetAlone(task, now)) {
        victims.add(new Victim(task, lostWork(task, now)));
      }
    }
    victims.sort(
        Comparator.comparingDouble(Victim::lost)
            .thenComparing(
                Comparator.<Victim>comparingLong(victim -> victim.task().sequence()).reversed()));
    return victims;
  }

  /** Run time so far of all shards, milliseconds, times their dominant shares of the pool. */
  private double lostWork(TaskState task, Instant now) {
    double lost = 0;
    for (ShardState shard : task.shards()) {
      if (shard.startedAt() != null) {
        var held = new PoolLoad.Sum();
        held.add(shard.placement().resources(), 1);
        long ran = Math.max(0, now.toEpochMilli() - shard.startedAt().toEpochMilli());
        lost += ran * load.shareOf(held);
      }
    }
    return lost;
  }

  private static boolean isLess(Eviction one, Eviction other) {
    if (one.lost() != other.lost()) {
      return one.lost() < other.lost();
    }
    int more = one.victims().size() - other.victims().size();
    return more == 0 ? one.node().order() < other.node().order() : more < 0;
  }

  /** What room there would be on a node. */
  private static final class Trial {
    private final Node node;
    private final Resources demand;
    private final Amounts freed = new Amounts(0);
    private final GpuLedger gpus;

    Trial(Node node, Resources demand) {
      this.node = node;
      this.demand = demand;
      this.gpus = node.gpus().copy();
    }

    /** Stops what a task has here; -1: lets it run on. */
    void stop(TaskState task, int sign) {
      for (ShardState shard : task.shards()) {
        if (node.isHere(shard)) {
          Resources held = shard.placement().resources();
          freed.add(held, List.of(), sign);
          if (sign > 0) {
            gpus.giveBack(held, shard.placement().gpuIndices());
          } else {
            gpus.hold(held, shard.placement().gpuIndices());
          }
        }
      }
    }

    boolean fits() {
      return node.hasRoomWith(freed, demand) && gpus.fits(demand);
    }
  }

  /** So many tasks were stopped. */
  void stopped(int victims, Instant now) {
    pace = pace.stopped(victims, now);
  }

  /** Nobody could or may make room for anybody now. */
  void inVain(Instant now) {
    pace = pace.inVain(now);
  }

  /** What stopping a task costs: the longest that a shard of it has run. */
  static Duration cost(TaskState task, Instant now) {
    Duration longest = Duration.ZERO;
    for (ShardState shard : task.shards()) {
      if (shard.startedAt() != null
          && Duration.between(shard.startedAt(), now).compareTo(longest) > 0) {
        longest = Duration.between(shard.startedAt(), now);
      }
    }
    return longest;
  }
}
