package io.attentionflow.simulation.trace;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The formats that traces come in. */
public enum TraceFormat {
  /** Standard Workload Format; {@link SwfTrace}. */
  SWF,
  /** Pods and nodes of a GPU cluster; {@link OpenbTrace}. */
  OPENB,
  /** Task events as JSON lines; {@link JsonlTrace}. */
  JSONL,
  /** A table of tasks; {@link CsvTrace}. */
  CSV,
  /** Rows with a class, to learn from only; {@link LabelledRows}. */
  ARFF;

  /**
   * The format of that name, as on the command line.
   *
   * @throws IllegalArgumentException if there is none; the message lists those there are
   */
  public static TraceFormat named(String name) {
    for (TraceFormat format : values()) {
      if (format.toString().equals(name)) {
        return format;
      }
    }
    throw new IllegalArgumentException(
        "no format %s; there are: %s"
            .formatted(
                name,
                Arrays.stream(values())
                    .map(TraceFormat::toString)
                    .collect(Collectors.joining(", "))));
  }

  /**
   * The format that a file's name speaks of: .swf, .jsonl or .arff, with .gz or .zip behind it or
   * not. Tables are of either of two formats, and their names do not tell which.
   *
   * @return null if it speaks of none
   */
  public static @Nullable TraceFormat of(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    String plain = name.replaceFirst("\\.(gz|zip)$", "");
    for (TraceFormat format : List.of(SWF, JSONL, ARFF)) {
      if (plain.endsWith("." + format)) {
        return format;
      }
    }
    return null;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
