package io.attentionflow.allocation;

import io.attentionflow.allocation.Command.Action;
import io.attentionflow.allocation.NodeState.Status;
import io.attentionflow.allocation.Placing.Blocked;
import io.attentionflow.allocation.Placing.Found;
import io.attentionflow.allocation.PoolEvent.NodeDraining;
import io.attentionflow.allocation.PoolEvent.NodeHeartbeat;
import io.attentionflow.allocation.PoolEvent.NodeJoined;
import io.attentionflow.allocation.PoolEvent.NodeLeft;
import io.attentionflow.allocation.PoolEvent.PolicyChanged;
import io.attentionflow.allocation.PoolEvent.TaskCancelled;
import io.attentionflow.allocation.PoolEvent.TaskStarted;
import io.attentionflow.allocation.PoolEvent.TaskStopped;
import io.attentionflow.allocation.PoolEvent.TaskSubmitted;
import io.attentionflow.allocation.PoolEvent.TasksPredicted;
import io.attentionflow.allocation.PoolEvent.TimePassed;
import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.allocation.PoolOutput.Ignored;
import io.attentionflow.allocation.PoolOutput.Stayed;
import io.attentionflow.allocation.PoolOutput.WaitEnded;
import io.attentionflow.allocation.PoolOutput.WakeAt;
import io.attentionflow.allocation.Preemption.Eviction;
import io.attentionflow.allocation.TaskState.Phase;
import io.attentionflow.allocation.TaskState.ShardState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides about one pool: which task starts when, on which node, and what becomes of it.
 *
 * <p>An event is taken in; then the first task of the queue is placed for as long as there is room
 * for it; then those that wait are told why. {@link Command} and {@link TaskState} show the life of
 * a task, {@link NodeState} that of a node. What is wrong with an event is answered by {@link
 * Ignored} or by a REJECT, never by an exception.
 *
 * <p>A mutable object over indexes of what the {@link PoolStore} holds; it writes through what an
 * event changes, and one made over the same store decides the same from there on. No clock, no
 * randomness, no I/O: the same events in the same order give the same outputs.
 *
 * <p>Two times: <em>now</em> is the latest that any event told, and stands on what is decided. That
 * a node is silent is judged by {@link TimePassed} alone: one topic may run ahead of another, and a
 * node is not silent because its heartbeats are read late.
 *
 * <p>A task's wait, and its place in every order that goes by it, counts from when it says that it
 * was submitted, but at most {@link #MOST_LATE} before the pool heard of it: else whoever claims to
 * have waited for years goes before all others. Bound by <em>now</em> rather than by a clock, so
 * that a log that is replayed, where every task comes when it was submitted, is decided about as
 * ever; and not counted from its coming alone, so that the order of tasks does not depend on which
 * partition is read first.
 *
 * <p>An event takes O(log tasks) time, and O(nodes) for each task that is looked at: those placed,
 * and the first that does not fit. Not thread-safe.
 */
public final class PoolEngine {

  /**
   * So long before it came a task may have been submitted: topics are not read in step. More than
   * that is not believed.
   */
  static final Duration MOST_LATE = Duration.ofMinutes(1);

  /** Most GPUs of a node: beyond it is nonsense, and must not cost memory. */
  public static final int MAX_GPUS = 1024;

  /** Most shards that a task may be cut into: more are refused. */
  public static final int MAX_SHARDS = Placer.MAX_SHARDS;

  private static final Comparator<TaskState> LEAST_IMPORTANT_LATEST_FIRST =
      Comparator.<TaskState>comparingInt(task -> task.task().priority())
          .thenComparing(TaskState::since, Comparator.reverseOrder())
          .thenComparing(TaskState::sequence, Comparator.reverseOrder());

  private final PoolStore store;
  private final TaskTable tasks;
  private final NodeTable nodes;
  private final Placer placer;
  private final Backfilling backfilling;
  private final Preemption preemption;
  private final Moves moves;
  private final PoolLoad load = new PoolLoad();
  private final WaitingRoom room;

  private PoolHeader header;
  private PoolPolicy policy;
  private Duration forgetAfter;
  private Instant now;
  private long nextSequence;
  private @Nullable Instant wakeAt;
  private double temperature;
  private StartPace pace;

  /**
   * Whether there is more or less room than when it was last seen why there is none for the head.
   */
  private boolean roomChanged = true;

  /** The first end that is remembered, and until when; null: not worked out yet. */
  private @Nullable Instant firstForgotten;

  private @Nullable Instant firstForgetAt;

  /** Nodes that were given something back since the queue was last gone through. */
  private final List<Node> freed = new ArrayList<>();

  // Since the last decision.
  private List<PoolOutput> outputs = List.of();
  private final ArrayDeque<String> submitted = new ArrayDeque<>();
  private boolean undecided;
  private boolean wakesStale;
  private final List<Node> heardOf = new ArrayList<>();
  private @Nullable Instant wakeBefore;

  /**
   * An engine over what the store holds; a new pool if it holds nothing.
   *
   * @param newPolicy of a new pool; one that exists keeps its own
   */
  public PoolEngine(PoolPolicy newPolicy, PoolStore store) {
    PoolHeader stored = store.header();
    this.store = store;
    this.header = stored == null ? PoolHeader.of(newPolicy) : stored;
    this.policy = header.policy();
    this.forgetAfter = forgetAfter(policy);
    this.now = header.now();
    this.nextSequence = header.nextSequence();
    this.wakeAt = header.wakeAt();
    this.tasks = new TaskTable(store);
    this.nodes = new NodeTable(store);
    this.temperature = header.temperature();
    this.pace = header.pace();
    for (TaskState task : tasks.byArrival()) {
      for (ShardState shard : task.shards()) {
        if (!shard.ended()) {
          nodes.get(shard.placement().nodeId()).hold(task.task().taskId(), shard);
          load.holds(task.prediction().complexity(), shard.placement().resources(), 1);
        }
      }
    }
    this.placer = new Placer(nodes, tasks, store, header);
    this.backfilling = new Backfilling(nodes, tasks, placer);
    this.preemption = new Preemption(nodes, tasks, load, header);
    this.moves = new Moves(nodes, tasks, header);
    this.room = new WaitingRoom(tasks, policy, load);
    if (stored == null) {
      store.putHeader(header);
    }
    nodes.inOrder().forEach(node -> load.changed(null, node.state()));
    // Nothing to do, unless the store was given another policy: see PoolHeader.withPolicy.
    sizeAll(policy.rightSizing());
  }

  /** The policy that the pool is run by now. */
  public PoolPolicy policy() {
    return policy;
  }

  /**
   * Whether there is neither a node nor a task, also of those that are gone: nothing is lost if the
   * pool is new with its next event.
   */
  public boolean isEmpty() {
    return tasks.isEmpty() && nodes.inOrder().isEmpty();
  }

  /** Whether it asked to be woken at that time or before. */
  public boolean isDue(Instant time) {
    return wakeAt != null && !time.isBefore(wakeAt);
  }

  /** Takes in an event, and says what is to be done about it, in order. */
  public List<PoolOutput> on(PoolEvent event) {
    outputs = new ArrayList<>();
    takeIn(event);
    follow();
    return outputs;
  }

  /**
   * Takes in an event, and says what it ends at once. What follows from it, such as who may start
   * now, is left to {@link #decide}, which has to be called before the store is saved: so events of
   * the same moment are decided about together, whatever order they come in.
   */
  public List<PoolOutput> hear(PoolEvent event) {
    outputs = new ArrayList<>();
    takeIn(event);
    return outputs;
  }

  /** Says what follows from what was {@linkplain #hear heard} since it was called last. */
  public List<PoolOutput> decide() {
    outputs = new ArrayList<>();
    follow();
    return outputs;
  }

  private void takeIn(PoolEvent event) {
    if (!undecided) {
      undecided = true;
      wakeBefore = wakeAt;
      wakesStale = false;
    }
    pass(event);
    take(event);
  }

  /** Time goes on, and the temperature with it. */
  private void pass(PoolEvent event) {
    if (event.at().isAfter(now)) {
      if (policy.ordering() == PoolPolicy.Ordering.ATTENTION && nextSequence > 0) {
        Duration passed = Duration.between(now, event.at());
        temperature = policy.attention().temperature(temperature, passed, load.load());
      }
      now = event.at();
    }
  }

  private void follow() {
    if (!undecided) {
      return;
    }
    rejectLate();
    startWhatMay();
    Instant movesDue = moves.dueAt();
    if (movesDue != null && !now.isBefore(movesDue)) {
      relieveNodes();
      startWhatMay();
    }
    room.tell(now, pace, outputs);
    askToBeWoken(wakeBefore);
    writeHeader();
    submitted.clear();
    undecided = false;
  }

  private void startWhatMay() {
    do {
      placeWaiting();
    } while (makeRoom() || rejectOverflow());
  }

  private void take(PoolEvent event) {
    if (event instanceof TaskSubmitted submission) {
      submit(submission);
    } else if (event instanceof TasksPredicted news) {
      news.predictions().forEach(this::predict);
    } else if (event instanceof TaskCancelled cancellation) {
      cancel(cancellation);
    } else if (event instanceof TaskStarted start) {
      start(start);
    } else if (event instanceof TaskStopped stop) {
      stop(stop);
    } else if (event instanceof NodeJoined join) {
      join(join);
    } else if (event instanceof NodeHeartbeat heartbeat) {
      hear(heartbeat);
    } else if (event instanceof NodeDraining draining) {
      drain(draining);
    } else if (event instanceof NodeLeft leave) {
      leave(leave);
    } else if (event instanceof PolicyChanged change) {
      change(change.policy());
    } else if (event instanceof TimePassed tick) {
      pass(tick.at());
    } else {
      throw new IllegalStateException("No case for " + event);
    }
  }

  private void submit(TaskSubmitted event) {
    TaskRequest request = event.task().submittedNotBefore(now.minus(MOST_LATE));
    if (tasks.find(request.taskId()) != null) {
      ignoreTask(request.taskId(), Reason.DUPLICATE);
      return;
    }
    TaskSize asked = TaskSize.of(request.request());
    var task =
        new TaskState(
            request,
            event.prediction(),
            nextSequence++,
            Phase.QUEUED,
            0,
            List.of(),
            now,
            Reason.WAITS_FOR_EARLIER,
            TaskMoves.NONE,
            policy.rightSizing().size(request, event.prediction(), asked));
    if (request.maxShards() > MAX_SHARDS) {
      reject(task, Reason.INVALID_REQUEST, 0, null);
      return;
    }
    submitted.add(request.taskId());
    placer.arrived(task);
    queue(task);
  }

  private void predict(String taskId, Prediction prediction) {
    TaskState task = tasks.find(taskId);
    if (task == null || task.phase() == Phase.ENDED) {
      ignoreTask(taskId, task == null ? Reason.UNKNOWN_TASK : Reason.LATE);
      return;
    }
    TaskState after = task.withPrediction(task.prediction().withRunTimeOf(prediction));
    tasks.put(after);
    if (task.phase() == Phase.QUEUED) {
      room.repredict(task, after);
    } else {
      room.move();
    }
  }

  private void cancel(TaskCancelled event) {
    TaskState task = tasks.find(event.taskId());
    if (task == null) {
      ignoreTask(event.taskId(), Reason.UNKNOWN_TASK);
      return;
    }
    switch (task.phase()) {
      case QUEUED -> rejectWaiting(room.find(task), Reason.CANCELLED);
      case PLACED, RUNNING -> release(task, Reason.CANCELLED);
      case ENDED ->
          ignoreTask(
              event.taskId(), task.reason() == Reason.CANCELLED ? Reason.DUPLICATE : Reason.LATE);
    }
  }

  private void start(TaskStarted event) {
    TaskState task = tasks.find(event.taskId());
    Reason no = mismatch(task, event.generation(), event.shard(), event.nodeId());
    if (task == null || no != null) {
      ignoreFeedback(event.taskId(), event.nodeId(), no);
      return;
    }
    ShardState shard = task.shards().get(event.shard());
    if (shard.ended() || shard.startedAt() != null) {
      Reason reason = shard.startedAt() != null ? Reason.DUPLICATE : Reason.LATE;
      ignoreFeedback(event.taskId(), event.nodeId(), reason);
      return;
    }
    var started = new ShardState(shard.placement(), event.at(), false);
    TaskState after = task.withShard(started, now);
    tasks.put(after);
    nodes.get(event.nodeId()).shardChanged(shard, started);
  }

  private void stop(TaskStopped event) {
    TaskState task = tasks.find(event.taskId());
    Reason no = mismatch(task, event.generation(), event.shard(), event.nodeId());
    if (task == null || no != null) {
      ignoreFeedback(event.taskId(), event.nodeId(), no);
      return;
    }
    ShardState shard = task.shards().get(event.shard());
    if (shard.ended()) {
      ignoreFeedback(event.taskId(), event.nodeId(), Reason.DUPLICATE);
      return;
    }
    switch (event.outcome()) {
      case SUCCEEDED -> succeed(task, shard);
      case FAILED -> release(task, Reason.FAILED);
      case OUT_OF_MEMORY -> raise(task, shard);
      case PREEMPTED -> preempt(task, Reason.PREEMPTED);
      case LOST -> preempt(task, Reason.TASK_LOST);
    }
  }

  /** Why what a node says of a shard does not concern the task as it is now; null: it does. */
  private @Nullable Reason mismatch(
      @Nullable TaskState task, int generation, int shard, String nodeId) {
    if (task == null) {
      return Reason.UNKNOWN_TASK;
    }
    if (generation != task.generation() || task.shards().isEmpty()) {
      return Reason.STALE_GENERATION;
    }
    boolean there =
        shard >= 0
            && shard < task.shards().size()
            && task.shards().get(shard).placement().nodeId().equals(nodeId);
    return there ? null : Reason.UNKNOWN_NODE;
  }

  private void succeed(TaskState task, ShardState shard) {
    if (task.isOverWith(shard)) {
      release(task, Reason.SUCCEEDED);
    } else {
      TaskState after =
          task.withShard(new ShardState(shard.placement(), shard.startedAt(), true), now);
      giveBack(task, shard);
      tasks.put(after);
      preemption.changed(after);
    }
  }

  /** A task ran out of memory: it gets more, where it is or elsewhere, or is given up. */
  private void raise(TaskState task, ShardState shard) {
    int shards = task.shards().size();
    Resources had = shard.placement().resources();
    long requested = Placer.shard(task.task().request(), shards).memoryMib();
    Long memory =
        task.generation() >= policy.maxAttempts()
            ? null
            : policy
                .rightSizing()
                .raised(
                    had.memoryMib(),
                    requested,
                    mostMemory(had, task.task().gpuModels()),
                    task.size().ownOutOfMemories());
    if (memory == null) {
      release(task, Reason.OUT_OF_MEMORY);
      return;
    }
    long inAll = memory > Long.MAX_VALUE / shards ? Long.MAX_VALUE : memory * shards;
    boolean wasCut = had.memoryMib() < requested;
    TaskState raised = task.withSize(task.size().raisedTo(inAll, wasCut));
    if (shards > 1 || !resize(raised, shard)) {
      preempt(raised, Reason.OUT_OF_MEMORY);
    }
  }

  /** Of the nodes that could take this, and so this with more memory; 0: there are none. */
  private long mostMemory(Resources demand, List<String> gpuModels) {
    long most = 0;
    for (Node node : nodes.inOrder()) {
      if (node.couldTake(demand, gpuModels)) {
        most = Math.max(most, node.state().capacity().memoryMib());
      }
    }
    return most;
  }

  /** Lets a task of one shard go on where it is with other amounts; whether there is room. */
  private boolean resize(TaskState task, ShardState shard) {
    TaskState sized = task.sizedBy(policy.rightSizing());
    Resources demand = sized.size().given();
    ShardPlacement had = shard.placement();
    Node node = nodes.get(had.nodeId());
    if (!node.couldTake(demand, task.task().gpuModels())
        || demand.cpuMillis() - had.resources().cpuMillis() > node.freeCpuMillis()
        || demand.memoryMib() - had.resources().memoryMib() > node.freeMemoryMib()
        || demand.ioMibps() - had.resources().ioMibps() > node.freeIoMibps()) {
      return false;
    }
    giveBackAll(task);
    List<ShardPlacement> shards =
        List.of(node.take(task.task().taskId(), 0, demand, had.gpuIndices()));
    load.holds(task.prediction().complexity(), demand, 1);
    moves.changed(node);
    TaskState placed = sized.placed(shards, now);
    tasks.put(placed);
    preemption.placed(placed);
    command(
        Action.RESIZE,
        placed.because(Reason.OUT_OF_MEMORY),
        shards,
        new Decision(
            task.prediction(),
            policy,
            1,
            noNodes(),
            List.of(),
            0,
            null,
            null,
            temperature(),
            Duration.ZERO,
            null,
            placed.size()));
    return true;
  }

  private void join(NodeJoined event) {
    Node known = nodes.find(event.nodeId());
    if (event.capacity().gpuCount() > MAX_GPUS) {
      ignoreNode(event.nodeId(), Reason.INVALID_REQUEST);
    } else if (known != null && !event.at().isAfter(known.state().heardAt())) {
      boolean same = event.at().equals(known.state().heardAt());
      ignoreNode(event.nodeId(), same ? Reason.DUPLICATE : Reason.LATE);
    } else {
      if (known != null) {
        loseTasks(known, Reason.NODE_LOST);
      }
      put(
          new NodeState(
              event.nodeId(),
              event.capacity(),
              Resources.NONE,
              event.gpuModel(),
              Status.READY,
              event.at(),
              null));
    }
  }

  private void hear(NodeHeartbeat event) {
    Node known = nodes.find(event.nodeId());
    boolean tellsCapacity = !event.capacity().equals(Resources.NONE);
    if (event.capacity().gpuCount() > MAX_GPUS) {
      ignoreNode(event.nodeId(), Reason.INVALID_REQUEST);
    } else if (known != null && isLate(known, event.at())) {
      ignoreNode(event.nodeId(), Reason.LATE);
    } else if ((known == null || known.status() == Status.LEFT) && !tellsCapacity) {
      ignoreNode(event.nodeId(), Reason.UNKNOWN_NODE);
    } else {
      NodeState before = known == null ? null : known.state();
      var after =
          new NodeState(
              event.nodeId(),
              before != null && !tellsCapacity ? before.capacity() : event.capacity(),
              event.usage(),
              before != null && event.gpuModel() == null ? before.gpuModel() : event.gpuModel(),
              before != null && before.status() == Status.DRAINING ? Status.DRAINING : Status.READY,
              event.at(),
              null);
      put(after.unsettledSince(Moves.unsettledSince(before, after, policy.moves())));
    }
  }

  private void drain(NodeDraining event) {
    Node known = nodes.find(event.nodeId());
    if (known != null && isLate(known, event.at())) {
      ignoreNode(event.nodeId(), Reason.LATE);
    } else if (known == null || known.status() == Status.LEFT) {
      ignoreNode(event.nodeId(), Reason.UNKNOWN_NODE);
    } else if (known.status() == Status.DRAINING && event.at().equals(known.state().heardAt())) {
      ignoreNode(event.nodeId(), Reason.DUPLICATE);
    } else {
      put(known.state().heard(Status.DRAINING, event.at()));
    }
  }

  private void leave(NodeLeft event) {
    Node known = nodes.find(event.nodeId());
    if (known == null) {
      ignoreNode(event.nodeId(), Reason.UNKNOWN_NODE);
    } else if (event.at().isBefore(known.state().heardAt())) {
      ignoreNode(event.nodeId(), Reason.LATE);
    } else if (known.status() == Status.LEFT) {
      ignoreNode(event.nodeId(), Reason.DUPLICATE);
    } else {
      loseTasks(known, Reason.NODE_LEFT);
      put(known.state().heard(Status.LEFT, event.at()));
    }
  }

  /** A node that was thought gone must be heard of anew; another may say two things at once. */
  private static boolean isLate(Node known, Instant at) {
    Instant heardAt = known.state().heardAt();
    return isGone(known) ? !at.isAfter(heardAt) : at.isBefore(heardAt);
  }

  private static boolean isGone(Node node) {
    return node.status() == Status.SILENT || node.status() == Status.LEFT;
  }

  /** A node is new, or is otherwise than it was. */
  private void put(NodeState after) {
    Node known = nodes.find(after.nodeId());
    NodeState before = known == null ? null : known.state();
    Node node = replace(before, after);
    heardOf.add(node);
    if (before == null || !before.takesLike(after)) {
      room.recallFor(node);
      stopWhatOverfills(node);
    }
  }

  private Node replace(@Nullable NodeState before, NodeState after) {
    Node node = nodes.put(after);
    moves.changed(node);
    load.changed(before, after);
    if (before == null || !before.takesLike(after)) {
      roomChanged = true;
      room.stir();
      room.forgetBlocked();
      preemption.resized(node);
    }
    return node;
  }

  private void stopWhatOverfills(Node node) {
    if (!node.overfull()) {
      return;
    }
    List<TaskState> running = tasksOn(node);
    running.sort(LEAST_IMPORTANT_LATEST_FIRST);
    for (TaskState task : running) {
      if (task.shards().stream().anyMatch(node::overfills)) {
        preempt(task, Reason.NODE_SHRUNK);
      }
    }
    if (node.overfull()) {
      throw new IllegalStateException("node %s holds more than it has".formatted(node.id()));
    }
  }

  /** What ran on a node is there no more. */
  private void loseTasks(Node node, Reason reason) {
    for (TaskState task : tasksOn(node)) {
      preempt(task, reason);
    }
  }

  /** By arrival. */
  private List<TaskState> tasksOn(Node node) {
    List<TaskState> running = new ArrayList<>();
    for (String taskId : node.taskIds()) {
      running.add(tasks.get(taskId));
    }
    running.sort(Comparator.comparingLong(TaskState::sequence));
    return running;
  }

  private void change(PoolPolicy newPolicy) {
    if (newPolicy.version() <= policy.version()) {
      boolean same = newPolicy.version() == policy.version();
      outputs.add(new Ignored(null, null, same ? Reason.DUPLICATE : Reason.LATE));
      return;
    }
    if (!newPolicy.rightSizing().equals(policy.rightSizing())) {
      sizeAll(newPolicy.rightSizing());
    }
    policy = newPolicy;
    forgetAfter = forgetAfter(policy);
    firstForgotten = null;
    room.reorder(newPolicy);
    placer.follow(newPolicy, nextSequence);
    preemption.follow(newPolicy);
    moves.follow(newPolicy);
    wakesStale = true;
  }

  /** All that wait are to get what another way of right-sizing says. */
  private void sizeAll(RightSizing rightSizing) {
    for (TaskState task : tasks.byArrival()) {
      if (task.phase() == Phase.QUEUED) {
        TaskState after = task.sizedBy(rightSizing);
        if (!after.size().equals(task.size())) {
          tasks.put(after);
          room.repredict(task, after);
          roomChanged = true;
          room.forgetBlocked();
        }
      }
    }
  }

  private void pass(Instant time) {
    if (!isDue(time)) {
      return;
    }
    wakeAt = null;
    wakesStale = true;
    // It may have been woken since the store was given another policy: the first may be another.
    room.stir();
    room.move();
    for (Node node : List.copyOf(nodes.inOrder())) {
      if (!isGone(node) && !node.state().heardAt().plus(policy.heartbeatTimeout()).isAfter(time)) {
        loseTasks(node, Reason.NODE_LOST);
        replace(node.state(), node.state().heard(Status.SILENT, node.state().heardAt()));
      }
      if (isGone(node) && !node.state().heardAt().plus(policy.retention()).isAfter(time)) {
        nodes.remove(node);
        roomChanged = true;
        room.stir();
      }
    }
    tasks.forgetEndedBy(time.minus(policy.retention()), task -> placer.forgets(task, nextSequence));
  }

  private void rejectLate() {
    if (!policy.rejectAfterDeadline()) {
      return;
    }
    WaitingTask late = room.lateBy(now);
    while (late != null) {
      rejectWaiting(late, Reason.DEADLINE_PASSED);
      late = room.lateBy(now);
    }
  }

  /** Places the first task for as long as there is room for it, then those that may overtake. */
  private void placeWaiting() {
    if (!room.isStirred(now)) {
      return;
    }
    backfilling.clear();
    room.look(now, temperature);
    if (room.asksEveryClass()) {
      placeByClass();
    } else {
      WaitingTask head = placeFirst();
      if (head != null && policy.backfill() != PoolPolicy.Backfill.NONE) {
        backfill(head);
        lookAgain(head);
      }
    }
    freed.clear();
    room.settle();
  }

  /** The first task that has no room but could; null: there is none. */
  private @Nullable WaitingTask placeFirst() {
    WaitingTask first = room.first(now);
    while (first != null) {
      Placing placing = placer.place(first.state(), policy);
      if (placing instanceof Found found) {
        allocate(first, found, null);
      } else if (placing instanceof Blocked blocked) {
        if (!blocked.fitsNowhere()) {
          room.head(first, blocked);
          return first;
        }
        room.setAside(first, blocked);
      }
      first = room.first(now);
    }
    room.head(null, null);
    return null;
  }

  /**
   * Places the first of each class, in the order of attention, until no class has one that fits;
   * but nobody goes past one that is out of patience.
   */
  private void placeByClass() {
    WaitingTask passed = null;
    for (WaitingTask next = room.first(now); next != null; next = room.first(now)) {
      boolean outOfPatience = room.isOutOfPatience(next, now);
      if (!outOfPatience && isStillBlocked(next)) {
        passed = passed == null ? next : passed;
        room.passOver(next);
        continue;
      }
      Placing placing = placer.place(next.state(), policy);
      if (placing instanceof Found found) {
        allocate(next, found, passed == null ? null : passed.task().taskId());
      } else if (placing instanceof Blocked blocked) {
        if (blocked.fitsNowhere()) {
          room.setAside(next, blocked);
        } else if (outOfPatience) {
          room.head(next, blocked);
          room.forgetBlocked();
          return;
        } else {
          passed = passed == null ? next : passed;
          room.passOver(next);
        }
      }
    }
    WaitingTask head = room.headOr(passed);
    if (head == null) {
      room.head(null, null);
    } else if (roomChanged || !room.isHead(head)) {
      lookAgain(head);
    }
  }

  /**
   * Whether there was no room for this when last looked at, and what was freed since is too small.
   */
  private boolean isStillBlocked(WaitingTask task) {
    TaskRequest asks = task.state().asks();
    if (asks.maxShards() > 1 || !room.wasBlocked(task)) {
      return false;
    }
    for (Node node : freed) {
      if (node.refuses(asks.request(), asks.gpuModels()) == null) {
        return false;
      }
    }
    return true;
  }

  /** What was let past may have changed why there is no room for the head. */
  private void lookAgain(WaitingTask head) {
    if (!(placer.place(head.state(), policy) instanceof Blocked blocked)) {
      throw new IllegalStateException(head.task().taskId() + " had no room, and has it now");
    }
    room.head(head, blocked);
    roomChanged = false;
  }

  /** Lets tasks past the head that do not delay it; a divisible one is not overtaken. */
  private void backfill(WaitingTask head) {
    if (head.task().maxShards() > 1) {
      return;
    }
    boolean firm = room.isOutOfPatience(head, now);
    backfilling.keepFor(head.state(), now, firm);
    int misses = firm ? placeInOrder(head) : 0;
    Gap gap = backfilling.gap();
    WaitingTask next = room.nextPast(null, gap);
    while (next != null && misses < Backfilling.MOST_MISSES) {
      if (next != head) {
        if (placePast(head, next)) {
          gap = backfilling.gap();
        } else {
          misses++;
        }
      }
      next = room.nextPast(next, gap);
    }
  }

  /**
   * Places those behind the one who holds the firm reservation, until one has no room: it holds the
   * soft one.
   *
   * @return how many were looked at in vain
   */
  private int placeInOrder(WaitingTask head) {
    int misses = 0;
    WaitingTask next = room.nextInOrder(null, Gap.ANY);
    while (next != null && misses < Backfilling.MOST_MISSES && !backfilling.isKeptSoftly()) {
      if (next != head && !placePast(head, next)) {
        misses++;
        if (next.task().maxShards() > 1) {
          return Backfilling.MOST_MISSES;
        }
        backfilling.keepFor(next.state(), now, false);
      }
      next = room.nextInOrder(next, Gap.ANY);
    }
    return misses;
  }

  private boolean placePast(WaitingTask head, WaitingTask next) {
    Found found = backfilling.place(next.state(), policy);
    if (found != null) {
      allocate(next, found, head.task().taskId());
      return true;
    }
    return false;
  }

  /** Whether others were stopped for a task that is more important, which has their place now. */
  private boolean makeRoom() {
    if (!preemption.isDue(now)) {
      return false;
    }
    boolean inVain = false;
    for (WaitingTask waiting : room.next(now)) {
      if (preemption.mayMakeRoomFor(waiting.state())) {
        Eviction eviction = preemption.evictionFor(waiting.state(), now);
        if (eviction != null) {
          evict(eviction, waiting);
          return true;
        }
        inVain = true;
      }
    }
    if (inVain) {
      preemption.inVain(now);
    }
    return false;
  }

  private void evict(Eviction eviction, WaitingTask waiting) {
    preemption.stopped(eviction.victims().size(), now);
    String waitingId = waiting.task().taskId();
    for (TaskState victim : eviction.victims()) {
      var why = new Displacement(waitingId, null, Preemption.cost(victim, now));
      TaskState stopped = stop(victim, Reason.MORE_IMPORTANT_WAITS, why);
      queue(stopped.withMoves(stopped.moves().preempted()));
    }
    if (!(placer.place(waiting.state(), policy) instanceof Found found)) {
      throw new IllegalStateException(
          "%s has no room on %s, where others were stopped for it"
              .formatted(waitingId, eviction.node().id()));
    }
    allocate(waiting, found, null);
  }

  /** Moves tasks off nodes where they had better not run, as far as it is worth it. */
  private void relieveNodes() {
    boolean othersWait = !room.next(now).isEmpty();
    int left = policy.moves().mostPerInterval();
    int misses = 0;
    for (Node node : moves.look(now)) {
      List<Moves.Candidate> candidates = moves.candidates(node, othersWait, now);
      boolean isRelieved = false;
      int gone = 0;
      for (int turned = moves.turned(node); turned < candidates.size() && !isRelieved; turned++) {
        if (misses == Moves.MOST_MISSES) {
          moves.leaveOffAt(node, turned - gone);
          return;
        }
        Moves.Candidate candidate = candidates.get(turned);
        Reason no = candidate.no();
        if (no == null && left == 0) {
          no = Reason.MOVE_LIMIT;
        } else if (no == null) {
          no = move(candidate, node);
          left -= no == null ? 1 : 0;
          gone += no == null ? 1 : 0;
          misses += no == null ? 0 : 1;
          isRelieved = no == null && node.status() != Status.DRAINING;
        }
        if (no != null) {
          outputs.add(new Stayed(candidate.task().task().taskId(), node.id(), no));
        }
      }
      if (isRelieved) {
        // What it reports next must show what came of it before another one is moved.
        replace(node.state(), node.state().unsettledSince(now));
      }
    }
  }

  /** Moves a task; says why if there is no place for it, unless it has to wait for one. */
  private @Nullable Reason move(Moves.Candidate candidate, Node node) {
    TaskState task = candidate.task();
    var why = new Displacement(null, candidate.gain(), candidate.cost());
    boolean drains = node.status() == Status.DRAINING;
    Reason reason = drains ? Reason.NODE_DRAINING : Reason.NODE_OVERLOADED;
    String lastNodeId = placer.lastNodeId();
    Placing placing = placeElsewhere(task, node);
    if (placing instanceof Found found) {
      Node there = nodes.get(found.shards().get(0).nodeId());
      Reason no = drains ? null : moves.refuses(task, there, now);
      if (no != null) {
        placer.takeBack(task, found, lastNodeId);
        return no;
      }
      TaskState stopped = stop(task, reason, why);
      TaskMoves moved = stopped.moves().moved(node.id(), now);
      open(stopped.withMoves(moved), found, 0, null, null);
      return null;
    }
    if (placing instanceof Blocked blocked) {
      if (candidate.isForced() && !blocked.fitsNowhere() && !blocked.hasNoNodes()) {
        TaskState stopped = stop(task, reason, why);
        queue(stopped.withMoves(stopped.moves().moved(node.id(), now)));
        return null;
      }
      return blocked.reason();
    }
    throw new IllegalStateException("No case for " + placing);
  }

  /** Seeks a place beside the one that the task has, as if this node took no tasks. */
  private Placing placeElsewhere(TaskState task, Node node) {
    NodeState state = node.state();
    node.become(state.heard(Status.DRAINING, state.heardAt()));
    Placing placing = placer.place(task.queued(now).sizedBy(policy.rightSizing()), policy);
    node.become(state);
    return placing;
  }

  /** Whether a task just submitted, the last first, found the queue full, and was turned away. */
  private boolean rejectOverflow() {
    while (room.size() > policy.maxQueued() && !submitted.isEmpty()) {
      TaskState task = tasks.find(submitted.removeLast());
      if (task != null && task.phase() == Phase.QUEUED) {
        rejectWaiting(room.find(task), Reason.QUEUE_FULL);
        return true;
      }
    }
    return false;
  }

  private void queue(TaskState task) {
    tasks.put(task);
    room.enter(task);
  }

  private void allocate(WaitingTask task, Found found, @Nullable String overtook) {
    int position = room.position(task);
    Double share = room.shareOf(task);
    boolean told = room.leave(task);
    pace = pace.started(now);
    open(task.state(), found, position, overtook, share);
    if (told) {
      outputs.add(new WaitEnded(task.task().taskId()));
    }
  }

  /** Opens the next generation of a task that has none open, where there is room for it. */
  private void open(
      TaskState task,
      Found found,
      int position,
      @Nullable String overtook,
      @Nullable Double share) {
    TaskState placed = task.placed(found.shards(), now);
    tasks.put(placed);
    preemption.placed(placed);
    for (ShardPlacement shard : found.shards()) {
      load.holds(task.prediction().complexity(), shard.resources(), 1);
      moves.changed(nodes.get(shard.nodeId()));
    }
    roomChanged = true;
    command(
        Action.ALLOCATE,
        placed,
        found.shards(),
        new Decision(
            task.prediction(),
            policy,
            found.nodesConsidered(),
            found.nodesFiltered(),
            found.bestScores(),
            position,
            overtook,
            share,
            temperature(),
            Duration.between(task.since(), now),
            null,
            task.size()));
  }

  private void rejectWaiting(WaitingTask task, Reason reason) {
    int position = room.position(task);
    Blocked blocked = task.blocked();
    boolean told = room.leave(task);
    reject(task.state(), reason, position, blocked);
    if (told) {
      outputs.add(new WaitEnded(task.task().taskId()));
    }
  }

  /** Ends a task that has no place: the word opens its next generation, and is its last. */
  private void reject(TaskState task, Reason reason, int position, @Nullable Blocked blocked) {
    TaskState ended = task.nextGeneration().ended(reason, now);
    tasks.put(ended);
    command(
        Action.REJECT,
        ended,
        List.of(),
        new Decision(
            task.prediction(),
            policy,
            blocked == null ? 0 : blocked.nodesConsidered(),
            blocked == null ? noNodes() : blocked.nodesFiltered(),
            List.of(),
            position,
            null,
            null,
            temperature(),
            Duration.between(task.since(), now),
            null,
            task.size()));
  }

  /** Ends a task that has a place. */
  private void release(TaskState task, Reason reason) {
    giveBackAll(task);
    TaskState ended = task.ended(reason, now);
    tasks.put(ended);
    close(Action.RELEASE, ended, task.placements(), null);
  }

  /** Takes a task's place away; it waits for another one, or is given up. */
  private void preempt(TaskState task, Reason reason) {
    TaskState queued = stop(task, reason, null);
    if (task.generation() >= policy.maxAttempts()) {
      reject(queued, Reason.ATTEMPTS_EXHAUSTED, 0, null);
    } else {
      queue(queued);
    }
  }

  private TaskState stop(TaskState task, Reason reason, @Nullable Displacement displacement) {
    giveBackAll(task);
    TaskState queued = task.queued(now);
    close(Action.PREEMPT, queued.because(reason), task.placements(), displacement);
    return queued.sizedBy(policy.rightSizing());
  }

  private void giveBackAll(TaskState task) {
    preemption.gone(task);
    for (ShardState shard : task.shards()) {
      if (!shard.ended()) {
        giveBack(task, shard);
      }
    }
  }

  private void giveBack(TaskState task, ShardState shard) {
    Node node = nodes.get(shard.placement().nodeId());
    node.giveBack(task.task().taskId(), shard);
    moves.changed(node);
    load.holds(task.prediction().complexity(), shard.placement().resources(), -1);
    freed.add(node);
    roomChanged = true;
    room.stir();
  }

  /** Of the attention; null: the order has none. */
  private @Nullable Double temperature() {
    return policy.ordering() == PoolPolicy.Ordering.ATTENTION ? Double.valueOf(temperature) : null;
  }

  private void close(
      Action action,
      TaskState task,
      List<ShardPlacement> shards,
      @Nullable Displacement displacement) {
    command(
        action,
        task,
        shards,
        new Decision(
            task.prediction(),
            policy,
            0,
            noNodes(),
            List.of(),
            0,
            null,
            null,
            temperature(),
            Duration.ZERO,
            displacement,
            task.size()));
  }

  private void command(
      Action action, TaskState task, List<ShardPlacement> shards, Decision decision) {
    Prediction prediction = task.prediction();
    outputs.add(
        new Commanded(
            new Command(
                action,
                task.task(),
                task.generation(),
                shards,
                prediction.complexity(),
                task.reason(),
                prediction.modelVersion(),
                policy.version(),
                prediction.expectedDuration(),
                now),
            decision));
  }

  private static SortedMap<Reason, Integer> noNodes() {
    return Collections.emptySortedMap();
  }

  private void ignoreTask(String taskId, Reason reason) {
    outputs.add(new Ignored(taskId, null, reason));
  }

  private void ignoreNode(String nodeId, Reason reason) {
    outputs.add(new Ignored(null, nodeId, reason));
  }

  private void ignoreFeedback(String taskId, String nodeId, @Nullable Reason reason) {
    outputs.add(new Ignored(taskId, nodeId, reason == null ? Reason.UNKNOWN_TASK : reason));
  }

  /** When a node has to be looked at again if it is not heard of before. */
  private Instant dueOf(NodeState node) {
    return switch (node.status()) {
      case READY, DRAINING -> node.heardAt().plus(policy.heartbeatTimeout());
      case SILENT, LEFT -> forgetAt(node.heardAt());
    };
  }

  /** Later than need be, so that many are forgotten at once. */
  private Instant forgetAt(Instant since) {
    return since.plus(forgetAfter);
  }

  private static Duration forgetAfter(PoolPolicy policy) {
    Duration slack = policy.retention().dividedBy(8);
    Duration second = Duration.ofSeconds(1);
    return policy.retention().plus(slack.compareTo(second) > 0 ? slack : second);
  }

  /** One wake-up is under way at a time, for the earliest; what is due later is found then. */
  private void askToBeWoken(@Nullable Instant before) {
    for (Node node : wakesStale ? nodes.inOrder() : heardOf) {
      wakeBy(dueOf(node.state()));
    }
    heardOf.clear();
    Instant firstEnd = tasks.firstEnd();
    if (firstEnd != null && (wakeAt == null || firstEnd.isBefore(wakeAt))) {
      if (!firstEnd.equals(firstForgotten)) {
        firstForgotten = firstEnd;
        firstForgetAt = forgetAt(firstEnd);
      }
      wakeBy(firstForgetAt);
    }
    wakeBy(backfilling.nextEnd());
    wakeBy(moves.dueAt());
    wakeBy(policy.rejectAfterDeadline() ? room.firstDeadline() : null);
    if (wakeAt != null && !wakeAt.equals(before)) {
      outputs.add(new WakeAt(wakeAt));
    }
  }

  private void wakeBy(@Nullable Instant due) {
    if (due != null && (wakeAt == null || due.isBefore(wakeAt))) {
      wakeAt = due;
    }
  }

  private void writeHeader() {
    if (isWritten()) {
      return;
    }
    var after =
        new PoolHeader(
            policy,
            now,
            nextSequence,
            placer.lastNodeId(),
            wakeAt,
            temperature,
            pace,
            preemption.pace(),
            moves.lookedAt(),
            moves.next());
    header = after;
    store.putHeader(after);
  }

  private boolean isWritten() {
    return now.equals(header.now())
        && nextSequence == header.nextSequence()
        && Objects.equals(placer.lastNodeId(), header.lastNodeId())
        && Objects.equals(wakeAt, header.wakeAt())
        && temperature == header.temperature()
        && pace.equals(header.pace())
        && preemption.pace().equals(header.preemptions())
        && moves.lookedAt().equals(header.movesLookedAt())
        && moves.next().equals(header.movesTurn())
        && policy.equals(header.policy());
  }
}
