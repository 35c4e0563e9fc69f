package io.attentionflow.allocation.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GpuShapesTest {

  /** As kinds of requests come and go, of which some ask for the same of GPUs. */
  @Test
  void haveNumbersOfTheirOwnAndNoMoreThanThereAreKinds() {
    GpuShapes shapes = new GpuShapes();
    Random random = new Random(1);
    List<GpuShapes.Shape> kinds = new ArrayList<>();
    for (int step = 0; step < 20_000; step++) {
      if (kinds.size() == 40) {
        shapes.leave(kinds.remove(random.nextInt(kinds.size())));
      }
      int millis = 1 + random.nextInt(60);
      GpuShapes.Shape shape = shapes.enter(1, millis);
      kinds.add(shape);

      assertThat(shape.gpuMillis).isEqualTo(millis);
      assertThat(shape.number).isBetween(0, 39);
      Map<Integer, GpuShapes.Shape> byNumber = new HashMap<>();
      for (GpuShapes.Shape each : kinds) {
        assertThat(byNumber.merge(each.number, each, (one, other) -> one)).isSameAs(each);
      }
    }
  }
}
