package io.attentionflow.simulation.evaluate;

import io.attentionflow.allocation.Resources;
import io.attentionflow.learning.features.TaskOutcome;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How often tasks used no more at their peak than the quantile that was promised. */
final class UsageCoverage {

  /** Promises kept or broken before are not counted: there was too little to go by. */
  private static final int FIRST_COUNTED = 2000;

  private final Count cpu = new Count();
  private final Count memory = new Count();

  private static final class Count {
    private long judged;
    private long kept;

    void judge(long asked, long promised, long used) {
      if (asked > 0 && used > 0) {
        judged++;
        kept += judged > FIRST_COUNTED && used <= promised ? 1 : 0;
      }
    }

    void putInto(SortedMap<String, Double> coverage, String resource) {
      if (judged > FIRST_COUNTED) {
        coverage.put(resource, (double) kept / (judged - FIRST_COUNTED));
      }
    }
  }

  /**
   * A task has ended by itself.
   *
   * @param promised null: nothing was
   */
  void judge(Resources asked, @Nullable Resources promised, TaskOutcome outcome) {
    if (promised != null) {
      cpu.judge(asked.cpuMillis(), promised.cpuMillis(), outcome.peakCpuMillis());
      memory.judge(asked.memoryMib(), promised.memoryMib(), outcome.peakMemoryMib());
    }
  }

  /** By resource; null: too few. */
  @Nullable SortedMap<String, Double> coverage() {
    SortedMap<String, Double> coverage = new TreeMap<>();
    cpu.putInto(coverage, "cpuP95");
    memory.putInto(coverage, "memoryP95");
    return coverage.isEmpty() ? null : coverage;
  }
}
