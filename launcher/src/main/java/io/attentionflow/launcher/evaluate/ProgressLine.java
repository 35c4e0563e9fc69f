package io.attentionflow.launcher.evaluate;

import io.attentionflow.simulation.evaluate.Evaluation;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Says about once a second how far an evaluation is, and how long it may still take. */
final class ProgressLine implements Evaluation.Progress {

  private static final long BETWEEN_LINES = Duration.ofSeconds(1).toNanos();

  private final LongSupplier nanos;
  private final Consumer<String> say;
  private final long began;
  private long said;

  /**
   * @param nanos a stopwatch, nanoseconds; runs from now on
   */
  ProgressLine(LongSupplier nanos, Consumer<String> say) {
    this.nanos = nanos;
    this.say = say;
    began = nanos.getAsLong();
    said = began;
  }

  @Override
  public void reached(int submitted, int tasks) {
    long now = nanos.getAsLong();
    if (now - said < BETWEEN_LINES) {
      return;
    }
    said = now;
    if (submitted == tasks) {
      say.accept("all %,d tasks submitted, waiting for their ends".formatted(tasks));
      return;
    }
    long remaining = (long) ((double) (now - began) / submitted * (tasks - submitted));
    say.accept(
        "%,d of %,d tasks (%d %%), about %s to go"
            .formatted(submitted, tasks, 100L * submitted / tasks, spelt(remaining)));
  }

  /** How long it has been running. */
  String elapsed() {
    return spelt(nanos.getAsLong() - began);
  }

  private static String spelt(long nanos) {
    Duration duration = Duration.ofNanos(nanos);
    if (duration.toMinutes() == 0) {
      return "%d s".formatted(duration.toSeconds());
    }
    return "%d min %d s".formatted(duration.toMinutes(), duration.toSecondsPart());
  }
}
