package io.attentionflow.learning.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class EvidenceTest {

  @Property
  void losesLittle(@ForAll @DoubleRange(min = 0, max = Evidence.LARGEST) double count) {
    double decoded = Evidence.decode(Evidence.encode((float) count));

    assertThat((1 + decoded) / (1 + count)).isCloseTo(1, within(0.012));
  }

  @Test
  void tellsNothingFromZero() {
    assertThat(Evidence.encode(0)).isZero();
    assertThat(Evidence.decode((byte) 0)).isZero();
  }
}
