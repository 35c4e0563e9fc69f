package io.attentionflow.allocation.demand;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;

class LogHistogramTest {

  @Property
  void isWithinOne128thOfTheExactQuantile(
      @ForAll @NotEmpty List<@LongRange(min = 0) Long> values,
      @ForAll @DoubleRange(min = 0, minIncluded = false, max = 1) double fraction) {
    double exact =
        values.stream()
            .sorted()
            .skip((long) Math.ceil(fraction * values.size()) - 1)
            .findFirst()
            .orElseThrow();

    assertThat(histogram(values).quantile(fraction)).isCloseTo(exact, within(exact / 128));
  }

  @Property
  void isExactForSmallValues(@ForAll @LongRange(min = 0, max = 127) long value) {
    assertThat(histogram(List.of(value)).quantile(0.5)).isEqualTo((double) value);
  }

  @Property
  void forgetsWhatIsTakenOut(
      @ForAll List<@LongRange(min = 0) Long> stay, @ForAll List<@LongRange(min = 0) Long> go) {
    LogHistogram both = histogram(stay);
    both.addAll(histogram(go));

    both.removeAll(histogram(go));

    for (double fraction : new double[] {0.01, 0.5, 0.95, 1}) {
      assertThat(both.quantile(fraction)).isEqualTo(histogram(stay).quantile(fraction));
    }
  }

  @Test
  void holdsTheSmallestAndTheLargestNumber() {
    LogHistogram histogram = histogram(List.of(0L, Long.MAX_VALUE));

    assertThat(histogram.quantile(0.5)).isZero();
    assertThat(histogram.quantile(1)).isCloseTo(Long.MAX_VALUE, within(Long.MAX_VALUE / 128.0));
  }

  @Test
  void refusesToForgetWhatItNeverSaw() {
    assertThatThrownBy(() -> new LogHistogram().removeAll(histogram(List.of(5L))))
        .isInstanceOf(IllegalStateException.class);
  }

  private static LogHistogram histogram(List<Long> values) {
    var histogram = new LogHistogram();
    values.forEach(histogram::add);
    return histogram;
  }
}
