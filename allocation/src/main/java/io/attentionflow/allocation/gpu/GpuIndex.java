package io.attentionflow.allocation.gpu;

import static io.attentionflow.allocation.gpu.GpuRequest.WHOLE;

import io.attentionflow.allocation.gpu.NodeClass.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
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
 * <p>All that is remembered is bounded, and no choice depends on it: only on what the nodes have
 * free, and on what was learned. Not thread-safe.
 */
public final class GpuIndex implements LearnedValues.View {

  /** Most nodes that a choice ranks. */
  public static final int RANKED = 5;

  private static final int MOST_KINDS = 512;
  private static final int MOST_SETS = 32_768;
  private static final int SPARE_CLASSES = 64;
  private static final long NONE = Long.MAX_VALUE;

  private final GpuPolicy policy;
  private final NodeValue value;

  private final Set<GpuSeat> seats = new LinkedHashSet<>();
  private final GpuSets sets = new GpuSets(MOST_SETS);
  private final Map<State, NodeClass> classes = new HashMap<>();
  private final Set<NodeClass> emptied = new LinkedHashSet<>();
  private final ArrayDeque<Integer> freeSlots = new ArrayDeque<>();
  private final Map<GpuRequest, Kind> kinds = new LinkedHashMap<>(64, 0.75f, true);

  // By slot of a class.
  private NodeClass[] bySlot = new NodeClass[64];
  private long[] first = new long[64];
  private int[] version = new int[64];
  private long[] cpu = new long[64];
  private long[] memory = new long[64];
  private long[] io = new long[64];
  private int[] fullyFree = new int[64];
  private int[] largestShare = new int[64];
  private int slots;
  private int versions;
  private long freeGpuMillis;

  // Of the choice made last.
  private final float[] bestScores = new float[RANKED];
  private final GpuSeat[] bestSeats = new GpuSeat[RANKED];
  private final long[] bestKeys = new long[RANKED];
  private int best;

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
   * An index without nodes.
   *
   * @param learned the values that it goes by, made for the same policy
   */
  public GpuIndex(GpuPolicy policy, LearnedValues learned) {
    this.policy = policy;
    this.value = learned.value();
  }

  /**
   * This is free on a node that takes tasks.
   *
   * @param seat of the node; new ones are taken in
   * @param capacity what it has in all
   * @param free thousandths of each GPU, by index; not kept; a negative amount of anything, for a
   *     node that holds more than it has: it takes nothing
   */
  public void put(
      GpuSeat seat, GpuNode capacity, long cpuMillis, long memoryMib, long ioMibps, int[] free) {
    leave(seat);
    seats.add(seat);
    seat.capacity = capacity;
    seat.free = Arrays.equals(seat.free, free) ? seat.free : free.clone();
    if (sets.full()) {
      rebuild();
    }
    enter(seat, cpuMillis, memoryMib, ioMibps);
  }

  /** A node takes nothing, or is gone. */
  public void remove(GpuSeat seat) {
    leave(seat);
    seats.remove(seat);
  }

  /** What was learned anew changes all values. */
  public void valuesChanged() {
    rescore();
  }

  /**
   * Ranks the best nodes for a request.
   *
   * @param tieKey of equal nodes those with the lowest key go first, made of {@link GpuSeat}'s
   *     draw; null: those of the lowest order
   * @return how many nodes were ranked, {@value #RANKED} at most; 0: it fits nowhere
   */
  public int choose(GpuRequest request, @Nullable LongUnaryOperator tieKey) {
    Kind kind = kind(request);
    if (kind.scores.length < slots) {
      kind.scores = Arrays.copyOf(kind.scores, bySlot.length);
      kind.scoredVersions = Arrays.copyOf(kind.scoredVersions, bySlot.length);
    }
    float[] scores = kind.scores;
    int[] scoredVersions = kind.scoredVersions;
    best = 0;
    float least = Float.NEGATIVE_INFINITY;
    for (int slot = 0; slot < slots; slot++) {
      if (scoredVersions[slot] != version[slot]) {
        if (first[slot] == NONE) {
          continue;
        }
        scores[slot] = fits(request, slot) ? score(kind, bySlot[slot]) : Float.NEGATIVE_INFINITY;
        scoredVersions[slot] = version[slot];
      }
      float score = scores[slot];
      if (score >= least && score > Float.NEGATIVE_INFINITY && first[slot] != NONE) {
        rank(bySlot[slot], score, tieKey);
        least = best == RANKED ? bestScores[RANKED - 1] : Float.NEGATIVE_INFINITY;
      }
    }
    return best;
  }

  private void rank(NodeClass one, float score, @Nullable LongUnaryOperator tieKey) {
    for (int i = 0; i < one.size(); i++) {
      GpuSeat seat = one.member(i);
      boolean kept = rank(seat, score, tieKey == null ? seat.order : tieKey.applyAsLong(seat.draw));
      if (!kept && tieKey == null) {
        return;
      }
    }
  }

  private boolean rank(GpuSeat seat, float score, long key) {
    int place = best;
    while (place > 0
        && (score > bestScores[place - 1]
            || (score == bestScores[place - 1] && key < bestKeys[place - 1]))) {
      place--;
    }
    if (place == RANKED) {
      return false;
    }
    best = Math.min(best + 1, RANKED);
    for (int i = best - 1; i > place; i--) {
      bestScores[i] = bestScores[i - 1];
      bestSeats[i] = bestSeats[i - 1];
      bestKeys[i] = bestKeys[i - 1];
    }
    bestScores[place] = score;
    bestSeats[place] = seat;
    bestKeys[place] = key;
    return true;
  }

  /** The seat of the node at this rank of the last choice, from 0. */
  public GpuSeat best(int rank) {
    if (rank >= best) {
      throw new IllegalStateException("%d nodes were ranked".formatted(best));
    }
    return bestSeats[rank];
  }

  /** The score of the node at this rank of the last choice; higher is better. */
  public double bestScore(int rank) {
    if (rank >= best) {
      throw new IllegalStateException("%d nodes were ranked".formatted(best));
    }
    return bestScores[rank];
  }

  /** The GPUs that a request gets on a node that it fits, by index, ascending. */
  public List<Integer> gpus(GpuSeat seat, GpuRequest request) {
    if (request.gpuCount() == 0) {
      return List.of();
    }
    if (request.gpuMillis() == WHOLE) {
      List<Integer> whole = new ArrayList<>(request.gpuCount());
      for (int gpu = 0; whole.size() < request.gpuCount(); gpu++) {
        if (seat.free[gpu] == WHOLE) {
          whole.add(gpu);
        }
      }
      return whole;
    }
    return List.of(shared(seat, kind(request), state(seat)));
  }

  /** The GPU that a share comes from: the best level, and the first GPU of those as good. */
  private int shared(GpuSeat seat, Kind kind, State state) {
    int[] levels = state.gpus().levels;
    int share = kind.request.gpuMillis();
    int tightest = 0;
    while (levels[tightest] < share) {
      tightest++;
    }
    long cpuLeft = state.cpuMillis() - kind.request.cpuMillis();
    double before = value.of(state.gpus(), state.cpuMillis());
    GpuSet[] after = sets.after(state.gpus(), kind.shape, 1, share);
    float most = Float.NEGATIVE_INFINITY;
    int mostGpu = Integer.MAX_VALUE;
    int option = 0;
    for (int i = tightest; i < levels.length; i++) {
      if (i == tightest || levels[i] != levels[i - 1]) {
        float score = policy.score(value.of(after[option++], cpuLeft) - before);
        if (score >= most) {
          int gpu = firstWith(seat, levels[i]);
          mostGpu = score > most ? gpu : Math.min(gpu, mostGpu);
          most = score;
        }
      }
    }
    return mostGpu;
  }

  private static int firstWith(GpuSeat seat, int level) {
    for (int gpu = 0; gpu < seat.free.length; gpu++) {
      if (seat.free[gpu] == level) {
        return gpu;
      }
    }
    throw new IllegalStateException("no GPU with %d thousandths free".formatted(level));
  }

  @Override
  public long freeGpuMillis() {
    return freeGpuMillis;
  }

  @Override
  public Map<String, Double> gpusByModel() {
    Map<String, Double> gpus = new TreeMap<>();
    for (GpuSeat seat : seats) {
      if (seat.capacity.gpuCount() > 0) {
        gpus.merge(seat.capacity.model(), (double) seat.capacity.gpuCount(), Double::sum);
      }
    }
    return gpus;
  }

  @Override
  public GpuNode largest() {
    GpuNode largest = GpuNode.NONE;
    for (GpuSeat seat : seats) {
      int compared = GpuNode.BY_SIZE.compare(seat.capacity, largest);
      if (compared > 0 || (compared == 0 && seat.capacity.model().compareTo(largest.model()) < 0)) {
        largest = seat.capacity;
      }
    }
    return largest;
  }

  @Override
  public long[] places(List<GpuRequest> requests) {
    long[] places = new long[requests.size()];
    for (int slot = 0; slot < slots; slot++) {
      if (first[slot] != NONE) {
        State state = bySlot[slot].state;
        for (int i = 0; i < places.length; i++) {
          places[i] +=
              (long) bySlot[slot].size()
                  * NodeValue.places(
                      requests.get(i), state.gpus(), state.cpuMillis(), state.memoryMib());
        }
      }
    }
    return places;
  }

  /** Classes of nodes, emptied ones that are remembered among them. */
  int classCount() {
    return classes.size();
  }

  int setCount() {
    return sets.size();
  }

  int kindCount() {
    return kinds.size();
  }

  State state(GpuSeat seat) {
    NodeClass home = seat.home;
    if (home == null) {
      throw new IllegalStateException("node %d takes nothing".formatted(seat.order));
    }
    return home.state;
  }

  private boolean fits(GpuRequest request, int slot) {
    if (cpu[slot] < request.cpuMillis()
        || memory[slot] < request.memoryMib()
        || io[slot] < request.ioMibps()) {
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

  private float score(Kind kind, NodeClass one) {
    return policy.score(bestAfter(kind, one.state) - one.value(value));
  }

  /** The value of a node after the request has taken the GPUs that leave the most. */
  private double bestAfter(Kind kind, State state) {
    GpuRequest request = kind.request;
    long cpuLeft = state.cpuMillis() - request.cpuMillis();
    if (request.gpuCount() == 0) {
      return value.of(state.gpus(), cpuLeft);
    }
    double most = Double.NEGATIVE_INFINITY;
    int interval = value.interval(cpuLeft);
    for (GpuSet after :
        sets.after(state.gpus(), kind.shape, request.gpuCount(), request.gpuMillis())) {
      most = Math.max(most, value.of(after, cpuLeft, interval));
    }
    return most;
  }

  private void leave(GpuSeat seat) {
    NodeClass home = seat.home;
    if (home == null) {
      return;
    }
    home.remove(seat);
    seat.home = null;
    freeGpuMillis -= home.state.gpus().freeMillis;
    if (home.size() > 0) {
      first[home.slot] = home.member(0).order;
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

  private void enter(GpuSeat seat, long cpuMillis, long memoryMib, long ioMibps) {
    if (cpuMillis < 0 || memoryMib < 0 || ioMibps < 0) {
      return;
    }
    for (int free : seat.free) {
      if (free < 0) {
        return;
      }
    }
    GpuSet gpus = sets.of(seat.capacity.model(), seat.free.clone());
    enter(seat, new State(cpuMillis, memoryMib, ioMibps, gpus));
  }

  private void enter(GpuSeat seat, State state) {
    NodeClass home = classes.get(state);
    if (home == null) {
      home = newClass(state);
    } else if (home.size() == 0) {
      emptied.remove(home);
    }
    home.add(seat);
    first[home.slot] = home.member(0).order;
    seat.home = home;
    freeGpuMillis += state.gpus().freeMillis;
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
      io = Arrays.copyOf(io, 2 * slot);
      fullyFree = Arrays.copyOf(fullyFree, 2 * slot);
      largestShare = Arrays.copyOf(largestShare, 2 * slot);
    }
    NodeClass made = new NodeClass(state, slot);
    bySlot[slot] = made;
    version[slot] = nextVersion();
    cpu[slot] = state.cpuMillis();
    memory[slot] = state.memoryMib();
    io[slot] = state.ioMibps();
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

  /** Forgets all that was remembered, and classes the nodes anew. */
  private void rebuild() {
    Map<GpuSeat, State> states = new LinkedHashMap<>();
    for (GpuSeat seat : seats) {
      if (seat.home != null) {
        states.put(seat, seat.home.state);
        seat.home = null;
      }
    }
    sets.forget();
    classes.clear();
    emptied.clear();
    freeSlots.clear();
    kinds.clear();
    slots = 0;
    freeGpuMillis = 0;
    states.forEach(
        (seat, state) -> enter(seat, state.cpuMillis(), state.memoryMib(), state.ioMibps()));
  }

  private void rescore() {
    for (int slot = 0; slot < slots; slot++) {
      version[slot] = nextVersion();
    }
  }

  /** Never 0, and never one that a kind may still know. */
  private int nextVersion() {
    if (versions == Integer.MAX_VALUE) {
      versions = 0;
      kinds.clear();
      for (int slot = 0; slot < slots; slot++) {
        version[slot] = ++versions;
      }
    }
    return ++versions;
  }
}
