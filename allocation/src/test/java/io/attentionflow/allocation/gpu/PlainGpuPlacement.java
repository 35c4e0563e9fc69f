package io.attentionflow.allocation.gpu;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which GPUs of one node a task gets and how good that is, by trying every way there is; of equal
 * ways the one with the lowest GPU. The values themselves are tested elsewhere.
 */
public final class PlainGpuPlacement {

  private PlainGpuPlacement() {}

  /** GPUs by index, and what they score. */
  public record Way(List<Integer> gpus, double score) {}

  /**
   * The best way; null: there is none, for want of GPUs.
   *
   * @param free thousandths of each GPU
   */
  public static @Nullable Way best(
      GpuPolicy policy,
      LearnedValues learned,
      String model,
      long cpuMillis,
      int[] free,
      GpuRequest request) {
    Way best = null;
    for (List<Integer> gpus : ways(free, request)) {
      int[] left = free.clone();
      for (int taken : gpus) {
        left[taken] -= request.gpuMillis();
      }
      double after = learned.value().of(GpuSet.of(model, left), cpuMillis - request.cpuMillis());
      double before = learned.value().of(GpuSet.of(model, free.clone()), cpuMillis);
      double score = policy.score(after - before);
      if (best == null || score > best.score()) {
        best = new Way(gpus, score);
      }
    }
    return best;
  }

  private static List<List<Integer>> ways(int[] free, GpuRequest request) {
    if (request.gpuCount() == 0) {
      return List.of(List.of());
    }
    List<Integer> enough = new ArrayList<>();
    for (int gpu = 0; gpu < free.length; gpu++) {
      if (free[gpu] >= request.gpuMillis()) {
        enough.add(gpu);
      }
    }
    if (enough.size() < request.gpuCount()) {
      return List.of();
    }
    return request.gpuMillis() == 1000
        ? List.of(List.copyOf(enough.subList(0, request.gpuCount())))
        : enough.stream().map(List::of).toList();
  }
}
