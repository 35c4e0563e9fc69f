package io.attentionflow.allocation.gpu;

import static io.attentionflow.allocation.gpu.GpuRequest.WHOLE;

import io.attentionflow.allocation.Reason;
import io.attentionflow.allocation.gpu.NodeClass.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A pool's GPU nodes, and which of them a task gets.
 *
 * <p>Nodes with the same things free form a class. For each kind of request the index remembers the
 * score of each class, and scores again only the classes that are new since the kind was last asked
 * for; then it takes the best in one pass over a plain array. So a decision costs a few nanoseconds
 * a class, not a scan of nodes. A class that empties is kept a while, since its state often comes
 * back.
 *
 * <p>The owner tells it of every assignment and release, and numbers the nodes: ties go to the
 * lowest number. All that is remembered is bounded. Deterministic. Not thread-safe.
 */
public final class GpuIndex {

  private static final int MOST_KINDS = 512;
  private static final int MOST_SETS = 32_768;
  private static final int SPARE_CLASSES = 64;
  private static final int REFRESH_EVERY = 512;
  private static final int SETTLED = 16_384;
  private static final int PRICE_EVERY = 128;
  private static final int NONE = Integer.MAX_VALUE;
  private static final GpuNode NOTHING = new GpuNode(0, 0, 0, "");
  private static final Comparator<GpuNode> LARGER =
      Comparator.comparingInt(GpuNode::gpuCount)
          .thenComparingLong(GpuNode::cpuMillis)
          .thenComparingLong(GpuNode::memoryMib);

  private final GpuPolicy policy;
  private final TieBreak ties;
  private final NodeValue value;
  private final GpuPopularity popularity;
  private final boolean learns;

  private final Map<Integer, Node> nodes = new HashMap<>();
  private final GpuSets sets = new GpuSets(MOST_SETS);
  private final Map<State, NodeClass> classes = new HashMap<>();
  private final Set<NodeClass> emptied = new LinkedHashSet<>();
  private final ArrayDeque<Integer> freeSlots = new ArrayDeque<>();
  private final Map<GpuRequest, Kind> kinds = new LinkedHashMap<>(64, 0.75f, true);

  // By slot of a class.
  private NodeClass[] bySlot = new NodeClass[64];
  private int[] first = new int[64];
  private int[] version = new int[64];
  private long[] cpu = new long[64];
  private long[] memory = new long[64];
  private int[] fullyFree = new int[64];
  private int[] largestShare = new int[64];
  private int slots;
  private int versions;

  private final Map<String, Double> gpusByModel = new TreeMap<>();
  private long freeGpuMillis;
  private long mostCpuMillis = 1;
  private int mostGpus = 1;
  private GpuNode largest = NOTHING;

  /** What {@link #value} learned from last. */
  private List<GpuPopularity.Kind> inUse = List.of();

  private Map<String, Double> gpusInUse = Map.of();
  private GpuNode largestInUse = NOTHING;

  /** A node and what is free on it. */
  private static final class Node {
    GpuNode capacity;
    long usedCpu;
    long usedMemory;
    int[] usedGpu;
    boolean withheld;
    @Nullable NodeClass home;

    Node(GpuNode capacity) {
      this.capacity = capacity;
      usedGpu = new int[capacity.gpuCount()];
    }
  }

  /** A kind of request, and the scores of classes for it. */
  private static final class Kind {
    final GpuRequest request;
    final int shape;
    float[] scores = {};
    int[] scoredVersions = {};

    Kind(GpuRequest request, int shape) {
      this.request = request;
      this.shape = shape;
    }
  }

  /**
   * What an index learned.
   *
   * @param popularity up to the last arrival
   * @param inUse the kinds when values were last made from them
   * @param gpusByModel GPUs in the pool then
   * @param largest node in the pool then
   * @param prices of places for tasks of several GPUs, now
   */
  public record Memory(
      GpuPopularity.Snapshot popularity,
      List<GpuPopularity.Kind> inUse,
      Map<String, Double> gpusByModel,
      GpuNode largest,
      List<Double> prices) {
    public Memory {
      inUse = List.copyOf(inUse);
      gpusByModel = Collections.unmodifiableSortedMap(new TreeMap<>(gpusByModel));
      prices = List.copyOf(prices);
    }
  }

  /** An index without nodes, that learns from {@link #arrived} what is popular. */
  public GpuIndex(GpuPolicy policy, TieBreak ties) {
    this(policy, ties, ValueWeights.defaults(), new GpuPopularity(), true);
  }

  /**
   * An index without nodes.
   *
   * @param weights of {@link GpuPolicy#VALUE}
   * @param popularity what comes how often; not copied
   * @param learns whether arrivals add to it
   */
  public GpuIndex(
      GpuPolicy policy,
      TieBreak ties,
      ValueWeights weights,
      GpuPopularity popularity,
      boolean learns) {
    this.policy = policy;
    this.ties = ties;
    this.popularity = popularity;
    this.learns = learns;
    value =
        policy == GpuPolicy.VALUE
            ? new NodeValue(weights, true)
            : new NodeValue(ValueWeights.FRAGMENTATION_ONLY, false);
    refresh();
  }

  /** A node is there, with nothing on it. */
  public void joined(int node, GpuNode capacity) {
    Node joined = new Node(capacity);
    if (nodes.putIfAbsent(node, joined) != null) {
      throw new IllegalArgumentException("node %d is there already".formatted(node));
    }
    count(capacity, 1);
    enter(node, joined);
  }

  /** A node has another capacity; what is on it stays. */
  public void changed(int node, GpuNode capacity) {
    Node changed = node(node);
    leave(node, changed);
    GpuNode before = changed.capacity;
    changed.capacity = capacity;
    count(before, -1);
    if (capacity.gpuCount() > changed.usedGpu.length) {
      changed.usedGpu = Arrays.copyOf(changed.usedGpu, capacity.gpuCount());
    }
    count(capacity, 1);
    enter(node, changed);
  }

  /** A node is gone, with all that was on it. */
  public void removed(int node) {
    Node removed = node(node);
    leave(node, removed);
    nodes.remove(node);
    count(removed.capacity, -1);
  }

  /** A node takes nothing new, as while it drains; or takes tasks again. */
  public void withheld(int node, boolean withheld) {
    Node changed = node(node);
    leave(node, changed);
    changed.withheld = withheld;
    enter(node, changed);
  }

  /** A task has got these GPUs, and its cores and memory, of the node. */
  public void assigned(int node, GpuRequest request, List<Integer> gpus) {
    use(node, request, gpus, 1);
  }

  /** A task has given back what it had. */
  public void released(int node, GpuRequest request, List<Integer> gpus) {
    use(node, request, gpus, -1);
  }

  /** A task has come; told once a task, however often its place is looked for. */
  public void arrived(GpuRequest request) {
    if (!learns) {
      return;
    }
    popularity.learn(request);
    long learned = popularity.learned();
    if (refreshesAt(learned)) {
      refresh();
    } else if (value.prices() && learned % PRICE_EVERY == 0) {
      if (value.price(places(), freeGpuMillis / 1000.0)) {
        rescore();
      }
    }
  }

  /**
   * The best node for a request, and its GPUs. Changes nothing that {@link #assigned} would.
   *
   * @param draw any number, as good as random where the policy or the tie-break is to be random;
   *     the same draw, the same choice
   * @return null if it fits nowhere
   */
  public @Nullable GpuChoice choose(GpuRequest request, long draw) {
    Kind kind = kind(request);
    if (kind.scores.length < slots) {
      kind.scores = Arrays.copyOf(kind.scores, bySlot.length);
      kind.scoredVersions = Arrays.copyOf(kind.scoredVersions, bySlot.length);
    }
    float[] scores = kind.scores;
    int[] scoredVersions = kind.scoredVersions;
    float best = Float.NEGATIVE_INFINITY;
    int bestFirst = NONE;
    for (int slot = 0; slot < slots; slot++) {
      if (scoredVersions[slot] != version[slot]) {
        if (first[slot] == NONE) {
          continue;
        }
        scores[slot] = fits(request, slot) ? score(kind, bySlot[slot]) : Float.NEGATIVE_INFINITY;
        scoredVersions[slot] = version[slot];
      }
      float score = scores[slot];
      if (score >= best) {
        int lowest = first[slot];
        if (lowest != NONE && (score > best || lowest < bestFirst)) {
          best = score;
          bestFirst = lowest;
        }
      }
    }
    if (best == Float.NEGATIVE_INFINITY) {
      return null;
    }
    int node = bestFirst;
    if (ties == TieBreak.RANDOM || policy == GpuPolicy.RANDOM) {
      node = anyOf(scores, best, draw);
    }
    return new GpuChoice(node, gpus(node, kind, draw), best);
  }

  /**
   * Why nodes do not take a request, each node counted under the first reason that holds, in the
   * order model, cores, memory, GPUs; nodes that would take it are not counted.
   */
  public Map<Reason, Integer> refusals(GpuRequest request) {
    Map<Reason, Integer> refusals = new EnumMap<>(Reason.class);
    int indexed = 0;
    for (NodeClass one : classes.values()) {
      indexed += one.size();
      Reason reason = refusal(request, one.state);
      if (reason != null && one.size() > 0) {
        refusals.merge(reason, one.size(), Integer::sum);
      }
    }
    if (indexed < nodes.size()) {
      refusals.put(Reason.NODE_DRAINING, nodes.size() - indexed);
    }
    return refusals;
  }

  /** What was learned, to be given to {@link #restore}: then decisions go on as they would have. */
  public Memory memory() {
    return new Memory(
        popularity.snapshot(),
        inUse,
        gpusInUse,
        largestInUse,
        value.crowds().stream().map(NodeValue.Crowd::price).toList());
  }

  /** Knows what the memory says, and nothing else that it had learned. */
  public void restore(Memory memory) {
    popularity.restore(memory.popularity());
    inUse = memory.inUse();
    gpusInUse = memory.gpusByModel();
    largestInUse = memory.largest();
    value.learn(inUse, gpusInUse, largestInUse);
    value.price(memory.prices());
    rescore();
  }

  /** Free thousandths of a GPU on nodes that take tasks. */
  public long freeGpuMillis() {
    return freeGpuMillis;
  }

  /** Classes of nodes, emptied ones that are remembered among them. */
  public int classCount() {
    return classes.size();
  }

  int setCount() {
    return sets.size();
  }

  int kindCount() {
    return kinds.size();
  }

  NodeValue value() {
    return value;
  }

  State state(int node) {
    NodeClass home = node(node).home;
    if (home == null) {
      throw new IllegalStateException("node %d takes nothing".formatted(node));
    }
    return home.state;
  }

  private static @Nullable Reason refusal(GpuRequest request, State state) {
    if (!request.allows(state.gpus().model)) {
      return Reason.GPU_MODEL;
    }
    if (state.cpuMillis() < request.cpuMillis()) {
      return Reason.INSUFFICIENT_CPU;
    }
    if (state.memoryMib() < request.memoryMib()) {
      return Reason.INSUFFICIENT_MEMORY;
    }
    boolean enough =
        request.gpuCount() == 0
            || (request.gpuMillis() == WHOLE
                ? state.gpus().fullyFree >= request.gpuCount()
                : state.gpus().largest >= request.gpuMillis());
    return enough ? null : Reason.INSUFFICIENT_GPU;
  }

  /** As {@link #refusal}, over plain arrays: most classes are asked this and no more. */
  private boolean fits(GpuRequest request, int slot) {
    if (cpu[slot] < request.cpuMillis() || memory[slot] < request.memoryMib()) {
      return false;
    }
    if (request.gpuCount() == 0) {
      return true;
    }
    boolean enough =
        request.gpuMillis() == WHOLE
            ? fullyFree[slot] >= request.gpuCount()
            : largestShare[slot] >= request.gpuMillis();
    return enough
        && (request.models().isEmpty() || request.allows(bySlot[slot].state.gpus().model));
  }

  /** The policy's score of a class that a kind of request fits. */
  private float score(Kind kind, NodeClass one) {
    GpuRequest request = kind.request;
    State state = one.state;
    return switch (policy) {
      case RANDOM -> 0;
      case BEST_FIT -> bestFit(request, state);
      case DOT_PRODUCT -> dotProduct(request, state);
      case FRAGMENTATION, VALUE -> rank(bestAfter(kind, state) - one.value(value));
    };
  }

  /** The value of a node after the request has taken the GPUs that leave the most. */
  private double bestAfter(Kind kind, State state) {
    GpuRequest request = kind.request;
    long cpuLeft = state.cpuMillis() - request.cpuMillis();
    if (request.gpuCount() == 0) {
      return value.of(state.gpus(), cpuLeft);
    }
    double best = Double.NEGATIVE_INFINITY;
    for (GpuSet after :
        sets.after(state.gpus(), kind.shape, request.gpuCount(), request.gpuMillis())) {
      best = Math.max(best, value.of(after, cpuLeft));
    }
    return best;
  }

  private float rank(double gain) {
    return policy == GpuPolicy.VALUE ? (float) gain : (int) (100 / (1 + StrictMath.exp(-gain)));
  }

  private float bestFit(GpuRequest request, State state) {
    double cpu = (double) (state.cpuMillis() - request.cpuMillis()) / mostCpuMillis;
    double gpu = (state.gpus().freeMillis - request.totalGpuMillis()) / (1000.0 * mostGpus);
    return (int) (100 * (1 - 0.5 * cpu - 0.5 * gpu));
  }

  private float dotProduct(GpuRequest request, State state) {
    double cpu = (double) state.cpuMillis() / mostCpuMillis * request.cpuMillis() / mostCpuMillis;
    double gpu =
        state.gpus().freeMillis
            / (1000.0 * mostGpus)
            * request.totalGpuMillis()
            / (1000.0 * mostGpus);
    return (int) (100 * (1 - (cpu + gpu) / 2));
  }

  private int anyOf(float[] scores, float best, long draw) {
    long candidates = 0;
    for (int slot = 0; slot < slots; slot++) {
      if (first[slot] != NONE && scores[slot] == best) {
        candidates += bySlot[slot].size();
      }
    }
    long left = Long.remainderUnsigned(draw, candidates);
    for (int slot = 0; ; slot++) {
      if (first[slot] != NONE && scores[slot] == best) {
        if (left < bySlot[slot].size()) {
          return bySlot[slot].member((int) left);
        }
        left -= bySlot[slot].size();
      }
    }
  }

  /** The GPUs that the request gets on the node. */
  private List<Integer> gpus(int number, Kind kind, long draw) {
    GpuRequest request = kind.request;
    if (request.gpuCount() == 0) {
      return List.of();
    }
    Node node = node(number);
    if (request.gpuMillis() == WHOLE) {
      List<Integer> whole = new ArrayList<>(request.gpuCount());
      for (int gpu = 0; whole.size() < request.gpuCount(); gpu++) {
        if (node.usedGpu[gpu] == 0) {
          whole.add(gpu);
        }
      }
      return whole;
    }
    return List.of(shared(node, kind, state(number), draw));
  }

  /** The GPU that a share comes from: the best level, and the first GPU of those as good. */
  private int shared(Node node, Kind kind, State state, long draw) {
    int[] levels = state.gpus().levels;
    int share = kind.request.gpuMillis();
    int tightest = 0;
    while (levels[tightest] < share) {
      tightest++;
    }
    if (policy == GpuPolicy.RANDOM) {
      long any = Long.remainderUnsigned(draw >>> 32, levels.length - tightest);
      return firstWith(node, levels[tightest + (int) any]);
    }
    if (policy == GpuPolicy.BEST_FIT || policy == GpuPolicy.DOT_PRODUCT) {
      return firstWith(node, levels[tightest]);
    }
    long cpuLeft = state.cpuMillis() - kind.request.cpuMillis();
    double before = value.of(state.gpus(), state.cpuMillis());
    GpuSet[] after = sets.after(state.gpus(), kind.shape, 1, share);
    float best = Float.NEGATIVE_INFINITY;
    int bestGpu = NONE;
    int option = 0;
    for (int i = tightest; i < levels.length; i++) {
      if (i == tightest || levels[i] != levels[i - 1]) {
        float rank = rank(value.of(after[option++], cpuLeft) - before);
        if (rank >= best) {
          int gpu = firstWith(node, levels[i]);
          bestGpu = rank > best ? gpu : Math.min(gpu, bestGpu);
          best = rank;
        }
      }
    }
    return bestGpu;
  }

  private static int firstWith(Node node, int level) {
    for (int gpu = 0; gpu < node.capacity.gpuCount(); gpu++) {
      if (WHOLE - node.usedGpu[gpu] == level) {
        return gpu;
      }
    }
    throw new IllegalStateException("no GPU with %d thousandths free".formatted(level));
  }

  private void use(int number, GpuRequest request, List<Integer> gpus, int sign) {
    if (gpus.size() != request.gpuCount()) {
      throw new IllegalArgumentException("%s with GPUs %s".formatted(request, gpus));
    }
    Node node = node(number);
    leave(number, node);
    node.usedCpu += sign * request.cpuMillis();
    node.usedMemory += sign * request.memoryMib();
    for (int gpu : gpus) {
      node.usedGpu[gpu] += sign * request.gpuMillis();
      if (node.usedGpu[gpu] < 0 || node.usedGpu[gpu] > WHOLE) {
        throw new IllegalStateException(
            "%d thousandths of GPU %d of node %d in use".formatted(node.usedGpu[gpu], gpu, number));
      }
    }
    enter(number, node);
  }

  private Node node(int number) {
    Node node = nodes.get(number);
    if (node == null) {
      throw new IllegalArgumentException("no node %d".formatted(number));
    }
    return node;
  }

  private void count(GpuNode capacity, int sign) {
    double gpus =
        gpusByModel.merge(capacity.model(), (double) sign * capacity.gpuCount(), Double::sum);
    if (gpus == 0) {
      gpusByModel.remove(capacity.model());
    }
    if (sign > 0) {
      measure(capacity);
      return;
    }
    mostCpuMillis = 1;
    mostGpus = 1;
    largest = NOTHING;
    nodes.values().forEach(node -> measure(node.capacity));
  }

  private void measure(GpuNode capacity) {
    if (capacity.cpuMillis() > mostCpuMillis || capacity.gpuCount() > mostGpus) {
      mostCpuMillis = Math.max(mostCpuMillis, capacity.cpuMillis());
      mostGpus = Math.max(mostGpus, capacity.gpuCount());
      rescore();
    }
    if (LARGER.compare(capacity, largest) > 0) {
      largest = capacity;
    }
  }

  private void leave(int number, Node node) {
    NodeClass home = node.home;
    if (home == null) {
      return;
    }
    home.remove(number);
    node.home = null;
    freeGpuMillis -= home.state.gpus().freeMillis;
    if (home.size() > 0) {
      first[home.slot] = home.member(0);
      return;
    }
    first[home.slot] = NONE;
    emptied.add(home);
    if (emptied.size() > SPARE_CLASSES + classes.size() / 4) {
      var oldest = emptied.iterator();
      NodeClass forgotten = oldest.next();
      oldest.remove();
      classes.remove(forgotten.state);
      freeSlots.add(forgotten.slot);
    }
  }

  private void enter(int number, Node node) {
    if (sets.full()) {
      rebuild();
    }
    State state = freeState(node);
    if (state == null) {
      return;
    }
    NodeClass home = classes.get(state);
    if (home == null) {
      home = newClass(state);
    } else if (home.size() == 0) {
      emptied.remove(home);
    }
    home.add(number);
    first[home.slot] = home.member(0);
    node.home = home;
    freeGpuMillis += state.gpus().freeMillis;
  }

  private @Nullable State freeState(Node node) {
    GpuNode capacity = node.capacity;
    long cpu = capacity.cpuMillis() - node.usedCpu;
    long memory = capacity.memoryMib() - node.usedMemory;
    if (node.withheld || cpu < 0 || memory < 0) {
      return null;
    }
    for (int gpu = capacity.gpuCount(); gpu < node.usedGpu.length; gpu++) {
      if (node.usedGpu[gpu] > 0) {
        return null;
      }
    }
    int[] free = new int[capacity.gpuCount()];
    for (int gpu = 0; gpu < free.length; gpu++) {
      free[gpu] = WHOLE - node.usedGpu[gpu];
    }
    return new State(cpu, memory, sets.of(capacity.model(), free));
  }

  private NodeClass newClass(State state) {
    Integer free = freeSlots.poll();
    int slot = free == null ? slots++ : free;
    if (slot == bySlot.length) {
      bySlot = Arrays.copyOf(bySlot, 2 * slot);
      first = Arrays.copyOf(first, 2 * slot);
      version = Arrays.copyOf(version, 2 * slot);
      cpu = Arrays.copyOf(cpu, 2 * slot);
      memory = Arrays.copyOf(memory, 2 * slot);
      fullyFree = Arrays.copyOf(fullyFree, 2 * slot);
      largestShare = Arrays.copyOf(largestShare, 2 * slot);
    }
    NodeClass made = new NodeClass(state, slot);
    bySlot[slot] = made;
    version[slot] = ++versions;
    cpu[slot] = state.cpuMillis();
    memory[slot] = state.memoryMib();
    fullyFree[slot] = state.gpus().fullyFree;
    largestShare[slot] = state.gpus().largest;
    classes.put(state, made);
    return made;
  }

  private Kind kind(GpuRequest request) {
    Kind known = kinds.get(request);
    if (known != null) {
      return known;
    }
    if (kinds.size() >= MOST_KINDS) {
      var oldest = kinds.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    Kind made = new Kind(request, sets.shape(request.gpuCount(), request.gpuMillis()));
    kinds.put(request, made);
    return made;
  }

  /** Often while little is known; every value changes, so rarely once much is. */
  private static boolean refreshesAt(long learned) {
    if (learned < REFRESH_EVERY) {
      return learned >= 16 && Long.bitCount(learned) == 1;
    }
    return learned % (learned <= SETTLED ? REFRESH_EVERY : 8 * REFRESH_EVERY) == 0;
  }

  private void refresh() {
    inUse = popularity.kinds();
    gpusInUse = new TreeMap<>(gpusByModel);
    largestInUse = largest;
    value.learn(inUse, gpusInUse, largestInUse);
    if (value.prices()) {
      value.price(places(), freeGpuMillis / 1000.0);
    }
    rescore();
  }

  /** For each kind of task of several GPUs, how many of it the nodes could take. */
  private double[] places() {
    List<NodeValue.Crowd> crowds = value.crowds();
    double[] places = new double[crowds.size()];
    for (int slot = 0; slot < slots; slot++) {
      if (first[slot] == NONE) {
        continue;
      }
      NodeClass one = bySlot[slot];
      for (int i = 0; i < places.length; i++) {
        int each = crowds.get(i).places(one.state.gpus(), one.state.cpuMillis());
        long memory = crowds.get(i).request().memoryMib();
        if (each > 0 && each * memory > one.state.memoryMib()) {
          each = (int) (one.state.memoryMib() / memory);
        }
        places[i] += (double) one.size() * each;
      }
    }
    return places;
  }

  /** Forgets all that was remembered, and classes the nodes anew. */
  private void rebuild() {
    sets.forget();
    classes.clear();
    emptied.clear();
    freeSlots.clear();
    kinds.clear();
    slots = 0;
    freeGpuMillis = 0;
    List<Integer> classed =
        nodes.entrySet().stream()
            .filter(entry -> entry.getValue().home != null)
            .map(Map.Entry::getKey)
            .sorted()
            .toList();
    for (int number : classed) {
      Node node = node(number);
      node.home = null;
      enter(number, node);
    }
  }

  private void rescore() {
    if (versions > Integer.MAX_VALUE / 2) {
      versions = 0;
      kinds.clear();
    }
    for (int slot = 0; slot < slots; slot++) {
      version[slot] = ++versions;
    }
  }
}
