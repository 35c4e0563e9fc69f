package io.attentionflow.learning.quantile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QuantileLevelsTest {

  private final QuantileLevels levels = new QuantileLevels(0.5, 0.95);

  @Test
  void asksForWhatIsPromisedAtFirst() {
    assertThat(levels.rank(0)).isEqualTo(0.5);
    assertThat(levels.rank(1)).isEqualTo(0.95);
  }

  @Test
  void keepsItsPromisesWhateverTheDistributionSays() {
    // The truth is at rank u², and later at rank √u of what was predicted.
    assertThat(keptOf(20_000, 2, 1)).isCloseTo(0.95, within(0.01));
    assertThat(keptOf(20_000, 0.5, 2)).isCloseTo(0.95, within(0.015));
  }

  private double keptOf(int truths, double power, long seed) {
    Random random = new Random(seed);
    int kept = 0;
    for (int i = 0; i < truths; i++) {
      double truth = StrictMath.pow(random.nextDouble(), power);
      for (int j = 0; j < levels.count(); j++) {
        boolean below = truth <= levels.rank(j);
        kept += j == 1 && below ? 1 : 0;
        levels.learn(j, below);
      }
    }
    return (double) kept / truths;
  }

  @Test
  void neverPromisesLessForMore() {
    Random random = new Random(3);
    QuantileLevels close = new QuantileLevels(0.9, 0.91, 0.92);
    for (int i = 0; i < 5000; i++) {
      close.learn(random.nextInt(3), random.nextBoolean());
      assertThat(close.rank(1)).isBetween(close.rank(0), 1.0);
      assertThat(close.rank(2)).isBetween(close.rank(1), 1.0);
    }
  }

  @Test
  void doesNotGoFartherThanItIsTold() {
    QuantileLevels near = QuantileLevels.bounded(0.01, 5, 0.5, 0.95);
    for (int i = 0; i < 10_000; i++) {
      near.learn(1, true);
    }
    assertThat(near.rank(1)).isCloseTo(0.75, within(1e-9));

    near.learn(1, false);
    assertThat(near.rank(1)).isCloseTo(0.7595, within(1e-9));

    for (int i = 0; i < 10_000; i++) {
      near.learn(1, false);
    }
    assertThat(near.rank(1)).isEqualTo(0.9995);
    for (int i = 0; i < 40; i++) {
      near.learn(1, true);
    }
    assertThat(near.rank(1)).isLessThan(0.9995);
  }

  @Test
  void readsWhatItWrote() throws IOException {
    keptOf(100, 2, 1);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    levels.writeTo(new DataOutputStream(bytes));
    QuantileLevels read = new QuantileLevels(0.5, 0.95);
    read.readFrom(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));

    assertThat(read.rank(0)).isEqualTo(levels.rank(0));
    assertThat(read.rank(1)).isEqualTo(levels.rank(1));
  }

  @Test
  void refusesRanksThatDoNotAscend() {
    assertThatIllegalArgumentException().isThrownBy(() -> new QuantileLevels(0.9, 0.5));
    assertThatIllegalArgumentException().isThrownBy(() -> new QuantileLevels(1.0));
  }
}
