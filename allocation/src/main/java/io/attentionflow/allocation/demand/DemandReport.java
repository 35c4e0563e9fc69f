package io.attentionflow.allocation.demand;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Demand of one pool and class over a window, made when its last pane closes.
 *
 * @param windowStart inclusive
 * @param windowEnd exclusive
 * @param pane length of one pane, to which the forecasts refer
 * @param arrivals tasks submitted in the window
 * @param inFlight tasks submitted and not ended at its end; never negative
 * @param completions tasks ended in the window
 * @param lateEvents events in the window whose own pane had closed before they came
 * @param unmatchedEnds ends in the window of tasks that were not in flight; not in completions
 * @param arrivalForecast arrivals expected in the next pane, at least 0
 * @param resources one for each resource, in the order of {@link RollingDemand#RESOURCES}
 */
public record DemandReport(
    Instant windowStart,
    Instant windowEnd,
    Duration pane,
    long arrivals,
    long inFlight,
    long completions,
    long lateEvents,
    long unmatchedEnds,
    double arrivalForecast,
    List<ResourceStatistics> resources) {

  public DemandReport {
    resources = List.copyOf(resources);
  }

  /**
   * What the tasks of a window asked for of one resource; all 0 if there were none.
   *
   * @param resource its name, such as {@code cpuMillis}, which also names the unit
   * @param sum over the tasks
   * @param p50 median, within 1/128 of a task's request
   * @param p95 95th percentile, likewise
   * @param p99 99th percentile, likewise
   * @param forecast sum expected of the arrivals of the next pane, at least 0
   */
  public record ResourceStatistics(
      String resource, double sum, double p50, double p95, double p99, double forecast) {}
}
