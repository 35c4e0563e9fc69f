package io.attentionflow.benchmarks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class StatisticsTest {

  @Test
  void findsTheMiddle() {
    assertThat(Statistics.median(List.of(9.0, 1.0, 2.0))).isEqualTo(2);
    assertThat(Statistics.median(List.of(9.0, 1.0, 2.0, 4.0))).isEqualTo(3);
  }

  @Test
  void saysHowFarApartTheyAre() {
    assertThat(Statistics.spread(List.of(9.0, 10.0, 12.0))).isEqualTo(0.3, within(1e-9));
  }

  @Test
  void countsQuantilesByRank() {
    long[] sorted = Statistics.sorted(LongStream.iterate(100, n -> n - 1).limit(100).toArray());

    assertThat(Statistics.quantile(sorted, 0.5)).isEqualTo(50);
    assertThat(Statistics.quantile(sorted, 0.99)).isEqualTo(99);
    assertThat(Statistics.quantile(sorted, 1)).isEqualTo(100);
    assertThat(Statistics.quantile(sorted, 0)).isEqualTo(1);
  }
}
