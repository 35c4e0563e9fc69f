package io.attentionflow.jobs.allocation;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** One counter for each reason, made when it is first needed. */
final class ReasonCounters {

  private final MetricGroup group;
  private final String name;
  private final Map<Enum<?>, Counter> counters = new HashMap<>();

  /**
   * @param group of the operator
   * @param name of the metric, without {@code attentionflow_}
   */
  ReasonCounters(MetricGroup group, String name) {
    this.group = group;
    this.name = name;
  }

  void count(Enum<?> reason) {
    counters
        .computeIfAbsent(
            reason, unused -> Metrics.group(group, "reason", reason.name()).counter(name))
        .inc();
  }
}
