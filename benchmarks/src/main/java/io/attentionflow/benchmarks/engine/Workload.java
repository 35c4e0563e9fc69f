package io.attentionflow.benchmarks.engine;

import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.simulation.trace.OpenbTrace;
import io.attentionflow.simulation.trace.TraceNode;
import io.attentionflow.simulation.trace.TraceTask;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** The nodes of a pool, and tasks for it without end. */
interface Workload {

  /** A node as it joins. */
  record NodeKind(String nodeId, Resources capacity, @Nullable String gpuModel) {}

  List<NodeKind> nodes();

  /** A new task, drawn at random. */
  TaskRequest task(String taskId, SplittableRandom random, Instant at);

  /**
   * Machines of three sizes, and tasks of every shape: any quarter of a core up to 8 cores, small
   * ones more often, and from 1 to 8 GiB a core; so some machines run out of cores first and others
   * of memory.
   */
  static Workload mixed(int nodes) {
    List<NodeKind> kinds = new ArrayList<>(nodes);
    for (int i = 0; i < nodes; i++) {
      long cores = 16L << (i % 3);
      kinds.add(
          new NodeKind(
              "node-%06d".formatted(i),
              new Resources(1000 * cores, 4096 * cores, 0, 0, 10_000),
              null));
    }
    return new Workload() {
      @Override
      public List<NodeKind> nodes() {
        return kinds;
      }

      @Override
      public TaskRequest task(String taskId, SplittableRandom random, Instant at) {
        int most = 1 << random.nextInt(6);
        long quarters = 1L + random.nextInt(most);
        long memory = quarters * (256 + random.nextInt(1793));
        return request(
            taskId,
            new Resources(quarters * 250, memory, 0, 0, random.nextInt(4) == 0 ? 50 : 0),
            random.nextInt(4),
            List.of(),
            at);
      }
    };
  }

  /**
   * The GPU nodes of a cluster, and its pods, each as likely.
   *
   * @param nodes and {@code pods}: CSV files in the layout of the Alibaba GPU trace of 2023
   */
  static Workload openb(Path nodes, Path pods) throws IOException {
    List<NodeKind> kinds = new ArrayList<>();
    for (TraceNode node : OpenbTrace.readNodes(nodes)) {
      if (node.capacity().gpuCount() > 0) {
        kinds.add(new NodeKind(node.nodeId(), node.capacity(), node.gpuModel()));
      }
    }
    List<TraceTask> tasks = OpenbTrace.read(pods, nodes).tasks();
    return new Workload() {
      @Override
      public List<NodeKind> nodes() {
        return kinds;
      }

      @Override
      public TaskRequest task(String taskId, SplittableRandom random, Instant at) {
        TaskRequest any = tasks.get(random.nextInt(tasks.size())).request();
        return request(taskId, any.request(), 0, any.gpuModels(), at);
      }
    };
  }

  private static TaskRequest request(
      String taskId, Resources request, int priority, List<String> gpuModels, Instant at) {
    return new TaskRequest(
        taskId,
        "tenant",
        "type",
        at,
        request,
        null,
        priority,
        Qos.BURSTABLE,
        null,
        1,
        1,
        gpuModels);
  }
}
