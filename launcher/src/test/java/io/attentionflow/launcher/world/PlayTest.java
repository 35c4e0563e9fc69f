package io.attentionflow.launcher.world;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.launcher.Console;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class PlayTest {

  @Test
  void tellsHowManyStillWaitAndHowToLearnWhy() {
    Duration quiet = Duration.ofSeconds(60);

    assertThat(said(console -> Play.tellOfWaiting(counts(3, 1, 1), quiet, console)))
        .startsWith("1 tasks still wait, and nothing was commanded for 60 s; `query pending");
    assertThat(said(console -> Play.tellOfWaiting(counts(3, 2, 1), quiet, console))).isEmpty();
  }

  @Test
  void tellsHowManyItLeavesInThePoolThoseThatRanAmongThem() {
    assertThat(said(console -> Play.tellOfUnfinished(counts(4, 1, 2), console)))
        .startsWith("3 tasks still wait in the pool; they were not cancelled");
    assertThat(said(console -> Play.tellOfUnfinished(counts(4, 4, 0), console))).isEmpty();
  }

  private static String said(Consumer<Console> telling) {
    var err = new ByteArrayOutputStream();
    var console =
        new Console(
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));

    telling.accept(console);

    return err.toString(StandardCharsets.UTF_8);
  }

  private static ClusterCounts counts(long submitted, long over, long running) {
    return new ClusterCounts(submitted, 0, 0, 0, over, running, 0, 1, 0);
  }
}
