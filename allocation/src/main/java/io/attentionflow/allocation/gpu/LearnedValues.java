package io.attentionflow.allocation.gpu;

import java.util.List;
import java.util.Map;

/**
 * Node values, learned from the tasks that arrive.
 *
 * <p>Begins knowing nothing. Popularity is counted with every arrival and taken up into the values
 * at arrivals 16, 32, …, 512, then every 512, later every 4096; places for tasks of several GPUs
 * are priced anew every 128. Deterministic. Not thread-safe.
 */
public final class LearnedValues {

  private static final int TAKE_UP_EVERY = 512;
  private static final int SETTLED = 16_384;
  private static final int PRICE_EVERY = 128;

  private final GpuPopularity popularity = new GpuPopularity();
  private final NodeValue value;

  /** Of the last time that popularity was taken up. */
  private List<GpuPopularity.Kind> inUse = List.of();

  private Map<String, Double> gpusByModel = Map.of();
  private GpuNode largest = GpuNode.NONE;

  public LearnedValues(GpuPolicy policy) {
    value =
        switch (policy) {
          case FRAGMENTATION -> new NodeValue(ValueWeights.FRAGMENTATION_ONLY, false);
          case VALUE -> new NodeValue(ValueWeights.defaults(), true);
        };
  }

  /** What has to be known of the pool when values are made. Only of nodes that take tasks. */
  public interface View {

    /** GPUs by model. */
    Map<String, Double> gpusByModel();

    /** The largest node: by GPUs, then cores, then memory. */
    GpuNode largest();

    /** Free thousandths of a GPU. */
    long freeGpuMillis();

    /** How many of each of these requests the nodes could take now, each by itself. */
    long[] places(List<GpuRequest> requests);
  }

  /**
   * A task has come; told once a task, however often its place is looked for.
   *
   * @return whether values changed
   */
  public boolean arrived(GpuRequest request, View pool) {
    if (!request.isSensible()) {
      return false;
    }
    popularity.learn(request);
    long learned = popularity.learned();
    if (isTakenUpAt(learned)) {
      takeUp(pool);
      return true;
    }
    return value.prices() && learned % PRICE_EVERY == 0 && price(pool);
  }

  /** Often while little is known; every value changes, so rarely once much is. */
  private static boolean isTakenUpAt(long learned) {
    if (learned < TAKE_UP_EVERY) {
      return learned >= 16 && Long.bitCount(learned) == 1;
    }
    return learned % (learned <= SETTLED ? TAKE_UP_EVERY : 8 * TAKE_UP_EVERY) == 0;
  }

  private void takeUp(View pool) {
    inUse = popularity.kinds();
    gpusByModel = pool.gpusByModel();
    largest = pool.largest();
    value.learn(inUse, gpusByModel, largest);
    if (value.prices()) {
      price(pool);
    }
  }

  private boolean price(View pool) {
    List<GpuRequest> crowds = value.crowds().stream().map(NodeValue.Crowd::request).toList();
    return value.price(pool.places(crowds), pool.freeGpuMillis() / 1000.0);
  }

  /** The values as they are now. */
  NodeValue value() {
    return value;
  }

  /**
   * What was learned, for {@link #restore}: then decisions go on as they would have.
   *
   * @param nextSequence of the next task to arrive
   */
  public GpuMemory memory(long nextSequence) {
    return new GpuMemory(
        nextSequence,
        popularity.snapshot(),
        inUse,
        gpusByModel,
        largest,
        value.crowds().stream().map(NodeValue.Crowd::price).toList());
  }

  /**
   * Knows what the memory says, and nothing else that it had learned.
   *
   * @param since tasks that arrived since the memory was made, in turn
   */
  public void restore(GpuMemory memory, List<GpuRequest> since) {
    popularity.restore(memory.popularity());
    inUse = memory.inUse();
    gpusByModel = memory.gpusByModel();
    largest = memory.largest();
    if (!inUse.isEmpty()) {
      value.learn(inUse, gpusByModel, largest);
      value.price(memory.prices());
    }
    for (GpuRequest request : since) {
      if (request.isSensible()) {
        popularity.learn(request);
      }
    }
  }
}
