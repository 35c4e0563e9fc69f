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

  @Test
  void remembersWhatBecomesOfASetUntilThatIsTooMuch() {
    GpuSets sets = new GpuSets();
    GpuShapes shapes = new GpuShapes();
    List<GpuShapes.Shape> asked = new ArrayList<>();
    for (int millis = 1; millis <= 20; millis++) {
      asked.add(shapes.enter(1, millis));
    }
    int most = 0;
    for (int i = 0; i < 500; i++) {
      GpuSet set = sets.enter("V100", new int[] {i, 510, 520, 530, 540, 550, 560, 570});
      for (GpuShapes.Shape shape : asked) {
        GpuSet.Outcome outcome = sets.outcome(set, shape);
        assertThat(outcome.after).isEqualTo(set.outcome(shape).after);
        assertThat(sets.outcome(set, shape)).isSameAs(outcome);
        most = Math.max(most, sets.afterCount());
      }
    }
    assertThat(most).isBetween(GpuSets.MOST_AFTER - 200, GpuSets.MOST_AFTER);
  }

  @Test
  void knowsNothingOfAShapeWhoseNumberAnotherHad() {
    GpuSets sets = new GpuSets();
    GpuShapes shapes = new GpuShapes();
    GpuSet set = sets.enter("V100", new int[] {400, 1000});
    GpuShapes.Shape before = shapes.enter(1, 300);
    assertThat(sets.outcome(set, before).after).hasSize(2);
    shapes.leave(before);
    GpuShapes.Shape now = shapes.enter(1, 500);

    assertThat(now.number).isEqualTo(before.number);
    assertThat(sets.outcome(set, now).after)
        .containsExactly(GpuSet.of("V100", new int[] {400, 500}));
    assertThat(sets.afterCount()).isEqualTo(1);
  }

  @Test
  void forgetsWhatBecomesOfSetsThatItForgets() {
    GpuSets sets = new GpuSets();
    GpuShapes.Shape shape = new GpuShapes().enter(1, 100);
    for (int i = 0; i < 3 * GpuSets.SPARE; i++) {
      GpuSet set = sets.enter("T4", new int[] {100 + i % 900, 100 + i / 900});
      sets.outcome(set, shape);
      sets.leave(set);
    }

    assertThat(sets.size()).isEqualTo(GpuSets.SPARE);
    assertThat(sets.afterCount()).isLessThanOrEqualTo(2 * GpuSets.SPARE);
  }
}
