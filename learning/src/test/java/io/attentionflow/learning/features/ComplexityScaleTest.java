package io.attentionflow.learning.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ComplexityScaleTest {

  @Test
  void countsABoundToTheClassBelow() {
    ComplexityScale scale = ComplexityScale.DEFAULT;

    assertThat(scale.classOf(0, 1000)).isZero();
    assertThat(scale.classOf(60_000, 1000)).isZero();
    assertThat(scale.classOf(60_001, 1000)).isEqualTo(1);
    assertThat(scale.classOf(7_200_000, 1000)).isEqualTo(2);
    assertThat(scale.classOf(Long.MAX_VALUE, 1000)).isEqualTo(3);
  }

  @Test
  void multipliesByCoresIfTold() {
    ComplexityScale scale =
        new ComplexityScale(
            List.of("SMALL", "LARGE"),
            List.of(Duration.ofSeconds(100)),
            ComplexityScale.Measure.CORE_SECONDS);

    assertThat(scale.classOf(50_000, 2000)).isZero();
    assertThat(scale.classOf(50_000, 2001)).isEqualTo(1);
  }

  @Test
  void refusesBoundsThatDoNotAscend() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new ComplexityScale(
                    List.of("A", "B", "C"),
                    List.of(Duration.ofSeconds(2), Duration.ofSeconds(2)),
                    ComplexityScale.Measure.RUN_TIME))
        .withMessageContaining("ascend");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "B/x", "A"})
  void refusesNamesThatMakeNoKey(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new ComplexityScale(
                    List.of("A", name),
                    List.of(Duration.ofSeconds(2)),
                    ComplexityScale.Measure.RUN_TIME))
        .withMessageContaining(name);
  }

  @Test
  void refusesBoundsThatNoLongOfMillisecondsHolds() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new ComplexityScale(
                    List.of("A", "B"),
                    List.of(Duration.ofDays(999_999_999_999L)),
                    ComplexityScale.Measure.RUN_TIME))
        .withMessageContaining("too long");
  }
}
