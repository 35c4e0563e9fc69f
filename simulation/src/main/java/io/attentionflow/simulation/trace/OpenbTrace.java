package io.attentionflow.simulation.trace;

import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.simulation.trace.TaskTruth.End;
import io.attentionflow.simulation.trace.Trace.Dimension;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the pods and nodes of a GPU cluster in the CSV layout of the Alibaba cluster trace of 2023.
 *
 * <p>Source: Q. Weng et al., "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with
 * Fragmentation Gradient Descent", USENIX ATC 2023. Columns are found by their names in the first
 * line. Times are seconds since the trace began, taken here as seconds since 1970. A pod runs from
 * {@code scheduled_time} to {@code deletion_time}; one that was never scheduled counts as cancelled
 * after the time that it was there. The trace names no submitter: the tenant is always {@code
 * openb}.
 */
public final class OpenbTrace {

  /** The pool that the cluster becomes. */
  public static final String POOL = "openb";

  private OpenbTrace() {}

  /**
   * Reads a list of pods, and the nodes they run on.
   *
   * @throws TraceFormatException if a column is missing, or no line of a file can be read
   * @throws IOException if a file cannot be read
   */
  public static Trace read(Path pods, Path nodes) throws IOException {
    LineCount.Counter lines = new LineCount.Counter();
    List<TraceNode> cluster = readNodes(nodes);
    List<TraceTask> tasks = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    forEachRow(
        pods,
        lines,
        row -> {
          TraceTask task = toTask(row);
          if (!seen.add(task.taskId())) {
            throw new IllegalArgumentException("pod %s again".formatted(task.taskId()));
          }
          tasks.add(task);
        });
    return new Trace(
        "%s: %d pods on %d nodes".formatted(LineSource.name(pods), tasks.size(), cluster.size()),
        tasks,
        cluster,
        EnumSet.of(Dimension.CPU, Dimension.MEMORY, Dimension.GPU),
        true,
        lines.close());
  }

  /**
   * Reads nodes alone.
   *
   * @throws TraceFormatException if a column is missing, or any line is bad: a cluster with nodes
   *     missing would give figures that look right
   * @throws IOException if the file cannot be read
   */
  public static List<TraceNode> readNodes(Path nodes) throws IOException {
    LineCount.Counter lines = new LineCount.Counter();
    List<TraceNode> cluster = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    forEachRow(
        nodes,
        lines,
        row -> {
          TraceNode node = toNode(row);
          if (!seen.add(node.nodeId())) {
            throw new IllegalArgumentException("node %s again".formatted(node.nodeId()));
          }
          cluster.add(node);
        });
    LineCount count = lines.close();
    if (count.bad() > 0) {
      throw new TraceFormatException(
          "%d bad lines; the first: %s".formatted(count.bad(), count.firstBad().get(0)));
    }
    return cluster;
  }

  /**
   * The published way to fill a cluster: pods drawn with replacement until what they ask for in
   * GPUs reaches a multiple of what the cluster has. They come one by one, a second apart, in the
   * order drawn, which is random already; they never leave, and what does not fit is turned away.
   * Nodes without GPUs are left out.
   *
   * @param trace pods to draw from, and the cluster
   * @param ratio GPUs asked for to GPUs there, above 0; 1.3 as published
   * @param seed of the draws; the same seed gives the same sequence
   */
  public static Trace inflate(Trace trace, double ratio, long seed) {
    if (!(ratio > 0) || ratio > 1000) {
      throw new IllegalArgumentException("inflates to %s of the GPUs".formatted(ratio));
    }
    List<TraceNode> gpuNodes =
        trace.nodes().stream().filter(node -> node.capacity().gpuCount() > 0).toList();
    long capacity = gpuNodes.stream().mapToLong(node -> node.capacity().totalGpuMillis()).sum();
    List<TraceTask> pods = trace.tasks();
    if (capacity == 0
        || pods.stream().noneMatch(pod -> pod.request().request().totalGpuMillis() > 0)) {
      throw new IllegalArgumentException("there are no GPUs, or no pods that ask for any");
    }
    SplittableRandom random = new SplittableRandom(seed);
    List<TraceTask> drawn = new ArrayList<>();
    double asked = 0;
    while (asked < ratio * capacity) {
      TraceTask pod = pods.get(random.nextInt(pods.size()));
      String id = pod.taskId() + "~" + drawn.size();
      drawn.add(
          pod.movedTo(Instant.ofEpochSecond(drawn.size()), id).withTruth(pod.truth().withoutEnd()));
      asked += pod.request().request().totalGpuMillis();
    }
    return new Trace(
        "%s; drawn with replacement to %s of the GPUs".formatted(trace.description(), ratio),
        drawn,
        gpuNodes,
        trace.stated(),
        false,
        trace.lines());
  }

  private static TraceTask toTask(Row row) {
    int gpus = (int) row.number("num_gpu");
    Resources request =
        new Resources(
            row.number("cpu_milli"),
            row.number("memory_mib"),
            gpus,
            gpus == 0 ? 0 : row.number("gpu_milli"),
            0);
    long created = row.number("creation_time");
    long deleted = row.number("deletion_time");
    @Nullable Long scheduled = row.isEmpty("scheduled_time") ? null : row.number("scheduled_time");
    long began = scheduled == null ? created : scheduled;
    if (began < created || deleted < began) {
      throw new IllegalArgumentException(
          "created at %d, scheduled at %d, deleted at %d".formatted(created, began, deleted));
    }
    TreeMap<String, String> attributes = new TreeMap<>();
    attributes.put("qos", row.text("qos"));
    TaskRequest asked =
        new TaskRequest(
            row.text("name"),
            "openb",
            gpus == 0 ? "cpu" : request.gpuMillis() < 1000 ? "gpu-share" : "gpu",
            Instant.ofEpochSecond(created),
            request,
            null,
            0,
            qos(row.text("qos")),
            null,
            1,
            1,
            models(row.text("gpu_spec")));
    TaskTruth truth =
        new TaskTruth(
            (deleted - began) * 1000,
            scheduled == null ? End.CANCELLED : end(row.text("pod_phase")),
            request,
            request,
            scheduled == null ? null : (scheduled - created) * 1000);
    return new TraceTask(POOL, asked, 0, attributes, null, truth);
  }

  private static List<String> models(String spec) {
    return Arrays.stream(spec.split("\\|", -1)).filter(model -> !model.isBlank()).toList();
  }

  private static Qos qos(String name) {
    return switch (name) {
      case "LS" -> Qos.LATENCY_SENSITIVE;
      case "Guaranteed" -> Qos.GUARANTEED;
      case "Burstable" -> Qos.BURSTABLE;
      case "BE", "BestEffort" -> Qos.BEST_EFFORT;
      default -> throw new IllegalArgumentException("unknown qos " + name);
    };
  }

  private static End end(String phase) {
    return phase.equals("Failed") ? End.FAILED : End.SUCCEEDED;
  }

  private static TraceNode toNode(Row row) {
    int gpus = (int) row.number("gpu");
    return TraceNode.of(
        row.text("sn"),
        POOL,
        new Resources(
            row.number("cpu_milli"), row.number("memory_mib"), gpus, gpus == 0 ? 0 : 1000, 0),
        row.isEmpty("model") ? null : row.text("model"));
  }

  private interface RowReader {
    void read(Row row);
  }

  private static void forEachRow(Path file, LineCount.Counter lines, RowReader reader)
      throws IOException {
    String name = LineSource.name(file);
    try (BufferedReader in = LineSource.open(file)) {
      String first = in.readLine();
      if (first == null) {
        throw new TraceFormatException(name + " is empty");
      }
      Map<String, Integer> columns = new HashMap<>();
      for (String column : first.split(",", -1)) {
        columns.put(column.strip(), columns.size());
      }
      int number = 1;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        number++;
        if (line.isBlank()) {
          continue;
        }
        try {
          reader.read(new Row(columns, line.split(",", -1)));
          lines.used();
        } catch (IllegalArgumentException bad) {
          lines.bad(name, number, String.valueOf(bad.getMessage()));
        }
      }
    }
  }

  /** One line, by the names of its columns. */
  private static final class Row {
    private final Map<String, Integer> columns;
    private final String[] values;

    Row(Map<String, Integer> columns, String[] values) {
      this.columns = columns;
      this.values = values;
    }

    String text(String column) {
      Integer index = columns.get(column);
      if (index == null || index >= values.length) {
        throw new IllegalArgumentException("no column " + column);
      }
      return values[index].strip();
    }

    boolean isEmpty(String column) {
      return text(column).isEmpty();
    }

    /** A number without sign; decimals are cut off. */
    long number(String column) {
      String text = text(column);
      double value;
      try {
        value = Double.parseDouble(text);
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("%s is no number: %s".formatted(column, text), e);
      }
      if (!(value >= 0 && value < 1e12)) {
        throw new IllegalArgumentException("%s is out of range: %s".formatted(column, text));
      }
      return (long) value;
    }
  }
}
