package io.attentionflow.launcher.world;

import io.attentionflow.launcher.ExistingFile;
import io.attentionflow.launcher.Failure;
import io.attentionflow.simulation.trace.CsvMapping;
import io.attentionflow.simulation.trace.SwfTrace;
import io.attentionflow.simulation.trace.Trace;
import io.attentionflow.simulation.trace.TraceFile;
import io.attentionflow.simulation.trace.TraceFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a trace in a file is, and which part of it is wanted. */
public final class TraceOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "Of the trace: swf (Standard Workload Format, also .gz), openb (pods of a GPU cluster,"
              + " with --nodes), jsonl (a task event a line), or csv (any table of tasks, with --mapping)."
              + " Default: by the file's name, where that ends in .swf or .jsonl, packed or not.")
  private @Nullable String format;

  @Option(
      names = "--nodes",
      paramLabel = "FILE",
      converter = ExistingFile.class,
      description = "The cluster of the trace, as a CSV file in the layout of openb.")
  private @Nullable Path nodes;

  @Option(
      names = "--mapping",
      paramLabel = "FILE",
      converter = ExistingFile.class,
      description = "csv: what its columns mean, in YAML; config/adapters has samples.")
  private @Nullable Path mapping;

  @Option(
      names = "--start",
      paramLabel = "N",
      defaultValue = "0",
      description = "Leave out the first N tasks.")
  private int start;

  @Option(names = "--count", paramLabel = "N", description = "Take N tasks at most.")
  private @Nullable Integer count;

  /**
   * Reads a trace.
   *
   * @throws ParameterException if the options do not fit it, or nobody names nodes
   * @throws Failure if the file is wrong
   */
  public Trace read(Path file) {
    TraceFile wanted = wanted(file);
    try {
      Trace trace = wanted.read();
      if (trace.nodes().isEmpty()) {
        throw wrong("The trace names no nodes; name a file of nodes by --nodes");
      }
      return trace;
    } catch (IllegalArgumentException | IOException e) {
      throw new Failure("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private TraceFile wanted(Path file) {
    try {
      return new TraceFile(
          file,
          format(file),
          nodes,
          mapping == null ? null : CsvMapping.read(mapping),
          SwfTrace.Protocol.SCHEDULING,
          start,
          count == null ? Integer.MAX_VALUE : count,
          null,
          0);
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new Failure("cannot read the mapping %s: %s".formatted(mapping, e.getMessage()), e);
    }
  }

  private TraceFormat format(Path file) {
    TraceFormat ofName = TraceFormat.of(file);
    if (format != null) {
      return TraceFormat.named(format.toLowerCase(Locale.ROOT));
    }
    if (ofName == null) {
      throw wrong(
          "The name of %s does not say its format; add --format swf, openb, jsonl or csv"
              .formatted(file));
    }
    return ofName;
  }

  private ParameterException wrong(String what) {
    return new ParameterException(command.commandLine(), what);
  }
}
