package io.attentionflow.allocation;

import io.attentionflow.allocation.NodeState.Status;
import io.attentionflow.allocation.TaskState.ShardState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One node with what runs on it, summed up so that asking takes constant time.
 *
 * <p>All of it follows from the node's {@link NodeState} and the shards placed on it, and is
 * rebuilt from them. Two sums are kept: what is <em>assigned</em>, which decides what fits, and
 * what is assigned but cannot be in the node's last report yet (<em>unreported</em>: not started,
 * or started since). The node's load is its report plus the unreported.
 */
final class Node {

  private final NodeTable table;
  private NodeState state;

  /** Rises with the node's place among all, by id. */
  private long order;

  /** Where a {@link RoomTable} keeps it, if there is one. */
  private int place;

  /** Where a {@link NodeIndex} keeps it; null and -1: nowhere. */
  private @Nullable NodeGroup group;

  private int slot = -1;

  /** Whether it is on the table's list of changed nodes. */
  private boolean noted;

  /** Whether it has another capacity or GPU model than its group knows of. */
  private boolean otherKind = true;

  private boolean forgotten;

  /** Where the node's name falls in draws that must not depend on how nodes are stored. */
  private final long draw;

  // Of the state, kept at hand: every search asks for them.
  private boolean takesTasks;
  private long capacityCpuMillis;
  private long capacityMemoryMib;
  private long capacityGpuMillis;
  private long capacityIoMibps;
  private long reportedCpuMillis;
  private long reportedMemoryMib;
  private long reportedGpuMillis;
  private long reportedIoMibps;

  /** Of every running shard its task, in no order. */
  private @Nullable String[] taskIds = new String[4];

  /** How many of them are not the first of their task: while there are none, no task is twice. */
  private int laterShards;

  private final GpuLedger gpus;
  private int shards;
  private long cpuMillis;
  private long memoryMib;
  private long ioMibps;

  // What is free, but not for the task that is being placed.
  private long keptCpuMillis;
  private long keptMemoryMib;
  private long keptIoMibps;

  /** Shards that started since the node's last report. */
  private final List<ShardState> startedSince = new ArrayList<>();

  private long unreportedCpuMillis;
  private long unreportedMemoryMib;
  private long unreportedGpuMillis;
  private long unreportedIoMibps;

  Node(NodeState state, NodeTable table) {
    this.table = table;
    this.state = state;
    this.draw = Draws.of(state.nodeId());
    this.gpus = new GpuLedger(state.capacity());
    keepAtHand();
  }

  private void keepAtHand() {
    Resources capacity = state.capacity();
    takesTasks = state.status() == Status.READY;
    capacityCpuMillis = capacity.cpuMillis();
    capacityMemoryMib = capacity.memoryMib();
    capacityGpuMillis = capacity.totalGpuMillis();
    capacityIoMibps = capacity.ioMibps();
    Resources reported = state.observedUsage();
    reportedCpuMillis = reported.cpuMillis();
    reportedMemoryMib = reported.memoryMib();
    reportedGpuMillis = reported.totalGpuMillis();
    reportedIoMibps = reported.ioMibps();
  }

  NodeState state() {
    return state;
  }

  String id() {
    return state.nodeId();
  }

  Status status() {
    return state.status();
  }

  long draw() {
    return draw;
  }

  long order() {
    return order;
  }

  void order(long newOrder) {
    order = newOrder;
  }

  @Nullable NodeGroup group() {
    return group;
  }

  void group(@Nullable NodeGroup newGroup) {
    group = newGroup;
    slot = -1;
  }

  int slot() {
    return slot;
  }

  void slot(int newSlot) {
    slot = newSlot;
  }

  int place() {
    return place;
  }

  void place(int newPlace) {
    place = newPlace;
  }

  /** Whether it may be of another kind than its group. */
  boolean mayBeOfOtherKind() {
    return otherKind;
  }

  /** Its group is the right one. */
  void settleKind() {
    otherKind = false;
  }

  boolean isForgotten() {
    return forgotten;
  }

  /** The pool remembers it no more. */
  void forget() {
    forgotten = true;
  }

  /** Whether it was not noted as changed before; from now on it is, or is not. */
  boolean setNoted(boolean isNoted) {
    boolean changes = noted != isNoted;
    noted = isNoted;
    return changes;
  }

  private void changed() {
    if (!noted) {
      table.note(this);
    }
  }

  /** Running shards. */
  int shards() {
    return shards;
  }

  /** Ids of the tasks with a running shard here, in no order. */
  Collection<String> taskIds() {
    Collection<String> ids =
        laterShards == 0 ? new ArrayList<>(shards) : new LinkedHashSet<>(2 * shards);
    for (int i = 0; i < shards; i++) {
      ids.add(Objects.requireNonNull(taskIds[i]));
    }
    return ids;
  }

  /** Why the node does not take this now; null: it does. The first reason in a fixed order. */
  @Nullable Reason refuses(Resources demand, List<String> gpuModels) {
    if (!takesTasks) {
      return state.status() == Status.DRAINING ? Reason.NODE_DRAINING : Reason.NODE_SILENT;
    }
    if (demand.gpuCount() > 0 && !hasModel(state.gpuModel(), demand, gpuModels)) {
      return Reason.GPU_MODEL;
    }
    if (demand.cpuMillis() > freeCpuMillis()) {
      return Reason.INSUFFICIENT_CPU;
    }
    if (demand.memoryMib() > freeMemoryMib()) {
      return Reason.INSUFFICIENT_MEMORY;
    }
    if (!gpus.fits(demand)) {
      return Reason.INSUFFICIENT_GPU;
    }
    if (demand.ioMibps() > freeIoMibps()) {
      return Reason.INSUFFICIENT_IO;
    }
    return null;
  }

  /** Whether the node takes tasks, and would take this if nothing ran on it. */
  boolean couldTake(Resources demand, List<String> gpuModels) {
    return state.status() == Status.READY
        && couldTake(state.capacity(), state.gpuModel(), demand, gpuModels);
  }

  /** Whether a node like this would take it, if it took tasks and nothing ran on it. */
  static boolean couldTake(
      Resources capacity, @Nullable String gpuModel, Resources demand, List<String> gpuModels) {
    return hasModel(gpuModel, demand, gpuModels)
        && demand.cpuMillis() <= capacity.cpuMillis()
        && demand.memoryMib() <= capacity.memoryMib()
        && demand.ioMibps() <= capacity.ioMibps()
        && GpuLedger.couldFit(capacity, demand);
  }

  GpuLedger gpus() {
    return gpus;
  }

  /** Whether there is room for this now; whether the node takes tasks set aside. */
  boolean hasRoomFor(Resources demand) {
    return demand.cpuMillis() <= freeCpuMillis()
        && demand.memoryMib() <= freeMemoryMib()
        && demand.ioMibps() <= freeIoMibps()
        && gpus.fits(demand);
  }

  /** Whether there is room for this, GPUs set aside, once so much more is free. */
  boolean hasRoomWith(Reservation.Amounts freed, Resources demand) {
    return demand.cpuMillis() <= freeCpuMillis() + freed.cpuMillis
        && demand.memoryMib() <= freeMemoryMib() + freed.memoryMib
        && demand.ioMibps() <= freeIoMibps() + freed.ioMibps;
  }

  /**
   * Keeps some of what is free from the task that is being placed, or lets go of it again.
   *
   * @param sign 1: is kept; -1: is let go of
   */
  void keep(Reservation.Amounts amounts, int sign) {
    keptCpuMillis += sign * amounts.cpuMillis;
    keptMemoryMib += sign * amounts.memoryMib;
    keptIoMibps += sign * amounts.ioMibps;
    if (amounts.gpuMillis.length > 0) {
      gpus.keep(amounts.gpuMillis, sign);
    }
    changed();
  }

  /**
   * How many of these the node takes now, side by side; at most {@code limit}. Of one that takes
   * tasks, and has a GPU model that is allowed.
   */
  long times(Resources demand, long limit) {
    long times = gpus.times(demand, limit);
    times = Math.min(times, quotient(freeCpuMillis(), demand.cpuMillis(), limit));
    times = Math.min(times, quotient(freeMemoryMib(), demand.memoryMib(), limit));
    return Math.min(times, quotient(freeIoMibps(), demand.ioMibps(), limit));
  }

  /** Why the node takes no more than it does of these; null: it takes {@code limit} of them. */
  @Nullable Reason limitedBy(Resources demand, List<String> gpuModels, long limit) {
    Reason no = refuses(demand, gpuModels);
    if (no != null) {
      return no;
    }
    long times = times(demand, limit);
    if (times >= limit) {
      return null;
    }
    if (times == quotient(freeCpuMillis(), demand.cpuMillis(), limit)) {
      return Reason.INSUFFICIENT_CPU;
    }
    if (times == quotient(freeMemoryMib(), demand.memoryMib(), limit)) {
      return Reason.INSUFFICIENT_MEMORY;
    }
    return times == gpus.times(demand, limit) ? Reason.INSUFFICIENT_GPU : Reason.INSUFFICIENT_IO;
  }

  long freeCpuMillis() {
    return capacityCpuMillis - cpuMillis - keptCpuMillis;
  }

  long freeMemoryMib() {
    return capacityMemoryMib - memoryMib - keptMemoryMib;
  }

  long freeIoMibps() {
    return capacityIoMibps - ioMibps - keptIoMibps;
  }

  private static long quotient(long free, long each, long limit) {
    return each == 0 ? limit : free / each;
  }

  /** Whether it has a GPU model out of these. */
  boolean hasModel(Collection<String> gpuModels) {
    return state.gpuModel() != null && gpuModels.contains(state.gpuModel());
  }

  private static boolean hasModel(
      @Nullable String gpuModel, Resources demand, List<String> gpuModels) {
    return demand.gpuCount() == 0
        || gpuModels.isEmpty()
        || (gpuModel != null && gpuModels.contains(gpuModel));
  }

  /**
   * The load, 1 for a full node: the part in use of the resource most in use, by what the node
   * reported and what it cannot have reported yet; and half of what is assigned beyond that, of the
   * resource most assigned, since who asked for it may yet use it.
   */
  double load() {
    double inUse = inUse();
    double assigned =
        max(
            part(cpuMillis, keptCpuMillis, capacityCpuMillis),
            part(memoryMib, keptMemoryMib, capacityMemoryMib),
            part(capacityGpuMillis - gpus.freeMillis(), 0, capacityGpuMillis),
            part(ioMibps, keptIoMibps, capacityIoMibps));
    return inUse + 0.5 * Math.max(0, assigned - inUse);
  }

  /** The part in use of the resource most in use: what was reported and cannot have been yet. */
  double inUse() {
    return max(
        part(reportedCpuMillis, unreportedCpuMillis, capacityCpuMillis),
        part(reportedMemoryMib, unreportedMemoryMib, capacityMemoryMib),
        part(reportedGpuMillis, unreportedGpuMillis, capacityGpuMillis),
        part(reportedIoMibps, unreportedIoMibps, capacityIoMibps));
  }

  private static double max(double cpu, double memory, double gpu, double io) {
    return Math.max(Math.max(cpu, memory), Math.max(gpu, io));
  }

  /** In floating point from the start: a node may report any nonsense, and must not overflow. */
  private static double part(long reported, long unreported, long capacity) {
    return capacity == 0 ? 0 : ((double) reported + unreported) / capacity;
  }

  /** Takes a shard that fits, on the GPUs that the ledger gives. */
  ShardPlacement take(String taskId, int shard, Resources demand) {
    return take(taskId, shard, demand, gpus.choose(demand));
  }

  /** Takes a shard that fits, on these GPUs. */
  ShardPlacement take(String taskId, int shard, Resources demand, List<Integer> gpuIndices) {
    gpus.hold(demand, gpuIndices);
    add(taskId, shard);
    count(demand, 1);
    countUnreported(demand, 1);
    changed();
    return new ShardPlacement(shard, id(), demand, gpuIndices);
  }

  /** Puts on the books a shard that was placed here before the engine was made. */
  void hold(String taskId, ShardState shard) {
    Resources demand = shard.placement().resources();
    gpus.hold(demand, shard.placement().gpuIndices());
    add(taskId, shard.placement().shard());
    count(demand, 1);
    if (unreported(shard)) {
      countUnreported(demand, 1);
      if (shard.startedAt() != null) {
        startedSince.add(shard);
      }
    }
    changed();
  }

  /** A shard ended or lost its place. */
  void giveBack(String taskId, ShardState shard) {
    Resources demand = shard.placement().resources();
    gpus.giveBack(demand, shard.placement().gpuIndices());
    remove(taskId, shard.placement().shard());
    count(demand, -1);
    if (unreported(shard)) {
      countUnreported(demand, -1);
      startedSince.remove(shard);
    }
    changed();
  }

  /** A shard that runs here is known to have started, or not, in another way than before. */
  void shardChanged(ShardState before, ShardState after) {
    if (unreported(after)) {
      startedSince.add(after);
    } else if (unreported(before)) {
      countUnreported(before.placement().resources(), -1);
      changed();
    }
  }

  /** The node is as it now says, or as we now hold it to be; never with an older word. */
  void become(NodeState newState) {
    boolean resized = !newState.capacity().equals(state.capacity());
    otherKind |= resized || !Objects.equals(newState.gpuModel(), state.gpuModel());
    state = newState;
    keepAtHand();
    if (resized) {
      gpus.resize(newState.capacity());
    }
    for (int i = startedSince.size() - 1; i >= 0; i--) {
      ShardState shard = startedSince.get(i);
      if (!unreported(shard)) {
        countUnreported(shard.placement().resources(), -1);
        startedSince.remove(i);
      }
    }
    changed();
  }

  /** Whether this shard, of a task that is placed, runs on this node. */
  boolean isHere(ShardState shard) {
    return !shard.ended() && shard.placement().nodeId().equals(id());
  }

  private boolean unreported(ShardState shard) {
    Instant startedAt = shard.startedAt();
    return startedAt == null || startedAt.isAfter(state.heardAt());
  }

  /** Whether more is assigned than the node has, in some dimension. */
  boolean overfull() {
    return freeCpuMillis() < 0 || freeMemoryMib() < 0 || freeIoMibps() < 0 || gpus.anyOverfull();
  }

  /** Whether stopping this shard would take something off a dimension that is overfull. */
  boolean overfills(ShardState shard) {
    Resources held = shard.placement().resources();
    return isHere(shard)
        && ((freeCpuMillis() < 0 && held.cpuMillis() > 0)
            || (freeMemoryMib() < 0 && held.memoryMib() > 0)
            || (freeIoMibps() < 0 && held.ioMibps() > 0)
            || shard.placement().gpuIndices().stream()
                .anyMatch(gpu -> gpus.overfull(gpu, held.gpuMillis())));
  }

  private void add(String taskId, int shard) {
    if (shards == taskIds.length) {
      taskIds = Arrays.copyOf(taskIds, 2 * shards);
    }
    taskIds[shards++] = taskId;
    laterShards += shard > 0 ? 1 : 0;
  }

  private void remove(String taskId, int shard) {
    int at = indexOf(taskId);
    shards--;
    taskIds[at] = taskIds[shards];
    taskIds[shards] = null;
    laterShards -= shard > 0 ? 1 : 0;
  }

  /** Looks for the very same text first, which it is but for tasks that were taken from a store. */
  @SuppressWarnings("ReferenceEquality") // A short cut: it is looked for by what it says next.
  private int indexOf(String taskId) {
    for (int i = 0; i < shards; i++) {
      if (taskIds[i] == taskId) {
        return i;
      }
    }
    for (int i = 0; i < shards; i++) {
      if (taskId.equals(taskIds[i])) {
        return i;
      }
    }
    throw new IllegalStateException("%s does not run on %s".formatted(taskId, id()));
  }

  private void count(Resources demand, int sign) {
    cpuMillis += sign * demand.cpuMillis();
    memoryMib += sign * demand.memoryMib();
    ioMibps += sign * demand.ioMibps();
  }

  private void countUnreported(Resources demand, int sign) {
    unreportedCpuMillis += sign * demand.cpuMillis();
    unreportedMemoryMib += sign * demand.memoryMib();
    unreportedGpuMillis += sign * demand.totalGpuMillis();
    unreportedIoMibps += sign * demand.ioMibps();
  }
}
