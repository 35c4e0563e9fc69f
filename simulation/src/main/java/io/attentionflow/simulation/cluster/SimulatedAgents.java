package io.attentionflow.simulation.cluster;

import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.ShardPlacement;
import io.attentionflow.simulation.cluster.AgentWord.Kind;
import io.attentionflow.simulation.cluster.AgentWord.NodeWord;
import io.attentionflow.simulation.cluster.AgentWord.State;
import io.attentionflow.simulation.cluster.AgentWord.TaskWord;
import io.attentionflow.simulation.trace.TaskTruth;
import io.attentionflow.simulation.trace.TaskTruth.End;
import io.attentionflow.simulation.trace.TraceNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The agents of all nodes of a simulated cluster: commands in, words out, in virtual time.
 *
 * <pre>
 * ALLOCATE, RESIZE -- start delay --> STARTED -- its run time --> SUCCEEDED, FAILED, OUT_OF_MEMORY
 *                                        +------- PREEMPT ------> PREEMPTED
 *                                        +------- RELEASE ------> (stops; there is nothing to say)
 *                                        +------ node lost -----> (silence)
 * </pre>
 *
 * <p>Reads no clock: time is what {@link #accept} and {@link #advanceTo} say, so the same class
 * serves a simulation and a demonstration. A command that comes again, or that speaks of a
 * placement older than one already seen, changes nothing; nor does one for nodes that were never
 * added here, so that several simulations can share a pipeline. What a task turns out to be comes
 * from {@link #expect}; a task nobody announced runs for half a minute and uses half of what it
 * got.
 *
 * <p>Deterministic: the same settings, calls and times give the same words. Not thread-safe. Takes
 * O(log n) for a command or a word, n being what is under way.
 */
public final class SimulatedAgents {

  /**
   * How many tasks are remembered after they ended, so that repeated commands are recognised.
   * Beyond that the oldest are forgotten.
   */
  private static final int REMEMBERED = 500_000;

  private static final long STRANGER_MILLIS = 30_000;

  /**
   * How long a shard waits for the room that it was promised: the word that stops another may come
   * a little later, by another partition.
   */
  private static final long ROOM_MILLIS = 10_000;

  private static final long ROOM_RETRY_MILLIS = 50;

  private final Settings settings;
  private final Map<String, Node> nodes = new LinkedHashMap<>();

  /** Ids of all nodes that were ever there: for others, somebody else speaks. */
  private final Set<String> joined = new HashSet<>();

  private final Map<String, Expected> expected = new HashMap<>();
  private final Map<String, Placement> placements = new HashMap<>();
  private final Map<String, Integer> newestGenerations =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
          return size() > REMEMBERED;
        }
      };
  private final PriorityQueue<Due> due = new PriorityQueue<>();
  private final List<AgentWord> words = new ArrayList<>();
  private long nowMillis = Long.MIN_VALUE;
  private long sequence;
  private long overcommitments;

  public SimulatedAgents(Settings settings) {
    this.settings = settings;
  }

  /**
   * How agents behave. Intervals are event time.
   *
   * @param heartbeatInterval between two heartbeats of a node; zero: none
   * @param startDelay from command to start
   * @param speedup how many times faster than event time tasks run; reported durations are the
   *     tasks' own
   * @param limitsEnforced whether a task that needs more memory than it got ends out of memory,
   *     half way, and one that needs more CPU runs slower
   * @param meanBetweenLosses mean time until a node falls silent; zero: never
   * @param silence how long it is silent then, before it joins again with nothing running
   * @param seed decides when nodes fall silent
   */
  public record Settings(
      Duration heartbeatInterval,
      Duration startDelay,
      double speedup,
      boolean limitsEnforced,
      Duration meanBetweenLosses,
      Duration silence,
      long seed) {

    public Settings {
      if (heartbeatInterval.isNegative()
          || startDelay.isNegative()
          || meanBetweenLosses.isNegative()
          || silence.isNegative()) {
        throw new IllegalArgumentException("a negative time among " + heartbeatInterval);
      }
      if (!(speedup > 0)) {
        throw new IllegalArgumentException("speedup is " + speedup);
      }
    }

    /** The same, with limits enforced. */
    public Settings withLimitsEnforced() {
      return new Settings(
          heartbeatInterval, startDelay, speedup, true, meanBetweenLosses, silence, seed);
    }

    /** Nodes that never fail and never speak, starting at once: a trace as it is. */
    public static Settings faultless() {
      return new Settings(Duration.ZERO, Duration.ZERO, 1, false, Duration.ZERO, Duration.ZERO, 0);
    }
  }

  /** A node is there from then on, and says so. */
  public void join(TraceNode node, Instant at) {
    Node added = new Node(node, nodes.size());
    if (nodes.putIfAbsent(node.nodeId(), added) != null) {
      throw new IllegalArgumentException("node %s again".formatted(node.nodeId()));
    }
    joined.add(node.nodeId());
    schedule(millis(at), new Joins(added));
  }

  /** A node takes no new tasks from then on, and says so; what runs there runs on. */
  public void drain(String nodeId, Instant at) {
    schedule(millis(at), new Drains(node(nodeId)));
  }

  /** A node leaves, and says so; what runs there is gone. */
  public void leave(String nodeId, Instant at) {
    schedule(millis(at), new Leaves(node(nodeId)));
  }

  /** A node falls silent for the configured time; what runs there is gone. */
  public void fallSilent(String nodeId, Instant at) {
    schedule(millis(at), new FallsSilent(node(nodeId), false));
  }

  /** Announces what a task will turn out to be. Forgotten when the task is over. */
  public void expect(String taskId, TaskTruth truth) {
    expect(taskId, truth, truth.peakUsage());
  }

  /**
   * The same of a task that is known to need no more than this, whatever it could use.
   *
   * @param needs CPU and memory, where limits are enforced
   */
  public void expect(String taskId, TaskTruth truth, Resources needs) {
    expected.put(taskId, new Expected(truth, needs));
  }

  /** Takes a command in; what comes of it is said by {@link #advanceTo}. */
  public void accept(AgentCommand command, Instant at) {
    long now = Math.max(nowMillis, millis(at));
    // What was due before the command came has happened, even if nobody has asked yet.
    passUntil(now - 1);
    switch (command.action()) {
      case ALLOCATE, RESIZE -> place(command, now);
      case PREEMPT -> stop(command, now, true);
      case RELEASE -> {
        stop(command, now, false);
        expected.remove(command.taskId());
      }
      case REJECT -> expected.remove(command.taskId());
    }
  }

  /**
   * Lets time pass.
   *
   * @param now not before the last; if it is, nothing new is due
   * @return what the agents said since, in order of time
   */
  public List<AgentWord> advanceTo(Instant now) {
    passUntil(millis(now));
    List<AgentWord> said = List.copyOf(words);
    words.clear();
    return said;
  }

  private void passUntil(long untilMillis) {
    for (Due next = due.peek(); next != null && next.atMillis <= untilMillis; next = due.peek()) {
      due.remove();
      nowMillis = Math.max(nowMillis, next.atMillis);
      happen(next);
    }
    nowMillis = Math.max(nowMillis, untilMillis);
  }

  /** When something is due next; null: never, unless a command comes. */
  public @Nullable Instant nextAt() {
    if (!words.isEmpty()) {
      return words.get(0).at();
    }
    for (Due next = due.peek(); next != null; next = due.peek()) {
      if (!next.isVoid()) {
        return Instant.ofEpochMilli(next.atMillis);
      }
      due.remove();
    }
    return null;
  }

  /** How many shards are placed on nodes now. */
  public int running() {
    return nodes.values().stream().mapToInt(node -> node.runs.size()).sum();
  }

  /** How many nodes have something placed on them now. */
  public int busyNodes() {
    return (int) nodes.values().stream().filter(node -> !node.runs.isEmpty()).count();
  }

  /** How many shards, so far, found no room where they were to start, however long they waited. */
  public long overcommitments() {
    return overcommitments;
  }

  private Node node(String nodeId) {
    Node node = nodes.get(nodeId);
    if (node == null) {
      throw new IllegalArgumentException("no node " + nodeId);
    }
    return node;
  }

  private void place(AgentCommand command, long now) {
    if (command.generation() <= newestGenerations.getOrDefault(command.taskId(), 0)) {
      return;
    }
    newestGenerations.put(command.taskId(), command.generation());
    end(placements.get(command.taskId()));
    if (command.shards().stream().noneMatch(shard -> joined.contains(shard.nodeId()))) {
      // All on nodes that others speak for.
      return;
    }
    Placement placement = new Placement(command, expected(command));
    placements.put(command.taskId(), placement);
    for (ShardPlacement shard : command.shards()) {
      Node node = nodes.get(shard.nodeId());
      Run run = new Run(placement, shard, node);
      placement.runs.add(run);
      if (node == null) {
        run.over = true;
        if (joined.contains(shard.nodeId())) {
          schedule(now, new Says(run, State.LOST, 0));
        }
      } else {
        if (!node.alive) {
          // Nobody is there to say that nobody is there: the pool will miss its heartbeats.
          run.over = true;
          continue;
        }
        node.runs.add(run);
        run.toldMillis = now;
        schedule(now + settings.startDelay.toMillis(), new Starts(run));
      }
    }
  }

  private Expected expected(AgentCommand command) {
    Expected known = expected.get(command.taskId());
    if (known != null) {
      return known;
    }
    long cpu = 0;
    long memory = 0;
    for (ShardPlacement shard : command.shards()) {
      cpu += shard.resources().cpuMillis();
      memory += shard.resources().memoryMib();
    }
    Resources half = new Resources(cpu / 2, memory / 2, 0, 0, 0);
    return new Expected(new TaskTruth(STRANGER_MILLIS, End.SUCCEEDED, half, half, null), half);
  }

  /** Stops a placement, if it is the one under way. */
  private void stop(AgentCommand command, long now, boolean tell) {
    newestGenerations.merge(command.taskId(), command.generation(), Math::max);
    Placement placement = placements.get(command.taskId());
    if (placement == null || placement.command.generation() != command.generation()) {
      return;
    }
    if (tell) {
      for (Run run : placement.runs) {
        if (!run.over) {
          schedule(now, new Says(run, State.PREEMPTED, run.ranMillis(now, settings.speedup)));
        }
      }
    }
    end(placement);
  }

  private void end(@Nullable Placement placement) {
    if (placement != null) {
      placement.runs.forEach(Run::end);
      placements.remove(placement.command.taskId(), placement);
    }
  }

  private void schedule(long atMillis, Happening happening) {
    due.add(new Due(atMillis, sequence++, happening));
  }

  private void happen(Due next) {
    if (next.isVoid()) {
      return;
    }
    Happening happening = next.happening;
    if (happening instanceof Starts starts) {
      start(starts.run);
    } else if (happening instanceof Ends ends) {
      ends.run.end();
      say(ends.run, ends.state, ends.ranMillis);
    } else if (happening instanceof Says says) {
      say(says.run, says.state, says.ranMillis);
    } else if (happening instanceof Joins joins) {
      joins(joins.node);
    } else if (happening instanceof Beats beats) {
      beats.node.say(Kind.HEARTBEAT);
      beat(beats.node, settings.heartbeatInterval.toMillis());
    } else if (happening instanceof Drains drains) {
      drains.node.say(Kind.DRAINING);
    } else if (happening instanceof Leaves leaves) {
      leaves.node.lose();
      leaves.node.say(Kind.LEFT);
      nodes.remove(leaves.node.node.nodeId());
    } else if (happening instanceof FallsSilent silent) {
      silent.node.lose();
      if (silent.byChance) {
        lossAfter(silent.node, settings.silence.toMillis());
      }
      schedule(nowMillis + settings.silence.toMillis(), new Joins(silent.node));
    } else {
      throw new IllegalStateException("No case for " + happening);
    }
  }

  private void joins(Node node) {
    if (node.alive) {
      return;
    }
    boolean first = !node.joinedBefore;
    node.joinedBefore = true;
    node.alive = true;
    node.say(Kind.JOINED);
    // Spread over the interval, so that a large cluster does not speak all at once.
    beat(node, settings.heartbeatInterval.toMillis() * (node.index % 100 + 1) / 100);
    if (first) {
      lossAfter(node, 0);
    }
  }

  private void beat(Node node, long inMillis) {
    if (!settings.heartbeatInterval.isZero()) {
      schedule(nowMillis + Math.max(1, inMillis), new Beats(node, node.lives));
    }
  }

  private void lossAfter(Node node, long atLeastMillis) {
    if (!settings.meanBetweenLosses.isZero()) {
      double wait =
          -StrictMath.log(1 - node.random.nextDouble()) * settings.meanBetweenLosses.toMillis();
      schedule(
          nowMillis + atLeastMillis + Math.max(1, Math.round(wait)), new FallsSilent(node, true));
    }
  }

  private void start(Run run) {
    if (run.node != null && !run.node.hasRoomFor(run)) {
      if (nowMillis - run.toldMillis < ROOM_MILLIS) {
        schedule(nowMillis + ROOM_RETRY_MILLIS, new Starts(run));
        return;
      }
      overcommitments++;
    }
    run.startedMillis = nowMillis;
    say(run, State.STARTED, 0);
    TaskTruth truth = run.placement.truth;
    if (!truth.ends()) {
      return;
    }
    long durationMillis = settings.limitsEnforced ? run.slowedMillis() : truth.durationMillis();
    if (settings.limitsEnforced && run.outgrowsItsMemory()) {
      endAfter(run, State.OUT_OF_MEMORY, durationMillis / 2);
    } else {
      endAfter(run, finalState(truth.end()), durationMillis);
    }
  }

  private static State finalState(End end) {
    return switch (end) {
      case SUCCEEDED -> State.SUCCEEDED;
      case FAILED, CANCELLED -> State.FAILED;
      case OUT_OF_MEMORY -> State.OUT_OF_MEMORY;
    };
  }

  private void endAfter(Run run, State state, long ranMillis) {
    schedule(nowMillis + Math.round(ranMillis / settings.speedup), new Ends(run, state, ranMillis));
  }

  private void say(Run run, State state, long ranMillis) {
    AgentCommand command = run.placement.command;
    boolean used = run.startedMillis != Run.NOT_STARTED && state != State.STARTED;
    words.add(
        new TaskWord(
            command.taskId(),
            command.openedBy(),
            command.generation(),
            run.shard.shard(),
            command.pool(),
            command.tenant(),
            command.taskType(),
            run.shard.nodeId(),
            state,
            ranMillis,
            used ? used(run, run.placement.truth.peakUsage()) : Resources.NONE,
            used ? used(run, run.placement.truth.meanUsage()) : Resources.NONE,
            Instant.ofEpochMilli(nowMillis)));
  }

  private Resources used(Run run, Resources whole) {
    Resources part = run.part(whole);
    return settings.limitsEnforced ? run.limited(part) : part;
  }

  private static long millis(Instant at) {
    return at.toEpochMilli();
  }

  /** A node, and what is placed on it. */
  private final class Node {
    private final TraceNode node;
    private final int index;
    private final SplittableRandom random;
    private final Set<Run> runs = new LinkedHashSet<>();
    private boolean alive;
    private boolean joinedBefore;

    /** Counts its silences: a heartbeat planned before one does not outlive it. */
    private int lives;

    Node(TraceNode node, int index) {
      this.node = node;
      this.index = index;
      this.random =
          new SplittableRandom(settings.seed * 0x9E3779B97F4A7C15L + node.nodeId().hashCode());
    }

    void say(Kind kind) {
      words.add(new NodeWord(node, kind, usage(), Instant.ofEpochMilli(nowMillis)));
    }

    void lose() {
      alive = false;
      lives++;
      for (Run run : List.copyOf(runs)) {
        run.end();
      }
    }

    Resources usage() {
      long cpu = 0;
      long memory = 0;
      long gpu = 0;
      long io = 0;
      for (Run run : runs) {
        if (run.startedMillis != Run.NOT_STARTED) {
          Resources mean = used(run, run.placement.truth.meanUsage());
          cpu += mean.cpuMillis();
          memory += mean.memoryMib();
          gpu += mean.totalGpuMillis();
          io += mean.ioMibps();
        }
      }
      int gpus = (int) ((gpu + 999) / 1000);
      return new Resources(cpu, memory, gpus, gpus > 1 ? 1000 : gpu, io);
    }

    /** Whether it has what this was given beside all that runs on it; every GPU on its own. */
    boolean hasRoomFor(Run starting) {
      Resources capacity = node.capacity();
      long cpu = 0;
      long memory = 0;
      long io = 0;
      long[] gpus = new long[capacity.gpuCount()];
      for (Run run : runs) {
        if (run.startedMillis == Run.NOT_STARTED && run != starting) {
          continue;
        }
        Resources given = run.shard.resources();
        cpu += given.cpuMillis();
        memory += given.memoryMib();
        io += given.ioMibps();
        for (int gpu : run.shard.gpuIndices()) {
          if (gpu >= gpus.length) {
            return false;
          }
          gpus[gpu] += given.gpuMillis();
        }
      }
      for (long given : gpus) {
        if (given > 1000) {
          return false;
        }
      }
      return cpu <= capacity.cpuMillis()
          && memory <= capacity.memoryMib()
          && io <= capacity.ioMibps();
    }
  }

  /**
   * What a task will turn out to be.
   *
   * @param needs what it cannot do with less of
   */
  private record Expected(TaskTruth truth, Resources needs) {}

  /** One generation of a task. */
  private static final class Placement {
    private final AgentCommand command;
    private final TaskTruth truth;
    private final Resources needs;
    private final List<Run> runs = new ArrayList<>();

    Placement(AgentCommand command, Expected expected) {
      this.command = command;
      this.truth = expected.truth;
      this.needs = expected.needs;
    }
  }

  /** One shard of a placement on its node. */
  private static final class Run {
    private static final long NOT_STARTED = Long.MIN_VALUE;

    private final Placement placement;
    private final ShardPlacement shard;
    private final @Nullable Node node;
    private long toldMillis;
    private long startedMillis = NOT_STARTED;
    private boolean over;

    Run(Placement placement, ShardPlacement shard, @Nullable Node node) {
      this.placement = placement;
      this.shard = shard;
      this.node = node;
    }

    void end() {
      over = true;
      if (node != null) {
        node.runs.remove(this);
      }
    }

    long ranMillis(long now, double speedup) {
      return startedMillis == NOT_STARTED ? 0 : Math.round((now - startedMillis) * speedup);
    }

    boolean outgrowsItsMemory() {
      long given = shard.resources().memoryMib();
      return given > 0 && part(placement.needs).memoryMib() > given;
    }

    private boolean lacksCpu() {
      long given = shard.resources().cpuMillis();
      return given > 0 && part(placement.needs).cpuMillis() > given;
    }

    /** Its run time: as much longer as it gets less CPU than it uses on average. */
    long slowedMillis() {
      TaskTruth truth = placement.truth;
      if (!lacksCpu()) {
        return truth.durationMillis();
      }
      long mean = Math.min(truth.meanUsage().cpuMillis(), placement.needs.cpuMillis());
      double slower = (double) mean / parts() / shard.resources().cpuMillis();
      return Math.round(truth.durationMillis() * Math.max(1, slower));
    }

    /** What it uses, at most what it got of what it lacks. */
    Resources limited(Resources used) {
      Resources given = shard.resources();
      return new Resources(
          lacksCpu() ? Math.min(used.cpuMillis(), given.cpuMillis()) : used.cpuMillis(),
          outgrowsItsMemory() ? Math.min(used.memoryMib(), given.memoryMib()) : used.memoryMib(),
          used.gpuCount(),
          used.gpuMillis(),
          used.ioMibps());
    }

    private int parts() {
      return placement.command.shards().size();
    }

    /** This shard's part of what the whole task uses; whole GPUs stay whole. */
    Resources part(Resources whole) {
      int parts = parts();
      return parts == 1
          ? whole
          : new Resources(
              whole.cpuMillis() / parts,
              whole.memoryMib() / parts,
              shard.resources().gpuCount(),
              shard.resources().gpuMillis(),
              whole.ioMibps() / parts);
    }
  }

  private sealed interface Happening {}

  private record Starts(Run run) implements Happening {}

  private record Ends(Run run, State state, long ranMillis) implements Happening {}

  private record Says(Run run, State state, long ranMillis) implements Happening {}

  private record Joins(Node node) implements Happening {}

  private record Beats(Node node, int lives) implements Happening {}

  private record Drains(Node node) implements Happening {}

  private record Leaves(Node node) implements Happening {}

  private record FallsSilent(Node node, boolean byChance) implements Happening {}

  /** Something that is to happen; of two at the same time, the one planned first comes first. */
  private record Due(long atMillis, long sequence, Happening happening) implements Comparable<Due> {

    @Override
    public int compareTo(Due other) {
      int byTime = Long.compare(atMillis, other.atMillis);
      return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
    }

    /** Whether what it waits for has been overtaken. */
    boolean isVoid() {
      if (happening instanceof Starts starts) {
        return starts.run.over;
      }
      if (happening instanceof Ends ends) {
        return ends.run.over;
      }
      return happening instanceof Beats beats && beats.lives != beats.node.lives;
    }
  }
}
