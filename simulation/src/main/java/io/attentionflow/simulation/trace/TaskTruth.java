package io.attentionflow.simulation.trace;

import io.attentionflow.allocation.Resources;
import org.jspecify.annotations.Nullable;

/**
 * What a task turns out to be once it runs. Decisions never see it.
 *
 * @param durationMillis its run time, at least 0; {@link #FOREVER}: it never ends
 * @param end how it ends
 * @param peakUsage the most it uses at once; 0 in a dimension: not measured
 * @param meanUsage what it uses on average; 0 in a dimension: not measured
 * @param loggedWaitMillis how long it waited where the trace was taken; null: not known
 */
public record TaskTruth(
    long durationMillis,
    End end,
    Resources peakUsage,
    Resources meanUsage,
    @Nullable Long loggedWaitMillis) {

  /** The run time of a task that never leaves its node. */
  public static final long FOREVER = Long.MAX_VALUE;

  public TaskTruth {
    if (durationMillis < 0) {
      throw new IllegalArgumentException("a run time of %d ms".formatted(durationMillis));
    }
    if (loggedWaitMillis != null && loggedWaitMillis < 0) {
      throw new IllegalArgumentException("a wait of %d ms".formatted(loggedWaitMillis));
    }
  }

  /** How a task ends. */
  public enum End {
    SUCCEEDED,
    FAILED,
    /** Its owner stopped it while it ran. Its node sees a failure. */
    CANCELLED,
    OUT_OF_MEMORY
  }

  /** Whether it ends at all. */
  public boolean ends() {
    return durationMillis != FOREVER;
  }

  /** The same, but it never ends. */
  public TaskTruth withoutEnd() {
    return new TaskTruth(FOREVER, end, peakUsage, meanUsage, null);
  }
}
