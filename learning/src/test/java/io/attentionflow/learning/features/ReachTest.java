package io.attentionflow.learning.features;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ReachTest {

  private static final long MINUTE = 60_000;
  private static final long NOW = 1_000 * MINUTE;

  private final Reach reach = new Reach();
  private final long[] running = Reach.nothing();

  @Test
  void knowsNothingOfNothing() {
    assertThat(Reach.level(null, running)).isNaN();
    assertThat(Reach.level(reach, running)).isNaN();
  }

  @Test
  void countsTheBoundsThatTheLatestEndedTaskPassed() {
    reach.ended(NOW - 90 * MINUTE, 20 * MINUTE);
    // Beyond 15 s, 1, 4 and 16 minutes.
    assertThat(Reach.level(reach, running)).isEqualTo(4);

    reach.ended(NOW - 60 * MINUTE, 2 * MINUTE);
    assertThat(Reach.level(reach, running)).isEqualTo(2);
  }

  @Test
  void goesByTheStartAndNotByTheEnd() {
    reach.ended(NOW - 10 * MINUTE, MINUTE / 2);
    reach.ended(NOW - 90 * MINUTE, 20 * MINUTE);

    assertThat(Reach.level(reach, running)).isEqualTo(1);
  }

  @Test
  void believesARunningTaskAsFarAsItGot() {
    reach.ended(NOW - 90 * MINUTE, 2 * MINUTE);
    Reach.runs(running, NOW - 20 * MINUTE, NOW);

    // It has passed 15 s, 1, 4 and 16 minutes, and started later.
    assertThat(Reach.level(reach, running)).isEqualTo(4);
  }

  @Test
  void aYoungRunningTaskHidesNothingThatOlderOnesPassed() {
    reach.ended(NOW - 90 * MINUTE, 70 * MINUTE);
    Reach.runs(running, NOW - MINUTE / 2, NOW);

    assertThat(Reach.level(reach, running)).isEqualTo(5);
  }

  @Test
  void readsWhatItWrote() throws IOException {
    reach.ended(NOW - 90 * MINUTE, 20 * MINUTE);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    reach.writeTo(new DataOutputStream(bytes));
    Reach read = new Reach();
    read.readFrom(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));

    assertThat(Reach.level(read, running)).isEqualTo(4);
  }
}
