package io.attentionflow.allocation.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attentionflow.allocation.Reason;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GpuIndexTest {

  private static final GpuNode BIG = new GpuNode(96_000, 393_216, 8, "G2");
  private static final GpuNode SMALL = new GpuNode(32_000, 131_072, 2, "T4");

  /** A task that is somewhere. */
  private record Running(int node, GpuRequest request, List<Integer> gpus) {}

  @Test
  void takesTheTightestGpuOfTheFullestNode() {
    GpuIndex index = indexOf(GpuPolicy.BEST_FIT, BIG, SMALL, SMALL);
    index.assigned(2, share(700), List.of(1));

    assertThat(index.choose(share(300), 0))
        .extracting(choice -> List.of(choice.node(), choice.gpus()))
        .isEqualTo(List.of(2, List.of(1)));
  }

  @Test
  void givesSeveralGpusWhole() {
    GpuIndex index = indexOf(GpuPolicy.BEST_FIT, BIG, SMALL);
    index.assigned(0, share(1), List.of(1));

    GpuChoice choice = chosen(index, whole(4));

    assertThat(choice.node()).isEqualTo(0);
    assertThat(choice.gpus()).containsExactly(0, 2, 3, 4);
  }

  @Test
  void saysOfEachNodeWhyItDoesNotTakeATask() {
    GpuIndex index = indexOf(GpuPolicy.VALUE, BIG, SMALL, SMALL, BIG, BIG, BIG);
    index.withheld(5, true);
    index.assigned(0, new GpuRequest(95_000, 0, 0, 0, List.of()), List.of());
    index.assigned(3, new GpuRequest(0, 393_000, 0, 0, List.of()), List.of());
    index.assigned(4, share(1), List.of(7));
    GpuRequest request = new GpuRequest(2_000, 1_000, 8, 1000, List.of("G2"));

    assertThat(index.choose(request, 0)).isNull();
    assertThat(index.refusals(request))
        .isEqualTo(
            Map.of(
                Reason.GPU_MODEL, 2,
                Reason.INSUFFICIENT_CPU, 1,
                Reason.INSUFFICIENT_MEMORY, 1,
                Reason.INSUFFICIENT_GPU, 1,
                Reason.NODE_DRAINING, 1));
  }

  @Test
  void passesOverWithheldAndRemovedNodes() {
    GpuIndex index = indexOf(GpuPolicy.VALUE, SMALL, SMALL, SMALL);
    index.withheld(0, true);
    index.removed(1);
    assertThat(chosen(index, share(500)).node()).isEqualTo(2);

    index.withheld(0, false);
    assertThat(chosen(index, share(500)).node()).isEqualTo(0);
  }

  @Test
  void givesNothingOfANodeThatShrankBelowItsUse() {
    GpuIndex index = indexOf(GpuPolicy.BEST_FIT, BIG);
    index.assigned(0, share(500), List.of(6));

    index.changed(0, SMALL);
    assertThat(index.choose(share(500), 0)).isNull();

    index.released(0, share(500), List.of(6));
    assertThat(chosen(index, share(500)).gpus()).containsExactly(0);
  }

  @Test
  void throwsWhenMoreIsGivenThanThereIs() {
    GpuIndex index = indexOf(GpuPolicy.BEST_FIT, SMALL);
    index.assigned(0, share(600), List.of(0));

    assertThatThrownBy(() -> index.assigned(0, share(600), List.of(0)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("1200 thousandths");
  }

  @Test
  void drawsEveryNodeOfATieAndNoOther() {
    GpuIndex index = new GpuIndex(GpuPolicy.BEST_FIT, TieBreak.RANDOM);
    for (int node = 0; node < 4; node++) {
      index.joined(node, node == 2 ? BIG : SMALL);
    }
    Set<Integer> drawn = new HashSet<>();
    for (long draw = -10; draw < 10; draw++) {
      drawn.add(Objects.requireNonNull(index.choose(share(500), draw)).node());
    }

    assertThat(drawn).containsExactlyInAnyOrder(0, 1, 3);
  }

  @Test
  void keepsAWholeNodeForTheTaskThatWillNeedIt() {
    GpuIndex index = indexOf(GpuPolicy.VALUE, BIG, BIG, BIG, BIG);
    GpuRequest wholeNode = new GpuRequest(64_000, 262_144, 8, 1000, List.of());
    GpuRequest single = new GpuRequest(6_000, 8_000, 1, 1000, List.of());
    for (int i = 0; i < 64; i++) {
      index.arrived(i % 8 == 0 ? wholeNode : single);
    }
    Set<Integer> used = new HashSet<>();
    for (int i = 0; i < 16; i++) {
      GpuChoice choice = chosen(index, single);
      index.assigned(choice.node(), single, choice.gpus());
      used.add(choice.node());
    }

    assertThat(used).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource(
      value = GpuPolicy.class,
      names = {"BEST_FIT", "DOT_PRODUCT", "FRAGMENTATION", "VALUE"})
  void decidesAsAPlainScanDoes(GpuPolicy policy) {
    for (long seed = 1; seed <= 8; seed++) {
      Random random = new Random(seed);
      GpuIndex index = new GpuIndex(policy, TieBreak.FIRST);
      PlainGpuPlacement plain = new PlainGpuPlacement(policy, index.value());
      for (int node = 0; node < 12; node++) {
        GpuNode capacity = random.nextInt(3) == 0 ? SMALL : BIG;
        index.joined(node, capacity);
        plain.joined(capacity);
      }
      List<Running> running = new ArrayList<>();
      for (int step = 0; step < 400; step++) {
        if (!running.isEmpty() && random.nextInt(3) == 0) {
          Running ended = running.remove(random.nextInt(running.size()));
          index.released(ended.node(), ended.request(), ended.gpus());
          plain.use(ended.node(), ended.request(), ended.gpus(), -1);
        }
        GpuRequest request = anyRequest(random);
        index.arrived(request);
        GpuChoice choice = index.choose(request, 0);

        assertThat(choice).as("seed %d, step %d", seed, step).isEqualTo(plain.choose(request));
        if (choice != null) {
          index.assigned(choice.node(), request, choice.gpus());
          plain.use(choice.node(), request, choice.gpus(), 1);
          running.add(new Running(choice.node(), request, choice.gpus()));
        }
      }
    }
  }

  @Test
  void isAsBeforeWhenEverythingWasReleased() {
    Random random = new Random(3);
    GpuIndex index = indexOf(GpuPolicy.VALUE, BIG, BIG, SMALL);
    List<NodeClass.State> before = List.of(index.state(0), index.state(1), index.state(2));
    List<Running> running = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      place(index, anyRequest(random), running);
    }
    assertThat(index.freeGpuMillis()).isLessThan(9_000);
    while (!running.isEmpty()) {
      Running ended = running.remove(random.nextInt(running.size()));
      index.released(ended.node(), ended.request(), ended.gpus());
    }

    assertThat(List.of(index.state(0), index.state(1), index.state(2))).isEqualTo(before);
    assertThat(index.freeGpuMillis()).isEqualTo(18_000);
  }

  @Test
  void goesOnFromItsMemoryAsItWouldHave() {
    Random random = new Random(11);
    GpuIndex index = indexOf(GpuPolicy.VALUE, BIG, BIG, SMALL, BIG, SMALL);
    List<Running> running = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      GpuRequest request = anyRequest(random);
      index.arrived(request);
      if (running.size() > 20) {
        Running ended = running.remove(random.nextInt(running.size()));
        index.released(ended.node(), ended.request(), ended.gpus());
      }
      place(index, request, running);
    }
    GpuIndex restored = indexOf(GpuPolicy.VALUE, BIG, BIG, SMALL, BIG, SMALL);
    running.forEach(one -> restored.assigned(one.node(), one.request(), one.gpus()));
    restored.restore(index.memory());

    for (int i = 0; i < 700; i++) {
      GpuRequest request = anyRequest(random);
      index.arrived(request);
      restored.arrived(request);
      GpuChoice choice = index.choose(request, i);
      assertThat(restored.choose(request, i)).isEqualTo(choice);
      Running ended = running.remove(0);
      index.released(ended.node(), ended.request(), ended.gpus());
      restored.released(ended.node(), ended.request(), ended.gpus());
      GpuChoice next = place(index, request, running);
      if (next != null) {
        restored.assigned(next.node(), request, next.gpus());
      } else {
        running.add(ended);
        index.assigned(ended.node(), ended.request(), ended.gpus());
        restored.assigned(ended.node(), ended.request(), ended.gpus());
      }
    }
    assertThat(restored.memory()).isEqualTo(index.memory());
  }

  @Test
  void remembersABoundedAmountOfWhateverComes() {
    Random random = new Random(5);
    GpuIndex index = new GpuIndex(GpuPolicy.VALUE, TieBreak.FIRST);
    for (int node = 0; node < 10; node++) {
      index.joined(node, BIG);
    }
    List<Running> running = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      if (running.size() > 70) {
        Running ended = running.remove(random.nextInt(running.size()));
        index.released(ended.node(), ended.request(), ended.gpus());
      }
      GpuRequest request =
          new GpuRequest(
              random.nextInt(10_000),
              random.nextInt(30_000),
              1,
              1 + random.nextInt(999),
              List.of());
      index.arrived(request);
      place(index, request, running);
    }

    assertThat(index.kindCount()).isLessThanOrEqualTo(512);
    assertThat(index.classCount()).isLessThanOrEqualTo(2 * 10 + 100);
    assertThat(index.setCount()).isLessThanOrEqualTo(32_768 + 10_000);
    assertThat(index.memory().popularity().kinds()).hasSizeLessThanOrEqualTo(512);
  }

  private static GpuIndex indexOf(GpuPolicy policy, GpuNode... nodes) {
    GpuIndex index = new GpuIndex(policy, TieBreak.FIRST);
    for (int node = 0; node < nodes.length; node++) {
      index.joined(node, nodes[node]);
    }
    return index;
  }

  private static @Nullable GpuChoice place(
      GpuIndex index, GpuRequest request, List<Running> running) {
    GpuChoice choice = index.choose(request, 0);
    if (choice != null) {
      index.assigned(choice.node(), request, choice.gpus());
      running.add(new Running(choice.node(), request, choice.gpus()));
    }
    return choice;
  }

  private static GpuChoice chosen(GpuIndex index, GpuRequest request) {
    return Objects.requireNonNull(index.choose(request, 0));
  }

  private static GpuRequest share(int millis) {
    return new GpuRequest(1_000, 1_000, 1, millis, List.of());
  }

  private static GpuRequest whole(int gpus) {
    return new GpuRequest(1_000, 1_000, gpus, 1000, List.of());
  }

  private static GpuRequest anyRequest(Random random) {
    long cpu = 1_000L * (1 + random.nextInt(12));
    long memory = 4_096L * (1 + random.nextInt(8));
    List<String> models = random.nextInt(6) == 0 ? List.of("T4") : List.of();
    return switch (random.nextInt(8)) {
      case 0 -> new GpuRequest(cpu, memory, 0, 0, List.of());
      case 1 -> new GpuRequest(cpu, memory, 1, 1000, models);
      case 2 -> new GpuRequest(8 * cpu, memory, 1 << random.nextInt(4), 1000, List.of());
      default -> new GpuRequest(cpu, memory, 1, 10 * (5 + random.nextInt(90)), models);
    };
  }
}
