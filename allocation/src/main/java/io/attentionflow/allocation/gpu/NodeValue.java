package io.attentionflow.allocation.gpu;

import static io.attentionflow.allocation.gpu.GpuRequest.WHOLE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a node is worth by what is free on it: the more tasks of the kinds that come it can still
 * take, the more. A task goes where least is lost.
 *
 * <pre>
 * V = - fragmentation * F              - shortage * max(0, G - C / coresPerGpu)
 *     - waste * sum of R(r)            - partial * number of partly free GPUs
 *     + squares * sum of r^2           - spread * G^2 / 8
 *     + eight * [full >= 8]            + four * [full >= 4]
 *     - smallCores * [n < 8] * C / 30  + press * min(2, P) * G
 *     + sum over kinds k of several GPUs: price(k) * places(k)
 * </pre>
 *
 * <p>G is what is free of its n GPUs, C its free cores, r what is free of a partly free GPU, full
 * its fully free ones, P how far its GPU model is asked for by name beyond what there is of it.
 *
 * <p>F is the expected fragmentation of Weng et al., "Beware of Fragmentation: Scheduling
 * GPU-Sharing Workloads with Fragmentation Gradient Descent", USENIX ATC 2023, section 4. Alone it
 * is their FGD. Differs from theirs: the typical tasks are learned from arrivals, and within V each
 * counts by the GPUs it asks for, and tasks without GPUs not at all.
 *
 * <p>R(r) is the waste expected of a slot when, of the next {@value #DRAWS} tasks that want a share
 * of a GPU, the one that leaves the least waste takes it, and so on: r if none fits; otherwise,
 * over fitting sizes m by rising R(r - m), with c the probability of a size so far, the sum of [(1
 * - c before)^48 - (1 - c)^48] * R(r - m), and (1 - c)^48 * r at the end.
 *
 * <p>Places are tasks of the kind that the node could take. Their price rises from nothing to
 * {@code slot} (for 8 GPUs; in proportion for fewer) while the tasks expected to come before the
 * pool is full, with {@code slotSpread} standard deviations (Poisson) and those of the same number
 * of GPUs and more cores, go from {@code slotFrom} to {@code slotTo} of the places there are. One
 * kind is expected unseen: an untouched node of the largest size. This keeps whole nodes for
 * whole-node tasks while V spreads the rest over nodes; it is the dual price of a place, roughly.
 *
 * <p>The weights come from an evolution strategy on a published trace, {@link ValueWeights}.
 *
 * <p>A value costs a binary search. What depends on the GPUs alone, and a table of steps by free
 * cores, is kept with each {@link GpuSet} and computed again when popularity or prices move.
 * Deterministic. Not thread-safe.
 */
final class NodeValue {

  private static final double TYPICAL_SHARE = 0.95;
  private static final int MOST_TYPICAL = 96;
  private static final int DRAWS = 48;
  private static final double PRICE_STEP = 0.1;
  private static final int MOST_CROWD_KINDS = 24;
  private static final int MOST_STEP_STARTS = 1_024;
  private static final double[] NONE = {};

  private final ValueWeights weights;
  private final boolean weighedByGpus;
  private final boolean weighsCores;

  /** Rises whenever values change. */
  private int epoch = 1;

  /** The epoch in which popularity was taken up last. */
  private int learned = 1;

  private List<Typical> typical = List.of();

  private FragmentSteps fragmentSteps = new FragmentSteps(0, List.of(), new int[0], 1);

  /** Of the steps, ascending: cores from which on there is a difference. */
  private long[] edges = {};

  // By free cores, cut: the step to begin at when that of some number of cores is sought.
  private int[] stepStarts = {};
  private int stepShift;

  private final double[] waste = new double[WHOLE + 1];
  private int[] shareSizes = {};
  private double[] shareProbabilities = {};
  private List<Crowd> crowds = List.of();

  /** No crowd wants fewer GPUs. */
  private int fewestPriced = Integer.MAX_VALUE;

  private Map<String, Double> press = Map.of();

  /** A kind of task that counts for fragmentation, with its probability among those. */
  record Typical(GpuRequest request, double probability) {}

  /**
   * A kind of task of several GPUs, and the places that the pool has for it.
   *
   * @param wanted tasks of it, and of kinds that want as many GPUs and more cores, in all GPU
   *     demand: tasks a GPU of demand
   * @param price what a place for one is worth
   */
  record Crowd(GpuRequest request, double wanted, double price) {}

  /** How many tasks of whole GPUs a node can take, by GPUs and cores. */
  static int places(GpuRequest request, GpuSet set, long cpuMillis) {
    int byGpus = set.fullyFree / request.gpuCount();
    if (byGpus == 0 || !request.allows(set.model)) {
      return 0;
    }
    return request.cpuMillis() == 0
        ? byGpus
        : (int) Math.min(byGpus, cpuMillis / request.cpuMillis());
  }

  /** The same, by memory too. */
  static int places(GpuRequest request, GpuSet set, long cpuMillis, long memoryMib) {
    int places = places(request, set, cpuMillis);
    return places > 0 && places * request.memoryMib() > memoryMib
        ? (int) (memoryMib / request.memoryMib())
        : places;
  }

  NodeValue(ValueWeights weights, boolean weighedByGpus) {
    this.weights = weights;
    this.weighedByGpus = weighedByGpus;
    this.weighsCores = weights.shortage() != 0 || weights.smallCores() != 0;
  }

  /** When the value of all nodes changed last. */
  int learned() {
    return learned;
  }

  /** When the value of nodes with such GPUs changed last. */
  int asOf(GpuSet set) {
    return set.fullyFree < fewestPriced ? learned : epoch;
  }

  /** Nodes with fewer GPUs fully free are worth the same whatever places for several GPUs are. */
  int fewestPriced() {
    return fewestPriced;
  }

  /** The value of a node with this left. */
  double of(GpuSet set, long cpuMillis) {
    return of(worth(set)[step(cpuMillis)], set.freeMillis, set.gpuCount, cpuMillis);
  }

  /**
   * The value of a node that has so much left of its GPUs.
   *
   * @param worth of those GPUs, for as many cores
   */
  double of(double worth, int freeMillis, int gpuCount, long cpuMillis) {
    if (!weighsCores) {
      return worth;
    }
    double value = worth;
    double gpus = freeMillis / 1000.0;
    double cores = cpuMillis / 1000.0;
    double shortage = gpus - cores / weights.coresPerGpu();
    if (shortage > 0) {
      value -= weights.shortage() * shortage;
    }
    if (gpuCount < 8) {
      value -= weights.smallCores() * cores / 30;
    }
    return value;
  }

  /** What such GPUs are worth, by {@link #step} of free cores. */
  double[] worth(GpuSet set) {
    if (set.asOf != asOf(set)) {
      fill(set);
    }
    return set.worth;
  }

  /**
   * The most that GPUs such as these are worth once a request has taken its own.
   *
   * @param before the GPUs that it takes from
   */
  double[] most(GpuSet.Outcome outcome, GpuSet before) {
    int now = asOf(before);
    if (outcome.asOf != now) {
      outcome.most = most(outcome.after);
      outcome.asOf = now;
    }
    return outcome.most;
  }

  private double[] most(GpuSet[] after) {
    if (after.length == 1) {
      return worth(after[0]);
    }
    double[] most = new double[edges.length + 1];
    Arrays.fill(most, Double.NEGATIVE_INFINITY);
    for (GpuSet one : after) {
      double[] worth = worth(one);
      for (int step = 0; step < most.length; step++) {
        if (worth[step] > most[step]) {
          most[step] = worth[step];
        }
      }
    }
    return most;
  }

  /** Takes up what is popular now. */
  void learn(List<GpuPopularity.Kind> kinds, Map<String, Double> capacityByModel, GpuNode largest) {
    learnTypical(kinds);
    learnShares(kinds);
    learnPress(kinds, capacityByModel);
    learnCrowds(kinds, largest);
    TreeSet<Long> distinct = new TreeSet<>();
    for (Typical kind : typical) {
      distinct.add(kind.request().cpuMillis());
    }
    if (weights.slot() != 0) {
      for (Crowd crowd : crowds) {
        for (int n = 1; n <= Math.max(1, 8 / crowd.request().gpuCount()); n++) {
          distinct.add(n * crowd.request().cpuMillis());
        }
      }
    }
    edges = distinct.stream().mapToLong(Long::longValue).toArray();
    findStepStarts();
    int[] stepOf = typical.stream().mapToInt(kind -> step(kind.request().cpuMillis())).toArray();
    fragmentSteps = new FragmentSteps(weights.fragmentation(), typical, stepOf, edges.length + 1);
    epoch++;
    learned = epoch;
  }

  /**
   * Sets what places for several GPUs are worth, by how many there are and how many will be wanted.
   */
  boolean price(long[] places, double freeGpus) {
    List<Double> prices = new ArrayList<>(places.length);
    for (int i = 0; i < places.length; i++) {
      Crowd crowd = crowds.get(i);
      double wanted = freeGpus * crowd.wanted();
      wanted += weights.slotSpread() * Math.sqrt(wanted);
      double ratio = places[i] <= 0 ? Double.MAX_VALUE : wanted / (double) places[i];
      double scarcity = (ratio - weights.slotFrom()) / (weights.slotTo() - weights.slotFrom());
      double most = weights.slot() * crowd.request().gpuCount() / 8;
      prices.add(most * Math.max(0, Math.min(1, scarcity)));
    }
    return differ(prices) && price(prices);
  }

  /** Whether a price has moved far enough to be worth scoring everything again. */
  private boolean differ(List<Double> prices) {
    for (int i = 0; i < prices.size(); i++) {
      double most = weights.slot() * crowds.get(i).request().gpuCount() / 8;
      if (Math.abs(prices.get(i) - crowds.get(i).price()) > PRICE_STEP * most) {
        return true;
      }
    }
    return false;
  }

  /** Sets the prices of places; says whether any changed. */
  boolean price(List<Double> prices) {
    List<Crowd> priced = new ArrayList<>(prices.size());
    for (int i = 0; i < prices.size(); i++) {
      priced.add(new Crowd(crowds.get(i).request(), crowds.get(i).wanted(), prices.get(i)));
    }
    boolean changed = !priced.equals(crowds);
    if (changed) {
      crowds = priced;
      epoch++;
    }
    return changed;
  }

  boolean prices() {
    return weights.slot() != 0 && !crowds.isEmpty();
  }

  List<Crowd> crowds() {
    return crowds;
  }

  /** Expected fragmentation, GPUs. */
  double fragmentation(GpuSet set, long cpuMillis) {
    double sum = 0;
    for (Typical kind : typical) {
      sum += kind.probability() * (fragmentMillis(kind.request(), set, cpuMillis) / 1000.0);
    }
    return sum;
  }

  private static int fragmentMillis(GpuRequest kind, GpuSet set, long cpuMillis) {
    return cpuMillis < kind.cpuMillis() ? set.freeMillis : fragmentMillis(kind, set);
  }

  private static int fragmentMillis(GpuRequest kind, GpuSet set) {
    boolean fits =
        kind.gpuCount() > 0
            && kind.allows(set.model)
            && (kind.gpuMillis() == WHOLE
                ? set.fullyFree >= kind.gpuCount()
                : set.largest >= kind.gpuMillis());
    if (!fits) {
      return set.freeMillis;
    }
    int lost = 0;
    for (int level : set.levels) {
      if (level >= kind.gpuMillis()) {
        break;
      }
      lost += level;
    }
    return lost;
  }

  /** The expected waste of a slot, GPUs. */
  double waste(int millis) {
    double known = waste[millis];
    if (known >= 0) {
      return known;
    }
    double result = computeWaste(millis);
    waste[millis] = result;
    return result;
  }

  private double computeWaste(int millis) {
    int fitting = 0;
    while (fitting < shareSizes.length && shareSizes[fitting] <= millis) {
      fitting++;
    }
    if (fitting == 0) {
      return millis / 1000.0;
    }
    double[] outcomes = new double[fitting];
    double[] likely = new double[fitting];
    for (int i = 0; i < fitting; i++) {
      double outcome = waste(millis - shareSizes[i]);
      int at = i;
      while (at > 0 && Double.compare(outcomes[at - 1], outcome) > 0) {
        outcomes[at] = outcomes[at - 1];
        likely[at] = likely[at - 1];
        at--;
      }
      outcomes[at] = outcome;
      likely[at] = shareProbabilities[i];
    }
    double result = 0;
    double cumulative = 0;
    double missedBefore = 1;
    for (int i = 0; i < fitting; i++) {
      // All that may still be added is too small, each time, to be seen in the result.
      if (missedBefore < Math.ulp(result) / 8) {
        return result;
      }
      cumulative += likely[i];
      double missed = StrictMath.pow(Math.max(0, 1 - cumulative), DRAWS);
      result += (missedBefore - missed) * outcomes[i];
      missedBefore = missed;
    }
    return result + missedBefore * millis / 1000.0;
  }

  /** Which of the steps so many cores are on. */
  int step(long cpuMillis) {
    if (edges.length == 0 || cpuMillis >= edges[edges.length - 1]) {
      return edges.length;
    }
    int step = stepStarts[(int) (cpuMillis >> stepShift)];
    while (edges[step] <= cpuMillis) {
      step++;
    }
    return step;
  }

  private void findStepStarts() {
    long last = edges.length == 0 ? 0 : edges[edges.length - 1];
    stepShift = 0;
    while (last >> stepShift >= MOST_STEP_STARTS) {
      stepShift++;
    }
    stepStarts = new int[(int) (last >> stepShift) + 1];
    int step = 0;
    for (int i = 0; i < stepStarts.length; i++) {
      while (step < edges.length && edges[step] <= (long) i << stepShift) {
        step++;
      }
      stepStarts[i] = step;
    }
  }

  private void fill(GpuSet set) {
    if (set.learned != learned) {
      set.fragmentSteps = fragmentSteps.of(set);
      set.base = base(set);
      set.learned = learned;
    }
    double[] worth = set.fragmentSteps;
    if (set.fullyFree >= fewestPriced) {
      worth = worth.clone();
      addPrices(set, worth);
    } else {
      set.fragmentSteps = NONE;
    }
    for (int i = 0; i < worth.length; i++) {
      worth[i] += set.base;
    }
    set.worth = worth;
    set.asOf = asOf(set);
  }

  private void addPrices(GpuSet set, double[] worth) {
    for (Crowd crowd : crowds) {
      int most = crowd.price() > 0 ? places(crowd.request(), set, Long.MAX_VALUE) : 0;
      for (int n = 1; n <= most; n++) {
        for (int i = step(n * crowd.request().cpuMillis()); i < worth.length; i++) {
          worth[i] += crowd.price();
        }
      }
    }
  }

  private double base(GpuSet set) {
    double gpus = set.freeMillis / 1000.0;
    double value = -weights.spread() * gpus * gpus / 8;
    for (int level : set.levels) {
      if (level > 0 && level < WHOLE) {
        double free = level / 1000.0;
        value += weights.squares() * free * free - weights.partial();
        if (weights.waste() != 0) {
          value -= weights.waste() * waste(level);
        }
      }
    }
    if (set.fullyFree >= 8) {
      value += weights.eight();
    }
    if (set.fullyFree >= 4) {
      value += weights.four();
    }
    return weights.press() == 0 ? value : value + weights.press() * pressOn(set.model) * gpus;
  }

  private double pressOn(String model) {
    Double known = press.get(model);
    return known == null ? 0 : Math.min(2, known);
  }

  private void learnTypical(List<GpuPopularity.Kind> kinds) {
    List<Typical> weighed = new ArrayList<>();
    double total = 0;
    for (GpuPopularity.Kind kind : kinds) {
      double weight = weight(kind);
      if (weight > 0) {
        weighed.add(new Typical(kind.request(), weight));
        total += weight;
      }
    }
    weighed.sort((a, b) -> Double.compare(b.probability(), a.probability()));
    double kept = 0;
    int count = 0;
    int most = Math.min(MOST_TYPICAL, weighed.size());
    while (count < most && kept < TYPICAL_SHARE * total) {
      kept += weighed.get(count++).probability();
    }
    double sum = kept;
    typical =
        weighed.subList(0, count).stream()
            .map(kind -> new Typical(kind.request(), kind.probability() / sum))
            .toList();
  }

  private double weight(GpuPopularity.Kind kind) {
    if (kind.request().gpuCount() == 0) {
      return weighedByGpus ? 0 : kind.count();
    }
    return weighedByGpus ? gpuDemand(kind) : kind.count();
  }

  private static double gpuDemand(GpuPopularity.Kind kind) {
    return kind.count() * kind.request().totalGpuMillis() / 1000.0;
  }

  private void learnShares(List<GpuPopularity.Kind> kinds) {
    TreeMap<Integer, Double> shares = new TreeMap<>();
    double total = 0;
    for (GpuPopularity.Kind kind : kinds) {
      if (kind.request().gpuCount() == 1 && kind.request().gpuMillis() < WHOLE) {
        shares.merge(kind.request().gpuMillis(), kind.count(), Double::sum);
        total += kind.count();
      }
    }
    double all = total;
    shareSizes = shares.keySet().stream().mapToInt(Integer::intValue).toArray();
    shareProbabilities = shares.values().stream().mapToDouble(count -> count / all).toArray();
    Arrays.fill(waste, -1);
  }

  private void learnPress(List<GpuPopularity.Kind> kinds, Map<String, Double> capacityByModel) {
    double demand = 0;
    double capacity = 0;
    for (GpuPopularity.Kind kind : kinds) {
      demand += gpuDemand(kind);
    }
    for (double one : new TreeMap<>(capacityByModel).values()) {
      capacity += one;
    }
    Map<String, Double> learned = new HashMap<>();
    for (GpuPopularity.Kind kind : kinds) {
      if (kind.request().gpuCount() == 0 || kind.request().models().isEmpty()) {
        continue;
      }
      double allowed = 0;
      for (String model : kind.request().models()) {
        allowed += capacityByModel.getOrDefault(model, 0.0);
      }
      if (allowed > 0) {
        for (String model : kind.request().models()) {
          learned.merge(model, gpuDemand(kind) / demand * capacity / allowed, Double::sum);
        }
      }
    }
    press = learned;
  }

  private void learnCrowds(List<GpuPopularity.Kind> kinds, GpuNode largest) {
    double demand = 0;
    List<GpuPopularity.Kind> several = new ArrayList<>();
    for (GpuPopularity.Kind kind : kinds) {
      demand += gpuDemand(kind);
      if (kind.request().gpuCount() > 1) {
        several.add(kind);
      }
    }
    List<Crowd> learned = new ArrayList<>();
    if (largest.gpuCount() > 1) {
      GpuRequest whole =
          new GpuRequest(
              largest.cpuMillis(), largest.memoryMib(), 0, largest.gpuCount(), WHOLE, List.of());
      learned.add(new Crowd(whole, weights.wholeNodes() / largest.gpuCount(), 0));
    }
    for (GpuPopularity.Kind kind : several.subList(0, Math.min(MOST_CROWD_KINDS, several.size()))) {
      double wanted = 0;
      for (GpuPopularity.Kind other : several) {
        if (other.request().gpuCount() == kind.request().gpuCount()
            && other.request().cpuMillis() >= kind.request().cpuMillis()) {
          wanted += other.count();
        }
      }
      learned.add(new Crowd(kind.request(), wanted / demand, 0));
    }
    crowds = learned;
    fewestPriced = Integer.MAX_VALUE;
    if (weights.slot() != 0) {
      for (Crowd crowd : crowds) {
        fewestPriced = Math.min(fewestPriced, crowd.request().gpuCount());
      }
    }
  }
}
