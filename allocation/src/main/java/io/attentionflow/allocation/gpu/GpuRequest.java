package io.attentionflow.allocation.gpu;

import java.util.List;

/**
 * What one shard asks of a node.
 *
 * @param cpuMillis thousandths of a core, not negative
 * @param memoryMib MiB, not negative
 * @param ioMibps MiB per second, not negative
 * @param gpuCount GPUs, not negative; 0: none
 * @param gpuMillis thousandths of each of those GPUs, from 0 to 1000; 0 where there are none;
 *     several GPUs are whole ones
 * @param models models it can use, sorted and without repeats; empty: any
 */
public record GpuRequest(
    long cpuMillis,
    long memoryMib,
    long ioMibps,
    int gpuCount,
    int gpuMillis,
    List<String> models) {

  static final int WHOLE = 1000;

  /** More than this of anything is asked for by mistake, and teaches nothing. */
  private static final long ABSURD = 1L << 40;

  public GpuRequest {
    if (cpuMillis < 0 || memoryMib < 0 || ioMibps < 0 || gpuCount < 0) {
      throw new IllegalArgumentException(
          "negative amount: cpuMillis %d, memoryMib %d, ioMibps %d, gpuCount %d"
              .formatted(cpuMillis, memoryMib, ioMibps, gpuCount));
    }
    if (gpuMillis < 0 || gpuMillis > WHOLE || (gpuCount == 0 && gpuMillis != 0)) {
      throw new IllegalArgumentException(
          "%d GPUs of %d thousandths".formatted(gpuCount, gpuMillis));
    }
    if (gpuCount > 1 && gpuMillis != WHOLE) {
      throw new IllegalArgumentException(
          "%d GPUs of %d thousandths: several GPUs are whole ones".formatted(gpuCount, gpuMillis));
    }
    models = sorted(models);
  }

  private static List<String> sorted(List<String> models) {
    return rises(models) ? List.copyOf(models) : models.stream().sorted().distinct().toList();
  }

  private static boolean rises(List<String> models) {
    for (int i = 1; i < models.size(); i++) {
      if (models.get(i - 1).compareTo(models.get(i)) >= 0) {
        return false;
      }
    }
    return true;
  }

  /** The same, but for what is of no matter to what a node is worth. */
  GpuRequest valued() {
    return memoryMib == 0 && ioMibps == 0
        ? this
        : new GpuRequest(cpuMillis, 0, 0, gpuCount, gpuMillis, models);
  }

  /** Thousandths of one GPU that it asks for in all. */
  public int totalGpuMillis() {
    return gpuCount * gpuMillis;
  }

  /** Whether it can run on GPUs of this model; a task without GPUs can, anywhere. */
  public boolean allows(String model) {
    return gpuCount == 0 || models.isEmpty() || models.contains(model);
  }

  /** Whether it says something of what others will ask for. */
  boolean isSensible() {
    return cpuMillis < ABSURD && memoryMib < ABSURD && (gpuCount == 0 || gpuMillis > 0);
  }
}
