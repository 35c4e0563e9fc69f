package io.attentionflow.allocation.shadow;

import io.attentionflow.allocation.PoolEvent.Outcome;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the real pool has told of a task's run so far.
 *
 * @param startedAt when it started there; null: not yet
 * @param length how long it ran; null: not known yet
 * @param outcome how it ended; null: not known yet
 */
public record ShadowRun(
    String taskId,
    @Nullable Instant startedAt,
    @Nullable Duration length,
    @Nullable Outcome outcome) {

  public ShadowRun {
    if ((length == null) != (outcome == null)) {
      throw new IllegalArgumentException(
          "%s: ran for %s, and ended as %s".formatted(taskId, length, outcome));
    }
  }
}
