package io.attentionflow.allocation.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GpuIndexTest {

  private static final GpuNode BIG = new GpuNode(96_000, 393_216, 8, "G2");
  private static final GpuNode SMALL = new GpuNode(32_000, 131_072, 2, "T4");

  @Test
  void givesSeveralGpusWhole() {
    Nodes nodes = new Nodes(GpuPolicy.VALUE, BIG, SMALL);
    nodes.take(new Running(0, share(1), List.of(1)));

    assertThat(nodes.choose(whole(4))).isEqualTo(new Running(0, whole(4), List.of(0, 2, 3, 4)));
  }

  @Test
  void passesOverNodesThatTakeNothing() {
    Nodes nodes = new Nodes(GpuPolicy.VALUE, SMALL, SMALL, SMALL);
    nodes.index.remove(nodes.seats[0]);
    nodes.index.remove(nodes.seats[1]);
    assertThat(nodes.choose(share(500))).extracting(Running::node).isEqualTo(2);

    nodes.put(1);
    assertThat(nodes.choose(share(500))).extracting(Running::node).isEqualTo(1);
  }

  @Test
  void givesNothingOfANodeThatHoldsMoreThanItHas() {
    Nodes nodes = new Nodes(GpuPolicy.VALUE, BIG);
    nodes.free[0][6] = -100;
    nodes.put(0);
    assertThat(nodes.choose(share(500))).isNull();

    nodes.free[0][6] = 0;
    nodes.put(0);
    assertThat(nodes.choose(share(500))).isNotNull();
  }

  @Test
  void ranksAllNodesOfATieByTheirKeys() {
    Nodes nodes = new Nodes(GpuPolicy.FRAGMENTATION, SMALL, SMALL, BIG, SMALL);

    int ranked = nodes.index.choose(share(500), key -> -key);

    assertThat(Stream.iterate(0, i -> i < ranked, i -> i + 1).map(nodes.index::best))
        .containsExactly(nodes.seats[3], nodes.seats[2], nodes.seats[1], nodes.seats[0]);
  }

  @Test
  void ranksNoMoreThanFive() {
    Nodes nodes = new Nodes(GpuPolicy.VALUE, BIG, BIG, BIG, SMALL, BIG, BIG, BIG, BIG, BIG, SMALL);

    assertThat(nodes.index.choose(share(500), null)).isEqualTo(5);
  }

  @Test
  void keepsAWholeNodeForTheTaskThatWillNeedIt() {
    Nodes nodes = new Nodes(GpuPolicy.VALUE, BIG, BIG, BIG, BIG);
    GpuRequest wholeNode = new GpuRequest(64_000, 262_144, 0, 8, 1000, List.of());
    GpuRequest single = new GpuRequest(6_000, 8_000, 0, 1, 1000, List.of());
    for (int i = 0; i < 64; i++) {
      nodes.arrived(i % 8 == 0 ? wholeNode : single);
    }
    Set<Integer> used = new HashSet<>();
    for (int i = 0; i < 16; i++) {
      used.add(nodes.place(single).node());
    }

    assertThat(used).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource
  void decidesAsAPlainScanDoes(GpuPolicy policy) {
    for (long seed = 1; seed <= 8; seed++) {
      Random random = new Random(seed);
      GpuNode[] capacities = new GpuNode[12];
      Arrays.setAll(capacities, node -> random.nextInt(3) == 0 ? SMALL : BIG);
      Nodes nodes = new Nodes(policy, capacities);
      List<Running> running = new ArrayList<>();
      for (int step = 0; step < 400; step++) {
        if (!running.isEmpty() && random.nextInt(3) == 0) {
          nodes.giveBack(running.remove(random.nextInt(running.size())));
        }
        GpuRequest request = anyRequest(random);
        nodes.arrived(request);
        Running chosen = nodes.choose(request);

        assertThat(chosen)
            .as("seed %d, step %d", seed, step)
            .isEqualTo(nodes.chooseByScan(request));
        if (chosen != null) {
          nodes.take(chosen);
          running.add(chosen);
        }
      }
    }
  }

  @Test
  void isAsBeforeWhenEverythingWasGivenBack() {
    Random random = new Random(3);
    Nodes nodes = new Nodes(GpuPolicy.VALUE, BIG, BIG, SMALL);
    List<GpuIndex.State> before = Arrays.stream(nodes.seats).map(nodes.index::state).toList();
    List<Running> running = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Running chosen = nodes.choose(anyRequest(random));
      if (chosen != null) {
        nodes.take(chosen);
        running.add(chosen);
      }
    }
    assertThat(nodes.index.freeGpuMillis()).isLessThan(9_000);
    while (!running.isEmpty()) {
      nodes.giveBack(running.remove(random.nextInt(running.size())));
    }

    assertThat(Arrays.stream(nodes.seats).map(nodes.index::state)).isEqualTo(before);
    assertThat(nodes.index.freeGpuMillis()).isEqualTo(18_000);
  }

  @Test
  void remembersABoundedAmountOfWhateverComes() {
    Random random = new Random(5);
    Nodes nodes = new Nodes(GpuPolicy.VALUE, BIG, BIG, BIG, BIG, BIG, BIG, BIG, BIG, BIG, BIG);
    List<Running> running = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      if (running.size() > 70) {
        nodes.giveBack(running.remove(random.nextInt(running.size())));
      }
      GpuRequest request =
          new GpuRequest(
              random.nextInt(10_000),
              random.nextInt(30_000),
              0,
              1,
              1 + random.nextInt(999),
              List.of());
      nodes.arrived(request);
      Running chosen = nodes.choose(request);
      if (chosen != null) {
        nodes.take(chosen);
        running.add(chosen);
      }
    }

    assertThat(nodes.index.kindCount()).isLessThanOrEqualTo(512);
    assertThat(nodes.index.setCount()).isLessThanOrEqualTo(GpuSets.SPARE + 2 * 10);
    assertThat(nodes.learned.memory(0).popularity().kinds()).hasSizeLessThanOrEqualTo(512);
  }

  /** A task that is somewhere, or could be. */
  private record Running(int node, GpuRequest request, List<Integer> gpus) {}

  /** Nodes with their books, and an index that is told of every change. */
  private static final class Nodes {
    final GpuPolicy policy;
    final LearnedValues learned;
    final GpuIndex index;
    final GpuNode[] capacities;
    final GpuSeat[] seats;
    final long[] cpu;
    final long[] memory;
    final int[][] free;

    Nodes(GpuPolicy policy, GpuNode... capacities) {
      this.policy = policy;
      this.capacities = capacities;
      learned = new LearnedValues(policy);
      index = new GpuIndex(policy, learned);
      seats = new GpuSeat[capacities.length];
      cpu = new long[capacities.length];
      memory = new long[capacities.length];
      free = new int[capacities.length][];
      for (int node = 0; node < capacities.length; node++) {
        seats[node] = new GpuSeat(10L * node, node);
        cpu[node] = capacities[node].cpuMillis();
        memory[node] = capacities[node].memoryMib();
        free[node] = new int[capacities[node].gpuCount()];
        Arrays.fill(free[node], 1000);
        put(node);
      }
    }

    void put(int node) {
      index.put(seats[node], capacities[node], cpu[node], memory[node], 0, free[node]);
    }

    void arrived(GpuRequest request) {
      if (learned.arrived(request, index)) {
        index.valuesChanged();
      }
    }

    @Nullable Running choose(GpuRequest request) {
      if (index.choose(request, null) == 0) {
        return null;
      }
      GpuSeat best = index.best(0);
      return new Running((int) best.order() / 10, request, index.gpus(best, request));
    }

    @Nullable Running chooseByScan(GpuRequest request) {
      Running best = null;
      double most = 0;
      for (int node = 0; node < capacities.length; node++) {
        if (cpu[node] >= request.cpuMillis()
            && memory[node] >= request.memoryMib()
            && request.allows(capacities[node].model())) {
          PlainGpuPlacement.Way way =
              PlainGpuPlacement.best(
                  policy, learned, capacities[node].model(), cpu[node], free[node], request);
          if (way != null && (best == null || way.score() > most)) {
            best = new Running(node, request, way.gpus());
            most = way.score();
          }
        }
      }
      return best;
    }

    Running place(GpuRequest request) {
      Running chosen = choose(request);
      if (chosen == null) {
        throw new AssertionError("no room for " + request);
      }
      take(chosen);
      return chosen;
    }

    void take(Running running) {
      use(running, 1);
    }

    void giveBack(Running running) {
      use(running, -1);
    }

    private void use(Running running, int sign) {
      int node = running.node();
      cpu[node] -= sign * running.request().cpuMillis();
      memory[node] -= sign * running.request().memoryMib();
      for (int gpu : running.gpus()) {
        free[node][gpu] -= sign * running.request().gpuMillis();
      }
      put(node);
    }
  }

  private static GpuRequest share(int millis) {
    return new GpuRequest(1_000, 1_000, 0, 1, millis, List.of());
  }

  private static GpuRequest whole(int gpus) {
    return new GpuRequest(1_000, 1_000, 0, gpus, 1000, List.of());
  }

  private static GpuRequest anyRequest(Random random) {
    long cpu = 1_000L * (1 + random.nextInt(12));
    long memory = 4_096L * (1 + random.nextInt(8));
    List<String> models = random.nextInt(6) == 0 ? List.of("T4") : List.of();
    return switch (random.nextInt(8)) {
      case 0 -> new GpuRequest(cpu, memory, 0, 0, 0, List.of());
      case 1 -> new GpuRequest(cpu, memory, 0, 1, 1000, models);
      case 2 -> new GpuRequest(8 * cpu, memory, 0, 1 << random.nextInt(4), 1000, List.of());
      default -> new GpuRequest(cpu, memory, 0, 1, 10 * (5 + random.nextInt(90)), models);
    };
  }
}
