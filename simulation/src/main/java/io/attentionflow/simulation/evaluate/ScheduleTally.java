package io.attentionflow.simulation.evaluate;

import io.attentionflow.allocation.Resources;
import io.attentionflow.simulation.trace.Trace;
import io.attentionflow.simulation.trace.Trace.Dimension;
import io.attentionflow.simulation.trace.TraceNode;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Waits, slowdowns and use of a schedule, as the scheduling literature counts them. */
final class ScheduleTally {

  private static final double SHORTEST_RUN_MILLIS = 10_000;

  /** Demands for GPUs, as parts of those there are, at which use is noted on the way. */
  private static final double[] DEMANDS = {0.9, 0.95, 1.0};

  private final Trace trace;
  private final Map<Dimension, Gauge> gauges = new EnumMap<>(Dimension.class);
  private double[] slowdowns = new double[1024];
  private int ended;
  private double waitMillis;
  private double longestWaitMillis;
  private long started;
  private double startWaitMillis;
  private double longestStartWaitMillis;
  private long fromMillis;
  private long nowMillis;
  private double gpusAsked;
  private double gpusAtLastArrival;
  private final SortedMap<Double, Double> gpusAtDemand = new TreeMap<>();

  ScheduleTally(Trace trace) {
    this.trace = trace;
    for (Dimension dimension : Dimension.values()) {
      gauges.put(dimension, new Gauge());
    }
    for (TraceNode node : trace.nodes()) {
      gauges.forEach((dimension, gauge) -> gauge.capacity += amount(node.capacity(), dimension));
    }
    if (!trace.tasks().isEmpty()) {
      fromMillis = trace.tasks().get(0).submittedAt().toEpochMilli();
      nowMillis = fromMillis;
    }
  }

  /** How much there is of something, how much is given out, and that over time. */
  private static final class Gauge {
    private double capacity;
    private double allocated;
    private double allocatedTime;
  }

  private static double amount(Resources resources, Dimension dimension) {
    return switch (dimension) {
      case CPU -> (double) resources.cpuMillis();
      case MEMORY -> (double) resources.memoryMib();
      case GPU -> (double) resources.totalGpuMillis();
      case IO -> (double) resources.ioMibps();
    };
  }

  /** Something is given out, or given back. */
  void allocates(Resources resources, boolean gives, long atMillis) {
    double passed = atMillis - nowMillis;
    nowMillis = atMillis;
    gauges.forEach(
        (dimension, gauge) -> {
          gauge.allocatedTime += gauge.allocated * passed;
          gauge.allocated += (gives ? 1 : -1) * amount(resources, dimension);
        });
  }

  /** A task started for the first time. */
  void starts(long waitedMillis) {
    started++;
    startWaitMillis += (double) waitedMillis;
    longestStartWaitMillis = Math.max(longestStartWaitMillis, (double) waitedMillis);
  }

  /** A task ended by itself, after it had waited and run. */
  void ends(long waitedMillis, long ranMillis) {
    if (ended == slowdowns.length) {
      slowdowns = Arrays.copyOf(slowdowns, ended * 2);
    }
    slowdowns[ended++] =
        Math.max(1, (waitedMillis + ranMillis) / Math.max((double) ranMillis, SHORTEST_RUN_MILLIS));
    waitMillis += (double) waitedMillis;
    longestWaitMillis = Math.max(longestWaitMillis, (double) waitedMillis);
  }

  /**
   * A task arrives. Once those before it asked for such a part of the GPUs that one of {@link
   * #DEMANDS} is reached, notes what is given out.
   */
  void arrives(Resources request) {
    double there = gauge(Dimension.GPU).capacity;
    for (double demand : DEMANDS) {
      if (there > 0 && gpusAsked >= demand * there) {
        gpusAtDemand.putIfAbsent(demand, gauge(Dimension.GPU).allocated / there);
      }
    }
    gpusAsked += amount(request, Dimension.GPU);
  }

  /** The last task has been decided about, as far as it could be. */
  void lastArrived() {
    gpusAtLastArrival = gauge(Dimension.GPU).allocated;
  }

  @Nullable Double meanWaitSeconds() {
    if (ended > 0) {
      return waitMillis / ended / 1000;
    }
    return started == 0 ? null : Double.valueOf(startWaitMillis / started / 1000);
  }

  @Nullable Double maxWaitSeconds() {
    if (ended > 0) {
      return longestWaitMillis / 1000;
    }
    return started == 0 ? null : Double.valueOf(longestStartWaitMillis / 1000);
  }

  @Nullable Double meanSlowdown() {
    return ended == 0 ? null : Double.valueOf(Arrays.stream(slowdowns, 0, ended).sum() / ended);
  }

  /** The smallest that at least 95 in 100 do not exceed. */
  @Nullable Double p95Slowdown() {
    if (ended == 0) {
      return null;
    }
    double[] sorted = Arrays.copyOf(slowdowns, ended);
    Arrays.sort(sorted);
    return sorted[(int) Math.ceil(0.95 * ended) - 1];
  }

  @Nullable SortedMap<String, Double> utilization() {
    double span = nowMillis - fromMillis;
    if (ended == 0 || span <= 0) {
      return null;
    }
    SortedMap<String, Double> shares = new TreeMap<>();
    for (Dimension dimension : trace.stated()) {
      Gauge gauge = gauge(dimension);
      if (gauge.capacity > 0) {
        shares.put(
            dimension.name().toLowerCase(Locale.ROOT),
            gauge.allocatedTime / (gauge.capacity * span));
      }
    }
    return shares;
  }

  @Nullable Double gpuAllocationRatio() {
    double there = gauge(Dimension.GPU).capacity;
    return there == 0 ? null : Double.valueOf(gpusAtLastArrival / there);
  }

  /** By demand; null: there are no GPUs, or demand did not come so far. */
  @Nullable SortedMap<Double, Double> gpuAllocationRatioAt() {
    return gpusAtDemand.isEmpty() ? null : gpusAtDemand;
  }

  private Gauge gauge(Dimension dimension) {
    return Objects.requireNonNull(gauges.get(dimension));
  }
}
