package io.attentionflow.launcher.local;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How the pipeline is, in one line for a person. */
final class StatusLine {

  private StatusLine() {}

  /**
   * @param elapsed since the start
   * @param now what has gone through
   * @param before what had gone through at the last line
   * @param sinceBefore time since then, longer than zero
   */
  static String of(
      Duration elapsed,
      PipelineTally.Counts now,
      PipelineTally.Counts before,
      Duration sinceBefore) {
    double perSecond = (now.decided() - before.decided()) * 1000.0 / sinceBefore.toMillis();
    return String.format(
        Locale.ROOT,
        "%02d:%02d  tasks %,d in, %,d decided (%,.0f/s, %,d rejected), %,d pending"
            + " | nodes %d/%d with tasks | %s%s%s",
        elapsed.toMinutes(),
        elapsed.toSecondsPart(),
        now.tasksIn(),
        now.decided(),
        perSecond,
        now.rejected(),
        now.pending(),
        now.busyNodes(),
        now.nodes(),
        model(now.serving()),
        now.drifts() == before.drifts() ? "" : " | drift, " + now.lastDrift(),
        now.deadLetters() == 0
            ? ""
            : String.format(Locale.ROOT, " | %,d dead letters", now.deadLetters()));
  }

  private static String model(PipelineTally.@Nullable Model model) {
    if (model == null || model.examples() == 0) {
      return "model has not learned yet";
    }
    return String.format(
        Locale.ROOT,
        "%s right %.1f %%, lately %.1f %% (most frequent class: %.1f %%)",
        model.name(),
        100 * model.accuracy(),
        100 * model.recentAccuracy(),
        100 * model.majorityAccuracy());
  }
}
