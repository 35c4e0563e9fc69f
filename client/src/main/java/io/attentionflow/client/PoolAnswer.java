package io.attentionflow.client;

import java.time.Instant;
import java.util.List;
import java.util.SortedMap;

/**
 * A pool at a glance.
 *
 * @param nodes how many are there, draining ones too
 * @param nodesByState how many are in which state, as {@link NodeAnswer} has it
 * @param placed tasks that have a place
 * @param pending tasks that wait
 * @param pendingByReason the same, for each reason
 * @param demand the newest report of each class, by class
 */
public record PoolAnswer(
    String pool,
    int nodes,
    SortedMap<String, Integer> nodesByState,
    Amounts capacity,
    Amounts usage,
    Amounts allocated,
    int placed,
    int pending,
    SortedMap<String, Integer> pendingByReason,
    List<Demand> demand) {

  public PoolAnswer {
    demand = List.copyOf(demand);
  }

  /** Rolling demand of one class; see {@code ResourceDemand}. */
  public record Demand(
      String complexity,
      Instant windowStart,
      Instant windowEnd,
      long arrivals,
      long inFlight,
      long completions,
      double arrivalForecast,
      SortedMap<String, Quantiles> resources) {}

  /** Of one resource, in its unit. */
  public record Quantiles(double sum, double p50, double p95, double p99, double forecast) {}
}
