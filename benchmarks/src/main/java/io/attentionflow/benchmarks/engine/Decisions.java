package io.attentionflow.benchmarks.engine;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What is counted beside the operations that JMH counts: tasks placed a second, and nanoseconds of
 * a core that this took a second. On a machine with other work their quotient is the figure to look
 * at: 1e9 * placed / coreNanos.
 */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Decisions {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** Asking costs more than a decision. */
  private static final int COUNTS_BETWEEN_LOOKS = 1024;

  public long placed;
  public long coreNanos;
  private int counts;
  private long lastNanos;

  void count(long more) {
    placed += more;
    if (counts++ % COUNTS_BETWEEN_LOOKS == 0) {
      long nanos = THREADS.getCurrentThreadCpuTime();
      coreNanos += lastNanos == 0 ? 0 : nanos - lastNanos;
      lastNanos = nanos;
    }
  }
}
