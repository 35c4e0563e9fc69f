package io.attentionflow.allocation.backfill;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@link Backfiller} does, by lists and full scans: slow, and plain to read. */
final class PlainBackfiller {

  private static final long FOREVER = Long.MAX_VALUE - 1;

  private final Backfiller.Candidates candidates;
  private final long patienceMillis;
  private final long[] free;
  private final List<RigidTask> waiting = new ArrayList<>();
  private final List<Running> running = new ArrayList<>();

  private static final class Running {
    final RigidTask task;
    final long latestEnd;
    long expectedEnd;

    Running(RigidTask task, long latestEnd, long expectedEnd) {
      this.task = task;
      this.latestEnd = latestEnd;
      this.expectedEnd = expectedEnd;
    }
  }

  private static final class Reservation {
    final long window;
    final long[] extra;

    Reservation(long window, long[] extra) {
      this.window = window;
      this.extra = extra;
    }
  }

  PlainBackfiller(long[] capacity, Backfiller.Candidates candidates, long patienceMillis) {
    free = capacity.clone();
    this.candidates = candidates;
    this.patienceMillis = patienceMillis;
  }

  void submit(RigidTask task) {
    waiting.add(task);
    waiting.sort(Comparator.comparingLong(RigidTask::key).thenComparingLong(RigidTask::id));
  }

  void predict(long id, long key, long expectedMillis, long cautiousMillis) {
    for (RigidTask task : List.copyOf(waiting)) {
      if (task.id() == id) {
        waiting.remove(task);
        submit(task.withPrediction(key, expectedMillis, cautiousMillis));
      }
    }
  }

  void withdraw(long id) {
    waiting.removeIf(task -> task.id() == id);
  }

  void ended(long id) {
    for (Running entry : List.copyOf(running)) {
      if (entry.task.id() == id) {
        running.remove(entry);
        add(free, entry.task.demand(), 1);
      }
    }
  }

  void expectEnd(long id, long endMillis) {
    for (Running entry : running) {
      if (entry.task.id() == id) {
        entry.expectedEnd = endMillis;
      }
    }
  }

  List<Long> pass(long now) {
    List<Long> started = new ArrayList<>();
    RigidTask holder = null;
    Reservation firm = null;
    for (RigidTask task : byAge()) {
      if (now - task.submittedAtMillis() < patienceMillis) {
        break;
      }
      if (fits(task.demand(), free)) {
        start(task, now, started);
      } else {
        firm = reserve(task, now, false);
        if (firm != null) {
          holder = task;
        }
        break;
      }
    }
    RigidTask head = startInOrder(holder, firm, now, started);
    if (head != null) {
      Reservation soft = reserve(head, now, true);
      List<RigidTask> rest = new ArrayList<>(waiting);
      if (candidates == Backfiller.Candidates.SHORTEST_FIRST) {
        rest.sort(
            Comparator.comparingLong(RigidTask::expectedMillis).thenComparingLong(RigidTask::id));
      }
      for (RigidTask task : rest) {
        if (fits(task.demand(), free)
            && leavesAlone(soft, task, task.expectedMillis())
            && leavesAlone(firm, task, task.limitMillis())) {
          take(soft, task, task.expectedMillis());
          take(firm, task, task.limitMillis());
          start(task, now, started);
        }
      }
    }
    return started;
  }

  /** Starts from the front until the first that does not fit, which is the result. */
  private @Nullable RigidTask startInOrder(
      @Nullable RigidTask holder, @Nullable Reservation firm, long now, List<Long> started) {
    for (int i = 0; i < waiting.size(); i++) {
      RigidTask task = waiting.get(i);
      if (holder != null && task.id() == holder.id()) {
        continue;
      }
      if (!fits(task.demand(), free)) {
        return task;
      }
      if (leavesAlone(firm, task, task.limitMillis())) {
        take(firm, task, task.limitMillis());
        start(task, now, started);
        // One that the firm reservation held back may not fit any more.
        i = -1;
      }
    }
    return null;
  }

  private List<RigidTask> byAge() {
    List<RigidTask> sorted = new ArrayList<>(waiting);
    sorted.sort(
        Comparator.comparingLong(RigidTask::submittedAtMillis).thenComparingLong(RigidTask::id));
    return sorted;
  }

  private void start(RigidTask task, long now, List<Long> started) {
    waiting.remove(task);
    add(free, task.demand(), -1);
    long latest = later(now, task.limitMillis());
    running.add(new Running(task, latest, Math.min(later(now, task.cautiousMillis()), latest)));
    started.add(task.id());
  }

  private static long later(long now, long millis) {
    return millis >= FOREVER - now ? FOREVER : now + millis;
  }

  private @Nullable Reservation reserve(RigidTask task, long now, boolean soft) {
    List<Running> ends = new ArrayList<>(running);
    Comparator<Running> byEnd =
        soft
            ? Comparator.comparingLong(entry -> entry.expectedEnd)
            : Comparator.comparingLong(entry -> entry.latestEnd);
    ends.sort(byEnd);
    long[] extra = free.clone();
    for (int i = 0; i < ends.size(); i++) {
      add(extra, ends.get(i).task.demand(), 1);
      boolean lastOfItsTime =
          i + 1 == ends.size() || byEnd.compare(ends.get(i), ends.get(i + 1)) < 0;
      if (lastOfItsTime && fits(task.demand(), extra)) {
        add(extra, task.demand(), -1);
        long at = soft ? ends.get(i).expectedEnd : ends.get(i).latestEnd;
        boolean unknown = !soft && at == FOREVER;
        return new Reservation(unknown ? 0 : Math.max(0, at - now), extra);
      }
    }
    return null;
  }

  private static boolean leavesAlone(
      @Nullable Reservation reservation, RigidTask task, long millis) {
    return reservation == null
        || millis <= reservation.window
        || fits(task.demand(), reservation.extra);
  }

  private static void take(@Nullable Reservation reservation, RigidTask task, long millis) {
    if (reservation != null && millis > reservation.window) {
      add(reservation.extra, task.demand(), -1);
    }
  }

  private static boolean fits(long[] demand, long[] into) {
    for (int i = 0; i < demand.length; i++) {
      if (demand[i] > into[i]) {
        return false;
      }
    }
    return true;
  }

  private static void add(long[] to, long[] amounts, int sign) {
    for (int i = 0; i < to.length; i++) {
      to[i] += sign * amounts[i];
    }
  }
}
