package io.attentionflow.learning.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LikelihoodTest {

  @Test
  void isCloseToWhatWasCoded() {
    for (double p = Likelihood.LEAST; p <= 1; p *= 1.01) {
      byte code = Likelihood.encode(p);

      assertThat(code).isNotEqualTo(Likelihood.UNKNOWN);
      assertThat(StrictMath.exp(Likelihood.logarithm(code)) / p).isCloseTo(1, within(0.02));
    }
  }

  @Test
  void cutsWhatIsNextToNothing() {
    assertThat(Likelihood.encode(0)).isEqualTo(Likelihood.encode(Likelihood.LEAST));
    assertThat(Likelihood.logarithm(Likelihood.encode(1))).isZero();
    assertThat(Likelihood.logarithm(Likelihood.encode(1 + 1e-6))).isZero();
  }
}
