package io.attentionflow.allocation.gpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@link GpuIndex} does, by a scan over nodes and GPUs that remembers nothing; ties go to the
 * first node and the first GPU.
 */
final class PlainGpuPlacement {

  private static final int WHOLE = 1000;

  private final GpuPolicy policy;
  private final NodeValue value;
  private final List<Node> nodes = new ArrayList<>();

  private static final class Node {
    final GpuNode capacity;
    long cpu;
    long memory;
    final int[] free;

    Node(GpuNode capacity) {
      this.capacity = capacity;
      cpu = capacity.cpuMillis();
      memory = capacity.memoryMib();
      free = new int[capacity.gpuCount()];
      Arrays.fill(free, WHOLE);
    }
  }

  /**
   * @param value the values that the index uses: those are tested by themselves
   */
  PlainGpuPlacement(GpuPolicy policy, NodeValue value) {
    this.policy = policy;
    this.value = value;
  }

  void joined(GpuNode capacity) {
    nodes.add(new Node(capacity));
  }

  void use(int node, GpuRequest request, List<Integer> gpus, int sign) {
    Node used = nodes.get(node);
    used.cpu -= sign * request.cpuMillis();
    used.memory -= sign * request.memoryMib();
    for (int gpu : gpus) {
      used.free[gpu] -= sign * request.gpuMillis();
    }
  }

  @Nullable GpuChoice choose(GpuRequest request) {
    GpuChoice best = null;
    for (int number = 0; number < nodes.size(); number++) {
      Node node = nodes.get(number);
      if (node.cpu < request.cpuMillis()
          || node.memory < request.memoryMib()
          || !request.allows(node.capacity.model())) {
        continue;
      }
      for (List<Integer> gpus : ways(node, request)) {
        double score = score(node, request, gpus);
        if (best == null || score > best.score()) {
          best = new GpuChoice(number, gpus, score);
        }
      }
    }
    return best;
  }

  private List<List<Integer>> ways(Node node, GpuRequest request) {
    if (request.gpuCount() == 0) {
      return List.of(List.of());
    }
    List<Integer> enough = new ArrayList<>();
    for (int gpu = 0; gpu < node.free.length; gpu++) {
      if (node.free[gpu] >= request.gpuMillis()) {
        enough.add(gpu);
      }
    }
    if (enough.size() < request.gpuCount()) {
      return List.of();
    }
    if (request.gpuMillis() == WHOLE) {
      return List.of(enough.subList(0, request.gpuCount()));
    }
    if (policy == GpuPolicy.BEST_FIT || policy == GpuPolicy.DOT_PRODUCT) {
      int tightest = enough.get(0);
      for (int gpu : enough) {
        if (node.free[gpu] < node.free[tightest]) {
          tightest = gpu;
        }
      }
      return List.of(List.of(tightest));
    }
    return enough.stream().map(List::of).toList();
  }

  private double score(Node node, GpuRequest request, List<Integer> gpus) {
    double mostCpu = nodes.stream().mapToLong(n -> n.capacity.cpuMillis()).max().orElseThrow();
    int mostGpus = nodes.stream().mapToInt(n -> n.capacity.gpuCount()).max().orElseThrow();
    int free = 0;
    for (int level : node.free) {
      free += level;
    }
    long cpuLeft = node.cpu - request.cpuMillis();
    return switch (policy) {
      case RANDOM -> 0;
      case BEST_FIT -> {
        int gpuLeft = free - request.totalGpuMillis();
        yield (int) (100 * (1 - 0.5 * (cpuLeft / mostCpu) - 0.5 * (gpuLeft / (1000.0 * mostGpus))));
      }
      case DOT_PRODUCT -> {
        double cpu = node.cpu / mostCpu * request.cpuMillis() / mostCpu;
        double gpu = free / (1000.0 * mostGpus) * request.totalGpuMillis() / (1000.0 * mostGpus);
        yield (int) (100 * (1 - (cpu + gpu) / 2));
      }
      case FRAGMENTATION -> (int) (100 / (1 + StrictMath.exp(-gain(node, request, gpus))));
      case VALUE -> (float) gain(node, request, gpus);
    };
  }

  private double gain(Node node, GpuRequest request, List<Integer> gpus) {
    GpuSets sets = new GpuSets(2);
    int[] left = node.free.clone();
    for (int taken : gpus) {
      left[taken] -= request.gpuMillis();
    }
    String model = node.capacity.model();
    return value.of(sets.of(model, left), node.cpu - request.cpuMillis())
        - value.of(sets.of(model, node.free.clone()), node.cpu);
  }
}
