package io.attentionflow.simulation.trace;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

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

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
