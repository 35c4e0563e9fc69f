package io.attentionflow.jobs.allocation;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.JobID;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.runtime.clusterframework.types.ResourceID;
import org.apache.flink.runtime.executiongraph.ExecutionGraphTestUtils;
import org.apache.flink.runtime.metrics.groups.InternalOperatorMetricGroup;
import org.apache.flink.runtime.metrics.groups.TaskManagerMetricGroup;
import org.apache.flink.runtime.metrics.util.TestingMetricRegistry;

/** What an operator counts, for a test to read; harnesses throw it away. */
final class RecordedMetrics {

  private final Map<String, Metric> byName = new ConcurrentHashMap<>();
  private final InternalOperatorMetricGroup group =
      TaskManagerMetricGroup.createTaskManagerMetricGroup(
              TestingMetricRegistry.builder()
                  .setRegisterConsumer((metric, name, of) -> byName.put(name, metric))
                  .build(),
              "host",
              ResourceID.generate())
          .addJob(new JobID(), "job")
          .addTask(ExecutionGraphTestUtils.createExecutionAttemptId(), "task")
          .getOrAddOperator("operator");

  /** To be given out by the operator under test. */
  InternalOperatorMetricGroup group() {
    return group;
  }

  long count(String name) {
    if (byName.get(name) instanceof Counter counter) {
      return counter.getCount();
    }
    throw new AssertionError("No counter %s among %s".formatted(name, byName.keySet()));
  }

  Object gauge(String name) {
    if (byName.get(name) instanceof Gauge<?> gauge) {
      return gauge.getValue();
    }
    throw new AssertionError("No gauge %s among %s".formatted(name, byName.keySet()));
  }
}
