package io.attentionflow.learning.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.FloatRange;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** The tables and draws that the forest computes with. */
class ForestArithmeticTest {

  @Property
  void exponentialsAreThoseOfTheLibrary(@ForAll @FloatRange(min = -79, max = 0) float x) {
    assertThat((double) Exponential.of(x))
        .isCloseTo(StrictMath.exp(x), Percentage.withPercentage(1e-3));
  }

  @Test
  void exponentialsFarBelowZeroAreNextToNothing() {
    assertThat(Exponential.of(0)).isOne();
    assertThat(Exponential.of(-1e30f)).isBetween(0f, 1e-34f);
    assertThat(Exponential.of(Float.NEGATIVE_INFINITY)).isBetween(0f, 1e-34f);
  }

  @Test
  void theNormalDistributionIsThatOfTheTables() {
    assertThat(NormalDistribution.below(0)).isCloseTo(0.5, within(1e-4));
    assertThat(NormalDistribution.below(1)).isCloseTo(0.841345, within(1e-4));
    assertThat(NormalDistribution.below(-1.959964)).isCloseTo(0.025, within(1e-4));
    assertThat(NormalDistribution.below(-50)).isZero();
    assertThat(NormalDistribution.below(Double.POSITIVE_INFINITY)).isOne();
  }

  @Property
  void moreOfTheNormalDistributionIsBelowMore(
      @ForAll @DoubleRange(min = -6, max = 6) double x,
      @ForAll @DoubleRange(min = 0, max = 1) double more) {
    assertThat(NormalDistribution.below(x + more))
        .isGreaterThanOrEqualTo(NormalDistribution.below(x));
  }

  @Test
  void poissonDrawsHaveTheMeanAndVarianceOfTheirName() {
    Poisson poisson = new Poisson(6);
    Draws draws = new Draws(1);
    int count = 200_000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < count; i++) {
      int k = poisson.draw(draws);
      sum += k;
      squares += (double) k * k;
    }
    double mean = sum / count;
    assertThat(mean).isCloseTo(6, within(0.03));
    assertThat(squares / count - mean * mean).isCloseTo(6, within(0.1));
  }

  @Test
  void boundedDrawsAreEven() {
    Draws draws = new Draws(2);
    int[] counts = new int[7];
    for (int i = 0; i < 70_000; i++) {
      counts[draws.nextInt(counts.length)]++;
    }
    for (int count : counts) {
      assertThat(count).isBetween(9_600, 10_400);
    }
  }
}
