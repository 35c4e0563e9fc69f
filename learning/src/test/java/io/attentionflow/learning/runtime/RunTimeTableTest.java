package io.attentionflow.learning.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.attentionflow.learning.features.Keys;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RunTimeTableTest {

  @Test
  void keepsWhatIsInUse() {
    assertThat(labelsOfOneInUse(new RunTimeTable(64))).isEqualTo(9_999);
  }

  @Test
  void keepsWhatIsInUseAlsoWhenItsClockStartsOver() throws IOException {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    new RunTimeTable(64).writeTo(new DataOutputStream(written));
    byte[] old = written.toByteArray();
    ByteBuffer.wrap(old).putInt(3 * Integer.BYTES, Integer.MAX_VALUE - 2_000);

    RunTimeTable table =
        new RunTimeTable(64).read(new DataInputStream(new ByteArrayInputStream(old)));

    assertThat(labelsOfOneInUse(table)).isEqualTo(9_999);
  }

  @Test
  void refusesATableThatMayBeLargerThanItself() throws IOException {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    new RunTimeTable(128).writeTo(new DataOutputStream(written));
    var in = new DataInputStream(new ByteArrayInputStream(written.toByteArray()));

    assertThatIOException()
        .isThrownBy(() -> new RunTimeTable(64).read(in))
        .withMessageContaining("at most 64");
  }

  /** Counts one context again and again, and between each two times one that is new. */
  private static int labelsOfOneInUse(RunTimeTable table) {
    float[] parent = new float[RunTimeScale.BINS];
    float[] slow = new float[RunTimeScale.BINS];
    Arrays.fill(parent, 1f / RunTimeScale.BINS);
    long inUse = Keys.of(0);
    for (int i = 1; i < 10_000; i++) {
      table.count(Keys.of(i), 3, parent, slow);
      table.count(inUse, 5, parent, slow);
    }
    return table.labels(table.find(inUse));
  }
}
