package io.attentionflow.launcher.world;

import io.attentionflow.simulation.trace.Trace;
import io.attentionflow.simulation.trace.TraceTask;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;

/**
 * A trace as it is played: from when, and how many times faster than it was.
 *
 * @param trace with at least one node
 * @param speedup how many times faster than in the trace everything happens, above 0
 */
public record PlayedTrace(Trace trace, double speedup) {

  private static final Duration COMFORTABLE = Duration.ofMinutes(5);

  /** A trace as fast as lets it be submitted in five minutes, and never slower than it was. */
  public static PlayedTrace comfortably(Trace trace) {
    double factor = (double) trace.span().toMillis() / COMFORTABLE.toMillis();
    return new PlayedTrace(trace, Math.max(1, factor));
  }

  /** How long it takes to submit it. */
  public Duration span() {
    return Duration.ofMillis(Math.round(trace.span().toMillis() / speedup));
  }

  /**
   * Its tasks, as they are submitted.
   *
   * @param start when the first one is
   */
  public Iterator<TraceTask> from(Instant start) {
    if (trace.tasks().isEmpty()) {
      return trace.tasks().iterator();
    }
    Instant origin = trace.tasks().get(0).submittedAt();
    return trace.tasks().stream().map(task -> task.playedFrom(start, origin, speedup)).iterator();
  }
}
