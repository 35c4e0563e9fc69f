package io.attentionflow.client;

import io.attentionflow.schema.Resources;

/**
 * An amount of each resource.
 *
 * @param cpuMillis thousandths of a core
 * @param memoryMib MiB
 * @param gpuMillis thousandths of a GPU, over all GPUs
 * @param ioMibps MiB per second
 */
public record Amounts(long cpuMillis, long memoryMib, long gpuMillis, long ioMibps) {

  public static final Amounts NONE = new Amounts(0, 0, 0, 0);

  static Amounts of(Resources resources) {
    return new Amounts(
        resources.getCpuMillis(),
        resources.getMemoryMib(),
        resources.getGpuCount() * resources.getGpuMillis(),
        resources.getIoMibps());
  }

  /** Both together. */
  public Amounts plus(Amounts other) {
    return new Amounts(
        cpuMillis + other.cpuMillis,
        memoryMib + other.memoryMib,
        gpuMillis + other.gpuMillis,
        ioMibps + other.ioMibps);
  }
}
