package io.attentionflow.allocation;

import io.attentionflow.allocation.NodeState.Status;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a task must be like at least to start beside a soft reservation: no node has more room than
 * this. Passes over most of those that cannot, without looking at a node.
 */
final class Gap {

  /** Any task may be worth a look. */
  static final Gap ANY = new Gap(Long.MAX_VALUE);

  private final long windowMillis;
  private long cpuMillis = -1;
  private long memoryMib = -1;
  private long besideCpuMillis = -1;
  private long besideMemoryMib = -1;

  private Gap(long room) {
    windowMillis = Long.MAX_VALUE;
    cpuMillis = room;
    memoryMib = room;
  }

  Gap(List<Node> nodes, @Nullable Reservation reservation) {
    windowMillis = reservation == null ? Long.MAX_VALUE : reservation.windowMillis();
    for (Node node : nodes) {
      if (node.status() == Status.READY) {
        cpuMillis = Math.max(cpuMillis, node.freeCpuMillis());
        memoryMib = Math.max(memoryMib, node.freeMemoryMib());
        long keptCpuMillis = 0;
        long keptMemoryMib = 0;
        if (reservation != null && reservation.node() == node) {
          keptCpuMillis = Math.max(0, reservation.needed().cpuMillis);
          keptMemoryMib = Math.max(0, reservation.needed().memoryMib);
        }
        besideCpuMillis = Math.max(besideCpuMillis, node.freeCpuMillis() - keptCpuMillis);
        besideMemoryMib = Math.max(besideMemoryMib, node.freeMemoryMib() - keptMemoryMib);
      }
    }
  }

  /**
   * Whether it is worth looking for a node.
   *
   * @param leastCpuMillis of a part that a node must take whole
   * @param leastMemoryMib likewise
   * @param leastMillis the expected run time
   */
  boolean mayTake(long leastCpuMillis, long leastMemoryMib, long leastMillis) {
    return leastCpuMillis <= cpuMillis
        && leastMemoryMib <= memoryMib
        && (leastMillis <= windowMillis
            || (leastCpuMillis <= besideCpuMillis && leastMemoryMib <= besideMemoryMib));
  }
}
