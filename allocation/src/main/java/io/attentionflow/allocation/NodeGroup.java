package io.attentionflow.allocation;

import io.attentionflow.allocation.NodeState.Status;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The nodes of a pool that have the same in all, GPU models too.
 *
 * <p>A tournament tree over them in the order of their ids, in plain arrays: an inner entry has the
 * most that is free, of each resource by itself, on any node below it, and the least of each
 * measure of a {@link Scoring}. So what cannot hold a shard, or no better node than those found, is
 * passed over with all below it. The leaves lie side by side, so that counting them is a loop over
 * arrays.
 *
 * <p>A change takes O(log nodes) time; a node that comes or goes, but for one at the end, O(nodes).
 */
final class NodeGroup {

  /** Numbers of what is free. */
  private static final int ROOMS = 8;

  /** So many nodes are counted in one sum of several counts, of ten bits each. */
  private static final int MOST_AT_ONCE = 1023;

  /** So many leaves, side by side, are looked at one by one rather than sorted by promise. */
  private static final int FEW = 32;

  private final Resources capacity;
  private final @Nullable String gpuModel;
  private final Scoring scoring;
  private final int measures;

  /** In order. */
  private final List<Node> members = new ArrayList<>();

  /** Whether members came or went that the tree does not know of. */
  private boolean stale;

  // By entry of the tree: the root is 1, those below i are 2 i and 2 i + 1, and leaves come last.
  private int leaves;

  /**
   * What is free, side by side: CPU, memory, throughput, whole GPUs, largest share of a GPU; and of
   * CPU and memory together the lesser, in thousandths of the capacity, with both as they are and
   * with either doubled. That passes over nodes of which some have the cores and others the memory.
   */
  private int[] room = {};

  /** The last three of what is looked for. */
  private final int[] together = new int[3];

  private double common;

  private double[] least = {};

  // The leaves' again, each by itself, for counting.
  private int[] cpu = {};
  private int[] memory = {};
  private int[] io = {};
  private int[] wholeGpus = {};
  private int[] largestShare = {};

  /** Slots below which entries of the tree are not up to date: most placements never ask it. */
  private final SlotSet unrefreshed = new SlotSet();

  /** By the only measure, if there is but one. */
  private final @Nullable NodeOrder order;

  /** Slots that are not yet in order. */
  private final SlotSet unordered = new SlotSet();

  private final int[] byStatus = new int[Status.values().length];
  private Status[] statuses = {};

  NodeGroup(Resources capacity, @Nullable String gpuModel, Scoring scoring) {
    this.capacity = capacity;
    this.gpuModel = gpuModel;
    this.scoring = scoring;
    this.measures = scoring.measures();
    this.order = measures == 1 ? new NodeOrder(ROOMS) : null;
  }

  Resources capacity() {
    return capacity;
  }

  /** Whether a node that is like this belongs here. */
  @SuppressWarnings("ReferenceEquality") // A short cut: otherwise it is compared as a value.
  boolean isOf(NodeState node) {
    return (capacity == node.capacity() || capacity.equals(node.capacity()))
        && Objects.equals(gpuModel, node.gpuModel());
  }

  /** Whether members came or went that it does not know of. */
  boolean isStale() {
    return stale;
  }

  boolean isEmpty() {
    return members.isEmpty();
  }

  @SuppressWarnings("EnumOrdinal") // An index within this object only; never stored or sent.
  int count(Status status) {
    return byStatus[status.ordinal()];
  }

  boolean hasModel(Resources demand, List<String> gpuModels) {
    return demand.gpuCount() == 0
        || gpuModels.isEmpty()
        || (gpuModel != null && gpuModels.contains(gpuModel));
  }

  /** Whether its nodes, with nothing on them, would take this. */
  boolean couldTake(Resources demand, List<String> gpuModels) {
    return hasModel(demand, gpuModels)
        && demand.cpuMillis() <= capacity.cpuMillis()
        && demand.memoryMib() <= capacity.memoryMib()
        && demand.ioMibps() <= capacity.ioMibps()
        && GpuLedger.couldFit(capacity, demand);
  }

  /** How many of these one of its nodes would take if nothing ran on it; at most so many. */
  long timesIfEmpty(Resources demand, List<String> gpuModels, long limit) {
    if (!couldTake(demand, gpuModels)) {
      return 0;
    }
    long times = GpuLedger.timesIfEmpty(capacity, demand, limit);
    times = Math.min(times, quotient(capacity.cpuMillis(), demand.cpuMillis(), limit));
    times = Math.min(times, quotient(capacity.memoryMib(), demand.memoryMib(), limit));
    return Math.min(times, quotient(capacity.ioMibps(), demand.ioMibps(), limit));
  }

  private static long quotient(long free, long each, long limit) {
    return each == 0 ? limit : free / each;
  }

  /** A node is of this group from now on. */
  void add(Node node) {
    int at = indexOf(node.order());
    members.add(at, node);
    if (!stale && at == members.size() - 1 && at < leaves) {
      node.slot(at);
      count(node.status(), 1);
      statuses[at] = node.status();
      measure(node, at);
    } else {
      stale = true;
    }
  }

  /** A node is of this group no more. */
  void remove(Node node) {
    if (!members.remove(node)) {
      throw new IllegalStateException("%s is not in its group".formatted(node.id()));
    }
    stale = true;
  }

  /** What a node was like when it was looked at last. */
  Status statusOf(Node node) {
    return statuses[node.slot()];
  }

  /** A node of this group is otherwise than it was. */
  void update(Node node) {
    int slot = node.slot();
    if (stale || slot < 0) {
      stale = true;
      return;
    }
    if (statuses[slot] != node.status()) {
      count(statuses[slot], -1);
      count(node.status(), 1);
      statuses[slot] = node.status();
    }
    measure(node, slot);
  }

  /** Takes up who came and went. */
  void settle() {
    if (!stale) {
      return;
    }
    stale = false;
    leaves = Math.max(FEW, Integer.highestOneBit(Math.max(1, members.size() - 1)) << 1);
    room = new int[2 * leaves * ROOMS];
    least = new double[2 * leaves * measures];
    Arrays.fill(room, -1);
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    cpu = new int[leaves];
    memory = new int[leaves];
    io = new int[leaves];
    wholeGpus = new int[leaves];
    largestShare = new int[leaves];
    statuses = new Status[leaves];
    Arrays.fill(byStatus, 0);
    unrefreshed.clear(leaves);
    unordered.clear(leaves);
    if (order != null) {
      order.clear(leaves);
    }
    for (int slot = 0; slot < members.size(); slot++) {
      Node node = members.get(slot);
      node.slot(slot);
      statuses[slot] = node.status();
      count(node.status(), 1);
      measure(node, slot);
    }
  }

  /** Where a node of this order stands, or would stand. */
  private int indexOf(long order) {
    int from = 0;
    int to = members.size();
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (members.get(middle).order() < order) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }

  @SuppressWarnings("EnumOrdinal") // An index within this object only; never stored or sent.
  private void count(Status status, int sign) {
    byStatus[status.ordinal()] += sign;
  }

  private void measure(Node node, int slot) {
    boolean takes = node.status() == Status.READY;
    cpu[slot] = takes ? Demand.clamped(node.freeCpuMillis()) : -1;
    memory[slot] = takes ? Demand.clamped(node.freeMemoryMib()) : -1;
    io[slot] = takes ? Demand.clamped(node.freeIoMibps()) : -1;
    wholeGpus[slot] = takes ? node.gpus().wholeFree() : -1;
    largestShare[slot] = takes ? (int) node.gpus().largestFree() : -1;
    int at = (leaves + slot) * ROOMS;
    room[at] = cpu[slot];
    room[at + 1] = memory[slot];
    room[at + 2] = io[slot];
    room[at + 3] = wholeGpus[slot];
    room[at + 4] = largestShare[slot];
    if (takes) {
      together(cpu[slot], memory[slot], room, at + 5);
    } else {
      Arrays.fill(room, at + 5, at + ROOMS, -1);
    }
    int measured = (leaves + slot) * measures;
    if (takes) {
      scoring.measure(node, least, measured);
    } else {
      Arrays.fill(least, measured, measured + measures, Double.POSITIVE_INFINITY);
    }
    unrefreshed.add(slot);
    if (order != null) {
      unordered.add(slot);
    }
  }

  private void together(int cpuMillis, int memoryMib, int[] into, int at) {
    int cpuPart = part(cpuMillis, capacity.cpuMillis());
    int memoryPart = part(memoryMib, capacity.memoryMib());
    into[at] = Math.min(cpuPart, memoryPart);
    into[at + 1] = Math.min(2 * cpuPart, memoryPart);
    into[at + 2] = Math.min(cpuPart, 2 * memoryPart);
  }

  private static int part(int amount, long capacity) {
    return capacity == 0 ? 0 : (int) Math.min(1_000_000, amount * 1000L / capacity);
  }

  private void refreshTree() {
    while (!unrefreshed.isEmpty()) {
      int at = (leaves + unrefreshed.take()) >>> 1;
      while (at > 0 && refresh(at)) {
        at >>>= 1;
      }
    }
  }

  private boolean refresh(int at) {
    boolean changed = false;
    int below = 2 * at * ROOMS;
    for (int i = 0; i < ROOMS; i++) {
      int most = Math.max(room[below + i], room[below + ROOMS + i]);
      changed |= most != room[at * ROOMS + i];
      room[at * ROOMS + i] = most;
    }
    int leastBelow = 2 * at * measures;
    for (int i = 0; i < measures; i++) {
      double less = Math.min(least[leastBelow + i], least[leastBelow + measures + i]);
      changed |= less != least[at * measures + i];
      least[at * measures + i] = less;
    }
    return changed;
  }

  /** Whether some node below an entry may have room for a shard; of a leaf: whether it has. */
  private boolean mayHold(int entry, Demand demand) {
    return mayHold(room, entry * ROOMS, demand);
  }

  private boolean mayHold(int[] room, int at, Demand demand) {
    return room[at] >= demand.cpu
        && room[at + 1] >= demand.memory
        && room[at + 2] >= demand.io
        && room[at + 5] >= together[0]
        && room[at + 6] >= together[1]
        && room[at + 7] >= together[2]
        && (demand.gpus == 0
            || (demand.whole ? room[at + 3] >= demand.gpus : room[at + 4] >= demand.share));
  }

  /**
   * What lacks first where a node was looked at last, in the order of {@link Node#refuses}; of
   * nodes that take tasks and have a GPU model that is allowed.
   *
   * @return null: nothing
   */
  @Nullable Reason lackedBy(Node node, Demand demand) {
    int leaf = node.slot();
    if (cpu[leaf] < demand.cpu) {
      return Reason.INSUFFICIENT_CPU;
    }
    if (memory[leaf] < demand.memory) {
      return Reason.INSUFFICIENT_MEMORY;
    }
    if (demand.gpus > 0
        && (demand.whole ? wholeGpus[leaf] < demand.gpus : largestShare[leaf] < demand.share)) {
      return Reason.INSUFFICIENT_GPU;
    }
    return io[leaf] < demand.io ? Reason.INSUFFICIENT_IO : null;
  }

  /** Counts what nodes that take tasks lack first. */
  void countLacks(Demand demand, ReasonCounts counts) {
    int[] gpus = demand.whole ? wholeGpus : largestShare;
    int asked = demand.whole ? demand.gpus : demand.share;
    int lackCpu = 0;
    int lackMemory = 0;
    int lackGpu = 0;
    int lackIo = 0;
    for (int from = 0; from < members.size(); from += MOST_AT_ONCE) {
      int to = Math.min(from + MOST_AT_ONCE, members.size());
      int lacks;
      if (demand.gpus > 0) {
        lacks = lacks(from, to, demand, gpus, asked);
        lackGpu += lacks >>> 20;
        lackIo += lackIo(from, to, demand, gpus, asked);
      } else if (demand.io > 0) {
        lacks = lacks(from, to, demand, io, demand.io);
        lackIo += lacks >>> 20;
      } else {
        lacks = lacks(from, to, demand);
      }
      lackCpu += lacks & MOST_AT_ONCE;
      lackMemory += lacks >>> 10 & MOST_AT_ONCE;
    }
    int takeNothing = members.size() - count(Status.READY);
    counts.add(Reason.INSUFFICIENT_CPU, lackCpu - takeNothing);
    counts.add(Reason.INSUFFICIENT_MEMORY, lackMemory);
    counts.add(Reason.INSUFFICIENT_GPU, lackGpu);
    counts.add(Reason.INSUFFICIENT_IO, lackIo);
  }

  /**
   * How many lack CPU first, and memory, that from the tenth bit on. Written so that the compiler
   * can make vectors of it: the sign of a difference is a 1 where there is not enough.
   */
  private int lacks(int from, int to, Demand demand) {
    int[] cpus = cpu;
    int[] memories = memory;
    int lacks = 0;
    for (int i = from; i < to; i++) {
      int cpuLeft = cpus[i] - demand.cpu;
      int memoryLeft = memories[i] - demand.memory;
      lacks += (cpuLeft >>> 31) + ((~cpuLeft & memoryLeft) >>> 31 << 10);
    }
    return lacks;
  }

  /** The same, and how many lack a third thing, that from the twentieth bit on. */
  private int lacks(int from, int to, Demand demand, int[] thirds, int asked) {
    int[] cpus = cpu;
    int[] memories = memory;
    int lacks = 0;
    for (int i = from; i < to; i++) {
      int cpuLeft = cpus[i] - demand.cpu;
      int memoryLeft = memories[i] - demand.memory;
      int thirdLeft = thirds[i] - asked;
      lacks +=
          (cpuLeft >>> 31)
              + ((~cpuLeft & memoryLeft) >>> 31 << 10)
              + ((~(cpuLeft | memoryLeft) & thirdLeft) >>> 31 << 20);
    }
    return lacks;
  }

  private int lackIo(int from, int to, Demand demand, int[] gpus, int askedGpus) {
    int lack = 0;
    for (int i = from; i < to; i++) {
      int lacksOther = (cpu[i] - demand.cpu) | (memory[i] - demand.memory) | (gpus[i] - askedGpus);
      lack += (~lacksOther & (io[i] - demand.io)) >>> 31;
    }
    return lack;
  }

  /** Whether its best nodes are the first in an order: {@link #rankInOrder}. */
  boolean isOrdered() {
    return order != null;
  }

  /** Ranks the best nodes with room for a shard. */
  void rankInOrder(Demand demand, Ranking ranking, Keys keys) {
    NodeOrder inOrder = Objects.requireNonNull(order);
    while (!unordered.isEmpty()) {
      int slot = unordered.take();
      inOrder.put(slot, least[leaves + slot], room, leaves);
    }
    seek(demand);
    List<NodeOrder.Run> runs = inOrder.runs();
    for (int i = 0; i < runs.size(); i++) {
      NodeOrder.Run run = runs.get(i);
      if (ranking.isFull() && score(leaves + run.slot(0), demand) < ranking.worstScore()) {
        return;
      }
      if (mayHold(run.room(), 0, demand)
          && !isTooLate(run, demand, ranking, keys)
          && !rank(run, demand, ranking, keys)) {
        run.tighten(room, leaves);
      }
    }
  }

  /** Whether all nodes in a run are as good as the last that is ranked, and come after it. */
  private boolean isTooLate(NodeOrder.Run run, Demand demand, Ranking ranking, Keys keys) {
    int first = leaves + run.slot(0);
    return ranking.isFull()
        && keys.areByOrder()
        && least[first] == least[leaves + run.slot(run.size() - 1)]
        && score(first, demand) == ranking.worstScore()
        && lowestKey(first, keys) > ranking.worstKey();
  }

  /** Whether some node in a run has room. */
  private boolean rank(NodeOrder.Run run, Demand demand, Ranking ranking, Keys keys) {
    boolean found = false;
    for (int i = 0; i < run.size(); i++) {
      int slot = run.slot(i);
      // Most lack one of the two, and cost no look at the rest.
      int lacks = (cpu[slot] - demand.cpu) | (memory[slot] - demand.memory);
      if (lacks >= 0 && mayHold(leaves + slot, demand)) {
        double score = score(leaves + slot, demand);
        if (ranking.isFull() && score < ranking.worstScore()) {
          return true;
        }
        Node node = members.get(slot);
        ranking.add(node, score, keys.of(node));
        found = true;
      }
    }
    return found;
  }

  /** Begins a search for the best nodes with room for a shard. */
  void enter(Demand demand, Frontier frontier) {
    refreshTree();
    seek(demand);
    if (mayHold(1, demand)) {
      frontier.add(this, 1, score(1, demand));
    }
  }

  /** Goes on with it below an entry: looks at the nodes themselves where they are few. */
  void expand(int at, Demand demand, Frontier frontier, Ranking ranking, Keys keys) {
    if (at >= leaves / FEW) {
      int level = Integer.numberOfLeadingZeros(at) - Integer.numberOfLeadingZeros(leaves);
      int first = at << level;
      rank(first, Math.min(first + (1 << level), leaves + members.size()), demand, ranking, keys);
      return;
    }
    // Two levels at once, where there are: half as many entries go through the frontier.
    int below = 2 * at >= leaves / FEW ? 2 : 4;
    for (int i = 0; i < below; i++) {
      expandInto(below * at + i, demand, frontier, ranking);
    }
  }

  private void expandInto(int at, Demand demand, Frontier frontier, Ranking ranking) {
    if (mayHold(at, demand)) {
      double score = score(at, demand);
      if (!ranking.isFull() || score >= ranking.worstScore()) {
        frontier.add(this, at, score);
      }
    }
  }

  private void rank(int from, int to, Demand demand, Ranking ranking, Keys keys) {
    for (int at = from; at < to; at++) {
      if (mayHold(at, demand)) {
        double score = score(at, demand);
        if (!ranking.isFull() || score >= ranking.worstScore()) {
          Node node = members.get(at - leaves);
          ranking.add(node, score, keys.of(node));
        }
      }
    }
  }

  /** No node below an entry has a lower key. */
  long lowestKey(int at, Keys keys) {
    if (at >= leaves) {
      return keys.of(members.get(at - leaves));
    }
    int first = at << (Integer.numberOfLeadingZeros(at) - Integer.numberOfLeadingZeros(leaves));
    return keys.lowestFrom(members.get(first - leaves));
  }

  private void seek(Demand demand) {
    together(demand.cpu, demand.memory, together, 0);
    common = scoring.common(capacity, demand.resources);
  }

  /** The score of one of its nodes that takes tasks. */
  double score(Node node, Demand demand) {
    seek(demand);
    return score(leaves + node.slot(), demand);
  }

  private double score(int at, Demand demand) {
    return scoring.score(least, at * measures, demand.resources, common);
  }

  /**
   * Tells of nodes with room for a shard, in order, until told to stop.
   *
   * @param demand what has to fit; asked for again and again, as it may grow meanwhile
   * @param told says whether to go on
   * @return whether to go on
   */
  boolean forEachWithRoom(Supplier<Demand> demand, Predicate<Node> told) {
    refreshTree();
    Arrays.fill(together, -1);
    return tell(1, demand, told);
  }

  private boolean tell(int at, Supplier<Demand> demand, Predicate<Node> told) {
    if (!mayHold(at, demand.get())) {
      return true;
    }
    if (at >= leaves) {
      return told.test(members.get(at - leaves));
    }
    return tell(2 * at, demand, told) && tell(2 * at + 1, demand, told);
  }

  /**
   * Finds the first nodes with room for a shard, in order.
   *
   * @param from only nodes of an order that is not lower
   * @param to only nodes of an order that is lower; the largest number: all from there
   * @param found gets them
   * @param most of them in {@code found}, others too
   */
  void findFirst(Demand demand, long from, long to, List<Node> found, int most) {
    int first = from == Long.MIN_VALUE ? 0 : indexOf(from);
    int end = to == Long.MAX_VALUE ? members.size() : indexOf(to);
    if (first < end) {
      refreshTree();
      seek(demand);
      find(1, 0, leaves, demand, first, end, found, most);
    }
  }

  private void find(
      int at, int low, int width, Demand demand, int first, int end, List<Node> found, int most) {
    if (low >= end || low + width <= first || !mayHold(at, demand) || found.size() >= most) {
      return;
    }
    if (at >= leaves) {
      found.add(members.get(at - leaves));
      return;
    }
    int half = width / 2;
    find(2 * at, low, half, demand, first, end, found, most);
    find(2 * at + 1, low + half, half, demand, first, end, found, most);
  }
}
