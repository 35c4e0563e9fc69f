package io.attentionflow.learning.classify;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.learning.features.FeatureVector;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyInputsTest {

  private static final int CLASSES = 3;
  private static final double[] FIRST_WAS_RIGHT = {0.8, -0.5, -0.3};

  @Test
  void movesTheScoresOfTheValueThatErred() {
    KeyInputs keys = keys();
    learn(keys, FIRST_WAS_RIGHT, 7, 0);

    double[] same = scores(keys, 7, 0);
    assertThat(same[0]).isGreaterThan(0);
    assertThat(same[1]).isLessThan(same[2]).isNegative();
    assertThat(scores(keys, 8, 0)).containsOnly(0);
    assertThat(scores(keys, 0, 7)).as("the same value of another feature").containsOnly(0);
  }

  @Test
  void learnsNothingFromWhatIsUnknown() {
    KeyInputs keys = keys();
    learn(keys, FIRST_WAS_RIGHT, 0, 0);

    assertThat(scores(keys, 0, 0)).containsOnly(0);
    assertThat(written(keys)).isEqualTo(written(keys()));
  }

  @Test
  void takesShorterStepsTheMoreItHasSeen() {
    KeyInputs keys = keys();
    learn(keys, FIRST_WAS_RIGHT, 7, 0);
    double first = scores(keys, 7, 0)[0];
    for (int i = 0; i < 100; i++) {
      learn(keys, FIRST_WAS_RIGHT, 7, 0);
    }
    double before = scores(keys, 7, 0)[0];
    learn(keys, FIRST_WAS_RIGHT, 7, 0);

    assertThat(scores(keys, 7, 0)[0] - before).isPositive().isLessThan(first / 2);
  }

  @Test
  void isReadAsItWasWritten() throws IOException {
    KeyInputs keys = keys();
    Random random = new Random(3);
    for (int i = 0; i < 200; i++) {
      learn(keys, FIRST_WAS_RIGHT, random.nextInt(50), random.nextInt(50));
    }
    byte[] bytes = written(keys);
    KeyInputs read = keys();
    learn(read, FIRST_WAS_RIGHT, 1234, 5678);
    read.readFrom(new DataInputStream(new ByteArrayInputStream(bytes)));

    assertThat(written(read)).isEqualTo(bytes);
    assertThat(scores(read, 1234, 5678)).isEqualTo(scores(keys, 1234, 5678));
    assertThat(scores(read, 3, 4)).isEqualTo(scores(keys, 3, 4));
  }

  private static KeyInputs keys() {
    return new KeyInputs(2, CLASSES, MixtureClassifier.Parameters.DEFAULT);
  }

  private static void learn(KeyInputs keys, double[] errors, long first, long second) {
    keys.fill(vector(first, second));
    keys.learn(errors);
  }

  private static double[] scores(KeyInputs keys, long first, long second) {
    double[] scores = new double[CLASSES];
    keys.fill(vector(first, second));
    keys.addTo(scores);
    return scores;
  }

  private static FeatureVector vector(long first, long second) {
    return new FeatureVector(new double[0], new long[] {first, second});
  }

  private static byte[] written(KeyInputs keys) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      keys.writeTo(out);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return bytes.toByteArray();
  }
}
