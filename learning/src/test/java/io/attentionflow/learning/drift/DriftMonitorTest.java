package io.attentionflow.learning.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.attentionflow.learning.drift.DriftMonitor.Drift;
import io.attentionflow.learning.drift.DriftMonitor.Settings;
import io.attentionflow.learning.features.FeatureVector;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DriftMonitorTest {

  private static final List<String> NUMBERS = List.of("cpu", "memory", "estimate", "age");
  private static final Settings TWO_INPUTS = new Settings(0.002, 2, 0.999, 2_000);

  private final Random random = new Random(17);
  private final DriftMonitor monitor = new DriftMonitor(NUMBERS, TWO_INPUTS);
  private final List<Drift> drifts = new ArrayList<>();

  private void given(int examples, double errorRate, double shift) {
    for (int i = 0; i < examples; i++) {
      Drift drift = monitor.add(vector(shift), random.nextDouble() < errorRate);
      if (drift != null) {
        drifts.add(drift);
      }
    }
  }

  /** One number in five is missing; only the second is shifted. */
  private FeatureVector vector(double shift) {
    double[] numbers = {
      1e6 + 1e4 * random.nextGaussian(),
      random.nextGaussian() + shift,
      random.nextDouble(),
      random.nextGaussian() + 100 * shift
    };
    if (random.nextInt(5) == 0) {
      numbers[random.nextInt(numbers.length)] = Double.NaN;
    }
    return new FeatureVector(numbers, new long[0]);
  }

  @Test
  void saysNothingWhileNothingChanges() {
    given(50_000, 0.3, 0);

    assertThat(drifts).hasSizeLessThanOrEqualTo(1);
    assertThat(monitor.level()).isLessThan(0.5);
  }

  @Test
  void tellsWhenTheLearnerErrsMore() {
    given(5_000, 0.2, 0);
    assertThat(drifts).isEmpty();
    given(600, 0.6, 0);

    assertThat(drifts).hasSize(1);
    assertThat(drifts.get(0).input()).isNull();
    assertThat(drifts.get(0).before()).isBetween(0.15, 0.3);
    assertThat(drifts.get(0).after()).isGreaterThan(drifts.get(0).before());
    assertThat(drifts.get(0).note()).startsWith("errs more: ");
    assertThat(monitor.level()).isGreaterThan(0.5);
  }

  @Test
  void saysNothingWhenTheLearnerErrsLess() {
    given(5_000, 0.6, 0);
    given(5_000, 0.2, 0);

    assertThat(drifts).isEmpty();
    assertThat(monitor.level()).isZero();
  }

  @Test
  void tellsWhichInputMovedAndBetweenWhat() {
    given(5_000, 0.2, 0);
    given(3_000, 0.2, 2);

    assertThat(drifts).extracting(Drift::input).containsExactly("memory");
    assertThat(drifts.get(0).before()).isBetween(-0.3, 0.7);
    assertThat(drifts.get(0).after()).isGreaterThan(drifts.get(0).before() + 0.3);
    assertThat(drifts.get(0).note()).startsWith("input memory moved from ");
    assertThat(monitor.level()).isBetween(0.01, DriftMonitor.OF_INPUT);
  }

  @Test
  void fadesAndTellsOfTheNextChange() {
    given(5_000, 0.2, 0);
    given(10_000, 0.2, 2);
    assertThat(monitor.level()).isLessThan(0.01);
    given(5_000, 0.2, -2);

    assertThat(drifts).extracting(Drift::input).containsExactly("memory", "memory");
    assertThat(drifts.get(1).before()).isBetween(1.5, 2.5);
  }

  @Test
  void watchesNoMoreInputsThanItIsTold() {
    assertThat(monitor.inputs()).containsExactly("cpu", "memory");
    assertThat(new DriftMonitor(NUMBERS, Settings.STANDARD).inputs()).isEqualTo(NUMBERS);
  }

  @Test
  void bearsConstantsAndAnswersThatWereNotGiven() {
    double[] numbers = new double[4];
    for (int i = 0; i < 3_000; i++) {
      assertThat(monitor.add(new FeatureVector(numbers, new long[0]), null)).isNull();
    }
    Arrays.fill(numbers, 1);
    Drift drift = null;
    for (int i = 0; i < 3_000 && drift == null; i++) {
      drift = monitor.add(new FeatureVector(numbers, new long[0]), null);
    }
    assertThat(drift).isNotNull();
  }

  @Test
  void goesOnAfterRestoringAsBefore() throws IOException {
    given(4_321, 0.2, 0);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    monitor.writeTo(new DataOutputStream(bytes));
    DriftMonitor restored = new DriftMonitor(NUMBERS, TWO_INPUTS);
    restored.readFrom(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    for (int i = 0; i < 4_000; i++) {
      FeatureVector x = vector(1.5);
      boolean wrong = random.nextDouble() < 0.5;
      assertThat(restored.add(x, wrong)).isEqualTo(monitor.add(x, wrong));
      assertThat(restored.level()).isEqualTo(monitor.level());
    }
  }

  @Test
  void refusesTheStateOfOtherInputsAndSettingsThatCannotBe() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    monitor.writeTo(new DataOutputStream(bytes));
    DriftMonitor other = new DriftMonitor(NUMBERS, Settings.STANDARD);

    assertThatIOException()
        .isThrownBy(
            () ->
                other.readFrom(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()))));
    assertThatIllegalArgumentException().isThrownBy(() -> new Settings(0, 1, 0.5, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Settings(0.1, -1, 0.5, 0));
  }
}
