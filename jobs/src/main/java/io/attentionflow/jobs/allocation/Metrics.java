package io.attentionflow.jobs.allocation;

import org.apache.flink.metrics.MetricGroup;

/** Where metrics stand, so that their names in Prometheus contain {@code attentionflow_}. */
final class Metrics {

  private Metrics() {}

  static MetricGroup group(MetricGroup ofOperator) {
    return ofOperator.addGroup("attentionflow");
  }
}
