package io.attentionflow.simulation.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A trace in a file, and which part of it is wanted.
 *
 * @param nodes the cluster, in the layout of {@link OpenbTrace}; null: as in the trace. Needed for
 *     {@link TraceFormat#OPENB}
 * @param mapping what the columns mean; null unless it is {@link TraceFormat#CSV}
 * @param protocol which jobs of {@link TraceFormat#SWF} count
 * @param start how many tasks to leave out, at least 0
 * @param count the most tasks to keep, at least 0; {@link Integer#MAX_VALUE}: all
 * @param inflate for {@link TraceFormat#OPENB}: see {@link OpenbTrace#inflate}; null: as it is
 * @param seed of the draws of {@code inflate}
 */
public record TraceFile(
    Path file,
    TraceFormat format,
    @Nullable Path nodes,
    @Nullable CsvMapping mapping,
    SwfTrace.Protocol protocol,
    int start,
    int count,
    @Nullable Double inflate,
    long seed) {

  public TraceFile {
    if (start < 0 || count < 0) {
      throw new IllegalArgumentException("start %d, count %d".formatted(start, count));
    }
    if (inflate != null && format != TraceFormat.OPENB) {
      throw new IllegalArgumentException("only openb traces are inflated");
    }
    if (format == TraceFormat.OPENB && nodes == null) {
      throw new IllegalArgumentException("an openb trace needs a file of nodes");
    }
    if (format == TraceFormat.SWF && nodes != null) {
      throw new IllegalArgumentException("an swf log names its machine itself; no nodes, please");
    }
    if ((format == TraceFormat.CSV) != (mapping != null)) {
      throw new IllegalArgumentException(
          format == TraceFormat.CSV
              ? "a csv file needs a mapping that says what its columns mean"
              : "a mapping goes with format csv only, not with " + format);
    }
    if (format == TraceFormat.ARFF) {
      throw new IllegalArgumentException(
          "an arff file has rows with classes, and no tasks: it can be evaluated only");
    }
  }

  /** All of a file, for scheduling. */
  public static TraceFile of(Path file, TraceFormat format, @Nullable Path nodes) {
    return new TraceFile(
        file, format, nodes, null, SwfTrace.Protocol.SCHEDULING, 0, Integer.MAX_VALUE, null, 0);
  }

  /**
   * Reads it. A stretch is cut before it is inflated.
   *
   * @throws TraceFormatException if the file is not of the format, or none of its lines can be read
   * @throws IOException if the file cannot be read
   */
  public Trace read() throws IOException {
    Trace trace = readWhole().slice(start, count);
    return inflate == null ? trace : OpenbTrace.inflate(trace, inflate, seed);
  }

  private Trace readWhole() throws IOException {
    return switch (format) {
      case SWF -> SwfTrace.read(file, protocol);
      case OPENB -> OpenbTrace.read(file, cluster(nodes));
      case JSONL -> onNodes(JsonlTrace.read(file));
      case CSV -> onNodes(CsvTrace.read(file, given(mapping)));
      case ARFF -> throw new IllegalStateException("an arff file has no tasks");
    };
  }

  /** The trace on the nodes of a file of their own, if there is one. */
  private Trace onNodes(Trace trace) throws IOException {
    if (nodes == null) {
      return trace;
    }
    // The pods' layout knows one pool; a trace of tasks has its own, and says so itself.
    List<String> pools = trace.tasks().stream().map(TraceTask::pool).distinct().toList();
    if (pools.size() > 1) {
      throw new TraceFormatException(
          "nodes of a file of their own serve one pool, and the tasks name " + pools);
    }
    String pool = pools.isEmpty() ? OpenbTrace.POOL : pools.get(0);
    return trace.on(
        OpenbTrace.readNodes(nodes).stream()
            .map(node -> TraceNode.of(node.nodeId(), pool, node.capacity(), node.gpuModel()))
            .toList());
  }

  private static CsvMapping given(@Nullable CsvMapping mapping) {
    if (mapping == null) {
      throw new IllegalStateException("a csv file without a mapping");
    }
    return mapping;
  }

  private static Path cluster(@Nullable Path nodes) {
    if (nodes == null) {
      throw new IllegalStateException("an openb trace without nodes");
    }
    return nodes;
  }
}
