package io.attentionflow.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.Command.Action;
import io.attentionflow.allocation.Decision.NodeScore;
import io.attentionflow.allocation.NodeState.Status;
import io.attentionflow.allocation.PoolEvent.NodeDraining;
import io.attentionflow.allocation.PoolEvent.NodeHeartbeat;
import io.attentionflow.allocation.PoolEvent.NodeJoined;
import io.attentionflow.allocation.PoolEvent.NodeLeft;
import io.attentionflow.allocation.PoolEvent.Outcome;
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
import io.attentionflow.allocation.PoolOutput.Waiting;
import io.attentionflow.allocation.PoolOutput.WakeAt;
import io.attentionflow.allocation.TaskState.Phase;
import io.attentionflow.allocation.gpu.GpuNode;
import io.attentionflow.allocation.gpu.GpuPolicy;
import io.attentionflow.allocation.gpu.GpuRequest;
import io.attentionflow.allocation.gpu.LearnedValues;
import io.attentionflow.allocation.gpu.PlainGpuPlacement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The pool engine again, written for nothing but to be seen to be right: two lists, everything else
 * is worked out anew whenever it is asked for, and the queue is gone through after every event.
 *
 * <p>It shares the vocabulary with {@link PoolEngine}, the hash behind what is drawn, and the
 * values that are learned; no more.
 */
final class PlainPoolEngine implements LearnedValues.View {

  private static final long UNKNOWN = Long.MAX_VALUE / 4;

  private final List<Task> tasks = new ArrayList<>();
  private final List<Machine> nodes = new ArrayList<>();
  private PoolPolicy policy;
  private Instant now = Instant.EPOCH;
  private long nextSequence;
  private String lastNodeId = "";
  private @Nullable Instant wakeAt;
  private @Nullable Instant nextEnd;
  private boolean moved;
  private boolean undecided;
  private @Nullable Instant wakeBefore;
  private final List<Task> submitted = new ArrayList<>();
  private @Nullable LearnedValues learned;
  private final List<Kept> kept = new ArrayList<>();
  private final SortedMap<String, Double> shares = new TreeMap<>();
  private double temperature;
  private StartPace pace = StartPace.NONE;
  private @Nullable Task head;
  private Instant preemptionMinute = Instant.EPOCH;
  private int preempted;
  private Instant preemptionNotBefore = Instant.EPOCH;
  private Instant movesLookedAt = Instant.EPOCH;
  private String movesFromNode = "";
  private int movesFromTask;
  private List<PoolOutput> outputs = new ArrayList<>();

  PlainPoolEngine(PoolPolicy policy) {
    this.policy = policy.withPlacement(PoolPolicy.Placement.ROUND_ROBIN);
    follow(policy);
    this.temperature = policy.attention().initialTemperature();
  }

  private static final class Task {
    final TaskRequest request;
    Prediction prediction;
    final long sequence;
    Phase phase = Phase.QUEUED;
    int generation;
    List<Piece> pieces = new ArrayList<>();
    Instant since;
    Reason reason = Reason.WAITS_FOR_EARLIER;
    boolean told;
    boolean aside;
    int preemptions;
    @Nullable Instant movedAt;
    List<String> left = new ArrayList<>();
    @Nullable Look look;

    /** The request, with what the task is to get. */
    TaskRequest ask;

    Sizing sizing = Sizing.OFF;
    @Nullable Resources rightSized;
    int outOfMemories;
    int cutOutOfMemories;
    long leastMemory;

    Task(TaskRequest request, Prediction prediction, long sequence, Instant since) {
      this.request = request;
      this.prediction = prediction;
      this.sequence = sequence;
      this.since = since;
      this.ask = request;
    }

    String id() {
      return request.taskId();
    }

    TaskSize size() {
      return new TaskSize(
          ask.request(), sizing, rightSized, outOfMemories, leastMemory, cutOutOfMemories);
    }

    List<ShardPlacement> placements() {
      return pieces.stream().map(piece -> piece.placement).toList();
    }
  }

  private static final class Piece {
    final ShardPlacement placement;
    @Nullable Instant startedAt;
    boolean ended;

    Piece(ShardPlacement placement) {
      this.placement = placement;
    }

    boolean runsOn(Machine node) {
      return !ended && placement.nodeId().equals(node.id);
    }
  }

  private static final class Machine {
    final String id;
    Resources capacity = Resources.NONE;
    Resources usage = Resources.NONE;
    @Nullable String gpuModel;
    Status status = Status.READY;
    Instant heardAt = Instant.EPOCH;
    @Nullable Instant unsettledSince;

    Machine(String id) {
      this.id = id;
    }

    boolean gone() {
      return status == Status.SILENT || status == Status.LEFT;
    }
  }

  /** What was seen of the nodes when a task was looked at in vain. */
  private record Look(Reason reason, int considered, SortedMap<Reason, Integer> filtered) {}

  /**
   * What of a node is kept for a task.
   *
   * @param needs of what is free: CPU, memory, throughput, then each GPU; not above 0: nothing
   */
  @SuppressWarnings("ArrayRecordComponent") // changed in place
  private record Kept(Machine node, long at, long firstEnd, boolean firm, long[] needs) {}

  /** What is free on a node, for trying things out. */
  private static final class Free {
    long cpu;
    long memory;
    long io;
    long[] gpus = {};

    static Free all(Resources capacity) {
      Free free = new Free();
      free.cpu = capacity.cpuMillis();
      free.memory = capacity.memoryMib();
      free.io = capacity.ioMibps();
      free.gpus = new long[capacity.gpuCount()];
      Arrays.fill(free.gpus, capacity.gpuMillis());
      return free;
    }

    void take(Resources held, List<Integer> indices) {
      cpu -= held.cpuMillis();
      memory -= held.memoryMib();
      io -= held.ioMibps();
      for (int gpu : indices) {
        gpus[gpu] -= held.gpuMillis();
      }
    }

    /** Which GPUs this would get; null: not that many are free. */
    @Nullable List<Integer> gpusFor(Resources wanted) {
      List<Integer> chosen = new ArrayList<>();
      if (wanted.gpuCount() == 0) {
        return chosen;
      }
      if (wanted.gpuMillis() == 1000) {
        for (int gpu = 0; gpu < gpus.length && chosen.size() < wanted.gpuCount(); gpu++) {
          if (gpus[gpu] == 1000) {
            chosen.add(gpu);
          }
        }
        return chosen.size() == wanted.gpuCount() ? chosen : null;
      }
      int fullest = -1;
      for (int gpu = 0; gpu < gpus.length; gpu++) {
        if (gpus[gpu] >= wanted.gpuMillis() && (fullest < 0 || gpus[gpu] < gpus[fullest])) {
          fullest = gpu;
        }
      }
      return fullest < 0 ? null : List.of(fullest);
    }

    @Nullable Reason lacks(Resources wanted) {
      if (wanted.cpuMillis() > cpu) {
        return Reason.INSUFFICIENT_CPU;
      }
      if (wanted.memoryMib() > memory) {
        return Reason.INSUFFICIENT_MEMORY;
      }
      if (gpusFor(wanted) == null) {
        return Reason.INSUFFICIENT_GPU;
      }
      return wanted.ioMibps() > io ? Reason.INSUFFICIENT_IO : null;
    }

    /** Takes as many as fit, at most so many. */
    int fill(Resources wanted, int most) {
      int taken = 0;
      while (taken < most && lacks(wanted) == null) {
        take(wanted, Objects.requireNonNull(gpusFor(wanted)));
        taken++;
      }
      return taken;
    }
  }

  List<PoolOutput> on(PoolEvent event) {
    List<PoolOutput> all = hear(event);
    all.addAll(decide());
    return all;
  }

  List<PoolOutput> hear(PoolEvent event) {
    outputs = new ArrayList<>();
    if (!undecided) {
      undecided = true;
      wakeBefore = wakeAt;
      tasks.forEach(task -> task.look = null);
      moved = false;
      submitted.clear();
    }
    if (event.at().isAfter(now)) {
      if (sharesThePool() && nextSequence > 0) {
        Duration passed = Duration.between(now, event.at());
        temperature = policy.attention().temperature(temperature, passed, load());
      }
      now = event.at();
    }
    Task task = apply(event);
    if (task != null) {
      submitted.add(0, task);
    }
    return outputs;
  }

  List<PoolOutput> decide() {
    outputs = new ArrayList<>();
    undecided = false;
    if (policy.rejectAfterDeadline()) {
      rejectLate();
    }
    startWhatMay();
    if (anyToRelieve() && !now.isBefore(movesLookedAt.plus(policy.moves().interval()))) {
      relieve();
      startWhatMay();
    }
    tell();
    wake(wakeBefore);
    return outputs;
  }

  private void startWhatMay() {
    start();
    makeRoom();
    for (Task task : submitted) {
      if (task.phase == Phase.QUEUED && queue().size() > policy.maxQueued()) {
        Look look = task == head || task.aside ? task.look : null;
        reject(task, Reason.QUEUE_FULL, position(task), look);
        start();
        makeRoom();
      }
    }
  }

  private @Nullable Task apply(PoolEvent event) {
    if (event instanceof TaskSubmitted e) {
      return submit(e);
    } else if (event instanceof TasksPredicted e) {
      e.predictions().forEach(this::predict);
    } else if (event instanceof TaskCancelled e) {
      cancel(e);
    } else if (event instanceof TaskStarted e) {
      start(e);
    } else if (event instanceof TaskStopped e) {
      stop(e);
    } else if (event instanceof NodeJoined e) {
      join(e);
    } else if (event instanceof NodeHeartbeat e) {
      heartbeat(e);
    } else if (event instanceof NodeDraining e) {
      drain(e);
    } else if (event instanceof NodeLeft e) {
      leave(e);
    } else if (event instanceof PolicyChanged e) {
      if (e.policy().version() > policy.version()) {
        boolean sizes = !e.policy().rightSizing().equals(policy.rightSizing());
        follow(e.policy());
        if (sizes) {
          queue().forEach(this::size);
        }
        moved = true;
      } else {
        boolean same = e.policy().version() == policy.version();
        outputs.add(new Ignored(null, null, same ? Reason.DUPLICATE : Reason.LATE));
      }
    } else if (event instanceof TimePassed e) {
      pass(e.at());
    }
    return null;
  }

  private @Nullable Task submit(TaskSubmitted event) {
    if (task(event.task().taskId()) != null) {
      outputs.add(new Ignored(event.task().taskId(), null, Reason.DUPLICATE));
      return null;
    }
    Instant earliest = now.minusSeconds(60);
    boolean claimsTooMuch = event.task().submittedAt().isBefore(earliest);
    TaskRequest request = claimsTooMuch ? event.task().submittedNotBefore(earliest) : event.task();
    Task task = new Task(request, event.prediction(), nextSequence++, now);
    tasks.add(task);
    size(task);
    if (event.task().maxShards() > 256) {
      reject(task, Reason.INVALID_REQUEST, 0, null);
      return null;
    }
    learn(task);
    moved = true;
    return task;
  }

  private void predict(String taskId, Prediction prediction) {
    Task task = task(taskId);
    if (task == null) {
      outputs.add(new Ignored(taskId, null, Reason.UNKNOWN_TASK));
    } else if (task.phase == Phase.ENDED) {
      outputs.add(new Ignored(taskId, null, Reason.LATE));
    } else {
      task.prediction = task.prediction.withRunTimeOf(prediction);
      moved = true;
    }
  }

  private void cancel(TaskCancelled event) {
    Task task = task(event.taskId());
    if (task == null) {
      outputs.add(new Ignored(event.taskId(), null, Reason.UNKNOWN_TASK));
    } else if (task.phase == Phase.ENDED) {
      boolean same = task.reason == Reason.CANCELLED;
      outputs.add(new Ignored(event.taskId(), null, same ? Reason.DUPLICATE : Reason.LATE));
    } else if (task.phase == Phase.QUEUED) {
      reject(task, Reason.CANCELLED, position(task), null);
    } else {
      release(task, Reason.CANCELLED);
    }
  }

  private void start(TaskStarted event) {
    Reason no = mismatch(event.taskId(), event.generation(), event.shard(), event.nodeId());
    if (no == null) {
      Task task = Objects.requireNonNull(task(event.taskId()));
      Piece piece = task.pieces.get(event.shard());
      if (piece.startedAt != null) {
        no = Reason.DUPLICATE;
      } else if (piece.ended) {
        no = Reason.LATE;
      } else {
        piece.startedAt = event.at();
        runIfAllStarted(task);
      }
    }
    if (no != null) {
      outputs.add(new Ignored(event.taskId(), event.nodeId(), no));
    }
  }

  private void stop(TaskStopped event) {
    Reason no = mismatch(event.taskId(), event.generation(), event.shard(), event.nodeId());
    if (no == null) {
      Task task = Objects.requireNonNull(task(event.taskId()));
      Piece piece = task.pieces.get(event.shard());
      if (piece.ended) {
        no = Reason.DUPLICATE;
      } else {
        stop(task, piece, event.outcome());
      }
    }
    if (no != null) {
      outputs.add(new Ignored(event.taskId(), event.nodeId(), no));
    }
  }

  private void stop(Task task, Piece piece, Outcome outcome) {
    switch (outcome) {
      case FAILED -> release(task, Reason.FAILED);
      case OUT_OF_MEMORY -> raise(task, piece);
      case PREEMPTED -> preempt(task, Reason.PREEMPTED);
      case LOST -> preempt(task, Reason.TASK_LOST);
      case SUCCEEDED -> {
        piece.ended = true;
        moved = true;
        if (task.pieces.stream().allMatch(other -> other.ended)) {
          release(task, Reason.SUCCEEDED);
        } else {
          runIfAllStarted(task);
        }
      }
    }
  }

  /** What the task is to get, by all that is known now. */
  private void size(Task task) {
    RightSizing rules = policy.rightSizing();
    Resources all = task.request.request();
    Resources used = task.prediction.usageP95();
    task.rightSized = null;
    if (rules.mode() == RightSizing.Mode.OFF) {
      task.sizing = Sizing.OFF;
    } else if (task.request.maxShards() > 1) {
      task.sizing = Sizing.DIVISIBLE;
    } else if (used == null) {
      task.sizing = Sizing.NOT_ENOUGH_HISTORY;
    } else {
      double known = task.prediction.probabilities().stream().reduce(0.0, Math::max);
      double room =
          rules.headroom()
              + rules.perUncertainty() * Math.max(0, 1 - known)
              + rules.perDrift() * task.prediction.drift()
              + rules.perOutOfMemory() * task.outOfMemories;
      long cpu = part(all.cpuMillis(), used.cpuMillis(), 1 + room, rules.floor());
      long memory = part(all.memoryMib(), used.memoryMib(), 1 + room, rules.floor());
      task.rightSized = amounts(all, cpu, memory);
      task.sizing =
          cpu == all.cpuMillis() && memory == all.memoryMib() ? Sizing.AS_REQUESTED : Sizing.CUT;
    }
    Resources given = all;
    if (task.rightSized != null) {
      given = rules.mode() == RightSizing.Mode.ON ? task.rightSized : all;
      if (task.rightSized.memoryMib() < task.leastMemory) {
        task.rightSized = amounts(task.rightSized, task.rightSized.cpuMillis(), task.leastMemory);
        task.sizing = Sizing.RAISED;
      }
    }
    if (given.memoryMib() < task.leastMemory) {
      given = amounts(given, given.cpuMillis(), task.leastMemory);
      task.sizing = Sizing.RAISED;
    }
    if (!given.equals(task.ask.request())) {
      task.ask = task.request.withRequest(given);
      task.aside = false;
    }
  }

  private static Resources amounts(Resources all, long cpu, long memory) {
    return new Resources(cpu, memory, all.gpuCount(), all.gpuMillis(), all.ioMibps());
  }

  private static long part(long all, long used, double factor, double floor) {
    double enough = Math.max(Math.ceil(used * factor), Math.ceil(all * floor));
    return used == 0 || enough >= all ? all : (long) enough;
  }

  private void raise(Task task, Piece piece) {
    RightSizing rules = policy.rightSizing();
    Resources had = piece.placement.resources();
    int n = task.pieces.size();
    long asked = size(task.request, n).memoryMib();
    long most = 0;
    for (Machine node : nodes) {
      if (node.status == Status.READY
          && modelSuits(node, task.request)
          && Free.all(node.capacity).lacks(had) == null) {
        most = Math.max(most, node.capacity.memoryMib());
      }
    }
    boolean wasCut = had.memoryMib() < asked;
    int ownFaults = task.outOfMemories - task.cutOutOfMemories;
    boolean again = wasCut || ownFaults < rules.outOfMemoryRetries();
    if (!again
        || task.generation >= policy.maxAttempts()
        || had.memoryMib() == 0
        || had.memoryMib() >= most) {
      release(task, Reason.OUT_OF_MEMORY);
      return;
    }
    task.outOfMemories++;
    task.cutOutOfMemories += wasCut ? 1 : 0;
    task.leastMemory = n * Math.min(most, Math.max(2 * had.memoryMib(), asked));
    if (n == 1 && grow(task, piece)) {
      return;
    }
    preempt(task, Reason.OUT_OF_MEMORY);
  }

  /** Gives a task more where it is, on the GPUs it has. */
  private boolean grow(Task task, Piece piece) {
    TaskRequest ask = task.ask;
    Sizing sizing = task.sizing;
    Resources rightSized = task.rightSized;
    size(task);
    Resources wanted = task.ask.request();
    Machine node = Objects.requireNonNull(node(piece.placement.nodeId()));
    task.pieces = new ArrayList<>();
    if (node.status != Status.READY
        || !modelSuits(node, task.request)
        || free(node).lacks(wanted) != null) {
      task.pieces.add(piece);
      task.ask = ask;
      task.sizing = sizing;
      task.rightSized = rightSized;
      return false;
    }
    moved = true;
    ShardPlacement place = new ShardPlacement(0, node.id, wanted, piece.placement.gpuIndices());
    task.pieces.add(new Piece(place));
    task.phase = Phase.PLACED;
    task.generation++;
    task.since = now;
    task.reason = Reason.PLACED;
    Decision decision =
        new Decision(
            task.prediction,
            policy,
            1,
            new TreeMap<>(),
            List.of(),
            0,
            null,
            null,
            sharesThePool() ? Double.valueOf(temperature) : null,
            Duration.ZERO,
            null,
            task.size());
    command(Action.RESIZE, task, task.placements(), Reason.OUT_OF_MEMORY, decision);
    return true;
  }

  private void runIfAllStarted(Task task) {
    if (task.phase == Phase.PLACED
        && task.pieces.stream().allMatch(piece -> piece.ended || piece.startedAt != null)) {
      task.phase = Phase.RUNNING;
      task.since = now;
    }
  }

  private @Nullable Reason mismatch(String taskId, int generation, int shard, String nodeId) {
    Task task = task(taskId);
    if (task == null) {
      return Reason.UNKNOWN_TASK;
    }
    if (task.phase == Phase.QUEUED || task.phase == Phase.ENDED || task.generation != generation) {
      return Reason.STALE_GENERATION;
    }
    if (shard < 0 || shard >= task.pieces.size()) {
      return Reason.UNKNOWN_NODE;
    }
    return task.pieces.get(shard).placement.nodeId().equals(nodeId) ? null : Reason.UNKNOWN_NODE;
  }

  private void join(NodeJoined event) {
    Machine node = node(event.nodeId());
    if (event.capacity().gpuCount() > 1024) {
      outputs.add(new Ignored(null, event.nodeId(), Reason.INVALID_REQUEST));
    } else if (node != null && event.at().equals(node.heardAt)) {
      outputs.add(new Ignored(null, event.nodeId(), Reason.DUPLICATE));
    } else if (node != null && event.at().isBefore(node.heardAt)) {
      outputs.add(new Ignored(null, event.nodeId(), Reason.LATE));
    } else {
      if (node == null) {
        node = add(event.nodeId());
      }
      lose(node, Reason.NODE_LOST);
      String before = face(node);
      node.capacity = event.capacity();
      node.usage = Resources.NONE;
      node.gpuModel = event.gpuModel();
      node.status = Status.READY;
      node.heardAt = event.at();
      node.unsettledSince = null;
      changed(node, before);
    }
  }

  private void heartbeat(NodeHeartbeat event) {
    Machine node = node(event.nodeId());
    boolean bare = event.capacity().equals(Resources.NONE);
    if (event.capacity().gpuCount() > 1024) {
      outputs.add(new Ignored(null, event.nodeId(), Reason.INVALID_REQUEST));
    } else if (node != null && late(node, event.at())) {
      outputs.add(new Ignored(null, event.nodeId(), Reason.LATE));
    } else if (bare && (node == null || node.status == Status.LEFT)) {
      outputs.add(new Ignored(null, event.nodeId(), Reason.UNKNOWN_NODE));
    } else {
      if (node == null) {
        node = add(event.nodeId());
      }
      String before = face(node);
      node.capacity = bare ? node.capacity : event.capacity();
      node.usage = event.usage();
      node.gpuModel = event.gpuModel() == null ? node.gpuModel : event.gpuModel();
      node.status = node.status == Status.DRAINING ? Status.DRAINING : Status.READY;
      node.heardAt = event.at();
      if (node.status == Status.READY && strain(node) <= policy.moves().overloadAbove()) {
        node.unsettledSince = null;
      } else if (node.unsettledSince == null) {
        node.unsettledSince = event.at();
      }
      changed(node, before);
    }
  }

  private void drain(NodeDraining event) {
    Machine node = node(event.nodeId());
    if (node != null && late(node, event.at())) {
      outputs.add(new Ignored(null, event.nodeId(), Reason.LATE));
    } else if (node == null || node.status == Status.LEFT) {
      outputs.add(new Ignored(null, event.nodeId(), Reason.UNKNOWN_NODE));
    } else if (node.status == Status.DRAINING && event.at().equals(node.heardAt)) {
      outputs.add(new Ignored(null, event.nodeId(), Reason.DUPLICATE));
    } else {
      moved |= node.status != Status.DRAINING;
      node.unsettledSince = node.status == Status.DRAINING ? node.unsettledSince : event.at();
      node.status = Status.DRAINING;
      node.heardAt = event.at();
    }
  }

  private void leave(NodeLeft event) {
    Machine node = node(event.nodeId());
    if (node == null) {
      outputs.add(new Ignored(null, event.nodeId(), Reason.UNKNOWN_NODE));
    } else if (event.at().isBefore(node.heardAt)) {
      outputs.add(new Ignored(null, event.nodeId(), Reason.LATE));
    } else if (node.status == Status.LEFT) {
      outputs.add(new Ignored(null, event.nodeId(), Reason.DUPLICATE));
    } else {
      lose(node, Reason.NODE_LEFT);
      moved = true;
      node.status = Status.LEFT;
      node.heardAt = event.at();
      node.unsettledSince = null;
    }
  }

  private static boolean late(Machine node, Instant at) {
    return at.isBefore(node.heardAt) || (node.gone() && at.equals(node.heardAt));
  }

  private Machine add(String nodeId) {
    Machine node = new Machine(nodeId);
    node.status = Status.LEFT;
    nodes.add(node);
    nodes.sort(Comparator.comparing(other -> other.id));
    return node;
  }

  private static String face(Machine node) {
    return node.status + " " + node.capacity + " " + node.gpuModel;
  }

  private void changed(Machine node, String faceBefore) {
    if (face(node).equals(faceBefore)) {
      return;
    }
    moved = true;
    for (Task task : tasks) {
      if (task.aside && node.status == Status.READY) {
        Resources smallest = size(task.ask, task.request.maxShards());
        if (modelSuits(node, task.request) && Free.all(node.capacity).lacks(smallest) == null) {
          task.aside = false;
        }
      }
    }
    shrink(node);
  }

  private void shrink(Machine node) {
    List<Task> victims = on(node);
    victims.sort(
        Comparator.<Task>comparingInt(task -> task.request.priority())
            .thenComparing(task -> task.since, Comparator.reverseOrder())
            .thenComparing(task -> task.sequence, Comparator.reverseOrder()));
    for (Task task : victims) {
      if (task.pieces.stream().anyMatch(piece -> piece.runsOn(node) && isTooMuch(node, piece))) {
        preempt(task, Reason.NODE_SHRUNK);
      }
    }
  }

  private boolean isTooMuch(Machine node, Piece suspect) {
    long cpu = 0;
    long memory = 0;
    long io = 0;
    long[] gpus = new long[2000];
    for (Task task : tasks) {
      for (Piece piece : task.pieces) {
        if (piece.runsOn(node)) {
          cpu += piece.placement.resources().cpuMillis();
          memory += piece.placement.resources().memoryMib();
          io += piece.placement.resources().ioMibps();
          for (int gpu : piece.placement.gpuIndices()) {
            gpus[gpu] += piece.placement.resources().gpuMillis();
          }
        }
      }
    }
    Resources held = suspect.placement.resources();
    boolean tooMuch =
        (cpu > node.capacity.cpuMillis() && held.cpuMillis() > 0)
            || (memory > node.capacity.memoryMib() && held.memoryMib() > 0)
            || (io > node.capacity.ioMibps() && held.ioMibps() > 0);
    for (int gpu : suspect.placement.gpuIndices()) {
      tooMuch |= gpu >= node.capacity.gpuCount();
      tooMuch |= held.gpuMillis() > 0 && gpus[gpu] > node.capacity.gpuMillis();
    }
    return tooMuch;
  }

  private void lose(Machine node, Reason reason) {
    for (Task task : on(node)) {
      preempt(task, reason);
    }
  }

  private List<Task> on(Machine node) {
    List<Task> there = new ArrayList<>();
    for (Task task : tasks) {
      if (task.pieces.stream().anyMatch(piece -> piece.runsOn(node))) {
        there.add(task);
      }
    }
    return there;
  }

  private void pass(Instant time) {
    if (wakeAt == null || time.isBefore(wakeAt)) {
      return;
    }
    wakeAt = null;
    moved = true;
    for (Machine node : nodes) {
      if (!node.gone() && !node.heardAt.plus(policy.heartbeatTimeout()).isAfter(time)) {
        lose(node, Reason.NODE_LOST);
        node.status = Status.SILENT;
        node.unsettledSince = null;
      }
    }
    nodes.removeIf(node -> node.gone() && !node.heardAt.plus(policy.retention()).isAfter(time));
    tasks.removeIf(
        task -> task.phase == Phase.ENDED && !task.since.plus(policy.retention()).isAfter(time));
  }

  private void rejectLate() {
    List<Task> late = new ArrayList<>();
    for (Task task : queue()) {
      Instant deadline = task.request.deadline();
      if (deadline != null && !deadline.isAfter(now)) {
        late.add(task);
      }
    }
    late.sort(
        Comparator.<Task, Instant>comparing(task -> Objects.requireNonNull(task.request.deadline()))
            .thenComparing(task -> task.sequence));
    for (Task task : late) {
      reject(task, Reason.DEADLINE_PASSED, position(task), null);
    }
  }

  private List<Task> queue() {
    List<Task> queue = new ArrayList<>();
    for (Task task : tasks) {
      if (task.phase == Phase.QUEUED) {
        queue.add(task);
      }
    }
    Comparator<Task> order = firstComeFirstServed();
    order =
        switch (policy.ordering()) {
          case FCFS -> order;
          case PRIORITY ->
              Comparator.<Task>comparingInt(task -> -task.request.priority()).thenComparing(order);
          case SHORTEST_PREDICTED ->
              Comparator.comparingLong(PlainPoolEngine::runOrAnHour).thenComparing(order);
          case SLOWDOWN_DEADLINE ->
              Comparator.comparingLong(PlainPoolEngine::slowdownDeadline).thenComparing(order);
          case CQED ->
              Comparator.<Task>comparingInt(task -> -task.request.priority())
                  .thenComparing(PlainPoolEngine::weightClass)
                  .thenComparing(PlainPoolEngine::latestStart)
                  .thenComparing(order);
          case ATTENTION ->
              Comparator.<Task>comparingDouble(task -> against(complexity(task)))
                  .thenComparing(PlainPoolEngine::complexity)
                  .thenComparing(this::latestStartByPriority)
                  .thenComparing(order);
        };
    queue.sort(order);
    return queue;
  }

  private static Comparator<Task> firstComeFirstServed() {
    return Comparator.<Task, Instant>comparing(task -> task.request.submittedAt())
        .thenComparing(task -> task.sequence);
  }

  private static long runOrAnHour(Task task) {
    return expected(task) == UNKNOWN ? 3_600_000 : expected(task);
  }

  private static long slowdownDeadline(Task task) {
    double due = 50.0 * Math.max(10_000, runOrAnHour(task));
    double longest = Duration.ofDays(40).toMillis();
    return task.request.submittedAt().toEpochMilli() + (long) (due * longest / (due + longest));
  }

  private static int weightClass(Task task) {
    int index = task.prediction.classes().indexOf(complexity(task));
    return index < 0 ? 1000 : index;
  }

  private static String complexity(Task task) {
    return task.prediction.complexity();
  }

  private static long latestStart(Task task) {
    Instant deadline = task.request.deadline();
    return deadline == null ? slowdownDeadline(task) : deadline.toEpochMilli() - runOrAnHour(task);
  }

  private long latestStartByPriority(Task task) {
    if (task.request.deadline() != null || task.request.priority() == 0) {
      return latestStart(task);
    }
    long submitted = task.request.submittedAt().toEpochMilli();
    double granted = latestStart(task) - submitted;
    return submitted + (long) (granted * policy.attention().patienceOf(task.request.priority()));
  }

  private boolean sharesThePool() {
    return policy.ordering() == PoolPolicy.Ordering.ATTENTION;
  }

  private List<Task> ofClass(String complexity) {
    List<Task> queue = queue();
    queue.removeIf(task -> sharesThePool() && !complexity(task).equals(complexity));
    return queue;
  }

  private int position(Task task) {
    return ofClass(complexity(task)).indexOf(task);
  }

  /** What a class holds against its share. */
  private double against(String complexity) {
    return dominant(heldBy(complexity)) / shares.getOrDefault(complexity, 0.0);
  }

  private double load() {
    return dominant(heldBy(null));
  }

  /** What the tasks of a class hold; null: all tasks. */
  private List<Resources> heldBy(@Nullable String complexity) {
    List<Resources> held = new ArrayList<>();
    for (Task task : tasks) {
      for (Piece piece : task.pieces) {
        if (!piece.ended && (complexity == null || complexity(task).equals(complexity))) {
          held.add(piece.placement.resources());
        }
      }
    }
    return held;
  }

  private double dominant(List<Resources> amounts) {
    List<Resources> all = new ArrayList<>();
    for (Machine node : nodes) {
      if (!node.gone()) {
        all.add(node.capacity);
      }
    }
    double most = 0;
    List<ToLongFunction<Resources>> dimensions =
        List.of(
            Resources::cpuMillis,
            Resources::memoryMib,
            Resources::totalGpuMillis,
            Resources::ioMibps);
    for (ToLongFunction<Resources> dimension : dimensions) {
      ToLongFunction<Resources> bounded = r -> Math.min(dimension.applyAsLong(r), 1L << 40);
      long there = all.stream().mapToLong(bounded).sum();
      long wanted = amounts.stream().mapToLong(bounded).sum();
      most = Math.max(most, there <= 0 ? 0 : (double) wanted / there);
    }
    return most;
  }

  /** Shares of all classes that have a task to start, by how much each matters now. */
  private void share() {
    shares.clear();
    if (!sharesThePool()) {
      return;
    }
    SortedMap<String, List<Task>> hungry = new TreeMap<>();
    for (Task task : queue()) {
      if (!task.aside) {
        hungry.computeIfAbsent(complexity(task), name -> new ArrayList<>()).add(task);
      }
    }
    double all = 0;
    for (List<Task> queue : hungry.values()) {
      all += dominant(queue.stream().map(task -> task.request.request()).toList());
    }
    double[] scores = new double[hungry.size()];
    int i = 0;
    for (List<Task> queue : hungry.values()) {
      scores[i++] = score(queue, all);
    }
    AttentionPolicy.toShares(scores, temperature);
    i = 0;
    for (String complexity : hungry.keySet()) {
      shares.put(complexity, scores[i++]);
    }
  }

  private double score(List<Task> queue, double all) {
    double demand = dominant(queue.stream().map(task -> task.request.request()).toList());
    long priorities = queue.stream().mapToLong(task -> task.request.priority()).sum();
    long submitted =
        queue.stream().mapToLong(task -> task.request.submittedAt().toEpochMilli()).sum();
    Task first = queue.get(0);
    double since = first.request.submittedAt().toEpochMilli();
    double granted = latestStartByPriority(first) - since;
    double waited = now.toEpochMilli() - since;
    double urgency = waited >= granted ? 1 : Math.max(0, waited / granted);
    double meanWait = now.toEpochMilli() - (double) submitted / queue.size();
    double patience = policy.patience().toMillis();
    return policy
        .attention()
        .score(
            (double) priorities / queue.size(),
            urgency,
            all <= 0 ? 0 : demand / all,
            patience <= 0 ? 1 : Math.max(0, Math.min(1, meanWait / patience)));
  }

  private static long expected(Task task) {
    return Math.min(millis(task.prediction.expectedDuration()), limit(task));
  }

  private static long limit(Task task) {
    return Math.max(1, millis(task.request.requestedDuration()));
  }

  private static long millis(@Nullable Duration duration) {
    return duration == null || duration.compareTo(Duration.ofDays(365_000)) > 0
        ? UNKNOWN
        : Math.max(0, duration.toMillis());
  }

  private boolean isOutOfPatience(Task task) {
    return policy.patience().compareTo(Duration.ofDays(365_000)) < 0
        && !task.request.submittedAt().plus(policy.patience()).isAfter(now);
  }

  /** Of those that wait too long, the least important, and of these who came first. */
  private @Nullable Task outOfPatience() {
    return queue().stream()
        .filter(task -> !task.aside && isOutOfPatience(task))
        .min(
            Comparator.<Task>comparingInt(task -> task.request.priority())
                .thenComparing(firstComeFirstServed()))
        .orElse(null);
  }

  /** Whoever is out of patience; else the first of the queue. */
  private @Nullable Task first(List<String> passedOver) {
    Task oldest = outOfPatience();
    if (oldest != null) {
      return oldest;
    }
    return queue().stream()
        .filter(task -> !task.aside && !passedOver.contains(complexity(task)))
        .findFirst()
        .orElse(null);
  }

  private void start() {
    Task oldest = outOfPatience();
    if (!moved && (oldest == null || oldest == head)) {
      return;
    }
    kept.clear();
    nextEnd = null;
    share();
    if (sharesThePool() && policy.backfill() == PoolPolicy.Backfill.NONE) {
      startByClass();
    } else {
      head = startWhatFits();
      if (policy.backfill() != PoolPolicy.Backfill.NONE
          && head != null
          && head.request.maxShards() == 1) {
        overtake(head);
        kept.clear();
        head.look = look(head);
      }
    }
    moved = false;
  }

  private @Nullable Task startWhatFits() {
    for (Task first = first(List.of()); first != null; first = first(List.of())) {
      if (!place(first, null)) {
        first.look = look(first);
        if (first.look.reason != Reason.EXCEEDS_EVERY_NODE) {
          return first;
        }
        first.aside = true;
      }
    }
    return null;
  }

  private void startByClass() {
    List<Task> passed = new ArrayList<>();
    List<String> passedOver = new ArrayList<>();
    for (Task next = first(passedOver); next != null; next = first(passedOver)) {
      if (!place(next, passed.isEmpty() ? null : passed.get(0))) {
        Look look = look(next);
        if (look.reason == Reason.EXCEEDS_EVERY_NODE) {
          next.look = look;
          next.aside = true;
        } else if (isOutOfPatience(next)) {
          next.look = look;
          head = next;
          return;
        } else {
          passed.add(next);
          passedOver.add(complexity(next));
        }
      }
    }
    if (!passed.contains(head)) {
      head = passed.isEmpty() ? null : passed.get(0);
    }
    if (head != null) {
      head.look = look(head);
    }
  }

  /**
   * Stops less important tasks for those that wait, and lets others start, for as long as it can.
   */
  private void makeRoom() {
    boolean made = true;
    while (made && !now.isBefore(preemptionNotBefore)) {
      made = false;
      boolean inVain = false;
      for (Task waiting : next()) {
        if (!made && mayBeMadeRoomFor(waiting)) {
          made = makeRoomFor(waiting);
          inVain |= !made;
        }
      }
      if (made) {
        start();
      } else if (inVain) {
        preemptionNotBefore = now.plusSeconds(1);
      }
    }
  }

  private List<Task> next() {
    if (!sharesThePool()
        || policy.backfill() != PoolPolicy.Backfill.NONE
        || outOfPatience() != null) {
      return head == null || head.phase != Phase.QUEUED ? List.of() : List.of(head);
    }
    SortedMap<String, Task> firsts = new TreeMap<>();
    for (Task task : queue()) {
      if (!task.aside) {
        firsts.putIfAbsent(complexity(task), task);
      }
    }
    return firsts.values().stream()
        .sorted(
            Comparator.<Task>comparingInt(task -> -task.request.priority())
                .thenComparing(task -> task.sequence))
        .toList();
  }

  private boolean mayBeMadeRoomFor(Task waiting) {
    return waiting.request.minShards() == 1
        && tasks.stream().anyMatch(task -> isLessImportant(task, waiting));
  }

  private boolean isLessImportant(Task task, Task waiting) {
    Qos qos = task.request.qos();
    boolean displaceable =
        switch (policy.preemption().victims()) {
          case NONE -> false;
          case BEST_EFFORT -> qos == Qos.BEST_EFFORT;
          case BURSTABLE -> qos == Qos.BEST_EFFORT || qos == Qos.BURSTABLE;
        };
    return displaceable
        && !task.pieces.isEmpty()
        && (long) waiting.request.priority() - task.request.priority()
            >= policy.preemption().priorityGap();
  }

  private boolean makeRoomFor(Task waiting) {
    List<Task> less = new ArrayList<>(tasks);
    less.removeIf(task -> !isLessImportant(task, waiting));
    less.sort(
        Comparator.<Task>comparingInt(task -> task.request.priority())
            .thenComparing(task -> -task.sequence));
    List<Machine> suited = new ArrayList<>();
    boolean wantsGpus = waiting.request.request().gpuCount() > 0;
    List<Task> worthALook = new ArrayList<>();
    for (boolean holder : wantsGpus ? new boolean[] {true, false} : new boolean[] {true}) {
      for (Task task : less) {
        if (!wantsGpus || holdsGpus(task) == holder) {
          if (task.pieces.stream().anyMatch(piece -> !piece.ended && couldEver(piece, waiting))) {
            worthALook.add(task);
          }
        }
      }
    }
    int looks = Math.min(Preemption.MOST_TASKS, worthALook.size());
    for (Task task : worthALook.subList(0, looks)) {
      if (!isLetAlone(task) && suited.size() < Preemption.MOST_NODES) {
        for (Piece piece : task.pieces) {
          Machine node = Objects.requireNonNull(node(piece.placement.nodeId()));
          if (!piece.ended && !suited.contains(node) && couldTake(node, waiting)) {
            suited.add(node);
          }
        }
      }
    }
    int left = policy.preemption().mostPerMinute();
    boolean sameMinute = preemptionMinute.plusSeconds(60).isAfter(now);
    left -= sameMinute ? preempted : 0;
    List<Task> best = null;
    suited.sort(Comparator.comparing(node -> node.id));
    for (Machine node : suited) {
      List<Task> victims = victims(node, waiting, less);
      if (victims != null
          && victims.size() <= left
          && (best == null
              || lostWork(victims) < lostWork(best)
              || (lostWork(victims) == lostWork(best) && victims.size() < best.size()))) {
        best = victims;
      }
    }
    if (best == null) {
      return false;
    }
    preempted = sameMinute ? preempted + best.size() : best.size();
    preemptionMinute = sameMinute ? preemptionMinute : now;
    for (Task victim : best) {
      victim.preemptions++;
      stop(
          victim,
          Reason.MORE_IMPORTANT_WAITS,
          new Displacement(waiting.id(), null, ranLongest(victim)));
    }
    assertThat(place(waiting, null)).isTrue();
    return true;
  }

  private static boolean holdsGpus(Task task) {
    return task.request.request().gpuCount() > 0;
  }

  /** Whether the node of a piece, were it ready and empty, would take what waits. */
  private boolean couldEver(Piece piece, Task waiting) {
    Machine node = Objects.requireNonNull(node(piece.placement.nodeId()));
    return modelSuits(node, waiting.request)
        && Free.all(node.capacity).lacks(waiting.ask.request()) == null;
  }

  private boolean isLetAlone(Task task) {
    return isOutOfPatience(task)
        || task.preemptions >= policy.preemption().mostPerTask()
        || task.generation >= policy.maxAttempts();
  }

  private boolean couldTake(Machine node, Task task) {
    return node.status == Status.READY
        && modelSuits(node, task.request)
        && Free.all(node.capacity).lacks(task.ask.request()) == null;
  }

  /** Who has to be stopped on a node, the least work lost first; null: it does not help. */
  private @Nullable List<Task> victims(Machine node, Task waiting, List<Task> less) {
    List<Task> here = new ArrayList<>(on(node));
    here.removeIf(task -> !less.contains(task) || isLetAlone(task));
    here.sort(
        Comparator.<Task>comparingDouble(this::lostWork).thenComparing(task -> -task.sequence));
    List<Task> victims = new ArrayList<>();
    while (!fitsWithout(victims, node, waiting) && victims.size() < here.size()) {
      victims.add(here.get(victims.size()));
    }
    if (!fitsWithout(victims, node, waiting)) {
      return null;
    }
    for (int i = victims.size() - 1; i >= 0; i--) {
      List<Task> fewer = new ArrayList<>(victims);
      fewer.remove(i);
      if (fitsWithout(fewer, node, waiting)) {
        victims = fewer;
      }
    }
    return victims;
  }

  private boolean fitsWithout(List<Task> stopped, Machine node, Task waiting) {
    Free free = Free.all(node.capacity);
    for (Task task : tasks) {
      for (Piece piece : task.pieces) {
        if (piece.runsOn(node) && !stopped.contains(task)) {
          free.take(piece.placement.resources(), piece.placement.gpuIndices());
        }
      }
    }
    return free.lacks(waiting.ask.request()) == null;
  }

  private double lostWork(List<Task> victims) {
    double lost = 0;
    for (Task victim : victims) {
      lost += lostWork(victim);
    }
    return lost;
  }

  private double lostWork(Task task) {
    double lost = 0;
    for (Piece piece : task.pieces) {
      lost += ran(piece).toMillis() * dominant(List.of(piece.placement.resources()));
    }
    return lost;
  }

  private Duration ranLongest(Task task) {
    return task.pieces.stream().map(this::ran).max(Comparator.naturalOrder()).orElseThrow();
  }

  private Duration ran(Piece piece) {
    boolean runs = piece.startedAt != null && piece.startedAt.isBefore(now);
    return runs ? Duration.between(piece.startedAt, now) : Duration.ZERO;
  }

  private static double strain(Machine node) {
    return Math.max(
        Math.max(
            part(node.usage.cpuMillis(), 0, node.capacity.cpuMillis()),
            part(node.usage.memoryMib(), 0, node.capacity.memoryMib())),
        Math.max(
            part(node.usage.totalGpuMillis(), 0, node.capacity.totalGpuMillis()),
            part(node.usage.ioMibps(), 0, node.capacity.ioMibps())));
  }

  private boolean anyToRelieve() {
    return nodes.stream().anyMatch(this::isToBeRelieved);
  }

  private boolean isToBeRelieved(Machine node) {
    boolean wanted =
        node.status == Status.DRAINING
            ? policy.moves().draining()
            : policy.moves().overloaded() != Displaceable.NONE;
    return node.unsettledSince != null
        && wanted
        && policy.moves().mostPerInterval() > 0
        && !on(node).isEmpty();
  }

  private boolean isUnsettledFor(Machine node, Duration length) {
    return !Objects.requireNonNull(node.unsettledSince).plus(length).isAfter(now);
  }

  private void relieve() {
    movesLookedAt = now;
    boolean othersWait = !next().isEmpty();
    int moves = 0;
    int misses = 0;
    List<Machine> strained = new ArrayList<>(nodes);
    strained.removeIf(
        node ->
            !isToBeRelieved(node)
                || (node.status != Status.DRAINING
                    && !isUnsettledFor(node, policy.moves().overloadFor())));
    int before = 0;
    while (before < strained.size() && strained.get(before).id.compareTo(movesFromNode) < 0) {
      before++;
    }
    Collections.rotate(strained, -before);
    String fromNode = movesFromNode;
    int fromTask = movesFromTask;
    movesFromNode = "";
    movesFromTask = 0;
    for (Machine node : strained) {
      boolean drains = node.status == Status.DRAINING;
      List<Task> ahead = new ArrayList<>(leastRunFirst(on(node)));
      ahead.removeIf(task -> !drains && !isMovable(task));
      int turned = node.id.equals(fromNode) ? Math.min(fromTask, ahead.size()) : 0;
      ahead.subList(0, turned).clear();
      boolean relieved = false;
      while (!ahead.isEmpty() && !relieved) {
        if (misses == Moves.MOST_MISSES) {
          movesFromNode = node.id;
          movesFromTask = turned;
          return;
        }
        Task task = ahead.remove(0);
        Reason no = whyNotMoved(task, node, othersWait);
        if (no == null && moves == policy.moves().mostPerInterval()) {
          no = Reason.MOVE_LIMIT;
        } else if (no == null) {
          no = move(task, node);
          misses += no == null ? 0 : 1;
          moves += no == null ? 1 : 0;
          relieved = no == null && !drains;
        }
        if (no != null) {
          turned++;
          outputs.add(new Stayed(task.id(), node.id, no));
        }
      }
      if (relieved) {
        node.unsettledSince = now;
      }
    }
  }

  private List<Task> leastRunFirst(List<Task> there) {
    List<Task> sorted = new ArrayList<>(there);
    sorted.sort(Comparator.comparing(this::ranLongest).thenComparing(task -> -task.sequence));
    return sorted;
  }

  private boolean isMovable(Task task) {
    Displaceable displaceable = policy.moves().overloaded();
    return task.request.maxShards() == 1
        && (task.request.qos() == Qos.BEST_EFFORT
            || (task.request.qos() == Qos.BURSTABLE && displaceable == Displaceable.BURSTABLE));
  }

  private boolean isForced(Machine node) {
    return node.status == Status.DRAINING && isUnsettledFor(node, policy.moves().drainGrace());
  }

  private boolean wasMovedWithin(Task task, Duration length) {
    return task.movedAt != null && task.movedAt.plus(length).isAfter(now);
  }

  private @Nullable Reason whyNotMoved(Task task, Machine node, boolean othersWait) {
    if (task.generation >= policy.maxAttempts()) {
      return Reason.ATTEMPTS_EXHAUSTED;
    }
    if (isForced(node)) {
      return null;
    }
    if (wasMovedWithin(task, policy.moves().coolDown())) {
      return Reason.MOVE_LIMIT;
    }
    if (othersWait) {
      return Reason.WAITS_FOR_EARLIER;
    }
    Duration gain = gain(task, node);
    double least = policy.moves().gainFactor() * moveCost(task).toMillis();
    return gain == null || gain.toMillis() <= least ? Reason.NO_NET_BENEFIT : null;
  }

  private Duration moveCost(Task task) {
    return ranLongest(task).plus(policy.moves().overhead());
  }

  private @Nullable Duration gain(Task task, Machine node) {
    if (expected(task) == UNKNOWN) {
      return null;
    }
    long rest = 0;
    for (Piece piece : task.pieces) {
      if (!piece.ended) {
        rest = Math.max(rest, end(task, piece, expected(task)) - now.toEpochMilli());
      }
    }
    double part =
        node.status == Status.DRAINING ? 1 : strain(node) / policy.moves().overloadAbove() - 1;
    return Duration.ofMillis((long) Math.min(rest * part, 365_000 * 86_400_000.0));
  }

  /** Moves a task elsewhere, or lets it wait for a place if it has to go; else says why not. */
  private @Nullable Reason move(Task task, Machine node) {
    boolean drains = node.status == Status.DRAINING;
    boolean forced = isForced(node);
    Displacement why = new Displacement(null, gain(task, node), moveCost(task));
    Reason reason = drains ? Reason.NODE_DRAINING : Reason.NODE_OVERLOADED;
    Task twin = new Task(task.request, task.prediction, task.sequence, now);
    twin.generation = task.generation;
    twin.outOfMemories = task.outOfMemories;
    twin.cutOutOfMemories = task.cutOutOfMemories;
    twin.leastMemory = task.leastMemory;
    size(twin);
    String lastBefore = lastNodeId;
    tasks.add(twin);
    Status before = node.status;
    node.status = Status.DRAINING;
    Found found = find(twin);
    Look look = found == null ? look(twin) : null;
    boolean anyTakesTasks = nodes.stream().anyMatch(each -> each.status == Status.READY);
    node.status = before;
    Reason no = found == null || drains ? null : refuses(task, twin);
    tasks.remove(twin);
    if (no != null) {
      lastNodeId = lastBefore;
      return no;
    }
    if (look != null && (!forced || !anyTakesTasks || look.reason == Reason.EXCEEDS_EVERY_NODE)) {
      return look.reason;
    }
    stop(task, reason, why);
    task.left.remove(node.id);
    task.left.add(node.id);
    while (task.left.size() > 4) {
      task.left.remove(0);
    }
    task.movedAt = now;
    if (found != null) {
      task.pieces = twin.pieces;
      open(task, found, 0, null, null);
    }
    return null;
  }

  private @Nullable Reason refuses(Task task, Task twin) {
    String there = twin.pieces.get(0).placement.nodeId();
    if (task.left.contains(there) && wasMovedWithin(task, policy.moves().loopWindow())) {
      return Reason.MOVES_IN_CIRCLES;
    }
    return inUse(Objects.requireNonNull(node(there))) > policy.moves().overloadAbove()
        ? Reason.NODE_OVERLOADED
        : null;
  }

  private void overtake(Task head) {
    int misses = 0;
    if (isOutOfPatience(head)) {
      keepFor(head, true);
      boolean soft = false;
      for (Task task : behind(head)) {
        if (misses < Backfilling.MOST_MISSES && !soft && !place(task, head)) {
          misses++;
          if (task.request.maxShards() > 1) {
            return;
          }
          soft = keepFor(task, false);
        }
      }
    } else {
      keepFor(head, false);
    }
    List<Task> candidates = behind(head);
    if (policy.backfill() == PoolPolicy.Backfill.EASY_SHORTEST) {
      candidates.sort(
          Comparator.comparingLong(PlainPoolEngine::runOrAnHour)
              .thenComparing(firstComeFirstServed()));
    }
    for (Task task : candidates) {
      if (misses < Backfilling.MOST_MISSES && isWorthALook(task) && !place(task, head)) {
        misses++;
      }
    }
    for (Kept room : kept) {
      if (!room.firm && room.firstEnd < UNKNOWN) {
        nextEnd = Instant.ofEpochMilli(room.firstEnd + 1);
      }
    }
  }

  private List<Task> behind(Task head) {
    List<Task> behind = queue();
    behind.removeIf(task -> task == head || task.aside);
    return behind;
  }

  /** Tasks that ask for more than any node has are not counted as looked at. */
  private boolean isWorthALook(Task task) {
    Kept soft = kept.stream().filter(room -> !room.firm).findFirst().orElse(null);
    Resources part = size(task.ask, task.request.maxShards());
    long cpu = -1;
    long memory = -1;
    for (Machine node : nodes) {
      if (node.status == Status.READY) {
        Free free = free(node);
        if (soft != null && soft.node == node && isOutlasted(soft, task)) {
          free.cpu -= Math.max(0, soft.needs[0]);
          free.memory -= Math.max(0, soft.needs[1]);
        }
        cpu = Math.max(cpu, free.cpu);
        memory = Math.max(memory, free.memory);
      }
    }
    return part.cpuMillis() <= cpu && part.memoryMib() <= memory;
  }

  private boolean isOutlasted(Kept room, Task task) {
    if (!room.firm) {
      return expected(task) > room.at - now.toEpochMilli();
    }
    long window = room.at == UNKNOWN ? 0 : room.at - now.toEpochMilli();
    return limit(task) > window;
  }

  /** Keeps room where there will be some first; says whether it did. */
  private boolean keepFor(Task task, boolean firm) {
    Kept best = null;
    for (Machine node : nodes) {
      Resources wanted = task.ask.request();
      if (node.status == Status.READY
          && modelSuits(node, task.request)
          && Free.all(node.capacity).lacks(wanted) == null) {
        if (free(node).lacks(wanted) == null) {
          return false;
        }
        Kept room = keepOn(node, wanted, firm);
        if (room != null && (best == null || room.at < best.at)) {
          best = room;
        }
      }
    }
    if (best != null) {
      kept.add(best);
    }
    return best != null;
  }

  /** Waits, one end after the other, until it fits. */
  private @Nullable Kept keepOn(Machine node, Resources wanted, boolean firm) {
    List<Long> ends = new ArrayList<>();
    for (Task task : tasks) {
      for (Piece piece : task.pieces) {
        if (piece.runsOn(node)) {
          ends.add(end(task, piece, firm));
        }
      }
    }
    ends.sort(Comparator.naturalOrder());
    for (long at : ends) {
      Free then = Free.all(node.capacity);
      for (Task task : tasks) {
        for (Piece piece : task.pieces) {
          if (piece.runsOn(node) && end(task, piece, firm) > at) {
            then.take(piece.placement.resources(), piece.placement.gpuIndices());
          }
        }
      }
      if (then.lacks(wanted) == null) {
        List<Integer> gpus = Objects.requireNonNull(then.gpusFor(wanted));
        Free free = free(node);
        long[] needs = new long[3 + node.capacity.gpuCount()];
        needs[0] = wanted.cpuMillis() - (then.cpu - free.cpu);
        needs[1] = wanted.memoryMib() - (then.memory - free.memory);
        needs[2] = wanted.ioMibps() - (then.io - free.io);
        for (int gpu : gpus) {
          needs[3 + gpu] = wanted.gpuMillis() - (then.gpus[gpu] - free.gpus[gpu]);
        }
        return new Kept(node, at, ends.get(0), firm, needs);
      }
    }
    return null;
  }

  private long end(Task task, Piece piece, boolean firm) {
    Duration high = task.prediction.durationP95();
    long limit = limit(task);
    long cautious = high == null ? expected(task) : Math.min(millis(high), limit);
    return end(task, piece, firm ? limit : cautious);
  }

  private long end(Task task, Piece piece, long length) {
    long limit = limit(task);
    if (length == UNKNOWN) {
      return UNKNOWN;
    }
    Instant start = piece.startedAt == null ? task.since : piece.startedAt;
    long ran = now.toEpochMilli() - start.toEpochMilli();
    long assumed = Math.max(1, length);
    while (assumed < ran) {
      assumed *= 2;
    }
    if (ran <= limit) {
      assumed = Math.min(assumed, limit);
    }
    return Math.min(UNKNOWN, start.toEpochMilli() + assumed);
  }

  /** What is free for a task that must leave alone what is kept. */
  private Free freeBeside(Machine node, Task task) {
    Free free = free(node);
    long[] most = new long[3 + free.gpus.length];
    for (Kept room : kept) {
      if (room.node == node && isOutlasted(room, task)) {
        for (int i = 0; i < most.length; i++) {
          most[i] = Math.max(most[i], room.needs[i]);
        }
      }
    }
    free.cpu -= most[0];
    free.memory -= most[1];
    free.io -= most[2];
    for (int gpu = 0; gpu < free.gpus.length; gpu++) {
      free.gpus[gpu] -= most[3 + gpu];
    }
    return free;
  }

  private boolean place(Task task, @Nullable Task overtaken) {
    Found found = find(task);
    if (found != null) {
      allocate(task, found, overtaken);
      letPast(task);
    }
    return found != null;
  }

  /** What was seen of the nodes when a task found a place. */
  private record Found(int considered, SortedMap<Reason, Integer> filtered, List<NodeScore> best) {}

  /** Gives a task its pieces; null: there is no place for them. */
  private @Nullable Found find(Task task) {
    for (int n = task.request.minShards(); n <= task.request.maxShards(); n++) {
      String lastBefore = lastNodeId;
      Resources wanted = size(task.ask, n);
      SortedMap<Reason, Integer> filtered = new TreeMap<>();
      List<NodeScore> best = List.of();
      int considered = 0;
      for (int shard = 0; shard < n; shard++) {
        List<Machine> fitting = new ArrayList<>();
        for (Machine node : nodes) {
          if (node.status != Status.LEFT) {
            Reason no = refuses(node, task, wanted);
            if (no == null) {
              fitting.add(node);
            }
            if (shard == 0) {
              considered++;
              if (no != null) {
                filtered.merge(no, 1, Integer::sum);
              }
            }
          }
        }
        if (fitting.isEmpty()) {
          break;
        }
        List<NodeScore> scores = scores(task, shard, wanted, fitting);
        Machine node = Objects.requireNonNull(node(scores.get(0).nodeId()));
        List<Integer> gpus = gpus(task, node, wanted);
        task.pieces.add(new Piece(new ShardPlacement(shard, node.id, wanted, gpus)));
        lastNodeId = node.id;
        if (shard == 0) {
          best = List.copyOf(scores.subList(0, Math.min(5, scores.size())));
        }
      }
      if (task.pieces.size() == n) {
        return new Found(considered, filtered, best);
      }
      task.pieces = new ArrayList<>();
      lastNodeId = lastBefore;
    }
    return null;
  }

  private void allocate(Task task, Found found, @Nullable Task overtaken) {
    open(
        task,
        found,
        position(task),
        overtaken == null ? null : overtaken.id(),
        sharesThePool() ? Double.valueOf(shares.getOrDefault(complexity(task), 0.0)) : null);
    pace = pace.started(now);
    endWait(task);
  }

  private void open(
      Task task, Found found, int position, @Nullable String overtook, @Nullable Double share) {
    Duration waited = Duration.between(task.since, now);
    task.phase = Phase.PLACED;
    task.generation++;
    task.since = now;
    task.reason = Reason.PLACED;
    command(
        Action.ALLOCATE,
        task,
        task.placements(),
        Reason.PLACED,
        new Decision(
            task.prediction,
            policy,
            found.considered,
            found.filtered,
            found.best,
            position,
            overtook,
            share,
            sharesThePool() ? Double.valueOf(temperature) : null,
            waited,
            null,
            task.size()));
  }

  /** What gives back in time what it took need not be there already. */
  private void letPast(Task task) {
    for (Kept room : kept) {
      for (Piece piece : task.pieces) {
        if (piece.runsOn(room.node) && !isOutlasted(room, task)) {
          room.needs[0] -= piece.placement.resources().cpuMillis();
          room.needs[1] -= piece.placement.resources().memoryMib();
          room.needs[2] -= piece.placement.resources().ioMibps();
          for (int gpu : piece.placement.gpuIndices()) {
            room.needs[3 + gpu] -= piece.placement.resources().gpuMillis();
          }
        }
      }
    }
  }

  private void endWait(Task task) {
    if (task.told) {
      outputs.add(new WaitEnded(task.id()));
    }
    task.told = false;
    task.aside = false;
  }

  /** Best first. */
  private List<NodeScore> scores(Task task, int shard, Resources wanted, List<Machine> fitting) {
    long draw = Draws.of(task.id() + "#" + (task.generation + 1));
    long number = Draws.of(Draws.of(policy.seed(), draw), shard);
    List<Machine> candidates =
        switch (policy.placement()) {
          case RANDOM -> draw(number, 1, fitting);
          case POWER_OF_TWO -> draw(number, 2, fitting);
          default -> fitting;
        };
    List<NodeScore> scores = new ArrayList<>();
    for (Machine node : candidates) {
      scores.add(new NodeScore(node.id, score(task, node, wanted)));
    }
    Comparator<NodeScore> order = Comparator.comparingDouble(NodeScore::score).reversed();
    if (policy.placementRules().ties() == TieBreak.RANDOM) {
      order = order.thenComparingLong(score -> Draws.of(number, Draws.of(score.nodeId())));
    }
    scores.sort(order.thenComparing(NodeScore::nodeId));
    return scores;
  }

  /** Draws 32 times of all nodes; what is missing then of those that fit. */
  private List<Machine> draw(long number, int wanted, List<Machine> fitting) {
    List<Machine> drawn = new ArrayList<>();
    for (int i = 0; i < 32 && drawn.size() < wanted; i++) {
      Machine node = nodes.get((int) Math.floorMod(Draws.of(number, i), (long) nodes.size()));
      if (fitting.contains(node) && !drawn.contains(node)) {
        drawn.add(node);
      }
    }
    List<Machine> left = new ArrayList<>(fitting);
    left.removeAll(drawn);
    for (int i = 32; drawn.size() < wanted && !left.isEmpty(); i++) {
      drawn.add(left.remove((int) Math.floorMod(Draws.of(number, i), (long) left.size())));
    }
    return drawn;
  }

  private double score(Task task, Machine node, Resources wanted) {
    double mostCpu = 1;
    int mostGpus = 1;
    for (Machine other : nodes) {
      if (other.status == Status.READY) {
        mostCpu = Math.max(mostCpu, (double) other.capacity.cpuMillis());
        mostGpus = Math.max(mostGpus, other.capacity.gpuCount());
      }
    }
    Free free = freeBeside(node, task);
    double gpus = 0;
    for (long gpu : free.gpus) {
      gpus += gpu;
    }
    double gpuMillis = 1000.0 * mostGpus;
    return switch (policy.placement()) {
      case LEAST_LOADED, POWER_OF_TWO -> 0 - load(task, node, wanted);
      case LEAST_CONNECTION -> {
        int running = 0;
        for (Task other : tasks) {
          for (Piece piece : other.pieces) {
            running += piece.runsOn(node) ? 1 : 0;
          }
        }
        yield 0 - running;
      }
      case ROUND_ROBIN -> {
        List<String> turns = new ArrayList<>();
        nodes.stream().filter(n -> n.id.compareTo(lastNodeId) > 0).forEach(n -> turns.add(n.id));
        nodes.stream().filter(n -> n.id.compareTo(lastNodeId) <= 0).forEach(n -> turns.add(n.id));
        yield 0 - turns.indexOf(node.id);
      }
      case RANDOM -> 0;
      case BEST_FIT -> {
        double cpuLeft = (free.cpu - wanted.cpuMillis()) / mostCpu;
        double gpuLeft = (gpus - wanted.totalGpuMillis()) / gpuMillis;
        yield (int) (100 * (1 - 0.5 * cpuLeft - 0.5 * gpuLeft));
      }
      case DOT_PRODUCT -> {
        double cpu = free.cpu / mostCpu * wanted.cpuMillis() / mostCpu;
        double gpu = gpus / gpuMillis * wanted.totalGpuMillis() / gpuMillis;
        yield (int) (100 * (1 - (cpu + gpu) / 2));
      }
      case FRAGMENTATION, VALUE -> way(task, node, wanted).score();
    };
  }

  private List<Integer> gpus(Task task, Machine node, Resources wanted) {
    return policy.placement().valued() == null
        ? Objects.requireNonNull(freeBeside(node, task).gpusFor(wanted))
        : way(task, node, wanted).gpus();
  }

  private PlainGpuPlacement.Way way(Task task, Machine node, Resources wanted) {
    Free free = freeBeside(node, task);
    return Objects.requireNonNull(
        PlainGpuPlacement.best(
            Objects.requireNonNull(policy.placement().valued()),
            Objects.requireNonNull(learned),
            model(node),
            free.cpu,
            Arrays.stream(free.gpus).mapToInt(gpu -> (int) gpu).toArray(),
            request(wanted, task.request)));
  }

  private static String model(Machine node) {
    return node.gpuModel == null ? "" : node.gpuModel;
  }

  private static GpuRequest request(Resources wanted, TaskRequest task) {
    int gpus = wanted.gpuCount();
    return new GpuRequest(
        wanted.cpuMillis(),
        wanted.memoryMib(),
        wanted.ioMibps(),
        gpus,
        gpus == 0 ? 0 : (int) wanted.gpuMillis(),
        gpus == 0 ? List.of() : task.gpuModels());
  }

  private void learn(Task task) {
    if (learned != null) {
      learned.arrived(request(size(task.request, task.request.minShards()), task.request), this);
    }
  }

  private void follow(PoolPolicy newPolicy) {
    GpuPolicy before = policy.placement().valued();
    GpuPolicy after = newPolicy.placement().valued();
    policy = newPolicy;
    if (after == null) {
      learned = null;
    } else if (after != before) {
      LearnedValues forgotten = learned;
      learned = new LearnedValues(after);
      if (forgotten != null) {
        learned.restore(forgotten.memory(0), List.of());
      }
    }
  }

  @Override
  public SortedMap<String, Double> gpusByModel() {
    SortedMap<String, Double> gpus = new TreeMap<>();
    for (Machine node : nodes) {
      if (node.status == Status.READY && node.capacity.gpuCount() > 0) {
        gpus.merge(model(node), (double) node.capacity.gpuCount(), Double::sum);
      }
    }
    return gpus;
  }

  @Override
  public GpuNode largest() {
    return nodes.stream()
        .filter(node -> node.status == Status.READY)
        .map(
            node ->
                new GpuNode(
                    node.capacity.cpuMillis(),
                    node.capacity.memoryMib(),
                    node.capacity.gpuCount(),
                    model(node)))
        .min(
            Comparator.comparingInt(GpuNode::gpuCount)
                .thenComparingLong(GpuNode::cpuMillis)
                .thenComparingLong(GpuNode::memoryMib)
                .reversed()
                .thenComparing(GpuNode::model))
        .orElse(new GpuNode(0, 0, 0, ""));
  }

  @Override
  public long freeGpuMillis() {
    long free = 0;
    for (Machine node : nodes) {
      if (node.status == Status.READY) {
        free += Arrays.stream(free(node).gpus).sum();
      }
    }
    return free;
  }

  @Override
  public long[] places(List<GpuRequest> requests) {
    return requests.stream().mapToLong(this::places).toArray();
  }

  private long places(GpuRequest request) {
    long places = 0;
    for (Machine node : nodes) {
      if (node.status == Status.READY && request.allows(model(node))) {
        Free free = free(node);
        Resources each =
            new Resources(
                request.cpuMillis(),
                request.memoryMib(),
                request.gpuCount(),
                request.gpuMillis(),
                0);
        places += free.fill(each, 1024);
      }
    }
    return places;
  }

  /**
   * What is in use, half of what is assigned beyond, and the task's largest share of a resource.
   */
  private double load(Task placed, Machine node, Resources wanted) {
    double[] shares = {
      part(0, wanted.cpuMillis(), node.capacity.cpuMillis()),
      part(0, wanted.memoryMib(), node.capacity.memoryMib()),
      part(0, wanted.totalGpuMillis(), node.capacity.totalGpuMillis()),
      part(0, wanted.ioMibps(), node.capacity.ioMibps())
    };
    Free free = freeBeside(node, placed);
    Free all = Free.all(node.capacity);
    long gpus = Arrays.stream(free.gpus).filter(millis -> millis > 0).sum();
    double[] assigned = {
      part(all.cpu, -free.cpu, node.capacity.cpuMillis()),
      part(all.memory, -free.memory, node.capacity.memoryMib()),
      part(Arrays.stream(all.gpus).sum(), -gpus, node.capacity.totalGpuMillis()),
      part(all.io, -free.io, node.capacity.ioMibps())
    };
    double used = inUse(node);
    double beyond = Math.max(0, Arrays.stream(assigned).max().orElseThrow() - used);
    return used + 0.5 * beyond + Arrays.stream(shares).max().orElseThrow();
  }

  /** The part in use of the resource most in use: what was reported and what came since. */
  private double inUse(Machine node) {
    long cpu = 0;
    long memory = 0;
    long gpu = 0;
    long io = 0;
    for (Task task : tasks) {
      for (Piece piece : task.pieces) {
        if (piece.runsOn(node)
            && (piece.startedAt == null || piece.startedAt.isAfter(node.heardAt))) {
          cpu += piece.placement.resources().cpuMillis();
          memory += piece.placement.resources().memoryMib();
          gpu += piece.placement.resources().totalGpuMillis();
          io += piece.placement.resources().ioMibps();
        }
      }
    }
    double[] inUse = {
      part(node.usage.cpuMillis(), cpu, node.capacity.cpuMillis()),
      part(node.usage.memoryMib(), memory, node.capacity.memoryMib()),
      part(node.usage.totalGpuMillis(), gpu, node.capacity.totalGpuMillis()),
      part(node.usage.ioMibps(), io, node.capacity.ioMibps())
    };
    return Arrays.stream(inUse).max().orElseThrow();
  }

  private static double part(long reported, long since, long capacity) {
    return capacity == 0 ? 0 : ((double) reported + since) / capacity;
  }

  private Free free(Machine node) {
    Free free = Free.all(node.capacity);
    for (Task task : tasks) {
      for (Piece piece : task.pieces) {
        if (piece.runsOn(node)) {
          free.take(piece.placement.resources(), piece.placement.gpuIndices());
        }
      }
    }
    return free;
  }

  private @Nullable Reason refuses(Machine node, Task task, Resources wanted) {
    if (node.status == Status.DRAINING) {
      return Reason.NODE_DRAINING;
    }
    if (node.status == Status.SILENT) {
      return Reason.NODE_SILENT;
    }
    return modelSuits(node, task.request) ? freeBeside(node, task).lacks(wanted) : Reason.GPU_MODEL;
  }

  private static boolean modelSuits(Machine node, TaskRequest task) {
    return task.request().gpuCount() == 0
        || task.gpuModels().isEmpty()
        || task.gpuModels().stream().anyMatch(model -> model.equals(node.gpuModel));
  }

  /** Why a task has no place, reckoned in its smallest pieces. */
  private Look look(Task task) {
    int most = task.request.maxShards();
    Resources smallest = size(task.ask, most);
    SortedMap<Reason, Integer> filtered = new TreeMap<>();
    SortedMap<Reason, Integer> hopeful = new TreeMap<>();
    int considered = 0;
    boolean ready = false;
    for (Machine node : nodes) {
      if (node.status == Status.LEFT) {
        continue;
      }
      considered++;
      ready |= node.status == Status.READY;
      Reason no = refuses(node, task, smallest);
      if (no == null) {
        Free free = free(node);
        no = free.fill(smallest, most) == most ? null : free.lacks(smallest);
      }
      if (no != null) {
        filtered.merge(no, 1, Integer::sum);
        if (node.status == Status.READY
            && modelSuits(node, task.request)
            && Free.all(node.capacity).lacks(smallest) == null) {
          hopeful.merge(no, 1, Integer::sum);
        }
      }
    }
    if (considered == 0) {
      return new Look(Reason.NO_NODES, 0, filtered);
    }
    if (!ready) {
      return new Look(most(filtered), considered, filtered);
    }
    boolean possible = false;
    for (int n = task.request.minShards(); n <= most; n++) {
      int room = 0;
      for (Machine node : nodes) {
        if (node.status == Status.READY && modelSuits(node, task.request)) {
          room += Free.all(node.capacity).fill(size(task.ask, n), n);
        }
      }
      possible |= room >= n;
    }
    return new Look(possible ? most(hopeful) : Reason.EXCEEDS_EVERY_NODE, considered, filtered);
  }

  private static Reason most(SortedMap<Reason, Integer> counts) {
    int top = counts.values().stream().mapToInt(count -> count).max().orElseThrow();
    return counts.keySet().stream()
        .filter(reason -> Objects.equals(counts.get(reason), top))
        .findFirst()
        .orElseThrow();
  }

  private static Resources size(TaskRequest task, int n) {
    Resources all = task.request();
    if (n == 1) {
      return all;
    }
    int gpuCount = all.gpuCount() > 1 ? (all.gpuCount() + n - 1) / n : all.gpuCount();
    long gpuMillis = all.gpuCount() > 1 ? all.gpuMillis() : (all.gpuMillis() + n - 1) / n;
    return new Resources(
        (all.cpuMillis() + n - 1) / n,
        (all.memoryMib() + n - 1) / n,
        gpuCount,
        gpuMillis,
        (all.ioMibps() + n - 1) / n);
  }

  private void reject(Task task, Reason reason, int position, @Nullable Look look) {
    moved |= reason != Reason.INVALID_REQUEST;
    task.phase = Phase.ENDED;
    task.generation++;
    Decision decision =
        new Decision(
            task.prediction,
            policy,
            look == null ? 0 : look.considered,
            look == null ? new TreeMap<>() : look.filtered,
            List.of(),
            position,
            null,
            null,
            sharesThePool() ? Double.valueOf(temperature) : null,
            Duration.between(task.since, now),
            null,
            task.size());
    task.since = now;
    task.reason = reason;
    command(Action.REJECT, task, List.of(), reason, decision);
    endWait(task);
  }

  private void release(Task task, Reason reason) {
    moved = true;
    List<ShardPlacement> placements = task.placements();
    task.pieces = new ArrayList<>();
    task.phase = Phase.ENDED;
    task.since = now;
    task.reason = reason;
    close(Action.RELEASE, task, placements, reason, null);
  }

  private void preempt(Task task, Reason reason) {
    stop(task, reason, null);
    if (task.generation >= policy.maxAttempts()) {
      reject(task, Reason.ATTEMPTS_EXHAUSTED, 0, null);
    }
  }

  private void stop(Task task, Reason reason, @Nullable Displacement displacement) {
    moved = true;
    List<ShardPlacement> placements = task.placements();
    task.pieces = new ArrayList<>();
    task.phase = Phase.QUEUED;
    task.since = now;
    task.reason = Reason.WAITS_FOR_EARLIER;
    close(Action.PREEMPT, task, placements, reason, displacement);
    size(task);
  }

  private void close(
      Action action,
      Task task,
      List<ShardPlacement> placements,
      Reason reason,
      @Nullable Displacement displacement) {
    command(
        action,
        task,
        placements,
        reason,
        new Decision(
            task.prediction,
            policy,
            0,
            new TreeMap<>(),
            List.of(),
            0,
            null,
            null,
            sharesThePool() ? Double.valueOf(temperature) : null,
            Duration.ZERO,
            displacement,
            task.size()));
  }

  private void command(
      Action action, Task task, List<ShardPlacement> placements, Reason reason, Decision decision) {
    Command command =
        new Command(
            action,
            task.request,
            task.generation,
            placements,
            task.prediction.complexity(),
            reason,
            task.prediction.modelVersion(),
            policy.version(),
            task.prediction.expectedDuration(),
            now);
    outputs.add(new Commanded(command, decision));
  }

  private void tell() {
    if (head != null && head.phase != Phase.QUEUED) {
      head = null;
    }
    for (Task task : tasks) {
      if (task.phase == Phase.QUEUED) {
        Look look = task == head || task.aside ? task.look : null;
        Reason reason = Reason.WAITS_FOR_EARLIER;
        if (task.aside) {
          reason = Reason.EXCEEDS_EVERY_NODE;
        } else if (task == head) {
          reason = look == null ? task.reason : look.reason;
        }
        if (!task.told || task.reason != reason) {
          task.told = true;
          task.reason = reason;
          outputs.add(
              new Waiting(
                  task.request,
                  task.prediction.complexity(),
                  reason,
                  position(task),
                  task.since,
                  look == null ? new TreeMap<>() : look.filtered,
                  task.aside ? null : pace.after(startsUntil(task), now),
                  now));
        }
      }
    }
  }

  private double startsUntil(Task task) {
    int before = position(task) + 1;
    return (double) before * queue().size() / ofClass(complexity(task)).size();
  }

  private void wake(@Nullable Instant before) {
    Duration slack = policy.retention().dividedBy(8);
    if (slack.compareTo(Duration.ofSeconds(1)) < 0) {
      slack = Duration.ofSeconds(1);
    }
    List<Instant> due = new ArrayList<>();
    for (Machine node : nodes) {
      due.add(
          node.gone()
              ? node.heardAt.plus(policy.retention()).plus(slack)
              : node.heardAt.plus(policy.heartbeatTimeout()));
    }
    for (Task task : tasks) {
      Instant deadline = task.request.deadline();
      if (task.phase == Phase.ENDED) {
        due.add(task.since.plus(policy.retention()).plus(slack));
      } else if (task.phase == Phase.QUEUED && deadline != null && policy.rejectAfterDeadline()) {
        due.add(deadline);
      }
    }
    if (nextEnd != null) {
      due.add(nextEnd);
    }
    if (anyToRelieve()) {
      due.add(movesLookedAt.plus(policy.moves().interval()));
    }
    due.sort(Comparator.naturalOrder());
    if (!due.isEmpty() && (wakeAt == null || due.get(0).isBefore(wakeAt))) {
      wakeAt = due.get(0);
    }
    if (wakeAt != null && !wakeAt.equals(before)) {
      outputs.add(new WakeAt(wakeAt));
    }
  }

  private @Nullable Task task(String taskId) {
    return tasks.stream().filter(task -> task.id().equals(taskId)).findFirst().orElse(null);
  }

  private @Nullable Machine node(String nodeId) {
    return nodes.stream().filter(node -> node.id.equals(nodeId)).findFirst().orElse(null);
  }
}
