package io.attentionflow.benchmarks.pipeline;

import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.NodeEventKind;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.TaskEventKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One pool with a long queue: each node is filled by one task but for one core, and those that wait
 * want two. Probes want next to nothing, and go before all others.
 *
 * @param nodes how many, and tasks that fill them
 * @param waiting tasks in the queue
 */
record FullPool(int nodes, int waiting) {

  private static final String POOL = "pool";
  private static final String PROBE_PREFIX = "probe-";
  private static final int TENANTS = 100;
  private static final long CORE = 1000;

  List<NodeEvent> joined(Instant at) {
    List<NodeEvent> events = new ArrayList<>();
    for (int node = 0; node < nodes; node++) {
      events.add(
          NodeEvent.newBuilder()
              .setNodeId("node-" + node)
              .setPool(POOL)
              .setKind(NodeEventKind.JOINED)
              .setObservedAt(at)
              .setCapacity(new Resources(4 * CORE, 16_384L, 0, 0L, 0L))
              .build());
    }
    return events;
  }

  /** Takes most of a node. */
  TaskEvent filler(int index, Instant at) {
    return task("filler-" + index, 3 * CORE, 5, index, at);
  }

  /** Finds no room. */
  TaskEvent waiting(int index, Instant at) {
    return task("waiting-" + index, 2 * CORE, 0, index, at);
  }

  /** Is placed at once. */
  TaskEvent probe(int index, Instant at) {
    return task(PROBE_PREFIX + index, 1, 9, index, at);
  }

  /** The number of the probe with this id; -1: it is another task. */
  static int probe(String taskId) {
    return taskId.startsWith(PROBE_PREFIX)
        ? Integer.parseInt(taskId, PROBE_PREFIX.length(), taskId.length(), 10)
        : -1;
  }

  private static TaskEvent task(String id, long cpuMillis, int priority, int index, Instant at) {
    int tenant = index % TENANTS;
    return TaskEvent.newBuilder()
        .setTaskId(id)
        .setPool(POOL)
        .setTenant("tenant-" + tenant)
        .setTaskType("type-" + tenant % 7)
        .setKind(TaskEventKind.SUBMIT)
        .setSubmittedAt(at)
        .setRequest(new Resources(cpuMillis, 1L, 0, 0L, 0L))
        .setRequestedDurationMillis(60_000L * (1 + tenant % 5))
        .setPriority(priority)
        .setAttributes(Map.of("queue", "queue-" + tenant % 3))
        .build();
  }
}
