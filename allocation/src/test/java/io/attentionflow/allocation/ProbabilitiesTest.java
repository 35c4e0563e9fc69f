package io.attentionflow.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProbabilitiesTest {

  @Test
  void isEqualToAListOfTheSameNumbers() {
    List<Double> boxed = List.of(0.25, 0.75);
    Probabilities probabilities = Probabilities.of(0.25, 0.75);

    assertThat(probabilities).isEqualTo(boxed).hasSameHashCodeAs(boxed).hasToString("[0.25, 0.75]");
    assertThat(boxed).isEqualTo(probabilities);
    assertThat(Probabilities.copyOf(boxed)).isEqualTo(probabilities);
  }

  @Test
  void sharesNothingThatCanChange() {
    double[] numbers = {0.25, 0.75};
    Probabilities probabilities = Probabilities.of(numbers);
    numbers[0] = 1;

    assertThat(probabilities).containsExactly(0.25, 0.75);
    assertThat(Probabilities.copyOf(probabilities)).isSameAs(probabilities);
  }
}
