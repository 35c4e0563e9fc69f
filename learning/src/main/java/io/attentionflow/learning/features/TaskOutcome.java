package io.attentionflow.learning.features;

/**
 * How a task ended.
 *
 * @param endedAtMillis event time, milliseconds since 1970
 * @param durationMillis its run time; of what was cut short: the run time so far
 * @param byItself true if it succeeded or failed; false if it was cut short, which only says "at
 *     least that long" and teaches no class
 * @param outOfMemory true if it was cut short because it used all the memory that it had
 * @param peakCpuMillis the most CPU it used, thousandths of a core; 0: not measured
 * @param peakMemoryMib the most memory it used, MiB; 0: not measured
 * @param peakGpuMillis the most GPU it used in all, thousandths of one; 0: not measured
 */
public record TaskOutcome(
    long endedAtMillis,
    long durationMillis,
    boolean byItself,
    boolean outOfMemory,
    long peakCpuMillis,
    long peakMemoryMib,
    long peakGpuMillis) {

  public TaskOutcome {
    if (byItself && outOfMemory) {
      throw new IllegalArgumentException("Out of memory, and ended by itself");
    }
  }

  /** Of a task that had memory enough. */
  public TaskOutcome(
      long endedAtMillis,
      long durationMillis,
      boolean byItself,
      long peakCpuMillis,
      long peakMemoryMib,
      long peakGpuMillis) {
    this(
        endedAtMillis,
        durationMillis,
        byItself,
        false,
        peakCpuMillis,
        peakMemoryMib,
        peakGpuMillis);
  }
}
