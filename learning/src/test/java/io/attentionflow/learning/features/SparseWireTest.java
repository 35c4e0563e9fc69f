package io.attentionflow.learning.features;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SparseWireTest {

  @Test
  void losesNothing() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 500; i++) {
      FeatureVector vector = randomVector(random);

      FeatureVector read = read(written(vector));

      assertThat(bits(read.numbers())).isEqualTo(bits(vector.numbers()));
      assertThat(read.keys()).isEqualTo(vector.keys());
      assertThat(read.evidence()).isEqualTo(vector.evidence());
      assertThat(read.byRunTime()).isEqualTo(vector.byRunTime());
    }
  }

  @Test
  void takesABitOrTwoForWhatIsNothing() throws IOException {
    double[] numbers = new double[32];
    Arrays.fill(numbers, Double.NaN);

    byte[] bytes = written(new FeatureVector(numbers, new long[16], new byte[256]));

    assertThat(bytes).hasSize(3 * 2 + 32 / 4 + 16 / 8 + 256 / 8 + 1);
  }

  @Test
  void keepsBitsOfNumbersThatLookAlike() throws IOException {
    double[] numbers = {
      0, -0.0, 127, 128, -128, -129, 0.5, 0.1, 1e300, Double.NEGATIVE_INFINITY, Double.MIN_VALUE
    };

    FeatureVector read = read(written(new FeatureVector(numbers, new long[0])));

    assertThat(bits(read.numbers())).isEqualTo(bits(numbers));
  }

  private static FeatureVector randomVector(SplittableRandom random) {
    double[] numbers = new double[random.nextInt(40)];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] =
          switch (random.nextInt(4)) {
            case 0 -> Double.NaN;
            case 1 -> random.nextInt(-200, 200);
            case 2 -> (float) random.nextDouble();
            default -> random.nextDouble();
          };
    }
    long[] keys = new long[random.nextInt(20)];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = random.nextBoolean() ? 0 : random.nextLong();
    }
    byte[] counts = new byte[random.nextInt(300)];
    for (int i = 0; i < counts.length; i++) {
      boolean many = random.nextInt(1 + i / 50) == 0;
      counts[i] = many && random.nextBoolean() ? (byte) random.nextInt() : 0;
    }
    byte[] opinion = new byte[random.nextInt(33)];
    for (int i = 0; i < opinion.length; i++) {
      opinion[i] = Likelihood.encode(random.nextDouble());
    }
    return new FeatureVector(numbers, keys, counts).with(opinion);
  }

  private static long[] bits(double[] numbers) {
    return Arrays.stream(numbers).mapToLong(Double::doubleToLongBits).toArray();
  }

  private static byte[] written(FeatureVector vector) throws IOException {
    var bytes = new ByteArrayOutputStream();
    vector.writeTo(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static FeatureVector read(byte[] bytes) throws IOException {
    return FeatureVector.readFrom(new DataInputStream(new ByteArrayInputStream(bytes)));
  }
}
