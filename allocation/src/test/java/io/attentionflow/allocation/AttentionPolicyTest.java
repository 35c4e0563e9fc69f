package io.attentionflow.allocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class AttentionPolicyTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final AttentionPolicy policy =
      new AttentionPolicy(1, 1, 0.5, 0.5, 10, 0.8, 0.1, 0.5, 1, 0.25, 4);

  @Test
  void coolsAboveTheTargetAndReheatsBelow() {
    assertThat(policy.temperature(2, MINUTE, 0.95)).isCloseTo(1, within(1e-12));
    assertThat(policy.temperature(1, MINUTE, 0.5)).isCloseTo(2, within(1e-12));
  }

  @Test
  void staysWithinTheDeadBand() {
    assertThat(policy.temperature(2, MINUTE, 0.85)).isEqualTo(2);
    assertThat(policy.temperature(2, MINUTE, 0.75)).isEqualTo(2);
  }

  @Test
  void leavesNoBound() {
    assertThat(policy.temperature(2, Duration.ofDays(9), 1)).isEqualTo(0.25);
    assertThat(policy.temperature(2, Duration.ofDays(9), 0)).isEqualTo(4);
  }

  @Test
  void comesBackWithinBoundsThatBecameNarrower() {
    assertThat(policy.temperature(100, Duration.ZERO, 0.8)).isEqualTo(4);
  }

  @Property
  void changesAlikeInOneStepOrTwo(
      @ForAll @DoubleRange(min = 0.25, max = 4) double before,
      @ForAll @IntRange(max = 600_000) int first,
      @ForAll @IntRange(max = 600_000) int second,
      @ForAll @DoubleRange(min = 0, max = 1) double load) {
    double once = policy.temperature(before, Duration.ofMillis(first + second), load);
    double between = policy.temperature(before, Duration.ofMillis(first), load);

    assertThat(policy.temperature(between, Duration.ofMillis(second), load))
        .isCloseTo(once, within(1e-9));
  }

  @Property
  void sharesTheWholeInTheOrderOfTheScores(
      @ForAll @Size(min = 1, max = 8) double[] anyScores,
      @ForAll @DoubleRange(min = 0.05, max = 50) double temperature) {
    double[] scores = Arrays.stream(anyScores).map(s -> Double.isFinite(s) ? s % 5 : 0).toArray();
    double[] shares = scores.clone();

    AttentionPolicy.toShares(shares, temperature);

    assertThat(Arrays.stream(shares).sum()).isCloseTo(1, within(1e-9));
    for (int a = 0; a < scores.length; a++) {
      assertThat(shares[a]).isPositive();
      for (int b = 0; b < scores.length; b++) {
        if (scores[a] > scores[b]) {
          assertThat(shares[a]).isGreaterThanOrEqualTo(shares[b]);
        }
      }
    }
  }

  @Test
  void tellsApartSharplyWhenColdAndHardlyWhenHot() {
    double[] cold = {1, 0};
    double[] hot = {1, 0};

    AttentionPolicy.toShares(cold, 0.25);
    AttentionPolicy.toShares(hot, 4);

    assertThat(cold[0]).isCloseTo(0.982, within(0.001));
    assertThat(hot[0]).isCloseTo(0.562, within(0.001));
  }

  @Test
  void countsNoPriorityBeyondTheScale() {
    assertThat(policy.score(10, 0, 0, 0)).isEqualTo(1);
    assertThat(policy.score(1e9, 0, 0, 0)).isEqualTo(1);
    assertThat(policy.score(-1e9, 0, 0, 0)).isEqualTo(-1);
  }

  @Test
  void grantsTheImportantAShorterWait() {
    assertThat(policy.patienceOf(0)).isEqualTo(1);
    assertThat(policy.patienceOf(5)).isEqualTo(0.25);
    assertThat(policy.patienceOf(1000)).isEqualTo(1 / 16.0);
    assertThat(policy.patienceOf(-10)).isEqualTo(16);
  }

  @Test
  void refusesWhatCannotBeMeant() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AttentionPolicy(1, 1, 1, 1, 10, 0.8, 0.1, 0.5, 1, 4, 0.25))
        .withMessageContaining("hottest");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AttentionPolicy(1, Double.NaN, 1, 1, 10, 0.8, 0.1, 0.5, 1, 1, 2))
        .withMessageContaining("urgencyWeight");
  }
}
