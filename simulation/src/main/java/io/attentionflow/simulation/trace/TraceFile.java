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
  }

  /** All of a file, for scheduling. */
  public static TraceFile of(Path file, TraceFormat format, @Nullable Path nodes) {
    return new TraceFile(
        file, format, nodes, SwfTrace.Protocol.SCHEDULING, 0, Integer.MAX_VALUE, null, 0);
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
      case JSONL -> {
        Trace trace = JsonlTrace.read(file);
        if (nodes != null) {
          // The pods' layout knows one pool; a trace of tasks has its own, and says so itself.
          List<String> pools = trace.tasks().stream().map(TraceTask::pool).distinct().toList();
          if (pools.size() > 1) {
            throw new TraceFormatException(
                "nodes of a file of their own serve one pool, and the tasks name " + pools);
          }
          String pool = pools.isEmpty() ? OpenbTrace.POOL : pools.get(0);
          trace =
              trace.on(
                  OpenbTrace.readNodes(nodes).stream()
                      .map(
                          node ->
                              TraceNode.of(node.nodeId(), pool, node.capacity(), node.gpuModel()))
                      .toList());
        }
        yield trace;
      }
    };
  }

  private static Path cluster(@Nullable Path nodes) {
    if (nodes == null) {
      throw new IllegalStateException("an openb trace without nodes");
    }
    return nodes;
  }
}
