package io.attentionflow.benchmarks.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.PoolPolicy.Placement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BusyPoolTest {

  /** What is measured must be the steady state: what ends is replaced, neither more nor less. */
  @ParameterizedTest
  @EnumSource(Placement.class)
  void placesAsManyAsEnd(Placement placement) {
    PoolPolicy policy = PoolPolicy.defaults().withPlacement(placement);
    BusyPool pool = new BusyPool(Workload.mixed(20), policy, 100, 1);
    long placed = 0;
    for (int i = 0; i < 3_000; i++) {
      placed += pool.endOne();
    }

    assertThat(placed).isBetween(2_800L, 3_200L);
  }
}
