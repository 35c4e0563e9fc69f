package io.attentionflow.allocation;

import io.attentionflow.allocation.Placing.Blocked;
import io.attentionflow.allocation.PoolOutput.Waiting;
import io.attentionflow.allocation.PoolPolicy.Ordering;
import io.attentionflow.allocation.TaskState.Phase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that wait, and what each was told about why.
 *
 * <p>One task, the head, is looked at and blocks those behind it, which wait for it. A task that no
 * node could take even empty is set aside: it keeps its place and blocks nobody, until a node comes
 * that could take it.
 *
 * <p>Whatever happens within an event, a task is told once, at its end, and only if it begins to
 * wait or the reason is another than before. The reason that a task was told last is in its {@link
 * TaskState}: {@code WAITS_FOR_EARLIER} behind the head, {@code EXCEEDS_EVERY_NODE} aside, anything
 * else at the head.
 */
final class WaitingRoom {

  private static final Comparator<WaitingTask> BY_ARRIVAL =
      Comparator.comparingLong(WaitingTask::sequence);

  private static final SortedMap<Reason, Integer> NOT_ITS_TURN =
      Collections.unmodifiableSortedMap(new TreeMap<>());

  private final TaskTable tasks;
  private PoolPolicy policy;
  private final PoolLoad load;
  private ClassQueues queue;

  /** Those with patience left; null: nobody runs out of it. */
  private @Nullable Patience patience;

  /** Those out of patience: those that the order of the queue puts last go first. */
  private WaitingQueue impatient = WaitingQueue.ofLeastImportant();

  /** By run time; null: none is asked for by it. */
  private @Nullable WaitingQueue byLength;

  private final TreeSet<Deadline> deadlines =
      new TreeSet<>(Comparator.comparing(Deadline::at).thenComparingLong(Deadline::sequence));
  private @Nullable WaitingTask head;

  /** Who was submitted then or before is out of patience. */
  private Instant outOfPatienceFrom = Instant.EPOCH;

  /** At this time; null: is to be worked out. */
  private @Nullable Instant patienceAsOf;

  private boolean stirred;

  /** Something changed that may let anyone start. */
  private boolean moved;

  /** Those of which the event under way brought news, and some that left since. */
  private final List<WaitingTask> concerned = new ArrayList<>();

  private record Deadline(Instant at, long sequence, WaitingTask task) {}

  WaitingRoom(TaskTable tasks, PoolPolicy policy, PoolLoad load) {
    this.tasks = tasks;
    this.policy = policy;
    this.load = load;
    this.queue = new ClassQueues(policy, load, backfills(policy));
    open(policy);
    for (TaskState state : tasks.byArrival()) {
      if (state.phase() == Phase.QUEUED) {
        var task = new WaitingTask(state);
        boolean aside = state.reason() == Reason.EXCEEDS_EVERY_NODE;
        add(task, aside);
        noteDeadline(task);
        if (!aside && state.reason() != Reason.WAITS_FOR_EARLIER) {
          head = task;
        }
      }
    }
  }

  private static boolean backfills(PoolPolicy policy) {
    return policy.backfill() != PoolPolicy.Backfill.NONE;
  }

  private static boolean losesPatience(PoolPolicy policy) {
    return policy.patience().compareTo(PoolPolicy.FOR_EVER) < 0;
  }

  private boolean isShared() {
    return policy.ordering() == Ordering.ATTENTION;
  }

  private void open(PoolPolicy newPolicy) {
    policy = newPolicy;
    patienceAsOf = null;
    queue = new ClassQueues(policy, load, backfills(policy));
    patience = losesPatience(policy) ? new Patience() : null;
    impatient = WaitingQueue.ofLeastImportant();
    byLength =
        policy.backfill() == PoolPolicy.Backfill.EASY_SHORTEST
            ? WaitingQueue.of(Ordering.SHORTEST_PREDICTED, policy.attention(), true)
            : null;
  }

  private void add(WaitingTask task, boolean aside) {
    queue.add(task, aside);
    task.impatient = null;
    task.patient = patience == null || aside ? null : patience.add(task);
    task.byLength = byLength == null ? null : byLength.add(task, aside);
  }

  /** Says whether it was aside. */
  private boolean remove(WaitingTask task) {
    boolean aside = queue.remove(task);
    if (task.impatient != null) {
      impatient.remove(task.impatient);
    }
    losePatience(task);
    if (byLength != null && task.byLength != null) {
      byLength.remove(task.byLength);
    }
    return aside;
  }

  /** It is none of those with patience left any more, if it was. */
  private void losePatience(WaitingTask task) {
    if (patience != null && task.patient != null) {
      patience.remove(task.patient);
      task.patient = null;
    }
  }

  private void mark(WaitingTask task, boolean aside) {
    queue.setAside(task, aside);
    if (task.impatient != null) {
      impatient.setAside(task.impatient, aside);
    } else if (aside) {
      losePatience(task);
    } else if (patience != null) {
      task.patient = patience.add(task);
    }
    if (byLength != null && task.byLength != null) {
      byLength.setAside(task.byLength, aside);
    }
  }

  int size() {
    return queue.size();
  }

  /** The task that has this state, and waits. */
  WaitingTask find(TaskState state) {
    return queue.find(state);
  }

  int position(WaitingTask task) {
    return queue.position(task);
  }

  /** The earliest deadline of a task that waits; null: none has one. */
  @Nullable Instant firstDeadline() {
    return deadlines.isEmpty() ? null : deadlines.first().at();
  }

  /** The task that waits whose deadline is the earliest, if it is at that time or before. */
  @Nullable WaitingTask lateBy(Instant time) {
    return deadlines.isEmpty() || deadlines.first().at().isAfter(time)
        ? null
        : deadlines.first().task();
  }

  /** A task begins to wait. */
  void enter(TaskState state) {
    var task = new WaitingTask(state);
    add(task, false);
    noteDeadline(task);
    moved = true;
    concern(task);
    task.begin();
    stirred |= queue.isFirst(task);
  }

  private void concern(WaitingTask task) {
    if (task.concern()) {
      concerned.add(task);
    }
  }

  /** There is no room for it, or it waits for others, as far as is known. */
  private void block(WaitingTask task, @Nullable Blocked why) {
    concern(task);
    task.block(why);
  }

  /**
   * A task waits no more.
   *
   * @return whether it had been told that it waits
   */
  boolean leave(WaitingTask task) {
    remove(task);
    moved = true;
    Instant deadline = task.task().deadline();
    if (deadline != null) {
      deadlines.remove(new Deadline(deadline, task.sequence(), task));
    }
    if (task == head) {
      head = null;
      stirred = true;
    }
    boolean told = task.wasTold();
    task.settle();
    return told;
  }

  /** Something changed that may let the head start, or change why it does not. */
  void stir() {
    stirred = true;
  }

  /** Something changed that may let others start than the head. */
  void move() {
    moved = true;
  }

  /** All that may start has started. */
  void settle() {
    moved = false;
    stirred = false;
  }

  /** More or less is expected of a task that waits. */
  void repredict(TaskState before, TaskState after) {
    WaitingTask task = queue.find(before);
    boolean aside = remove(task);
    boolean resized = !after.size().given().equals(before.size().given());
    task.become(after);
    add(task, aside && !resized);
    if (aside && resized) {
      block(task, null);
    }
    stirred = true;
    moved = true;
  }

  /** Whether the first task has to be looked at again. */
  boolean isStirred(Instant now) {
    return stirred || (moved && (isShared() || backfills(policy))) || isImpatienceNew(now);
  }

  /** Whether somebody ran out of patience since the head was looked at. */
  private boolean isImpatienceNew(Instant now) {
    WaitingTask first = outOfPatience(now);
    return first != null && first != head;
  }

  /**
   * The least important of those out of patience; null: nobody is. The important have the order of
   * the queue for them, and a flood of them must not keep the others waiting here as well.
   */
  private @Nullable WaitingTask outOfPatience(Instant now) {
    if (patience == null) {
      return null;
    }
    WaitingTask oldest = patience.first();
    while (oldest != null && isOutOfPatience(oldest.task().submittedAt(), now)) {
      losePatience(oldest);
      oldest.impatient = impatient.add(oldest, false);
      oldest = patience.first();
    }
    return impatient.first();
  }

  /** Begins to look at who may start: all classes may be asked for again. */
  void look(Instant now, double temperature) {
    queue.look(now, temperature);
  }

  /** The first task that may start; null: there is none. */
  @Nullable WaitingTask first(Instant now) {
    WaitingTask impatientOne = outOfPatience(now);
    return impatientOne == null ? queue.first() : impatientOne;
  }

  /** Whether every class is asked for its first task, and not only the one that is next. */
  boolean asksEveryClass() {
    return isShared() && !backfills(policy);
  }

  /**
   * Those that have no room and are next, once all that may start has: of each class its first, the
   * most important first; or the head alone, if nobody goes past it.
   */
  List<WaitingTask> next(Instant now) {
    if (!asksEveryClass() || outOfPatience(now) != null) {
      return head == null ? List.of() : List.of(head);
    }
    List<WaitingTask> next = queue.firsts();
    next.sort(
        Comparator.<WaitingTask>comparingInt(task -> task.task().priority())
            .reversed()
            .thenComparing(BY_ARRIVAL));
    return next;
  }

  /**
   * Who is told why there is no room: whoever was before, if it was passed over again.
   *
   * @param passed the first that was passed over in this look; null: nobody was
   */
  @Nullable WaitingTask headOr(@Nullable WaitingTask passed) {
    return head != null && queue.isPassedOver(head) ? head : passed;
  }

  /** Whether it is the one that was told last why there is no room. */
  boolean isHead(WaitingTask task) {
    return task == head;
  }

  /** There is no room for this task, the first of its class: the next class is asked. */
  void passOver(WaitingTask task) {
    queue.passOver(task);
  }

  /** Whether there was no room for this very task when its class was last asked. */
  boolean wasBlocked(WaitingTask task) {
    return queue.wasBlocked(task);
  }

  /** Not all classes were asked: what had no room before may have it now. */
  void forgetBlocked() {
    queue.forgetBlocked();
  }

  /** The share of the pool that its class should have; null: classes have none. */
  @Nullable Double shareOf(WaitingTask task) {
    return queue.shareOf(task);
  }

  /** Whether a task has waited for so long that it goes before all that have not. */
  boolean isOutOfPatience(WaitingTask task, Instant now) {
    return patience != null && isOutOfPatience(task.task().submittedAt(), now);
  }

  private boolean isOutOfPatience(Instant submittedAt, Instant now) {
    if (!now.equals(patienceAsOf)) {
      patienceAsOf = now;
      outOfPatienceFrom = now.minus(policy.patience());
    }
    return !submittedAt.isAfter(outOfPatienceFrom);
  }

  /**
   * The first task after another one in the order of the queue that may start in a gap; null: there
   * is none.
   *
   * @param after null: from the start
   */
  @Nullable WaitingTask nextInOrder(@Nullable WaitingTask after, Gap gap) {
    return queue.next(after, gap);
  }

  /** The same in the order in which tasks are let past the head. */
  @Nullable WaitingTask nextPast(@Nullable WaitingTask after, Gap gap) {
    return byLength == null
        ? nextInOrder(after, gap)
        : byLength.next(after == null ? null : after.byLength, gap);
  }

  /** The first task was looked at and cannot start now; if there is none, nobody is at the head. */
  void head(@Nullable WaitingTask first, @Nullable Blocked why) {
    WaitingTask before = head;
    stirred = false;
    head = first;
    if (before != null && before != first) {
      block(before, null);
    }
    if (first != null && why != null) {
      block(first, why);
    }
  }

  /** The first task cannot start until the pool changes: the next one is first. */
  void setAside(WaitingTask task, Blocked why) {
    mark(task, true);
    if (task == head) {
      head = null;
    }
    block(task, why);
  }

  /** Tasks aside that this node could take, or a part of them, are so no more. */
  void recallFor(Node node) {
    if (node.status() != NodeState.Status.READY) {
      return;
    }
    for (WaitingTask task : queue.aside()) {
      if (Placer.couldHelp(node, task.state().asks())) {
        mark(task, false);
        block(task, null);
        stirred = true;
      }
    }
  }

  /** Puts all that wait into the order of another policy. */
  void reorder(PoolPolicy newPolicy) {
    List<WaitingTask> all = new ArrayList<>(queue.size());
    for (TaskState state : tasks.byArrival()) {
      if (state.phase() == Phase.QUEUED) {
        all.add(queue.find(state));
      }
    }
    List<WaitingTask> aside = queue.aside();
    open(newPolicy);
    all.forEach(task -> add(task, false));
    aside.forEach(task -> mark(task, true));
    stirred = true;
  }

  /**
   * The event is over: tells those whose reason is new, by arrival.
   *
   * @param pace by which it is estimated when they start
   */
  void tell(Instant now, StartPace pace, List<PoolOutput> outputs) {
    if (concerned.isEmpty()) {
      return;
    }
    concerned.sort(BY_ARRIVAL);
    for (WaitingTask task : concerned) {
      if (task.isConcerned()) {
        tell(task, now, pace, outputs);
        task.settle();
      }
    }
    concerned.clear();
  }

  private void tell(WaitingTask task, Instant now, StartPace pace, List<PoolOutput> outputs) {
    Blocked why = task.blocked();
    Reason reason = why == null ? Reason.WAITS_FOR_EARLIER : why.reason();
    if (task.state().reason() != reason) {
      task.become(task.state().because(reason));
      tasks.put(task.state());
    } else if (task.wasTold()) {
      return;
    }
    int position = queue.position(task);
    outputs.add(
        new Waiting(
            task.task(),
            task.state().prediction().complexity(),
            reason,
            position,
            task.state().since(),
            why == null ? NOT_ITS_TURN : why.nodesFiltered(),
            reason == Reason.EXCEEDS_EVERY_NODE
                ? null
                : pace.after(queue.startsUntil(task, position), now),
            now));
  }

  private void noteDeadline(WaitingTask task) {
    Instant deadline = task.task().deadline();
    if (deadline != null) {
      deadlines.add(new Deadline(deadline, task.sequence(), task));
    }
  }
}
