package io.attentionflow.allocation.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NodeValueTest {

  private static final GpuNode LARGEST = new GpuNode(96_000, 393_216, 8, "G2");

  @Test
  void countsAsFragmentsWhatATypicalTaskCannotUse() {
    NodeValue value = fragmentation(kind(4_000, 1, 500, 3), kind(20_000, 1, 1000, 1));
    GpuSet set = GpuSet.of("G2", new int[] {300, 1000});

    // The first kind fits, and cannot use the 300; the second lacks cores, and can use nothing.
    assertThat(value.fragmentation(set, 10_000)).isCloseTo(0.75 * 0.3 + 0.25 * 1.3, within(1e-12));
    assertThat(value.fragmentation(set, 20_000)).isCloseTo(0.75 * 0.3 + 0.25 * 0.3, within(1e-12));
    assertThat(value.fragmentation(set, 0)).isCloseTo(1.3, within(1e-12));
  }

  @Test
  void countsAllFreeGpusAsFragmentsForATaskWithoutGpus() {
    NodeValue value = fragmentation(kind(4_000, 0, 0, 1), kind(4_000, 1, 1000, 1));

    assertThat(value.fragmentation(GpuSet.of("G2", new int[] {1000, 1000}), 10_000))
        .isCloseTo(0.5 * 2, within(1e-12));
  }

  @Test
  void countsAsFragmentsWhatIsOfAnotherModel() {
    GpuPopularity.Kind onlyT4 =
        new GpuPopularity.Kind(new GpuRequest(1_000, 0, 0, 1, 500, List.of("T4")), 1);
    NodeValue value = fragmentation(onlyT4);

    assertThat(value.fragmentation(GpuSet.of("G2", new int[] {1000}), 10_000)).isEqualTo(1);
    assertThat(value.fragmentation(GpuSet.of("T4", new int[] {1000}), 10_000)).isEqualTo(0);
  }

  @Test
  void isMinusTheFragmentationWhereOnlyThatCounts() {
    NodeValue value =
        fragmentation(
            kind(4_000, 1, 500, 5),
            kind(8_000, 1, 1000, 4),
            kind(64_000, 8, 1000, 1),
            kind(12_000, 2, 1000, 1),
            kind(1_500, 1, 250, 2));
    Random random = new Random(7);
    for (int i = 0; i < 500; i++) {
      int[] levels = new int[1 + random.nextInt(8)];
      for (int gpu = 0; gpu < levels.length; gpu++) {
        levels[gpu] = random.nextBoolean() ? 1000 : random.nextInt(1001);
      }
      GpuSet set = GpuSet.of("G2", levels);
      long cpu = random.nextInt(96) * 1000L;

      assertThat(value.of(set, cpu)).isCloseTo(-value.fragmentation(set, cpu), within(1e-9));
    }
  }

  @Test
  void expectsNoWasteWhereOneSizeFillsTheSlot() {
    NodeValue value = fragmentation(kind(1_000, 1, 500, 1));

    assertThat(value.waste(1000)).isEqualTo(0);
    assertThat(value.waste(900)).isEqualTo(0.4);
    assertThat(value.waste(499)).isEqualTo(0.499);
  }

  @Test
  void expectsTheBestOfFortyEightDrawsToComeFirst() {
    NodeValue value = fragmentation(kind(1_000, 1, 300, 1), kind(1_000, 1, 700, 1));
    double neither = Math.pow(0.5, 48);
    double slotOf400 = (1 - neither) * 0.1 + neither * 0.4;

    assertThat(value.waste(400)).isCloseTo(slotOf400, within(1e-15));
    assertThat(value.waste(700)).isCloseTo(neither * slotOf400, within(1e-15));
  }

  @Test
  void pricesPlacesForSeveralGpusOnceTheyRunShort() {
    NodeValue value = new NodeValue(ValueWeights.defaults(), true);
    value.learn(
        List.of(kind(64_000, 8, 1000, 1), kind(8_000, 1, 1000, 9)), Map.of("G2", 80.0), LARGEST);
    GpuSet free = GpuSet.of("G2", new int[] {1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000});

    value.price(new long[] {1000, 1000}, 80);
    double plenty = value.of(free, 96_000);
    value.price(new long[] {1000, 1}, 80);

    assertThat(value.of(free, 96_000) - plenty)
        .isCloseTo(ValueWeights.defaults().slot(), within(1e-9));
    assertThat(NodeValue.places(value.crowds().get(1).request(), free, 63_999)).isZero();
    assertThat(NodeValue.places(value.crowds().get(1).request(), free, 64_000)).isEqualTo(1);
  }

  private static NodeValue fragmentation(GpuPopularity.Kind... kinds) {
    NodeValue value = new NodeValue(ValueWeights.FRAGMENTATION_ONLY, false);
    value.learn(List.of(kinds), Map.of(), LARGEST);
    return value;
  }

  private static GpuPopularity.Kind kind(long cpu, int gpus, int gpuMillis, double count) {
    return new GpuPopularity.Kind(new GpuRequest(cpu, 0, 0, gpus, gpuMillis, List.of()), count);
  }
}
