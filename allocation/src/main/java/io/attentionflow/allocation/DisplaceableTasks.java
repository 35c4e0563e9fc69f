package io.attentionflow.allocation;

import io.attentionflow.allocation.TaskState.ShardState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that run and may be stopped for others, the least important first, of equals the latest
 * first; and the same by where they run and whether they hold GPUs. So those that could make room
 * for somebody are found however many others are less important.
 */
final class DisplaceableTasks {

  private static final Comparator<Running> LEAST_IMPORTANT_FIRST =
      Comparator.comparingInt(Running::priority)
          .thenComparing(Comparator.comparingLong(Running::sequence).reversed());

  private final NodeTable nodes;
  private final TreeSet<Running> all = new TreeSet<>(LEAST_IMPORTANT_FIRST);
  private final Map<Seat, TreeSet<Running>> bySeat = new LinkedHashMap<>();
  private final Map<String, Set<Seat>> seatsByTask = new HashMap<>();

  DisplaceableTasks(NodeTable nodes) {
    this.nodes = nodes;
  }

  /** A task that may be stopped. */
  record Running(int priority, long sequence, String taskId) {

    private static Running of(TaskState task) {
      return new Running(task.task().priority(), task.sequence(), task.task().taskId());
    }
  }

  /**
   * What tasks have in common that may make room for the same.
   *
   * @param capacity of the node that they run on
   * @param holdsGpus whether they hold any of its GPUs
   */
  record Seat(Resources capacity, @Nullable String gpuModel, boolean holdsGpus) {}

  /** The least important tasks of some seats, in order. */
  private static final class Merged {
    final Iterator<Running> rest;
    Running next;

    Merged(SortedSet<Running> tasks) {
      rest = tasks.iterator();
      next = rest.next();
    }
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** The priority of the least important; there must be one. */
  int leastPriority() {
    return all.first().priority();
  }

  void clear() {
    all.clear();
    bySeat.clear();
    seatsByTask.clear();
  }

  /** A task has a place, and is not in here. */
  void add(TaskState task) {
    Running running = Running.of(task);
    Set<Seat> seats = new LinkedHashSet<>();
    for (ShardState shard : task.shards()) {
      if (!shard.ended()) {
        seats.add(seat(shard.placement()));
      }
    }
    all.add(running);
    seatsByTask.put(running.taskId(), seats);
    for (Seat seat : seats) {
      bySeat.computeIfAbsent(seat, key -> new TreeSet<>(LEAST_IMPORTANT_FIRST)).add(running);
    }
  }

  private Seat seat(ShardPlacement placement) {
    NodeState node = nodes.get(placement.nodeId()).state();
    return new Seat(node.capacity(), node.gpuModel(), placement.resources().gpuCount() > 0);
  }

  /** A task has a place no more; says whether it was in here. */
  boolean remove(TaskState task) {
    Set<Seat> seats = seatsByTask.remove(task.task().taskId());
    if (seats == null) {
      return false;
    }
    Running running = Running.of(task);
    all.remove(running);
    for (Seat seat : seats) {
      TreeSet<Running> there = bySeat.get(seat);
      if (there != null && there.remove(running) && there.isEmpty()) {
        bySeat.remove(seat);
      }
    }
    return true;
  }

  /**
   * The least important tasks of some seats, in order.
   *
   * @param limit the highest priority
   * @param most so many at most
   */
  List<Running> leastImportant(Predicate<Seat> suits, long limit, int most) {
    var merged =
        new PriorityQueue<Merged>(
            Comparator.comparing((Merged each) -> each.next, LEAST_IMPORTANT_FIRST));
    bySeat.forEach(
        (seat, tasks) -> {
          if (suits.test(seat)) {
            merged.add(new Merged(tasks));
          }
        });
    List<Running> found = new ArrayList<>();
    Running last = null;
    while (!merged.isEmpty() && found.size() < most) {
      Merged least = merged.remove();
      if (least.next.priority() > limit) {
        break;
      }
      // One that runs in several places comes several times, one after the other.
      if (!least.next.equals(last)) {
        last = least.next;
        found.add(last);
      }
      if (least.rest.hasNext()) {
        least.next = least.rest.next();
        merged.add(least);
      }
    }
    return found;
  }
}
