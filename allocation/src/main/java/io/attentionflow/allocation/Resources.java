package io.attentionflow.allocation;

/**
 * An amount of each resource; none is negative.
 *
 * @param cpuMillis thousandths of a core
 * @param memoryMib memory, MiB
 * @param gpuCount GPUs
 * @param gpuMillis thousandths of each of those GPUs, from 0 to 1000; 1000 is a whole one
 * @param ioMibps throughput, MiB per second
 */
public record Resources(
    long cpuMillis, long memoryMib, int gpuCount, long gpuMillis, long ioMibps) {

  /** Nothing of anything. */
  public static final Resources NONE = new Resources(0, 0, 0, 0, 0);

  public Resources {
    if (cpuMillis < 0 || memoryMib < 0 || gpuCount < 0 || gpuMillis < 0 || ioMibps < 0) {
      throw new IllegalArgumentException(
          "negative amount: cpuMillis %d, memoryMib %d, gpuCount %d, gpuMillis %d, ioMibps %d"
              .formatted(cpuMillis, memoryMib, gpuCount, gpuMillis, ioMibps));
    }
    if (gpuMillis > 1000) {
      throw new IllegalArgumentException("%d thousandths of one GPU".formatted(gpuMillis));
    }
    if (gpuCount > 1 && gpuMillis != 1000) {
      throw new IllegalArgumentException(
          "%d GPUs of %d thousandths: several GPUs are whole ones".formatted(gpuCount, gpuMillis));
    }
  }

  /**
   * An amount of which it is not known on how many GPUs: as few as hold it, and whole ones if they
   * are several.
   *
   * @param totalGpuMillis GPU in all, thousandths of one GPU
   */
  public static Resources ofTotalGpu(
      long cpuMillis, long memoryMib, long totalGpuMillis, long ioMibps) {
    int gpuCount = (int) ((totalGpuMillis + 999) / 1000);
    return new Resources(
        cpuMillis, memoryMib, gpuCount, gpuCount > 1 ? 1000 : totalGpuMillis, ioMibps);
  }

  /** GPU demand in all, thousandths of one GPU. */
  public long totalGpuMillis() {
    return gpuCount * gpuMillis;
  }
}
