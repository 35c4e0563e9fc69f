package io.attentionflow.benchmarks.pipeline;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How much of the machine was used since this was made, by this process and by others: a figure
 * from a shared machine is worth little without.
 */
final class MachineUse {

  private static final Path PROC_STAT = Path.of("/proc/stat");

  /** Of /proc/stat: all but idle and waiting for disks, in the order of the file. */
  private static final int[] BUSY_COLUMNS = {1, 2, 3, 6, 7, 8};

  /** Of a tick of /proc/stat: a hundredth of a second, on every Linux that runs Java. */
  private static final double SECONDS_PER_TICK = 0.01;

  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final long begunNanos = System.nanoTime();
  private final double processCpuSeconds = processCpu();
  private final OptionalDouble machineCpuSeconds = machineCpu();
  private final double gcPauseSeconds = gcPauses();

  /** CPU time of this process: broker, Flink, and whatever else runs in it. */
  double processCpuSeconds() {
    return processCpu() - processCpuSeconds;
  }

  /** Time that collections took, pauses and concurrent work alike. */
  double gcSeconds() {
    return gcPauses() - gcPauseSeconds;
  }

  /** How many processors others kept busy, on average; empty where the system does not tell. */
  OptionalDouble processorsUsedByOthers() {
    OptionalDouble now = machineCpu();
    if (now.isEmpty() || machineCpuSeconds.isEmpty()) {
      return OptionalDouble.empty();
    }
    double seconds = (System.nanoTime() - begunNanos) / 1e9;
    double machine = now.getAsDouble() - machineCpuSeconds.getAsDouble();
    return OptionalDouble.of(Math.max(0, (machine - processCpuSeconds()) / seconds));
  }

  private static double processCpu() {
    return SYSTEM.getProcessCpuTime() / 1e9;
  }

  private static double gcPauses() {
    long millis = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      millis += Math.max(0, collector.getCollectionTime());
    }
    return millis / 1e3;
  }

  private static OptionalDouble machineCpu() {
    if (!Files.isReadable(PROC_STAT)) {
      return OptionalDouble.empty();
    }
    try {
      List<String> lines = Files.readAllLines(PROC_STAT);
      String[] columns = lines.get(0).split(" +", -1);
      double ticks = 0;
      for (int column : BUSY_COLUMNS) {
        ticks += Long.parseLong(columns[column]);
      }
      return OptionalDouble.of(ticks * SECONDS_PER_TICK);
    } catch (IOException e) {
      return OptionalDouble.empty();
    }
  }
}
