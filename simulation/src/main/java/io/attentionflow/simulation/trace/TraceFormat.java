package io.attentionflow.simulation.trace;

import java.nio.file.Path;
import java.util.Arrays;
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
  JSONL;

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
   * The format that a file's name speaks of: .swf or .jsonl, with .gz behind it or not.
   *
   * @return null if it speaks of none
   */
  public static @Nullable TraceFormat of(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    if (plain.endsWith(".swf")) {
      return SWF;
    }
    return plain.endsWith(".jsonl") ? JSONL : null;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
