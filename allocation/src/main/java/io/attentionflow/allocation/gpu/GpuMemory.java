package io.attentionflow.allocation.gpu;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@link LearnedValues} learned, to go on from.
 *
 * @param nextSequence tasks that arrived with a lower number are counted
 * @param popularity of what is asked for
 * @param inUse the kinds when values were last made from them
 * @param gpusByModel GPUs in the pool then
 * @param largest node in the pool then
 * @param prices of places for tasks of several GPUs, now
 */
public record GpuMemory(
    long nextSequence,
    GpuPopularity.Snapshot popularity,
    List<GpuPopularity.Kind> inUse,
    Map<String, Double> gpusByModel,
    GpuNode largest,
    List<Double> prices) {

  public GpuMemory {
    inUse = List.copyOf(inUse);
    gpusByModel = Collections.unmodifiableSortedMap(new TreeMap<>(gpusByModel));
    prices = List.copyOf(prices);
  }

  /** Nothing was learned yet; tasks count from the one with this number. */
  public static GpuMemory none(long nextSequence) {
    return new GpuMemory(
        nextSequence,
        new GpuPopularity.Snapshot(0, List.of()),
        List.of(),
        Map.of(),
        GpuNode.NONE,
        List.of());
  }
}
