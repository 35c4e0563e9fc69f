package io.attentionflow.allocation;

import io.attentionflow.allocation.PoolPolicy.Ordering;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that wait: in one queue, or, where the policy shares the pool by {@link
 * Ordering#ATTENTION}, in one for each class of complexity.
 *
 * <p>The shares of the classes are worked out by {@link #look}, of those that have a task to start;
 * the next task is then the first of the class that holds the least against its share. What a class
 * does not use is thereby lent to the others.
 *
 * <p>Takes the time of a {@link WaitingQueue}, and O(classes) for each look and each task asked
 * for.
 */
final class ClassQueues {

  private final PoolPolicy policy;
  private final PoolLoad load;
  private final boolean searched;
  private final boolean shared;
  private final TreeMap<String, ClassQueue> byName = new TreeMap<>();

  /** By name, as all ties are broken. */
  private List<ClassQueue> classes = List.of();

  /** In the order in which they are to start, for the search under way. */
  private List<ClassQueue> searchOrder = List.of();

  private int size;

  /**
   * Empty queues.
   *
   * @param searched whether {@link #next} will be asked for
   */
  ClassQueues(PoolPolicy policy, PoolLoad load, boolean searched) {
    this.policy = policy;
    this.load = load;
    this.searched = searched;
    this.shared = policy.ordering() == Ordering.ATTENTION;
  }

  /** What waits of one class, summed up, and what came of the last look at it. */
  static final class ClassQueue {
    private final String name;
    private final WaitingQueue queue;
    private final PoolLoad.Sum demand = new PoolLoad.Sum();
    private long priorities;
    private long submittedMillis;
    private int waiting;
    private double share;
    private boolean passedOver;
    private @Nullable WaitingTask blocked;

    private ClassQueue(String name, WaitingQueue queue) {
      this.name = name;
      this.queue = queue;
    }

    private void count(TaskRequest task, int sign) {
      waiting += sign;
      priorities += sign * (long) task.priority();
      submittedMillis += sign * task.submittedAt().toEpochMilli();
      demand.add(task.request(), sign);
    }
  }

  private ClassQueue ofClass(TaskState task) {
    String name = shared ? task.prediction().complexity() : "";
    ClassQueue known = byName.get(name);
    if (known == null) {
      known =
          new ClassQueue(name, WaitingQueue.of(policy.ordering(), policy.attention(), searched));
      byName.put(name, known);
      classes = List.copyOf(byName.values());
    }
    return known;
  }

  private static ClassQueue of(WaitingTask task) {
    return Objects.requireNonNull(task.classQueue);
  }

  private static WaitingQueue.Entry entryOf(WaitingTask task) {
    return Objects.requireNonNull(task.inClass);
  }

  int size() {
    return size;
  }

  /** Adds a task that is not in them. */
  void add(WaitingTask task, boolean aside) {
    ClassQueue its = ofClass(task.state());
    task.classQueue = its;
    task.inClass = its.queue.add(task, aside);
    size++;
    if (!aside) {
      its.count(task.task(), 1);
    }
  }

  /** The task that has this state, and is in them. */
  WaitingTask find(TaskState state) {
    return ofClass(state).queue.find(state);
  }

  /**
   * Removes a task that is in them.
   *
   * @return whether it was aside
   */
  boolean remove(WaitingTask task) {
    ClassQueue its = of(task);
    boolean aside = its.queue.remove(entryOf(task));
    if (its.blocked == task) {
      its.blocked = null;
    }
    size--;
    if (!aside) {
      its.count(task.task(), -1);
    }
    return aside;
  }

  /** Sets a task aside, or takes it back; it must be otherwise now. */
  void setAside(WaitingTask task, boolean aside) {
    ClassQueue its = of(task);
    its.queue.setAside(entryOf(task), aside);
    its.count(task.task(), aside ? -1 : 1);
  }

  /** How many tasks of its queue are before this one, those aside too. */
  int position(WaitingTask task) {
    return of(task).queue.position(entryOf(task));
  }

  /**
   * About how many tasks start until this one has, if all classes start as many as they have.
   *
   * @param position of the task
   */
  double startsUntil(WaitingTask task, int position) {
    return (position + 1.0) * size / Math.max(1, of(task).queue.size());
  }

  /** The tasks aside. */
  List<WaitingTask> aside() {
    List<WaitingTask> found = new ArrayList<>();
    classes.forEach(each -> found.addAll(each.queue.aside()));
    return found;
  }

  /** Whether it is the first of its queue. */
  boolean isFirst(WaitingTask task) {
    return of(task).queue.first() == task;
  }

  /** Works out what share of the pool each class with a task to start should have. */
  void look(Instant now, double temperature) {
    if (!shared) {
      return;
    }
    List<ClassQueue> hungry = new ArrayList<>(classes.size());
    double all = 0;
    for (ClassQueue each : classes) {
      each.passedOver = false;
      each.share = 0;
      if (each.waiting > 0) {
        hungry.add(each);
        all += load.shareOf(each.demand);
      }
    }
    if (hungry.isEmpty()) {
      return;
    }
    double[] shares = new double[hungry.size()];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = score(hungry.get(i), all, now);
    }
    AttentionPolicy.toShares(shares, temperature);
    for (int i = 0; i < shares.length; i++) {
      hungry.get(i).share = shares[i];
    }
  }

  private double score(ClassQueue its, double allDemand, Instant now) {
    double demand = load.shareOf(its.demand);
    double meanWait = now.toEpochMilli() - (double) its.submittedMillis / its.waiting;
    return policy
        .attention()
        .score(
            (double) its.priorities / its.waiting,
            its.queue.urgency(now),
            allDemand <= 0 ? 0 : demand / allDemand,
            age(meanWait, policy.patience()));
  }

  /** A mean wait against the patience, 0 to 1. */
  static double age(double meanWaitMillis, Duration patience) {
    double millis = patience.toMillis();
    return millis <= 0 ? 1 : Math.max(0, Math.min(1, meanWaitMillis / millis));
  }

  /** The share of the pool that its class should have, by the last look; null: there are none. */
  @Nullable Double shareOf(WaitingTask task) {
    return shared ? Double.valueOf(of(task).share) : null;
  }

  /** The first task to start, of the classes not passed over; null: there is none. */
  @Nullable WaitingTask first() {
    ClassQueue best = null;
    double least = 0;
    for (int i = 0; i < classes.size(); i++) {
      ClassQueue each = classes.get(i);
      if (each.waiting > 0 && !each.passedOver) {
        double against = against(each);
        if (best == null || against < least) {
          best = each;
          least = against;
        }
      }
    }
    return best == null ? null : best.queue.first();
  }

  /** The first task to start of each class that has one, by name; of one queue: its first. */
  List<WaitingTask> firsts() {
    List<WaitingTask> firsts = new ArrayList<>(classes.size());
    for (ClassQueue each : classes) {
      WaitingTask first = each.queue.first();
      if (first != null) {
        firsts.add(first);
      }
    }
    return firsts;
  }

  /** What a class holds against its share: the lower, the more is due to it. */
  private double against(ClassQueue its) {
    return shared ? load.shareOf(its.name) / its.share : 0;
  }

  /** There is no room for the first task of a class; it is not asked for again in this look. */
  void passOver(WaitingTask task) {
    ClassQueue its = of(task);
    its.passedOver = true;
    its.blocked = task;
  }

  /** Whether it is the first of its class, and was passed over in this look. */
  boolean isPassedOver(WaitingTask task) {
    return of(task).passedOver && wasBlocked(task);
  }

  /** Whether this very task was found to have no room when its class was last looked at. */
  boolean wasBlocked(WaitingTask task) {
    return of(task).blocked == task;
  }

  /** Nothing is known any more of what had no room. */
  void forgetBlocked() {
    classes.forEach(each -> each.blocked = null);
  }

  /**
   * The first task after another one that may start in a gap; null: there is none. The classes come
   * one after the other, as they stood to their shares when the first was asked for.
   *
   * @param after null: from the start
   */
  @Nullable WaitingTask next(@Nullable WaitingTask after, Gap gap) {
    if (after == null) {
      searchOrder = new ArrayList<>(classes);
      if (shared) {
        searchOrder.removeIf(each -> each.waiting == 0);
        searchOrder.sort(Comparator.comparingDouble(this::against));
      }
    }
    ClassQueue from = after == null ? null : of(after);
    WaitingQueue.Entry past = after == null ? null : entryOf(after);
    for (ClassQueue each : searchOrder) {
      if (from == null || each == from) {
        WaitingTask next = each.queue.next(from == null ? null : past, gap);
        if (next != null) {
          return next;
        }
        from = null;
      }
    }
    return null;
  }
}
