package io.attentionflow.benchmarks.engine;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What is counted beside the operations that JMH counts: tasks placed a second; nanoseconds of a
 * core that this took a second, those included in which the events were made up; and nanoseconds by
 * the clock within the engine. On a machine without other work 1e9 * placed / engineNanos is what
 * the engine can place a second; on one with other work 1e9 * placed / coreNanos is the figure to
 * compare builds by.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Decisions {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** Asking costs more than a decision. */
  private static final int COUNTS_BETWEEN_LOOKS = 1024;

  public long placed;
  public long coreNanos;
  public long engineNanos;
  private int counts;
  private long lastNanos;
  private long lastInEngine;

  /**
   * @param more tasks that were placed
   * @param inEngine how long the engine has worked in all
   */
  void count(long more, long inEngine) {
    placed += more;
    engineNanos += lastInEngine == 0 ? 0 : inEngine - lastInEngine;
    lastInEngine = inEngine;
    if (counts++ % COUNTS_BETWEEN_LOOKS == 0) {
      long nanos = THREADS.getCurrentThreadCpuTime();
      coreNanos += lastNanos == 0 ? 0 : nanos - lastNanos;
      lastNanos = nanos;
    }
  }
}
