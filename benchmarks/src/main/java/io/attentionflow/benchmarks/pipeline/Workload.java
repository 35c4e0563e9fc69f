package io.attentionflow.benchmarks.pipeline;

import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.NodeEventKind;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.TaskEventKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The tasks and nodes that both jobs are given, the same each time.
 *
 * <p>Nodes are so large that all tasks run at once: so each task is decided when it comes, and what
 * is measured is deciding and not queueing.
 *
 * @param pools that tasks and nodes are spread over, evenly
 * @param tenants that tasks are spread over, unevenly: half of the tasks are of a quarter of them
 */
record Workload(int nodes, int pools, int tenants) {

  private static final long SEED = 20_260_101;

  /** Most that the job's default options believe of a node. */
  private static final long HUGE = 1_000_000_000;

  private static final int TASK_TYPES = 40;
  private static final String TASK_ID_PREFIX = "task-";

  /** Long before a node that says nothing is taken for lost. */
  static final Duration BETWEEN_HEARTBEATS = Duration.ofSeconds(10);

  static String taskId(int index) {
    return TASK_ID_PREFIX + index;
  }

  /** The number of the task with this id. */
  static int index(String taskId) {
    return Integer.parseInt(taskId, TASK_ID_PREFIX.length(), taskId.length(), 10);
  }

  /** The task of this number, from 0: one to four cores of some tenant. */
  TaskEvent task(int index, Instant submittedAt) {
    SplittableRandom random = new SplittableRandom(SEED + index);
    int tenant = (int) (tenants * random.nextDouble() * random.nextDouble());
    int type = (tenant + random.nextInt(4)) % TASK_TYPES;
    long cores = 1L << random.nextInt(3);
    return TaskEvent.newBuilder()
        .setTaskId(taskId(index))
        .setPool("pool-" + random.nextInt(pools))
        .setTenant("tenant-" + tenant)
        .setTaskType("type-" + type)
        .setKind(TaskEventKind.SUBMIT)
        .setSubmittedAt(submittedAt)
        .setRequest(new Resources(1000 * cores, 2048 * cores, 0, 0L, 0L))
        .setRequestedDurationMillis(random.nextBoolean() ? 60_000L * (1 + type) : null)
        .setPriority(random.nextInt(3))
        .setAttributes(Map.of("queue", "queue-" + random.nextInt(3), "group", "group-" + tenant))
        .build();
  }

  /** All nodes, as they join. */
  List<NodeEvent> joined(Instant at) {
    return nodeEvents(NodeEventKind.JOINED, at);
  }

  /** What all nodes say at one time, without being asked. */
  List<NodeEvent> heartbeat(Instant at) {
    return nodeEvents(NodeEventKind.HEARTBEAT, at);
  }

  private List<NodeEvent> nodeEvents(NodeEventKind kind, Instant at) {
    List<NodeEvent> events = new ArrayList<>();
    for (int node = 0; node < nodes; node++) {
      events.add(
          NodeEvent.newBuilder()
              .setNodeId("node-" + node)
              .setPool("pool-" + node % pools)
              .setKind(kind)
              .setObservedAt(at)
              .setCapacity(new Resources(HUGE, HUGE, 0, 0L, 0L))
              .build());
    }
    return events;
  }
}
