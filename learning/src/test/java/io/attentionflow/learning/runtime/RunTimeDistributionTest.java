package io.attentionflow.learning.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attentionflow.learning.features.ComplexityScale;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunTimeDistributionTest {

  private static final RunTimeScale SCALE = RunTimeScale.DEFAULT;

  private final RunTimeDistribution distribution = new RunTimeDistribution(SCALE);

  @ParameterizedTest
  @ValueSource(longs = {1, 59, 60, 61, 600, 601, 7200, 7201, 1_000_000, 100_000_000})
  void aBinTellsTheClass(long seconds) {
    int bin = SCALE.binOf((double) seconds);

    assertThat(SCALE.classOf(bin)).isEqualTo(ComplexityScale.DEFAULT.classOf(seconds * 1000, 1000));
    assertThat((double) seconds).isGreaterThan(SCALE.lower(bin));
    assertThat(bin == RunTimeScale.BINS - 1 || seconds <= SCALE.upper(bin)).isTrue();
  }

  @Test
  void binsAreAboutHalfAnOctaveWide() {
    for (int bin = 1; bin < RunTimeScale.BINS; bin++) {
      assertThat(SCALE.upper(bin) / SCALE.lower(bin)).isBetween(1.38, 1.45);
    }
  }

  @Test
  void refusesClassesThatItCannotCut() {
    assertThatThrownBy(() -> scale(Duration.ofMillis(500))).hasMessageContaining("0.5 s");
    assertThatThrownBy(() -> scale(Duration.ofDays(10_000))).hasMessageContaining("beyond");
  }

  private static RunTimeScale scale(Duration boundary) {
    return RunTimeScale.of(
        new ComplexityScale(
            List.of("SHORT", "LONG"), List.of(boundary), ComplexityScale.Measure.RUN_TIME));
  }

  @Test
  void quantilesAscendAndInvertTheProbability() {
    all(20, 21, 22, 23);

    double last = 0;
    for (double rank = 0; rank <= 1; rank += 0.05) {
      double quantile = distribution.quantileSeconds(rank);
      assertThat(quantile).isGreaterThanOrEqualTo(last);
      last = quantile;
    }
    assertThat(distribution.quantileSeconds(0.5)).isCloseTo(SCALE.upper(21), within(1e-3));
    assertThat(distribution.quantileSeconds(1)).isCloseTo(SCALE.upper(23), within(1e-3));
  }

  @Test
  void whatHasRunAlreadyIsKnown() {
    all(20, 21, 22, 23);

    double young = distribution.quantileSeconds(0.5, SCALE.upper(19));
    double old = distribution.quantileSeconds(0.5, SCALE.upper(21));

    assertThat(young).isCloseTo(SCALE.upper(21), within(1e-3));
    assertThat(old).isCloseTo(SCALE.upper(22), within(1e-3));
  }

  @Test
  void anOutlivedDistributionDoublesTheAgeUpToTheLimit() {
    all(20);
    double age = SCALE.upper(20) + 1;

    assertThat(distribution.quantileSeconds(0.9, age)).isEqualTo(2 * age);
    distribution.limit(1.5 * age);
    assertThat(distribution.quantileSeconds(0.9, age)).isEqualTo(1.5 * age);
    assertThat(distribution.quantileSeconds(0.9, 3 * age)).isEqualTo(3 * age);
  }

  @Test
  void theMeanLiesWithinWhatIsPossible() {
    all(20, 30);
    assertThat(distribution.meanSeconds()).isBetween(SCALE.lower(20), SCALE.upper(30));

    all(20);
    distribution.limit(SCALE.lower(20) + 1);
    assertThat(distribution.meanSeconds()).isBetween(SCALE.lower(20), SCALE.lower(20) + 1);
  }

  @Test
  void classesSumUpTheirBins() {
    all(0, 12, 20, 30);
    double[] classes = new double[4];
    distribution.classes(classes);

    assertThat(classes).containsExactly(0.25, 0.25, 0.25, 0.25);
  }

  @Test
  void logarithmAndExponentialAreCloseToTheTrueOnes() {
    for (float x = 1e-7f; x < 10; x *= 1.1f) {
      assertThat((double) Logarithms.log(x)).isCloseTo(StrictMath.log(x), within(3e-4));
    }
    for (float x = -79; x < 5; x += 0.1f) {
      double truth = StrictMath.exp(x);
      assertThat((double) exp(x)[0]).isCloseTo(truth, within(1e-4 * truth));
    }
    assertThat(exp(-100)).containsExactly(0);
  }

  @Test
  void manyExponentialsAreToTheBitWhatEachIsByItself() {
    Random random = new Random(20);
    float[] numbers = new float[1000];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = -100 * random.nextFloat() * random.nextFloat();
    }
    numbers[0] = 0;
    numbers[1] = -80;
    numbers[2] = Math.nextDown(-80f);

    float[] exponentials = exp(numbers);

    for (int i = 0; i < numbers.length; i++) {
      assertThat(exponentials[i]).as("of %s", numbers[i]).isEqualTo(plainExp(numbers[i]));
    }
  }

  private static float[] exp(float... numbers) {
    float[] exponentials = numbers.clone();
    Logarithms.exp(exponentials, new float[numbers.length], numbers.length);
    return exponentials;
  }

  /** What models were learned with in every release: their answers hang on each bit of it. */
  private static float plainExp(float x) {
    if (x < -80) {
      return 0;
    }
    float ln2 = 0.6931472f;
    int octaves = (int) Math.floor(x / ln2);
    float t = x - octaves * ln2;
    float series = 1 + t * (1 + t / 2 * (1 + t / 3 * (1 + t / 4 * (1 + t / 5 * (1 + t / 6)))));
    return series * Float.intBitsToFloat((octaves + 127) << 23);
  }

  @Test
  void severalQuantilesAreToTheBitWhatEachIsByItself() {
    Random random = new Random(21);
    double[] ranks = {0, 0.2, 0.5, 0.5, 0.9, 0.9995, 1};
    double[] quantiles = new double[ranks.length];
    for (int round = 0; round < 200; round++) {
      float total = 0;
      for (int bin = 0; bin < RunTimeScale.BINS; bin++) {
        distribution.probabilities[bin] = random.nextInt(3) == 0 ? 0 : random.nextFloat();
        total += distribution.probabilities[bin];
      }
      for (int bin = 0; bin < RunTimeScale.BINS; bin++) {
        distribution.probabilities[bin] /= total;
      }

      distribution.quantileSeconds(ranks, quantiles);

      for (int i = 0; i < ranks.length; i++) {
        assertThat(quantiles[i]).isEqualTo(distribution.quantileSeconds(ranks[i]));
      }
    }
  }

  /** Equal probabilities for these bins. */
  private void all(int... bins) {
    Arrays.fill(distribution.probabilities, 0);
    for (int bin : bins) {
      distribution.probabilities[bin] = 1f / bins.length;
    }
  }
}
