package io.attentionflow.benchmarks.attention;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.benchmarks.attention.RampingPool.Sample;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttentionFigureTest {

  private final List<Sample> samples = new RampingPool(PoolPolicy.defaults(), 1).play(2400);

  @Test
  void holdsTheSharesThatWereMeantOverAMinuteAtSaturation() {
    assertThat(AttentionFigure.saturatedMinutes(samples)).isGreaterThan(10);
    assertThat(AttentionFigure.largestDeviation(samples)).isLessThan(0.05);
  }

  @Test
  void drawsALineForEachOfWhatItNames() {
    assertThat(AttentionFigure.draw(samples))
        .startsWith("<svg ")
        .endsWith("</svg>\n")
        .contains(">temperature<", ">LIGHT, meant<", ">HEAVY, held<")
        .doesNotContain("NaN");
  }
}
