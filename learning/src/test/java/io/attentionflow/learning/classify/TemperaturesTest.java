package io.attentionflow.learning.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TemperaturesTest {

  private final Temperatures temperatures = new Temperatures(3);

  @Test
  void leavesProbabilitiesAsTheyAreAtFirst() {
    double[] probabilities = {0.2, 0.7, 0.1};

    temperatures.scale(probabilities);

    assertThat(probabilities).containsExactly(new double[] {0.2, 0.7, 0.1}, within(1e-5));
  }

  @Test
  void tempersWhatIsTooSureOfItself() {
    // It says 90 %, and is right in 60 of 100.
    assertThat(scaledAfter(0.6)).isCloseTo(0.6, within(0.05));
  }

  @Test
  void sharpensWhatIsTooModest() {
    assertThat(scaledAfter(0.98)).isCloseTo(0.98, within(0.02));
  }

  @Test
  void leavesOtherConfidencesAlone() {
    scaledAfter(0.6);
    double[] modest = {0.4, 0.35, 0.25};

    temperatures.scale(modest);

    assertThat(modest).containsExactly(new double[] {0.4, 0.35, 0.25}, within(1e-5));
  }

  @Test
  void refusesToBeRestoredFromWhatItNeverWrites() {
    for (double sharpness : new double[] {Double.NaN, 0, -1, 1e9}) {
      byte[] bytes = new byte[12 * 2 * Double.BYTES];
      ByteBuffer.wrap(bytes).putDouble(sharpness);
      assertThatIOException()
          .isThrownBy(
              () -> temperatures.readFrom(new DataInputStream(new ByteArrayInputStream(bytes))));
    }
  }

  /** The largest probability, 0.9 as predicted, after it was right so often. */
  private double scaledAfter(double rightShare) {
    Random random = new Random(5);
    for (int i = 0; i < 20_000; i++) {
      int answer = random.nextInt(3);
      double[] said = {0.05, 0.05, 0.05};
      said[answer] = 0.9;
      boolean right = random.nextDouble() < rightShare;
      temperatures.learn(said, right ? answer : (answer + 1 + random.nextInt(2)) % 3, 1);
    }
    double[] probabilities = {0.05, 0.9, 0.05};
    temperatures.scale(probabilities);
    return probabilities[1];
  }
}
