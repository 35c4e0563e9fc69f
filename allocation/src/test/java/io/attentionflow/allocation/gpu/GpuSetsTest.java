package io.attentionflow.allocation.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GpuSetsTest {

  @Test
  void keepsAFewSpareSetsAlsoWhenMostNodesGoAway() {
    GpuSets sets = new GpuSets();
    List<GpuSet> entered = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      entered.add(sets.enter("V100", new int[] {i / 55, 500 + i % 55, 900}));
    }
    assertThat(sets.size()).isEqualTo(3000);

    for (GpuSet set : entered.subList(10, 3000)) {
      sets.leave(set);
    }

    assertThat(sets.size()).isEqualTo(10 + 10 + GpuSets.SPARE);
    assertThat(sets.enter("V100", new int[] {0, 500, 900})).isSameAs(entered.get(0));
  }
}
