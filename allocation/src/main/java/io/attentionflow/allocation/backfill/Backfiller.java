package io.attentionflow.allocation.backfill;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Starts rigid tasks in an order, and lets later ones overtake where that delays nobody it must not
 * delay. One aggregated node: what is free can be given to any task.
 *
 * <pre>
 * down the order, whatever fits starts
 * the first that does not fit holds the soft reservation: by when tasks are expected to end
 * the one that waited longest, once out of patience, holds the firm one: by their limits
 * then whatever fits, and leaves both reservations alone, starts
 * </pre>
 *
 * <p>Source: EASY backfilling (D. Lifka, "The ANL/IBM SP scheduling system", JSSPP 1995), with any
 * order instead of first come, first served, and predictions instead of requests (D. Tsafrir et
 * al., "Backfilling using system-generated predictions rather than user runtime estimates", IEEE
 * TPDS 2007). Differs in the firm reservation, which bounds every wait whatever the predictions
 * say.
 *
 * <p>Invariants, where L is the largest limit of any task:
 *
 * <ul>
 *   <li>As long as no task outlives what it was expected to run, the holder of the soft reservation
 *       starts when it was first told to, unless another comes before it in the order.
 *   <li>A holder of the firm reservation starts at most L after it became the holder, and a task at
 *       most {@code patience + (k + 1) L} after its submission, where k tasks submitted before it
 *       still waited when it ran out of patience.
 * </ul>
 *
 * <p>Adding and removing take O(log n) time in a queue of n, and so does a search that the least
 * demand and the least run time of subtrees can decide. Where they are of different tasks, a search
 * goes deeper: with 100,000 waiting tasks of random width and length, a pass with all that it
 * starts looks at about 1,900 of them. No clock, no randomness. Mutable; not thread-safe.
 */
public final class Backfiller {

  /** Who is asked first to fill the gap before a reservation. */
  public enum Candidates {
    /** The earliest in the order. */
    IN_ORDER,
    /** The one expected to be over soonest. */
    SHORTEST_FIRST
  }

  /** Patience of a pool in which nobody's wait is bounded. */
  public static final long ENDLESS = Long.MAX_VALUE;

  /** When a task without limit ends, for the firm reservation. */
  private static final long FOREVER = Long.MAX_VALUE - 1;

  /** Takes note of a task that starts. */
  @FunctionalInterface
  public interface Starts {
    /** This task starts now: it has been taken from the queue, and holds what it asked for. */
    void start(RigidTask task);
  }

  /**
   * Room kept for a task.
   *
   * @param taskId who it is kept for
   * @param atMillis from when, milliseconds since 1970; {@link Long#MAX_VALUE}: not known
   * @param firm true if nothing can make it later
   */
  public record Kept(long taskId, long atMillis, boolean firm) {}

  private static final class Waiting {
    RigidTask task;
    int inOrder;
    int byLength;

    Waiting(RigidTask task) {
      this.task = task;
    }
  }

  private static final class Running {
    final RigidTask task;
    final int byLimit;
    int byExpectation;
    long expectedEndMillis;

    Running(RigidTask task, int byLimit) {
      this.task = task;
      this.byLimit = byLimit;
    }
  }

  private final Candidates candidates;
  private final long patienceMillis;
  private final long[] free;
  private final Map<Long, Waiting> waiting = new HashMap<>();
  private final Map<Long, Running> running = new HashMap<>();
  private final WaitingTasks inOrder;
  private final WaitingTasks byLength;
  private final TreeSet<RigidTask> byAge =
      new TreeSet<>(
          Comparator.comparingLong(RigidTask::submittedAtMillis).thenComparingLong(RigidTask::id));
  private final RunningTasks byExpectation;
  private final RunningTasks byLimit;
  private final Room room;
  private final List<Kept> kept = new ArrayList<>(2);

  /**
   * An empty queue over empty resources.
   *
   * @param capacity how much there is of each resource, at least one
   * @param patienceMillis a task that has waited for so long holds the firm reservation, in the
   *     order of submission; at least 0; {@link #ENDLESS}: never
   */
  public Backfiller(long[] capacity, Candidates candidates, long patienceMillis) {
    if (capacity.length == 0 || patienceMillis < 0) {
      throw new IllegalArgumentException(
          "%d resources, patience %d ms".formatted(capacity.length, patienceMillis));
    }
    this.candidates = candidates;
    this.patienceMillis = patienceMillis;
    free = capacity.clone();
    inOrder = new WaitingTasks(capacity.length);
    byLength = new WaitingTasks(capacity.length);
    byExpectation = new RunningTasks(capacity.length);
    byLimit = new RunningTasks(capacity.length);
    room = new Room(capacity.length);
  }

  /**
   * A task asks to start.
   *
   * @throws IllegalArgumentException if it is known already, or asks for other resources
   */
  public void submit(RigidTask task) {
    if (task.demand().length != free.length) {
      throw new IllegalArgumentException(
          "task %d asks for %d resources, there are %d"
              .formatted(task.id(), task.demand().length, free.length));
    }
    if (waiting.containsKey(task.id()) || running.containsKey(task.id())) {
      throw new IllegalArgumentException("task %d is known already".formatted(task.id()));
    }
    Waiting entry = new Waiting(task);
    waiting.put(task.id(), entry);
    byAge.add(task);
    link(entry);
  }

  /** A waiting task is expected to run for another time than thought; nothing if it waits not. */
  public void predict(long id, long key, long expectedMillis, long cautiousMillis) {
    Waiting entry = waiting.get(id);
    if (entry == null) {
      return;
    }
    unlink(entry);
    byAge.remove(entry.task);
    entry.task = entry.task.withPrediction(key, expectedMillis, cautiousMillis);
    byAge.add(entry.task);
    link(entry);
  }

  /** A task does not want to start any more; nothing if it waits not. */
  public void withdraw(long id) {
    Waiting entry = waiting.remove(id);
    if (entry != null) {
      byAge.remove(entry.task);
      unlink(entry);
    }
  }

  private void link(Waiting entry) {
    RigidTask task = entry.task;
    entry.inOrder =
        inOrder.add(
            task.key(), task.id(), task.demand(), task.expectedMillis(), task.limitMillis());
    if (candidates == Candidates.SHORTEST_FIRST) {
      entry.byLength =
          byLength.add(
              task.expectedMillis(),
              task.id(),
              task.demand(),
              task.expectedMillis(),
              task.limitMillis());
    }
  }

  private void unlink(Waiting entry) {
    inOrder.remove(entry.inOrder);
    if (candidates == Candidates.SHORTEST_FIRST) {
      byLength.remove(entry.byLength);
    }
  }

  /** A running task is over; nothing if it runs not. */
  public void ended(long id) {
    Running entry = running.remove(id);
    if (entry == null) {
      return;
    }
    byExpectation.remove(entry.byExpectation);
    byLimit.remove(entry.byLimit);
    for (int i = 0; i < free.length; i++) {
      free[i] += entry.task.demand()[i];
    }
  }

  /** There is more or less of the resources, by this much. What runs keeps what it holds. */
  public void change(long[] difference) {
    for (int i = 0; i < free.length; i++) {
      free[i] += difference[i];
    }
  }

  /** The running task whose expected end passes next, or null if none runs. */
  public @Nullable RigidTask nextToEnd() {
    int entry = byExpectation.first();
    if (entry == Treap.NONE) {
      return null;
    }
    Running first = running.get(byExpectation.id(entry));
    if (first == null) {
      throw new IllegalStateException("task %d runs not".formatted(byExpectation.id(entry)));
    }
    return first.task;
  }

  /** When it is expected to end, milliseconds since 1970; {@link Long#MAX_VALUE}: it runs not. */
  public long expectedEndMillis(long id) {
    Running entry = running.get(id);
    return entry == null ? Long.MAX_VALUE : entry.expectedEndMillis;
  }

  /** A running task is expected to end at another time than thought; nothing if it runs not. */
  public void expectEnd(long id, long endMillis) {
    Running entry = running.get(id);
    if (entry != null) {
      byExpectation.remove(entry.byExpectation);
      entry.byExpectation = byExpectation.add(endMillis, id, entry.task.demand());
      entry.expectedEndMillis = endMillis;
    }
  }

  /** How many tasks wait. */
  public int waitingCount() {
    return waiting.size();
  }

  /** How many tasks run. */
  public int runningCount() {
    return running.size();
  }

  /** How much of a resource is free. */
  public long free(int resource) {
    return free[resource];
  }

  /** The reservations that the last {@link #pass} left: the firm one first, then the soft one. */
  public List<Kept> kept() {
    return List.copyOf(kept);
  }

  /** How many entries of the queue were looked at so far: what it costs. */
  long visits() {
    return inOrder.visits() + byLength.visits();
  }

  /**
   * Starts all that may start now. Call it when a task was submitted or ended, when an expected end
   * has passed, and when somebody runs out of patience.
   *
   * @param nowMillis milliseconds since 1970, at least what it was before
   */
  public void pass(long nowMillis, Starts starts) {
    kept.clear();
    room.open(free);
    int holder = keepFirm(nowMillis, starts);
    startInOrder(nowMillis, holder, starts);
    int head = inOrder.firstTooLarge(room.free, holder);
    if (head != Treap.NONE) {
      keepSoft(nowMillis, waitingTask(inOrder.id(head)).task);
      fillGaps(nowMillis, starts);
    }
  }

  /** Starts those out of patience, and reserves for the first of them that does not fit. */
  private int keepFirm(long nowMillis, Starts starts) {
    while (!byAge.isEmpty()) {
      RigidTask oldest = byAge.first();
      if (nowMillis - oldest.submittedAtMillis() < patienceMillis) {
        return Treap.NONE;
      }
      Waiting entry = waitingTask(oldest.id());
      if (!inOrder.admits(entry.inOrder, room)) {
        long at = byLimit.earliest(oldest.demand(), room.free, room.firm.extra);
        if (at == Long.MAX_VALUE) {
          return Treap.NONE;
        }
        room.firm.held = true;
        // Where nothing bounds the run times, only what fits beside the holder may start.
        room.firm.windowMillis = at == FOREVER ? 0 : Math.max(0, at - nowMillis);
        kept.add(new Kept(oldest.id(), at == FOREVER ? Long.MAX_VALUE : at, true));
        return entry.inOrder;
      }
      start(nowMillis, entry, starts);
    }
    return Treap.NONE;
  }

  private void startInOrder(long nowMillis, int holder, Starts starts) {
    while (true) {
      int next = inOrder.next(room);
      if (next == Treap.NONE) {
        return;
      }
      int head = inOrder.firstTooLarge(room.free, holder);
      if (head != Treap.NONE && inOrder.isBefore(head, inOrder.key(next), inOrder.id(next))) {
        return;
      }
      start(nowMillis, waitingTask(inOrder.id(next)), starts);
    }
  }

  private void keepSoft(long nowMillis, RigidTask head) {
    long at = byExpectation.earliest(head.demand(), room.free, room.soft.extra);
    if (at != Long.MAX_VALUE) {
      room.soft.held = true;
      room.soft.windowMillis = Math.max(0, at - nowMillis);
      kept.add(new Kept(head.id(), Math.max(at, nowMillis), false));
    }
  }

  private void fillGaps(long nowMillis, Starts starts) {
    WaitingTasks tasks = candidates == Candidates.SHORTEST_FIRST ? byLength : inOrder;
    for (int next = tasks.next(room); next != Treap.NONE; next = tasks.next(room)) {
      start(nowMillis, waitingTask(tasks.id(next)), starts);
    }
  }

  private Waiting waitingTask(long id) {
    Waiting entry = waiting.get(id);
    if (entry == null) {
      throw new IllegalStateException("task %d waits not".formatted(id));
    }
    return entry;
  }

  private void start(long nowMillis, Waiting entry, Starts starts) {
    RigidTask task = entry.task;
    withdraw(task.id());
    room.take(task.demand(), task.expectedMillis(), task.limitMillis());
    for (int i = 0; i < free.length; i++) {
      free[i] -= task.demand()[i];
    }
    long latest = later(nowMillis, task.limitMillis());
    Running started = new Running(task, byLimit.add(latest, task.id(), task.demand()));
    started.expectedEndMillis = Math.min(later(nowMillis, task.cautiousMillis()), latest);
    started.byExpectation = byExpectation.add(started.expectedEndMillis, task.id(), task.demand());
    running.put(task.id(), started);
    starts.start(task);
  }

  private static long later(long nowMillis, long millis) {
    return millis >= FOREVER - nowMillis ? FOREVER : nowMillis + millis;
  }
}
