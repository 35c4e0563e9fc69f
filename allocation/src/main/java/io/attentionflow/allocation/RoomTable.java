package io.attentionflow.allocation;

import io.attentionflow.allocation.NodeState.Status;
import java.util.Arrays;
import java.util.List;

/**
 * What is free on every node of a pool, side by side in plain arrays, by the node's place among all
 * by id: says whether a node has room for a shard, how many have, and which is the k-th of them. So
 * any of them can be drawn, each as likely, and no list of them is made.
 *
 * <p>A look takes constant time. Counting is a loop over arrays, of which the compiler makes
 * vectors: less than a nanosecond a node. It counts block by block, and the k-th is found by a look
 * at the counts and at the nodes of one block. A change takes constant time; nodes that come or go,
 * O(nodes) at the next search.
 */
final class RoomTable {

  private static final int BLOCK_BITS = 8;

  /** So many neighbours are counted together. */
  private static final int BLOCK = 1 << BLOCK_BITS;

  private final NodeTable nodes;

  /** Of the nodes, as it knows them; -1: it does not yet. */
  private int arrangement = -1;

  private int blocks;

  // By place, full blocks of them: what takes no tasks, or is no node, has less than nothing.
  private int[] cpu = {};
  private int[] memory = {};
  private int[] io = {};
  private int[] wholeGpus = {};
  private int[] largestShare = {};

  /** By block, of the last count: nodes with room that were not taken since. */
  private int[] counts = {};

  // Of the search under way.
  private Demand demand = new Demand(Resources.NONE);
  private List<String> gpuModels = List.of();
  private int[] gpus = {};
  private int askedGpus;

  /** A table of these nodes. */
  RoomTable(NodeTable nodes) {
    this.nodes = nodes;
  }

  /** A node is otherwise than it was, or is no longer taken. */
  void update(Node node) {
    if (arrangement == nodes.arrangement()) {
      measure(node);
    }
  }

  private void measure(Node node) {
    int at = node.place();
    boolean takes = node.status() == Status.READY;
    cpu[at] = takes ? Demand.clamped(node.freeCpuMillis()) : -1;
    memory[at] = takes ? Demand.clamped(node.freeMemoryMib()) : -1;
    io[at] = takes ? Demand.clamped(node.freeIoMibps()) : -1;
    wholeGpus[at] = takes ? node.gpus().wholeFree() : -1;
    largestShare[at] = takes ? (int) node.gpus().largestFree() : -1;
  }

  /** Begins a search for nodes with room for a shard; of all that changed it has been told. */
  void seek(Demand newDemand, List<String> newGpuModels) {
    if (arrangement != nodes.arrangement()) {
      arrange();
    }
    demand = newDemand;
    gpuModels = newDemand.gpus == 0 ? List.of() : newGpuModels;
    gpus = newDemand.whole ? wholeGpus : largestShare;
    askedGpus = newDemand.gpus == 0 ? -1 : newDemand.whole ? newDemand.gpus : newDemand.share;
  }

  private void arrange() {
    arrangement = nodes.arrangement();
    List<Node> inOrder = nodes.inOrder();
    blocks = (inOrder.size() + BLOCK - 1) >> BLOCK_BITS;
    cpu = new int[blocks << BLOCK_BITS];
    memory = new int[cpu.length];
    io = new int[cpu.length];
    wholeGpus = new int[cpu.length];
    largestShare = new int[cpu.length];
    counts = new int[blocks];
    Arrays.fill(cpu, -1);
    for (int place = 0; place < inOrder.size(); place++) {
      Node node = inOrder.get(place);
      node.place(place);
      measure(node);
    }
  }

  /** Whether the node at a place has room. */
  boolean hasRoom(int place) {

    int lacks =
        (cpu[place] - demand.cpu)
            | (memory[place] - demand.memory)
            | (io[place] - demand.io)
            | (gpus[place] - askedGpus);
    return lacks >= 0 && hasModel(place);
  }

  private boolean hasModel(int place) {
    return gpuModels.isEmpty() || nodes.inOrder().get(place).hasModel(gpuModels);
  }

  /** Counts the nodes with room. */
  int count() {
    int count = 0;
    for (int block = 0; block < blocks; block++) {
      counts[block] = countFrom(block << BLOCK_BITS);
      count += counts[block];
    }
    return count;
  }

  private int countFrom(int first) {
    if (gpuModels.isEmpty()) {
      return BLOCK
          - lacking(first, cpu, demand.cpu, memory, demand.memory, io, demand.io, gpus, askedGpus);
    }
    int count = 0;
    for (int place = first; place < first + BLOCK; place++) {
      count += hasRoom(place) ? 1 : 0;
    }
    return count;
  }

  /** The sign of a difference is a 1 where there is not enough. */
  private static int lacking(
      int first,
      int[] cpu,
      int askedCpu,
      int[] memory,
      int askedMemory,
      int[] io,
      int askedIo,
      int[] gpus,
      int askedGpus) {
    int lacking = 0;
    for (int i = first; i < first + BLOCK; i++) {
      lacking +=
          ((cpu[i] - askedCpu)
                  | (memory[i] - askedMemory)
                  | (io[i] - askedIo)
                  | (gpus[i] - askedGpus))
              >>> 31;
    }
    return lacking;
  }

  /**
   * The place of the k-th node with room, by id.
   *
   * @param k from 0, below the last {@link #count} less the nodes taken since
   */
  int placeOf(int k) {
    int block = 0;
    int before = k;
    while (before >= counts[block]) {
      before -= counts[block++];
    }
    int place = block << BLOCK_BITS;
    while (!hasRoom(place) || before-- > 0) {
      place++;
    }
    return place;
  }

  /** Takes the node at a place: it has room no more, until there is word of it again. */
  Node take(int place) {
    cpu[place] = -1;
    counts[place >> BLOCK_BITS]--;
    return nodes.inOrder().get(place);
  }
}
