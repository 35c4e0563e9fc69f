package io.attentionflow.allocation;

import io.attentionflow.allocation.NodeState.Status;
import io.attentionflow.allocation.PoolEvent.NodeHeartbeat;
import io.attentionflow.allocation.PoolEvent.NodeJoined;
import io.attentionflow.allocation.PoolEvent.NodeLeft;
import io.attentionflow.allocation.PoolEvent.Outcome;
import io.attentionflow.allocation.PoolEvent.TaskStopped;
import io.attentionflow.allocation.PoolEvent.TaskSubmitted;
import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.allocation.PoolOutput.Ignored;
import io.attentionflow.allocation.PoolOutput.WaitEnded;
import io.attentionflow.allocation.PoolOutput.Waiting;
import io.attentionflow.allocation.TaskState.Phase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Watches a pool from outside and says what must never be: it keeps its own books of what the
 * events tell and the outputs command, and knows nothing of how the engine decides.
 *
 * <ul>
 *   <li>No node holds more than it has in any dimension, of any single GPU, nor GPUs it has not.
 *   <li>No task starts on a node that is not known, and none stays on one that is gone.
 *   <li>A task is in one place only: it waits with a reason, or one generation of it is open, or it
 *       is over; and nothing is said of it after its end.
 *   <li>Generations are opened in turn, 1, 2, …, and closed as they were opened, so that no command
 *       id is used twice; a RESIZE closes one and opens the next on the same nodes.
 *   <li>A task is given what the decision says: what it requests; less of CPU or memory only if
 *       right-sizing is on; more memory only if it ran out of less.
 *   <li>Who waits is told so once for each reason, and that it waits no more.
 *   <li>What the store holds is the same as these books, see {@link #against}.
 * </ul>
 *
 * <p>That no id is used twice holds for as long as the pool remembers a task; one submitted again
 * after its retention is a new task to the engine, and a violation here.
 *
 * <p>Takes time in what an event concerns, and remembers every task. Not thread-safe.
 */
public final class PoolInvariants {

  private final Map<String, Life> lives = new HashMap<>();
  private final Map<String, Holding> holdings = new HashMap<>();
  private Instant decidedAt = Instant.MIN;
  private long moment;
  private long checked;
  private long violated;

  // Since the last decision.
  private final List<String> violations = new ArrayList<>();
  private final Set<String> touched = new LinkedHashSet<>();
  private final Set<String> touchedNodes = new LinkedHashSet<>();

  /** A watch over a pool from its first event on. */
  public PoolInvariants() {}

  private static final class Life {
    int generation;
    List<ShardPlacement> shards = List.of();
    final Set<Integer> ended = new HashSet<>();
    long openedAt = -1;
    @Nullable Reason waitsBecause;
    boolean over;

    boolean open() {
      return !shards.isEmpty();
    }
  }

  private static final class Holding {
    Resources capacity = Resources.NONE;
    boolean gone;
    long emptiedAt = -1;
    long cpuMillis;
    long memoryMib;
    long ioMibps;
    final Map<Integer, Long> gpuMillis = new HashMap<>();
    final Set<String> shards = new LinkedHashSet<>();
  }

  /** Events that were checked so far. */
  public long checked() {
    return checked;
  }

  /** Violations found so far. */
  public long violated() {
    return violated;
  }

  /**
   * Takes in an event and what the engine answered to {@link PoolEngine#on}.
   *
   * @return what must not be, a sentence each; empty if all is well
   */
  public List<String> after(PoolEvent event, List<PoolOutput> outputs) {
    heard(event, outputs);
    return decided(List.of());
  }

  /** Takes in an event and what the engine answered to {@link PoolEngine#hear}. */
  public void heard(PoolEvent event, List<PoolOutput> outputs) {
    checked++;
    boolean ignored = outputs.stream().anyMatch(Ignored.class::isInstance);
    if (!ignored) {
      note(event);
    }
    note(outputs);
  }

  /**
   * Takes in what the engine answered to {@link PoolEngine#decide}.
   *
   * @return what must not be since the last decision, a sentence each; empty if all is well
   */
  public List<String> decided(List<PoolOutput> outputs) {
    note(outputs);
    touched.forEach(this::checkPlace);
    touchedNodes.forEach(this::checkNode);
    touched.clear();
    touchedNodes.clear();
    moment++;
    List<String> found = List.copyOf(violations);
    violated += found.size();
    violations.clear();
    return found;
  }

  private void note(List<PoolOutput> outputs) {
    for (PoolOutput output : outputs) {
      if (output instanceof Commanded commanded) {
        note(commanded.command(), commanded.decision());
      } else if (output instanceof Waiting waiting) {
        note(waiting);
      } else if (output instanceof WaitEnded ended) {
        noteWaitEnded(ended.taskId());
      }
    }
  }

  /**
   * Compares the whole of these books with what the store holds, in time of their size.
   *
   * @return what differs, a sentence each; empty if all is well
   */
  public List<String> against(PoolStore store) {
    Set<String> stored = new HashSet<>();
    for (TaskState task : store.tasks()) {
      stored.add(task.task().taskId());
      compare(task);
    }
    lives.forEach(
        (taskId, life) ->
            check(
                life.over || stored.contains(taskId),
                () -> "%s is forgotten before its end".formatted(taskId)));
    for (NodeState node : store.nodes()) {
      compare(node);
      stored.add(node.nodeId());
    }
    holdings.forEach(
        (nodeId, holding) ->
            check(
                holding.shards.isEmpty() || stored.contains(nodeId),
                () -> "node %s is forgotten and holds %s".formatted(nodeId, holding.shards)));
    List<String> found = List.copyOf(violations);
    violated += found.size();
    violations.clear();
    return found;
  }

  private void note(PoolEvent event) {
    if (event instanceof TaskSubmitted submission) {
      String taskId = submission.task().taskId();
      check(lives.put(taskId, new Life()) == null, () -> "%s is taken in twice".formatted(taskId));
      touched.add(taskId);
    } else if (event instanceof TaskStopped stop && stop.outcome() == Outcome.SUCCEEDED) {
      endShard(stop);
    } else if (event instanceof NodeJoined join) {
      touchedNodes.add(join.nodeId());
      Holding holding = holdings.computeIfAbsent(join.nodeId(), id -> new Holding());
      holding.capacity = join.capacity();
      holding.gone = false;
      holding.emptiedAt = moment;
    } else if (event instanceof NodeHeartbeat heartbeat) {
      touchedNodes.add(heartbeat.nodeId());
      Holding holding = holdings.computeIfAbsent(heartbeat.nodeId(), id -> new Holding());
      if (!heartbeat.capacity().equals(Resources.NONE)) {
        holding.capacity = heartbeat.capacity();
      }
      holding.gone = false;
    } else if (event instanceof NodeLeft leave) {
      touchedNodes.add(leave.nodeId());
      Holding holding = holdings.computeIfAbsent(leave.nodeId(), id -> new Holding());
      holding.gone = true;
      holding.emptiedAt = moment;
    }
  }

  private void endShard(TaskStopped stop) {
    Life life = lives.get(stop.taskId());
    if (life == null || !life.open() || stop.generation() != life.generation) {
      violations.add("%s is taken as news of what is not open".formatted(stop));
      return;
    }
    touched.add(stop.taskId());
    for (ShardPlacement shard : life.shards) {
      if (shard.shard() == stop.shard() && life.ended.add(shard.shard())) {
        hold(stop.taskId(), shard, -1);
      }
    }
  }

  private void note(Command command, Decision decision) {
    String id = command.id();
    String taskId = command.task().taskId();
    Life life = lives.get(taskId);
    touched.add(taskId);
    command.shards().forEach(shard -> touchedNodes.add(shard.nodeId()));
    check(
        !command.decidedAt().isBefore(decidedAt),
        () -> "%s is decided before an earlier one".formatted(id));
    decidedAt = command.decidedAt();
    if (life == null) {
      violations.add(id + " is about a task that was not taken in");
      return;
    }
    check(!life.over, () -> "%s comes after the end".formatted(id));
    switch (command.action()) {
      case ALLOCATE -> {
        checkSize(command, decision);
        open(life, command);
      }
      case RESIZE -> {
        checkSize(command, decision);
        replace(life, command);
        open(life, command);
      }
      case REJECT -> {
        openNext(life, command);
        check(command.shards().isEmpty(), () -> "%s has a place".formatted(id));
        life.over = true;
      }
      case PREEMPT -> close(life, command);
      case RELEASE -> {
        close(life, command);
        life.over = true;
      }
    }
  }

  /**
   * What is given is what the decision says; that is what is requested, or less if right-sizing is
   * on, or more memory if the task ran out of it.
   */
  private void checkSize(Command command, Decision decision) {
    Resources request = command.task().request();
    TaskSize size = decision.size();
    Resources given = size.given();
    Resources part = Placer.shard(given, Math.max(1, command.shards().size()));
    check(
        command.shards().stream().allMatch(shard -> shard.resources().equals(part)),
        () -> "%s gives other amounts than %s".formatted(command.id(), part));
    boolean cuts = decision.policy().rightSizing().mode() == RightSizing.Mode.ON;
    boolean raised = size.outOfMemories() > 0 && given.memoryMib() == size.leastMemoryMib();
    boolean cpu = is(given.cpuMillis(), request.cpuMillis(), cuts);
    boolean memory = raised || is(given.memoryMib(), request.memoryMib(), cuts);
    boolean rest =
        given.gpuCount() == request.gpuCount()
            && given.gpuMillis() == request.gpuMillis()
            && given.ioMibps() == request.ioMibps();
    check(
        cpu && memory && rest && given.memoryMib() >= size.leastMemoryMib(),
        () -> "%s gives %s of %s".formatted(command.id(), given, request));
  }

  private static boolean is(long given, long requested, boolean orLess) {
    return given == requested || (orLess && given < requested);
  }

  private void openNext(Life life, Command command) {
    check(
        !life.open(),
        () -> "%s is opened beside generation %d".formatted(command.id(), life.generation));
    check(
        command.generation() == life.generation + 1,
        () -> "%s comes after generation %d".formatted(command.id(), life.generation));
    life.generation = command.generation();
  }

  private void open(Life life, Command command) {
    openNext(life, command);
    TaskRequest task = command.task();
    int shards = command.shards().size();
    check(
        shards >= task.minShards() && shards <= task.maxShards(),
        () -> "%s has %d shards".formatted(command.id(), shards));
    life.shards = command.shards();
    life.openedAt = moment;
    life.ended.clear();
    for (int i = 0; i < shards; i++) {
      ShardPlacement shard = command.shards().get(i);
      check(shard.shard() == i, () -> "%s: shards out of order".formatted(command.id()));
      hold(task.taskId(), shard, 1);
    }
  }

  /** It closes the generation before, which gives back what it held. */
  private void replace(Life life, Command command) {
    boolean stays =
        life.shards.stream()
            .map(ShardPlacement::nodeId)
            .toList()
            .equals(command.shards().stream().map(ShardPlacement::nodeId).toList());
    check(life.open() && stays, () -> "%s is not where the task is".formatted(command.id()));
    check(
        !life.shards.equals(command.shards()),
        () -> "%s gives what the task had".formatted(command.id()));
    giveBack(life, command.task().taskId());
  }

  private void close(Life life, Command command) {
    boolean same =
        life.open()
            && command.generation() == life.generation
            && command.shards().equals(life.shards);
    check(same, () -> "%s closes what is not open".formatted(command.id()));
    giveBack(life, command.task().taskId());
  }

  private void giveBack(Life life, String taskId) {
    for (ShardPlacement shard : life.shards) {
      if (!life.ended.contains(shard.shard())) {
        hold(taskId, shard, -1);
      }
    }
    life.shards = List.of();
  }

  private void hold(String taskId, ShardPlacement shard, int sign) {
    Holding holding = holdings.get(shard.nodeId());
    if (holding == null) {
      violations.add("%s is placed on %s, which is not known".formatted(taskId, shard.nodeId()));
      return;
    }
    Resources held = shard.resources();
    holding.cpuMillis += sign * held.cpuMillis();
    holding.memoryMib += sign * held.memoryMib();
    holding.ioMibps += sign * held.ioMibps();
    check(
        Set.copyOf(shard.gpuIndices()).size() == shard.gpuIndices().size(),
        () -> "%s holds a GPU twice".formatted(taskId));
    for (int gpu : shard.gpuIndices()) {
      holding.gpuMillis.merge(gpu, sign * held.gpuMillis(), Long::sum);
    }
    String shardId = taskId + "/" + shard.shard();
    if (sign > 0) {
      holding.shards.add(shardId);
    } else {
      holding.shards.remove(shardId);
    }
  }

  private void note(Waiting waiting) {
    String taskId = waiting.task().taskId();
    Life life = lives.get(taskId);
    touched.add(taskId);
    if (life == null) {
      violations.add(taskId + " waits but was not taken in");
      return;
    }
    check(
        life.waitsBecause != waiting.reason(),
        () -> "%s is told %s again".formatted(taskId, waiting.reason()));
    check(waiting.position() >= 0, () -> "%s is at %d".formatted(taskId, waiting.position()));
    life.waitsBecause = waiting.reason();
  }

  private void noteWaitEnded(String taskId) {
    Life life = lives.get(taskId);
    touched.add(taskId);
    boolean waited = life != null && life.waitsBecause != null;
    check(waited, () -> "%s waits no more but did not wait".formatted(taskId));
    if (life != null) {
      life.waitsBecause = null;
    }
  }

  private void checkPlace(String taskId) {
    Life life = lives.get(taskId);
    if (life != null) {
      int places =
          (life.open() ? 1 : 0) + (life.over ? 1 : 0) + (life.waitsBecause != null ? 1 : 0);
      check(
          places == 1,
          () ->
              "%s: open %s, over %s, waits because of %s"
                  .formatted(taskId, life.open(), life.over, life.waitsBecause));
    }
  }

  private void checkNode(String nodeId) {
    Holding holding = holdings.get(nodeId);
    if (holding != null) {
      checkNode(nodeId, holding);
    }
  }

  private void checkNode(String nodeId, Holding holding) {
    Resources capacity = holding.capacity;
    check(
        !holding.gone || holding.shards.isEmpty(),
        () -> "%s left with %s".formatted(nodeId, holding.shards));
    checkHeld(nodeId, "CPU", holding.cpuMillis, capacity.cpuMillis());
    checkHeld(nodeId, "memory", holding.memoryMib, capacity.memoryMib());
    checkHeld(nodeId, "IO", holding.ioMibps, capacity.ioMibps());
    holding.gpuMillis.forEach(
        (gpu, millis) ->
            checkHeld(
                nodeId,
                "GPU " + gpu,
                millis,
                gpu < capacity.gpuCount() ? capacity.gpuMillis() : 0));
    if (holding.emptiedAt == moment) {
      for (String shardId : holding.shards) {
        Life life = lives.get(shardId.substring(0, shardId.lastIndexOf('/')));
        check(
            life != null && life.openedAt == moment,
            () -> "%s outlives %s".formatted(shardId, nodeId));
      }
    }
  }

  private void checkHeld(String nodeId, String what, long held, long capacity) {
    check(
        held >= 0 && held <= capacity,
        () -> "%s: %s %d of %d".formatted(nodeId, what, held, capacity));
  }

  private void compare(TaskState task) {
    String taskId = task.task().taskId();
    Life life = lives.get(taskId);
    if (life == null) {
      violations.add(taskId + " is stored but was not taken in");
      return;
    }
    boolean same =
        switch (task.phase()) {
          case QUEUED -> task.reason() == life.waitsBecause && task.shards().isEmpty();
          case PLACED, RUNNING -> task.placements().equals(life.shards);
          case ENDED -> life.over && task.shards().isEmpty();
        };
    check(same, () -> "%s is stored as %s %s".formatted(taskId, task.phase(), task.reason()));
    check(
        task.generation() == life.generation,
        () -> "%s is stored as #%d".formatted(taskId, task.generation()));
    check(
        task.phase() == Phase.ENDED || !life.over,
        () -> "%s is over but stored as if not".formatted(taskId));
  }

  private void compare(NodeState node) {
    Holding holding = holdings.get(node.nodeId());
    if (holding == null) {
      violations.add("node %s is stored but was not taken in".formatted(node.nodeId()));
      return;
    }
    check(
        node.capacity().equals(holding.capacity),
        () -> "%s is stored smaller or larger".formatted(node));
    boolean takesPart = node.status() == Status.READY || node.status() == Status.DRAINING;
    check(
        takesPart || holding.shards.isEmpty(),
        () -> "%s is %s".formatted(node.nodeId(), node.status()));
  }

  private void check(boolean holds, Supplier<String> violation) {
    if (!holds) {
      violations.add(violation.get());
    }
  }
}
