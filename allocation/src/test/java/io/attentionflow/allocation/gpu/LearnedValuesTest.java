package io.attentionflow.allocation.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LearnedValuesTest {

  private static final GpuNode NODE = new GpuNode(96_000, 393_216, 8, "G2");

  /** A pool whose places run out with every look at it. */
  private static final class Shrinking implements LearnedValues.View {
    private int places = 1000;

    @Override
    public Map<String, Double> gpusByModel() {
      return Map.of("G2", 8000.0);
    }

    @Override
    public GpuNode largest() {
      return NODE;
    }

    @Override
    public long freeGpuMillis() {
      return 1_500_000;
    }

    @Override
    public long[] places(List<GpuRequest> requests) {
      places = Math.max(0, places - 50);
      return requests.stream().mapToLong(request -> places).toArray();
    }
  }

  @Test
  void goesOnFromItsMemoryAsItWouldHave() {
    Random random = new Random(11);
    Shrinking pool = new Shrinking();
    LearnedValues learned = new LearnedValues(GpuPolicy.VALUE);
    GpuMemory memory = learned.memory(0);
    List<GpuRequest> since = new ArrayList<>();
    int changes = 0;
    for (int i = 0; i < 3_000; i++) {
      GpuRequest request = anyRequest(random);
      since.add(request);
      if (learned.arrived(request, pool)) {
        changes++;
        memory = learned.memory(i + 1);
        since.clear();
      }
      if (i % 250 == 0) {
        LearnedValues restored = new LearnedValues(GpuPolicy.VALUE);
        restored.restore(memory, since);
        assertThat(restored.memory(7)).isEqualTo(learned.memory(7));
        learned = restored;
      }
    }
    assertThat(changes).isGreaterThan(10);
  }

  @Test
  void learnsNothingFromWhatMakesNoSense() {
    LearnedValues learned = new LearnedValues(GpuPolicy.VALUE);
    for (int i = 0; i < 100; i++) {
      learned.arrived(new GpuRequest(1, 1, 1, 1, 0, List.of()), new Shrinking());
      learned.arrived(new GpuRequest(Long.MAX_VALUE, 1, 1, 0, 0, List.of()), new Shrinking());
    }

    assertThat(learned.memory(0)).isEqualTo(GpuMemory.none(0));
  }

  private static GpuRequest anyRequest(Random random) {
    return random.nextInt(4) == 0
        ? new GpuRequest(64_000, 262_144, 0, 8, 1000, List.of())
        : new GpuRequest(
            1000L * random.nextInt(8), 4_096, 0, 1, 100 * (1 + random.nextInt(9)), List.of("G2"));
  }
}
