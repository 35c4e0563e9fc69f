package io.attentionflow.allocation.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Steps of fragmentation against the formula, kind by kind. */
class FragmentStepsTest {

  private static final List<String> MODELS = List.of("T4", "V100", "A10");
  private static final int STEPS = 12;
  private static final double WEIGHT = 1.5;

  @Test
  void areTheExpectedFragmentsOfTheKindsThatHaveCoresEnough() {
    Random random = new Random(1);
    for (int round = 0; round < 60; round++) {
      int[] stepOf = new int[1 + random.nextInt(FragmentSteps.MOST_KINDS)];
      List<NodeValue.Typical> typical = new ArrayList<>();
      for (int kind = 0; kind < stepOf.length; kind++) {
        typical.add(new NodeValue.Typical(anyRequest(random), random.nextDouble() / stepOf.length));
        stepOf[kind] = 1 + random.nextInt(STEPS - 1);
      }
      var steps = new FragmentSteps(WEIGHT, typical, stepOf, STEPS);
      for (int i = 0; i < 50; i++) {
        GpuSet set = anySet(random);
        double[] found = steps.of(set);
        assertThat(found).hasSize(STEPS);
        for (int step = 0; step < STEPS; step++) {
          assertThat(found[step])
              .as("round %d, %s, step %d", round, set, step)
              .isCloseTo(plain(typical, stepOf, set, step), within(1e-9));
        }
      }
    }
  }

  @Test
  void refuseMoreKindsThanTheyHaveBitsFor() {
    List<NodeValue.Typical> typical =
        Collections.nCopies(
            FragmentSteps.MOST_KINDS + 1,
            new NodeValue.Typical(new GpuRequest(1, 1, 0, 1, 500, List.of()), 0.001));

    assertThatThrownBy(() -> new FragmentSteps(1, typical, new int[typical.size()], 2))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static double plain(List<NodeValue.Typical> typical, int[] stepOf, GpuSet set, int step) {
    double sum = 0;
    for (int kind = 0; kind < stepOf.length; kind++) {
      GpuRequest request = typical.get(kind).request();
      boolean usable = step >= stepOf[kind] && canUse(request, set);
      int lost = 0;
      for (int level : set.levels) {
        lost += !usable || level < request.gpuMillis() ? level : 0;
      }
      sum -= WEIGHT * typical.get(kind).probability() * lost / 1000.0;
    }
    return sum;
  }

  private static boolean canUse(GpuRequest request, GpuSet set) {
    int enough = 0;
    for (int level : set.levels) {
      enough += level >= request.gpuMillis() ? 1 : 0;
    }
    return request.gpuCount() > 0 && request.allows(set.model) && enough >= request.gpuCount();
  }

  private static GpuRequest anyRequest(Random random) {
    List<String> models = random.nextInt(3) == 0 ? List.of("T4", "A10") : List.of();
    return switch (random.nextInt(5)) {
      case 0 -> new GpuRequest(1_000, 1, 0, 0, 0, List.of());
      case 1 -> new GpuRequest(1_000, 1, 0, 1 << random.nextInt(4), 1000, models);
      default -> new GpuRequest(1_000, 1, 0, 1, 50 * (1 + random.nextInt(19)), models);
    };
  }

  /** Of more GPUs, now and then, than first steps are kept for. */
  private static GpuSet anySet(Random random) {
    int[] levels = new int[random.nextInt(10) == 0 ? 20 : 1 + random.nextInt(8)];
    for (int gpu = 0; gpu < levels.length; gpu++) {
      levels[gpu] = random.nextBoolean() ? 1000 : 10 * random.nextInt(100);
    }
    return GpuSet.of(MODELS.get(random.nextInt(3)), levels);
  }
}
