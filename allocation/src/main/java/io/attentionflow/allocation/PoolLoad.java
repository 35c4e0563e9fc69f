package io.attentionflow.allocation;

import io.attentionflow.allocation.NodeState.Status;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pool has in all, and how much of it each class of tasks holds: the dominant share of a
 * class is its share of the resource that it holds the largest share of.
 *
 * <p>Source: A. Ghodsi et al., "Dominant Resource Fairness", NSDI 2011; classes in the place of
 * users.
 *
 * <p>All of it follows from nodes and tasks, and is summed up anew when an engine is made.
 */
final class PoolLoad {

  private final Sum capacity = new Sum();
  private final Sum held = new Sum();
  private final Map<String, Sum> heldByClass = new HashMap<>();

  /** So much of each resource. */
  static final class Sum {
    private long cpuMillis;
    private long memoryMib;
    private long gpuMillis;
    private long ioMibps;

    void add(Resources resources, int sign) {
      cpuMillis += sign * bounded(resources.cpuMillis());
      memoryMib += sign * bounded(resources.memoryMib());
      gpuMillis += sign * bounded(resources.totalGpuMillis());
      ioMibps += sign * bounded(resources.ioMibps());
    }

    /** Anyone may ask for any nonsense, and millions of them must still add up. */
    private static long bounded(long amount) {
      return Math.min(amount, 1L << 40);
    }

    /** The largest part of something that there is; 0 if there is nothing. */
    double partOf(Sum all) {
      double most = part(cpuMillis, all.cpuMillis);
      most = Math.max(most, part(memoryMib, all.memoryMib));
      most = Math.max(most, part(gpuMillis, all.gpuMillis));
      return Math.max(most, part(ioMibps, all.ioMibps));
    }

    private static double part(long amount, long all) {
      return all <= 0 ? 0 : (double) amount / all;
    }
  }

  /** A node is otherwise than it was; null: it was not, or is not, there. */
  void changed(@Nullable NodeState before, @Nullable NodeState after) {
    count(before, -1);
    count(after, 1);
  }

  private void count(@Nullable NodeState node, int sign) {
    if (node != null && (node.status() == Status.READY || node.status() == Status.DRAINING)) {
      capacity.add(node.capacity(), sign);
    }
  }

  /**
   * A task of a class takes something, or gives it back.
   *
   * @param sign 1: takes; -1: gives back
   */
  void holds(String complexity, Resources resources, int sign) {
    held.add(resources, sign);
    heldByClass.computeIfAbsent(complexity, name -> new Sum()).add(resources, sign);
  }

  /** Use of the scarcest resource, by what was assigned; 0 if there is none. */
  double load() {
    return held.partOf(capacity);
  }

  /** The dominant share of a class, 0 to 1. */
  double shareOf(String complexity) {
    Sum sum = heldByClass.get(complexity);
    return sum == null ? 0 : sum.partOf(capacity);
  }

  /** The dominant share that something would be of all there is. */
  double shareOf(Sum sum) {
    return sum.partOf(capacity);
  }
}
