package io.attentionflow.allocation.gpu;

import static io.attentionflow.allocation.gpu.GpuRequest.WHOLE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A pool's GPU nodes, and which of them a task gets.
 *
 * <p>For each kind of request the index remembers what each node scores, and scores again only the
 * nodes that changed since the kind was last asked for. What a score takes is remembered, too, by
 * what is free of the node's GPUs, whichever node that is, so that it is a few additions. Then it
 * takes the best, block by block of nodes, passing over blocks with none. So a decision costs
 * microseconds, not a scan of nodes.
 *
 * <p>All that is remembered is bounded, and no choice depends on it: only on what the nodes have
 * free, and on what was learned. Not thread-safe.
 */
public final class GpuIndex implements LearnedValues.View {

  /** Most nodes that a choice ranks. */
  public static final int RANKED = 5;

  private static final int MOST_KINDS = 512;

  private final GpuPolicy policy;
  private final NodeValue value;
  private final SeatTable seats = new SeatTable();
  private final GpuSets sets = new GpuSets();
  private final GpuShapes shapes = new GpuShapes();
  private final Map<GpuRequest, Kind> kinds = new LinkedHashMap<>(64, 0.75f, true);

  /** The values that scores are of. */
  private int learned;

  // Of the nodes that are scored again, those that the request fits; used again and again.
  private int[] fitting = {};
  private double[] gains = {};

  // Of the choice made last.
  private final float[] bestScores = new float[RANKED];
  private final int[] bestSlots = new int[RANKED];
  private final long[] bestKeys = new long[RANKED];
  private int best;

  /**
   * A kind of request, and what nodes scored for it when it was last asked for. Nodes that lack
   * memory or throughput score, too: so there are fewer kinds, and such nodes are passed over when
   * the best are looked for.
   */
  private static final class Kind {
    final GpuRequest request;
    final boolean anyModel;
    final GpuShapes.Shape shape;
    final int fullyFree;
    final int largest;
    final NodeScores scores = new NodeScores();

    /** The change that scores are as of; -1: none is known. */
    long asOf = -1;

    Kind(GpuRequest request, GpuShapes.Shape shape) {
      this.request = request;
      this.shape = shape;
      this.anyModel = request.gpuCount() == 0 || request.models().isEmpty();
      boolean whole = request.gpuMillis() == WHOLE;
      this.fullyFree = whole ? request.gpuCount() : 0;
      this.largest = whole || request.gpuCount() == 0 ? -1 : request.gpuMillis();
    }
  }

  /** What a node has free. */
  record State(long cpuMillis, long memoryMib, long ioMibps, GpuSet gpus) {}

  /**
   * An index without nodes.
   *
   * @param learned the values that it goes by, made for the same policy
   */
  public GpuIndex(GpuPolicy policy, LearnedValues learned) {
    this.policy = policy;
    this.value = learned.value();
    this.learned = value.learned();
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
    if (seat.slot == SeatTable.NONE) {
      seats.add(seat);
    }
    GpuSet before = seats.gpus[seat.slot];
    boolean sameGpus =
        before != null && Arrays.equals(seat.free, free) && before.model.equals(capacity.model());
    seat.capacity = capacity;
    if (!sameGpus) {
      seat.free = free.clone();
    }
    if (cpuMillis < 0 || memoryMib < 0 || ioMibps < 0 || anyNegative(free)) {
      seats.takesNothing(seat.slot);
      leave(before);
    } else if (sameGpus) {
      seats.set(seat.slot, cpuMillis, memoryMib, ioMibps, before);
    } else {
      GpuSet gpus = sets.enter(capacity.model(), free.clone());
      seats.set(seat.slot, cpuMillis, memoryMib, ioMibps, gpus);
      leave(before);
    }
  }

  private static boolean anyNegative(int[] free) {
    for (int one : free) {
      if (one < 0) {
        return true;
      }
    }
    return false;
  }

  private void leave(@Nullable GpuSet gpus) {
    if (gpus != null) {
      sets.leave(gpus);
    }
  }

  /** A node takes nothing, or is gone. */
  public void remove(GpuSeat seat) {
    if (seat.slot != SeatTable.NONE) {
      GpuSet before = seats.gpus[seat.slot];
      seats.remove(seat);
      leave(before);
    }
  }

  /** What was learned anew changes values. */
  public void valuesChanged() {
    if (learned != value.learned()) {
      learned = value.learned();
      seats.allChange();
      return;
    }
    for (int slot = 0; slot < seats.slots(); slot++) {
      if (seats.fullyFree[slot] >= value.fewestPriced()) {
        seats.change(slot);
      }
    }
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
    rescore(kind);
    best = 0;
    NodeScores scores = kind.scores;
    // With good nodes ranked first, there are fewer blocks to look into.
    int promising = scores.mostPromising();
    if (promising >= 0) {
      rankIfBetter(scores, promising, request, tieKey);
    }
    for (int block = 0; block < scores.blocks(); block++) {
      if (block != promising) {
        rankIfBetter(scores, block, request, tieKey);
      }
    }
    return best;
  }

  private void rankIfBetter(
      NodeScores scores, int block, GpuRequest request, @Nullable LongUnaryOperator tieKey) {
    if (mayRank(scores, block, tieKey)) {
      scores.tighten(block, seats.order);
      if (mayRank(scores, block, tieKey)) {
        rank(scores, block, request, tieKey);
      }
    }
  }

  private boolean mayRank(NodeScores scores, int block, @Nullable LongUnaryOperator tieKey) {
    float most = scores.most(block);
    if (best < RANKED) {
      return most > NodeScores.NONE;
    }
    float least = bestScores[RANKED - 1];
    return most > least
        || (most == least && (tieKey != null || scores.first(block) < bestKeys[RANKED - 1]));
  }

  private void rank(
      NodeScores scores, int block, GpuRequest request, @Nullable LongUnaryOperator tieKey) {
    float least = best < RANKED ? NodeScores.NONE : bestScores[RANKED - 1];
    for (int slot = scores.from(block); slot < scores.to(block); slot++) {
      float score = scores.score(slot);
      if (score >= least
          && score > NodeScores.NONE
          && seats.memory[slot] >= request.memoryMib()
          && seats.io[slot] >= request.ioMibps()) {
        long key = tieKey == null ? seats.order[slot] : tieKey.applyAsLong(seats.seats[slot].draw);
        rank(slot, score, key);
        least = best < RANKED ? NodeScores.NONE : bestScores[RANKED - 1];
      }
    }
  }

  private void rescore(Kind kind) {
    kind.scores.resize(seats.slots());
    if (fitting.length < seats.slots()) {
      fitting = new int[2 * seats.slots()];
      gains = new double[2 * seats.slots()];
    }
    int count = seats.allChangedSince(kind.asOf) ? findFitting(kind) : findFittingOfChanged(kind);
    // What is looked up for one node does not wait for another's, so it is all looked up first.
    for (int i = 0; i < count; i++) {
      gains[i] = gain(kind, fitting[i]);
    }
    for (int i = 0; i < count; i++) {
      int slot = fitting[i];
      kind.scores.set(slot, policy.score(gains[i]), seats.order[slot]);
    }
    kind.asOf = seats.changes();
  }

  private int findFitting(Kind kind) {
    int count = 0;
    for (int slot = 0; slot < seats.slots(); slot++) {
      count = addIfFits(kind, slot, count);
    }
    return count;
  }

  private int findFittingOfChanged(Kind kind) {
    int count = 0;
    for (int slot = seats.newest();
        slot != SeatTable.NONE && seats.changed[slot] > kind.asOf;
        slot = seats.before(slot)) {
      count = addIfFits(kind, slot, count);
    }
    return count;
  }

  private int addIfFits(Kind kind, int slot, int count) {
    if (fits(kind, slot)) {
      fitting[count] = slot;
      return count + 1;
    }
    kind.scores.set(slot, NodeScores.NONE, seats.order[slot]);
    return count;
  }

  private boolean fits(Kind kind, int slot) {
    GpuRequest request = kind.request;
    return seats.cpu[slot] >= request.cpuMillis()
        && seats.fullyFree[slot] >= kind.fullyFree
        && seats.largest[slot] >= kind.largest
        && (kind.anyModel || request.allows(seats.gpus[slot].model));
  }

  private double gain(Kind kind, int slot) {
    GpuRequest request = kind.request;
    GpuSet gpus = seats.gpus[slot];
    long cpuLeft = seats.cpu[slot] - request.cpuMillis();
    double[] after =
        request.gpuCount() == 0 ? value.worth(gpus) : value.most(outcome(kind, gpus), gpus);
    int freeAfter = gpus.freeMillis - request.totalGpuMillis();
    double most = value.of(after[value.step(cpuLeft)], freeAfter, gpus.gpuCount, cpuLeft);
    return most - worth(slot);
  }

  private double worth(int slot) {
    double worth = seats.worth[slot];
    if (Double.isNaN(worth)) {
      worth = value.of(seats.gpus[slot], seats.cpu[slot]);
      seats.worth[slot] = worth;
    }
    return worth;
  }

  private GpuSet.Outcome outcome(Kind kind, GpuSet gpus) {
    return sets.outcome(gpus, kind.shape);
  }

  private void rank(int slot, float score, long key) {
    int place = best;
    while (place > 0
        && (score > bestScores[place - 1]
            || (score == bestScores[place - 1] && key < bestKeys[place - 1]))) {
      place--;
    }
    if (place == RANKED) {
      return;
    }
    best = Math.min(best + 1, RANKED);
    for (int i = best - 1; i > place; i--) {
      bestScores[i] = bestScores[i - 1];
      bestSlots[i] = bestSlots[i - 1];
      bestKeys[i] = bestKeys[i - 1];
    }
    bestScores[place] = score;
    bestSlots[place] = slot;
    bestKeys[place] = key;
  }

  /** The seat of the node at this rank of the last choice, from 0. */
  public GpuSeat best(int rank) {
    if (rank >= best) {
      throw new IllegalStateException("%d nodes were ranked".formatted(best));
    }
    return seats.seats[bestSlots[rank]];
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
    return List.of(shared(seat, kind(request)));
  }

  /** The GPU that a share comes from: the best level, and the first GPU of those as good. */
  private int shared(GpuSeat seat, Kind kind) {
    GpuSet gpus = state(seat).gpus();
    int[] levels = gpus.levels;
    int share = kind.request.gpuMillis();
    int tightest = 0;
    while (levels[tightest] < share) {
      tightest++;
    }
    long cpuLeft = seats.cpu[seat.slot] - kind.request.cpuMillis();
    double before = worth(seat.slot);
    GpuSet[] after = outcome(kind, gpus).after;
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
    return seats.freeGpuMillis();
  }

  @Override
  public Map<String, Double> gpusByModel() {
    Map<String, Double> gpus = new TreeMap<>();
    for (int slot = 0; slot < seats.slots(); slot++) {
      GpuSeat seat = seats.seats[slot];
      if (seat != null && seat.capacity.gpuCount() > 0) {
        gpus.merge(seat.capacity.model(), (double) seat.capacity.gpuCount(), Double::sum);
      }
    }
    return gpus;
  }

  @Override
  public GpuNode largest() {
    GpuNode largest = GpuNode.NONE;
    for (int slot = 0; slot < seats.slots(); slot++) {
      GpuSeat seat = seats.seats[slot];
      if (seat != null) {
        int compared = GpuNode.BY_SIZE.compare(seat.capacity, largest);
        if (compared > 0
            || (compared == 0 && seat.capacity.model().compareTo(largest.model()) < 0)) {
          largest = seat.capacity;
        }
      }
    }
    return largest;
  }

  @Override
  public long[] places(List<GpuRequest> requests) {
    long[] places = new long[requests.size()];
    int fewest = Integer.MAX_VALUE;
    for (GpuRequest request : requests) {
      fewest = Math.min(fewest, request.gpuCount());
    }
    for (int slot = 0; slot < seats.slots(); slot++) {
      GpuSet gpus = seats.gpus[slot];
      if (gpus != null && gpus.fullyFree >= fewest) {
        for (int i = 0; i < places.length; i++) {
          places[i] += NodeValue.places(requests.get(i), gpus, seats.cpu[slot], seats.memory[slot]);
        }
      }
    }
    return places;
  }

  /** Sets of GPUs that are remembered. */
  int setCount() {
    return sets.size();
  }

  int kindCount() {
    return kinds.size();
  }

  State state(GpuSeat seat) {
    GpuSet gpus = seat.slot == SeatTable.NONE ? null : seats.gpus[seat.slot];
    if (gpus == null) {
      throw new IllegalStateException("node %d takes nothing".formatted(seat.order));
    }
    return new State(seats.cpu[seat.slot], seats.memory[seat.slot], seats.io[seat.slot], gpus);
  }

  private Kind kind(GpuRequest asked) {
    GpuRequest request = asked.valued();
    Kind known = kinds.get(request);
    if (known != null) {
      return known;
    }
    if (kinds.size() >= MOST_KINDS) {
      var oldest = kinds.values().iterator();
      shapes.leave(oldest.next().shape);
      oldest.remove();
    }
    Kind made = new Kind(request, shapes.enter(request.gpuCount(), request.gpuMillis()));
    kinds.put(request, made);
    return made;
  }
}
