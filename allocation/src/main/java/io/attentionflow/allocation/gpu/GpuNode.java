package io.attentionflow.allocation.gpu;

import java.util.Comparator;

/**
 * What a node has in all.
 *
 * @param cpuMillis thousandths of a core, not negative
 * @param memoryMib MiB, not negative
 * @param gpuCount GPUs, not negative
 * @param model the model of its GPUs; empty: none, or unknown
 */
public record GpuNode(long cpuMillis, long memoryMib, int gpuCount, String model) {

  /** A node that has nothing. */
  static final GpuNode NONE = new GpuNode(0, 0, 0, "");

  /** Whatever its model is. */
  static final Comparator<GpuNode> BY_SIZE =
      Comparator.comparingInt(GpuNode::gpuCount)
          .thenComparingLong(GpuNode::cpuMillis)
          .thenComparingLong(GpuNode::memoryMib);

  public GpuNode {
    if (cpuMillis < 0 || memoryMib < 0 || gpuCount < 0) {
      throw new IllegalArgumentException(
          "negative amount: cpuMillis %d, memoryMib %d, gpuCount %d"
              .formatted(cpuMillis, memoryMib, gpuCount));
    }
  }
}
