package io.attentionflow.allocation.gpu;

/**
 * What a node has in all.
 *
 * @param cpuMillis thousandths of a core, not negative
 * @param memoryMib MiB, not negative
 * @param gpuCount GPUs, not negative
 * @param model the model of its GPUs; empty: none, or unknown
 */
public record GpuNode(long cpuMillis, long memoryMib, int gpuCount, String model) {

  public GpuNode {
    if (cpuMillis < 0 || memoryMib < 0 || gpuCount < 0) {
      throw new IllegalArgumentException(
          "negative amount: cpuMillis %d, memoryMib %d, gpuCount %d"
              .formatted(cpuMillis, memoryMib, gpuCount));
    }
  }
}
