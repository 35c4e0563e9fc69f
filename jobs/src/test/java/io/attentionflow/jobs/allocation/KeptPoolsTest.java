package io.attentionflow.jobs.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.InMemoryPoolStore;
import io.attentionflow.allocation.NodeState;
import io.attentionflow.allocation.PoolHeader;
import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.PoolStore;
import io.attentionflow.allocation.Prediction;
import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Reason;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.TaskMoves;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.allocation.TaskSize;
import io.attentionflow.allocation.TaskState;
import io.attentionflow.allocation.gpu.GpuMemory;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeptPoolsTest {

  private static final Resources SIZE = new Resources(1000, 1024, 0, 0, 5);

  private KeyedStates states;

  @BeforeEach
  void begin() throws Exception {
    states = new KeyedStates();
  }

  @AfterEach
  void end() throws Exception {
    states.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 1000})
  void holdsWhatAPlainStoreHolds(int mostUnwritten) {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    KeptPools pools = pools(mostUnwritten);
    Map<String, InMemoryPoolStore> plain = new TreeMap<>();
    for (int i = 0; i < 2_000; i++) {
      String poolId = "pool" + random.nextInt(3);
      become(poolId);
      InMemoryPoolStore expected = plain.computeIfAbsent(poolId, id -> new InMemoryPoolStore());
      int kind = random.nextInt(100);
      if (kind == 0) {
        pools.clear(poolId);
        plain.remove(poolId);
      } else if (kind == 1) {
        assertSame(pools.get(poolId), expected, seed);
      } else if (kind == 2) {
        pools.write(this::become);
        pools = pools(mostUnwritten);
      } else if (kind == 3) {
        pools.write(this::become);
      } else {
        Consumer<PoolStore> change = change(random, i);
        change.accept(pools.get(poolId));
        change.accept(expected);
        pools.dealtWith(poolId);
      }
    }
    pools.write(this::become);
    KeptPools after = pools(mostUnwritten);
    plain.forEach(
        (poolId, expected) -> {
          become(poolId);
          assertSame(after.get(poolId), expected, seed);
        });
  }

  @Test
  void writesTheNodeThatWasChangedLongestAgoFirst() {
    KeptPools pools = pools(2);
    become("pool");
    for (String nodeId : List.of("a", "b", "a", "c")) {
      pools.get("pool").putNode(node(nodeId, 0));
      pools.dealtWith("pool");
    }

    assertThat(pools(2).get("pool").nodes()).extracting(NodeState::nodeId).containsExactly("b");
  }

  private KeptPools pools(int mostUnwritten) {
    return new KeptPools(states.context(), "", mostUnwritten);
  }

  private void become(String poolId) {
    states.become(poolId);
  }

  private static Consumer<PoolStore> change(Random random, int i) {
    String id = "id" + random.nextInt(30);
    return switch (random.nextInt(7)) {
      case 0 -> store -> store.putNode(node(id, i));
      case 1 -> store -> store.removeNode(id);
      case 2 -> store -> store.removeTask(id);
      case 3 -> store -> store.putHeader(header(i));
      case 4 -> store -> store.putGpuMemory(GpuMemory.none(i));
      case 5 -> store -> store.putGpuMemory(null);
      default -> store -> store.putTask(task(id, i));
    };
  }

  private static void assertSame(PoolStore store, PoolStore expected, long seed) {
    assertThat(store.tasks())
        .as("seed %d", seed)
        .containsExactlyInAnyOrderElementsOf(expected.tasks());
    assertThat(store.nodes())
        .as("seed %d", seed)
        .containsExactlyInAnyOrderElementsOf(expected.nodes());
    assertThat(store.header()).as("seed %d", seed).isEqualTo(expected.header());
    assertThat(store.gpuMemory()).as("seed %d", seed).isEqualTo(expected.gpuMemory());
  }

  private static NodeState node(String id, int i) {
    return new NodeState(
        id, SIZE, SIZE, null, NodeState.Status.READY, Samples.NOON.plusSeconds(i), null);
  }

  private static PoolHeader header(int i) {
    PoolHeader header = PoolHeader.of(PoolPolicy.defaults());
    return header.withPolicy(PoolPolicy.defaults().withVersion(i));
  }

  private static TaskState task(String id, int i) {
    TaskRequest request =
        new TaskRequest(
            id, "ann", "sort", Samples.NOON, SIZE, null, 3, Qos.BURSTABLE, null, 1, 1, List.of());
    return new TaskState(
        request,
        new Prediction("LIGHT", List.of(), List.of(), null, null, null, null, 7),
        i,
        TaskState.Phase.QUEUED,
        0,
        List.of(),
        Samples.NOON,
        Reason.NO_NODES,
        TaskMoves.NONE,
        TaskSize.of(SIZE));
  }
}
