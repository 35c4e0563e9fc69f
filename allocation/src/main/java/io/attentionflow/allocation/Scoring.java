package io.attentionflow.allocation;

/** How a placement scores a node for one shard: higher is better, finite. */
@FunctionalInterface
interface Scoring {

  /** Scores a node that the shard fits. */
  double score(Node node, Resources demand);

  /** The lowest use of the scarcest resource is best, were the shard placed there. */
  Scoring LEAST_LOADED = (node, demand) -> 0 - node.loadWith(demand);

  /** The fewest running shards are best. */
  Scoring LEAST_CONNECTION = (node, demand) -> 0 - node.shards();

  /**
   * The least that is left over is best, as parts of the largest nodes.
   *
   * @param mostCpuMillis of a node, at least 1
   * @param mostGpus of a node, at least 1
   */
  static Scoring bestFit(long mostCpuMillis, int mostGpus) {
    return (node, demand) -> {
      double cpu = (double) (node.freeCpuMillis() - demand.cpuMillis()) / mostCpuMillis;
      double gpu = (node.gpus().freeMillis() - demand.totalGpuMillis()) / (1000.0 * mostGpus);
      return (int) (100 * (1 - 0.5 * cpu - 0.5 * gpu));
    };
  }

  /** The smallest product of what is asked and what is free is best, as parts likewise. */
  static Scoring dotProduct(long mostCpuMillis, int mostGpus) {
    return (node, demand) -> {
      double cpu =
          (double) node.freeCpuMillis() / mostCpuMillis * demand.cpuMillis() / mostCpuMillis;
      double gpu =
          node.gpus().freeMillis()
              / (1000.0 * mostGpus)
              * demand.totalGpuMillis()
              / (1000.0 * mostGpus);
      return (int) (100 * (1 - (cpu + gpu) / 2));
    };
  }
}
