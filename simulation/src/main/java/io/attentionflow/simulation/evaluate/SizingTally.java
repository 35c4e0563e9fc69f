package io.attentionflow.simulation.evaluate;

import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.Sizing;
import io.attentionflow.allocation.TaskSize;
import io.attentionflow.simulation.cluster.AgentWord.State;
import io.attentionflow.simulation.cluster.AgentWord.TaskWord;
import io.attentionflow.simulation.evaluate.EvaluationReport.HoursReport;
import io.attentionflow.simulation.evaluate.EvaluationReport.SizingReport;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What tasks asked for, got and used, and how often that was too little. */
final class SizingTally {

  private static final double MILLIS_AN_HOUR = 3_600_000;
  private static final double MILLIS_A_CORE = 1000;
  private static final double MIB_A_GIB = 1024;

  private final SortedMap<String, Long> placed = new TreeMap<>();
  private final Hours cpu = new Hours(MILLIS_A_CORE * MILLIS_AN_HOUR);
  private final Hours memory = new Hours(MIB_A_GIB * MILLIS_AN_HOUR);
  private long ended;
  private long outOfMemory;
  private long judged;
  private long enough;

  /** Amounts of one resource, times how long they were held. */
  private static final class Hours {
    private final double unit;
    private double requested;
    private double rightSized;
    private double allocated;
    private double used;

    Hours(double unit) {
      this.unit = unit;
    }

    void add(
        long requestedAmount,
        long rightSizedAmount,
        long allocatedAmount,
        long usedAmount,
        long millis) {
      if (usedAmount > 0) {
        double hours = millis / unit;
        requested += requestedAmount * hours;
        rightSized += rightSizedAmount * hours;
        allocated += allocatedAmount * hours;
        used += usedAmount * hours;
      }
    }

    @Nullable HoursReport report() {
      return used == 0 ? null : new HoursReport(requested, rightSized, allocated, used);
    }
  }

  /** A task is given a place. */
  void places(Sizing sizing) {
    placed.merge(sizing.name(), 1L, Long::sum);
  }

  /**
   * A task of one shard stopped.
   *
   * @param size of that run
   * @param peakMemoryMib what it would use at its peak if it had it; 0: not known
   */
  void stops(Resources request, TaskSize size, TaskWord word, long peakMemoryMib) {
    ended++;
    outOfMemory += word.state() == State.OUT_OF_MEMORY ? 1 : 0;
    Resources rightSized = size.rightSized() == null ? request : size.rightSized();
    if (size.rightSized() != null && peakMemoryMib > 0) {
      judged++;
      enough += peakMemoryMib <= rightSized.memoryMib() ? 1 : 0;
    }
    Resources given = size.given();
    Resources used = word.meanUsage();
    cpu.add(
        request.cpuMillis(),
        rightSized.cpuMillis(),
        given.cpuMillis(),
        used.cpuMillis(),
        word.durationMillis());
    memory.add(
        request.memoryMib(),
        rightSized.memoryMib(),
        given.memoryMib(),
        used.memoryMib(),
        word.durationMillis());
  }

  /** Null: nothing that tasks used was measured. */
  @Nullable SizingReport report() {
    HoursReport coreHours = cpu.report();
    HoursReport gibHours = memory.report();
    return coreHours == null && gibHours == null
        ? null
        : new SizingReport(
            Collections.unmodifiableSortedMap(placed),
            coreHours,
            gibHours,
            ended,
            outOfMemory,
            judged == 0 ? null : Double.valueOf((double) enough / judged));
  }
}
