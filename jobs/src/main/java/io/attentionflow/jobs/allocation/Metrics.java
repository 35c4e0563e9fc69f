package io.attentionflow.jobs.allocation;

import org.apache.flink.metrics.MetricGroup;

/**
 * Where metrics stand. A reporter to Prometheus joins the names of all groups to that of the metric
 * and makes a label of each group that has a value; it puts the name of the label among the others.
 * So labels go first here, and each name ends in {@code attentionflow_} and what docs/metrics.md
 * calls it.
 */
final class Metrics {

  private Metrics() {}

  static MetricGroup group(MetricGroup ofOperator) {
    return ofOperator.addGroup("attentionflow");
  }

  /** For metrics that there are several of, told apart by a label. */
  static MetricGroup group(MetricGroup ofOperator, String label, String value) {
    return group(ofOperator.addGroup(label, value));
  }
}
