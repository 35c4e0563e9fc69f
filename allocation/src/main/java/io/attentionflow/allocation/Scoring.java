package io.attentionflow.allocation;

/**
 * How a placement scores a node for one shard, from a few numbers that it takes of the node.
 *
 * <p>No number may make the score higher by being higher: so the least of each, over many nodes,
 * give a score that none of them exceeds.
 */
interface Scoring {

  /** How many numbers. */
  int measures();

  /** Takes them of a node that takes tasks. */
  void measure(Node node, double[] into, int at);

  /** What the score of a shard has in common on all nodes that have so much in all. */
  default double common(Resources capacity, Resources demand) {
    return 0;
  }

  /**
   * The score: higher is better, finite.
   *
   * @param measured where the numbers are, from {@code at} on
   */
  double score(double[] measured, int at, Resources demand, double common);

  /** All nodes are alike. */
  Scoring NONE =
      new Scoring() {
        @Override
        public int measures() {
          return 0;
        }

        @Override
        public void measure(Node node, double[] into, int at) {}

        @Override
        public double score(double[] measured, int at, Resources demand, double common) {
          return 0;
        }
      };

  /**
   * The lowest load is best, as {@link Node#load} says, with what the shard would add to the
   * resource that it takes most of. So a large shard goes rather to a large node; and nodes of one
   * kind are ordered by their load alone, whatever is asked.
   */
  Scoring LEAST_LOADED =
      new Scoring() {
        @Override
        public int measures() {
          return 1;
        }

        @Override
        public void measure(Node node, double[] into, int at) {
          into[at] = node.load();
        }

        @Override
        public double score(double[] measured, int at, Resources demand, double common) {
          return 0 - (measured[at] + common);
        }

        @Override
        public double common(Resources capacity, Resources demand) {
          return largestShare(demand, capacity);
        }
      };

  /** What a shard takes of the resource of a node that it takes most of: 1 is all of it. */
  private static double largestShare(Resources demand, Resources capacity) {
    double cpu = share(demand.cpuMillis(), capacity.cpuMillis());
    double memory = share(demand.memoryMib(), capacity.memoryMib());
    double gpu = share(demand.totalGpuMillis(), capacity.totalGpuMillis());
    double io = share(demand.ioMibps(), capacity.ioMibps());
    return Math.max(Math.max(cpu, memory), Math.max(gpu, io));
  }

  private static double share(long amount, long capacity) {
    return capacity == 0 ? 0 : (double) amount / capacity;
  }

  /** The fewest running shards are best. */
  Scoring LEAST_CONNECTION =
      new Scoring() {
        @Override
        public int measures() {
          return 1;
        }

        @Override
        public void measure(Node node, double[] into, int at) {
          into[at] = node.shards();
        }

        @Override
        public double score(double[] measured, int at, Resources demand, double common) {
          return 0 - measured[at];
        }
      };

  /**
   * The least that is left over is best, as parts of the largest nodes.
   *
   * @param largest the most cores and GPUs of any node that takes tasks
   */
  static Scoring bestFit(Largest largest) {
    return new FreeCoresAndGpus() {
      @Override
      double score(double cpuMillis, double gpuMillis, Resources demand) {
        double cpu = (cpuMillis - demand.cpuMillis()) / largest.cpuMillis();
        double gpu = (gpuMillis - demand.totalGpuMillis()) / (1000.0 * largest.gpuCount());
        return (int) (100 * (1 - 0.5 * cpu - 0.5 * gpu));
      }
    };
  }

  /** The smallest product of what is asked and what is free is best, as parts likewise. */
  static Scoring dotProduct(Largest largest) {
    return new FreeCoresAndGpus() {
      @Override
      double score(double cpuMillis, double gpuMillis, Resources demand) {
        double most = largest.cpuMillis();
        double mostGpu = 1000.0 * largest.gpuCount();
        double cpu = cpuMillis / most * demand.cpuMillis() / most;
        double gpu = gpuMillis / mostGpu * demand.totalGpuMillis() / mostGpu;
        return (int) (100 * (1 - (cpu + gpu) / 2));
      }
    };
  }

  /** What the largest nodes have that take tasks, at least 1 of each. */
  final class Largest {
    private long cpuMillis = 1;
    private int gpuCount = 1;

    long cpuMillis() {
      return cpuMillis;
    }

    int gpuCount() {
      return gpuCount;
    }

    void clear() {
      cpuMillis = 1;
      gpuCount = 1;
    }

    void include(Resources capacity) {
      cpuMillis = Math.max(cpuMillis, capacity.cpuMillis());
      gpuCount = Math.max(gpuCount, capacity.gpuCount());
    }
  }

  /** Goes by free cores and free GPUs. */
  abstract class FreeCoresAndGpus implements Scoring {

    abstract double score(double cpuMillis, double gpuMillis, Resources demand);

    @Override
    public int measures() {
      return 2;
    }

    @Override
    public void measure(Node node, double[] into, int at) {
      into[at] = node.freeCpuMillis();
      into[at + 1] = node.gpus().freeMillis();
    }

    @Override
    public double score(double[] measured, int at, Resources demand, double common) {
      return score(measured[at], measured[at + 1], demand);
    }
  }
}
