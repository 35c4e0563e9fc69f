package io.attentionflow.allocation;

import io.attentionflow.allocation.Placing.Blocked;
import io.attentionflow.allocation.PoolOutput.Waiting;
import io.attentionflow.allocation.PoolPolicy.Ordering;
import io.attentionflow.allocation.TaskState.Phase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

  /** A table for more news than this is not kept: to clear it would cost in every event. */
  private static final int MOST_KEPT = 64;

  private static final SortedMap<Reason, Integer> NOT_ITS_TURN =
      Collections.unmodifiableSortedMap(new TreeMap<>());

  private final TaskTable tasks;
  private PoolPolicy policy;
  private final PoolLoad load;
  private ClassQueues queue;

  /** Those with patience left, by submission; null: nobody runs out of it. */
  private @Nullable WaitingQueue byAge;

  /** Those out of patience: those that the order of the queue puts last go first. */
  private WaitingQueue impatient = WaitingQueue.ofLeastImportant();

  private final Set<String> impatientIds = new HashSet<>();

  /** By run time; null: none is asked for by it. */
  private @Nullable WaitingQueue byLength;

  private final TreeSet<Deadline> deadlines =
      new TreeSet<>(Comparator.comparing(Deadline::at).thenComparingLong(Deadline::sequence));
  private @Nullable String head;

  /** Who was submitted then or before is out of patience. */
  private Instant outOfPatienceFrom = Instant.EPOCH;

  /** At this time; null: is to be worked out. */
  private @Nullable Instant patienceAsOf;

  private boolean stirred;

  /** Something changed that may let anyone start. */
  private boolean moved;

  /** What came of the event under way for tasks that wait, by id. */
  private Map<String, News> news = new HashMap<>();

  /** What a task is to be told of at the end of an event. */
  private static final class News {
    boolean isFresh;

    /** Why there is no room for it; null: it waits for others. */
    @Nullable Blocked blocked;
  }

  private record Deadline(Instant at, long sequence, String taskId) {}

  WaitingRoom(TaskTable tasks, PoolPolicy policy, PoolLoad load) {
    this.tasks = tasks;
    this.policy = policy;
    this.load = load;
    this.queue = new ClassQueues(policy, load, backfills(policy));
    open(policy);
    for (TaskState task : tasks.byArrival()) {
      if (task.phase() == Phase.QUEUED) {
        boolean aside = task.reason() == Reason.EXCEEDS_EVERY_NODE;
        add(task, aside);
        noteDeadline(task);
        if (!aside && task.reason() != Reason.WAITS_FOR_EARLIER) {
          head = task.task().taskId();
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
    byAge = losesPatience(policy) ? ordered(Ordering.FCFS, false) : null;
    impatient = WaitingQueue.ofLeastImportant();
    impatientIds.clear();
    byLength =
        policy.backfill() == PoolPolicy.Backfill.EASY_SHORTEST
            ? ordered(Ordering.SHORTEST_PREDICTED, true)
            : null;
  }

  private WaitingQueue ordered(Ordering ordering, boolean searched) {
    return WaitingQueue.of(ordering, policy.attention(), searched);
  }

  private void add(TaskState task, boolean aside) {
    queue.add(task, aside);
    if (byAge != null) {
      byAge.add(task, aside);
    }
    if (byLength != null) {
      byLength.add(task, aside);
    }
  }

  /** Says whether it was aside. */
  private boolean remove(TaskState task) {
    boolean aside = queue.remove(task);
    if (byAge != null) {
      byPatience(task, byAge).remove(task);
      impatientIds.remove(task.task().taskId());
    }
    if (byLength != null) {
      byLength.remove(task);
    }
    return aside;
  }

  private WaitingQueue byPatience(TaskState task, WaitingQueue patient) {
    return impatientIds.contains(task.task().taskId()) ? impatient : patient;
  }

  private void mark(TaskState task, boolean aside) {
    queue.setAside(task, aside);
    if (byAge != null) {
      byPatience(task, byAge).setAside(task, aside);
    }
    if (byLength != null) {
      byLength.setAside(task, aside);
    }
  }

  int size() {
    return queue.size();
  }

  int position(TaskState task) {
    return queue.position(task);
  }

  /** The earliest deadline of a task that waits; null: none has one. */
  @Nullable Instant firstDeadline() {
    return deadlines.isEmpty() ? null : deadlines.first().at();
  }

  /** The task that waits whose deadline is the earliest, if it is at that time or before. */
  @Nullable TaskState lateBy(Instant time) {
    return deadlines.isEmpty() || deadlines.first().at().isAfter(time)
        ? null
        : tasks.get(deadlines.first().taskId());
  }

  /** A task begins to wait. */
  void enter(TaskState task) {
    String taskId = task.task().taskId();
    add(task, false);
    noteDeadline(task);
    moved = true;
    newsOf(taskId).isFresh = true;
    stirred |= queue.isFirst(task);
  }

  private News newsOf(String taskId) {
    return news.computeIfAbsent(taskId, id -> new News());
  }

  /** It waits for others, as far as is known. */
  private void isBehind(String taskId) {
    newsOf(taskId).blocked = null;
  }

  /**
   * A task waits no more.
   *
   * @return whether it had been told that it waits
   */
  boolean leave(TaskState task) {
    String taskId = task.task().taskId();
    remove(task);
    moved = true;
    Instant deadline = task.task().deadline();
    if (deadline != null) {
      deadlines.remove(new Deadline(deadline, task.sequence(), taskId));
    }
    if (taskId.equals(head)) {
      head = null;
      stirred = true;
    }
    News its = news.remove(taskId);
    return its == null || !its.isFresh;
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
    boolean aside = remove(before);
    boolean resized = !after.size().given().equals(before.size().given());
    add(after, aside && !resized);
    if (aside && resized) {
      isBehind(after.task().taskId());
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
    TaskState first = outOfPatience(now);
    return first != null && !isHead(first);
  }

  /**
   * The least important of those out of patience; null: nobody is. The important have the order of
   * the queue for them, and a flood of them must not keep the others waiting here as well.
   */
  private @Nullable TaskState outOfPatience(Instant now) {
    if (byAge == null) {
      return null;
    }
    Instant oldestAt = byAge.firstSubmittedAt();
    while (oldestAt != null && isOutOfPatience(oldestAt, now)) {
      TaskState oldest = tasks.get(Objects.requireNonNull(byAge.first()));
      byAge.remove(oldest);
      impatient.add(oldest, false);
      impatientIds.add(oldest.task().taskId());
      oldestAt = byAge.firstSubmittedAt();
    }
    return find(impatient.first());
  }

  /** Begins to look at who may start: all classes may be asked for again. */
  void look(Instant now, double temperature) {
    queue.look(now, temperature);
  }

  /** The first task that may start; null: there is none. */
  @Nullable TaskState first(Instant now) {
    TaskState impatientOne = outOfPatience(now);
    return impatientOne == null ? find(queue.first()) : impatientOne;
  }

  /** Whether every class is asked for its first task, and not only the one that is next. */
  boolean asksEveryClass() {
    return isShared() && !backfills(policy);
  }

  /**
   * Those that have no room and are next, once all that may start has: of each class its first, the
   * most important first; or the head alone, if nobody goes past it.
   */
  List<TaskState> next(Instant now) {
    if (!asksEveryClass() || outOfPatience(now) != null) {
      return head == null ? List.of() : List.of(tasks.get(head));
    }
    List<TaskState> next = new ArrayList<>();
    queue.firsts().forEach(taskId -> next.add(tasks.get(taskId)));
    next.sort(
        Comparator.<TaskState>comparingInt(task -> task.task().priority())
            .reversed()
            .thenComparingLong(TaskState::sequence));
    return next;
  }

  /**
   * Who is told why there is no room: whoever was before, if it was passed over again.
   *
   * @param passed the first that was passed over in this look; null: nobody was
   */
  @Nullable TaskState headOr(@Nullable TaskState passed) {
    TaskState before = head == null ? null : tasks.find(head);
    return before != null && queue.isPassedOver(before) ? before : passed;
  }

  /** Whether it is the one that was told last why there is no room. */
  boolean isHead(TaskState task) {
    return task.task().taskId().equals(head);
  }

  /** There is no room for this task, the first of its class: the next class is asked. */
  void passOver(TaskState task) {
    queue.passOver(task);
  }

  /** Whether there was no room for this very task when its class was last asked. */
  boolean wasBlocked(TaskState task) {
    return queue.wasBlocked(task);
  }

  /** Not all classes were asked: what had no room before may have it now. */
  void forgetBlocked() {
    queue.forgetBlocked();
  }

  /** The share of the pool that its class should have; null: classes have none. */
  @Nullable Double shareOf(TaskState task) {
    return queue.shareOf(task);
  }

  private @Nullable TaskState find(@Nullable String taskId) {
    return taskId == null ? null : tasks.get(taskId);
  }

  /** Whether a task has waited for so long that it goes before all that have not. */
  boolean isOutOfPatience(TaskState task, Instant now) {
    return byAge != null && isOutOfPatience(task.task().submittedAt(), now);
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
  @Nullable TaskState nextInOrder(@Nullable TaskState after, Gap gap) {
    return find(queue.next(after, gap));
  }

  /** The same in the order in which tasks are let past the head. */
  @Nullable TaskState nextPast(@Nullable TaskState after, Gap gap) {
    return byLength == null ? nextInOrder(after, gap) : find(byLength.next(after, gap));
  }

  /** The first task was looked at and cannot start now; if there is none, nobody is at the head. */
  void head(@Nullable TaskState first, @Nullable Blocked why) {
    String before = head;
    stirred = false;
    head = first == null ? null : first.task().taskId();
    if (before != null && !before.equals(head)) {
      isBehind(before);
    }
    if (head != null && why != null) {
      newsOf(head).blocked = why;
    }
  }

  /** The first task cannot start until the pool changes: the next one is first. */
  void setAside(TaskState task, Blocked why) {
    String taskId = task.task().taskId();
    mark(task, true);
    if (taskId.equals(head)) {
      head = null;
    }
    newsOf(taskId).blocked = why;
  }

  /** Tasks aside that this node could take, or a part of them, are so no more. */
  void recallFor(Node node) {
    if (node.status() != NodeState.Status.READY) {
      return;
    }
    for (String taskId : queue.aside()) {
      TaskState task = tasks.get(taskId);
      if (Placer.couldHelp(node, task.asks())) {
        mark(task, false);
        isBehind(taskId);
        stirred = true;
      }
    }
  }

  /** Puts all that wait into the order of another policy. */
  void reorder(PoolPolicy newPolicy) {
    List<String> aside = queue.aside();
    open(newPolicy);
    for (TaskState task : tasks.byArrival()) {
      if (task.phase() == Phase.QUEUED) {
        add(task, false);
      }
    }
    for (String taskId : aside) {
      mark(tasks.get(taskId), true);
    }
    stirred = true;
  }

  /** Why this task was found blocked within this event; null: it was not looked at. */
  @Nullable Blocked blocked(TaskState task) {
    News its = news.get(task.task().taskId());
    return its == null ? null : its.blocked;
  }

  /**
   * The event is over: tells those whose reason is new, by arrival.
   *
   * @param pace by which it is estimated when they start
   */
  void tell(Instant now, StartPace pace, List<PoolOutput> outputs) {
    if (news.isEmpty()) {
      return;
    }
    List<TaskState> concerned = new ArrayList<>(news.size());
    for (String taskId : news.keySet()) {
      concerned.add(tasks.get(taskId));
    }
    concerned.sort(Comparator.comparingLong(TaskState::sequence));
    for (TaskState task : concerned) {
      tell(task, newsOf(task.task().taskId()), now, pace, outputs);
    }
    if (news.size() > MOST_KEPT) {
      news = new HashMap<>();
    } else {
      news.clear();
    }
  }

  private void tell(
      TaskState task, News its, Instant now, StartPace pace, List<PoolOutput> outputs) {
    Blocked why = its.blocked;
    Reason reason = why == null ? Reason.WAITS_FOR_EARLIER : why.reason();
    if (task.reason() != reason) {
      tasks.put(task.because(reason));
    } else if (!its.isFresh) {
      return;
    }
    int position = queue.position(task);
    outputs.add(
        new Waiting(
            task.task(),
            task.prediction().complexity(),
            reason,
            position,
            task.since(),
            why == null ? NOT_ITS_TURN : why.nodesFiltered(),
            reason == Reason.EXCEEDS_EVERY_NODE
                ? null
                : pace.after(queue.startsUntil(task, position), now),
            now));
  }

  private void noteDeadline(TaskState task) {
    Instant deadline = task.task().deadline();
    if (deadline != null) {
      deadlines.add(new Deadline(deadline, task.sequence(), task.task().taskId()));
    }
  }
}
