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
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeptPoolsTest {

  private static final Resources SIZE = new Resources(1000, 1024, 0, 0, 5);

  private final KeyedProcessOperator<String, String, String> operator =
      new KeyedProcessOperator<>(new Nothing());
  private KeyedOneInputStreamOperatorTestHarness<String, String, String> harness;

  /** Only its state is wanted. */
  private static final class Nothing extends KeyedProcessFunction<String, String, String> {
    private static final long serialVersionUID = 1;

    @Override
    public void processElement(String value, Context context, Collector<String> out) {}
  }

  @BeforeEach
  void begin() throws Exception {
    harness = new KeyedOneInputStreamOperatorTestHarness<>(operator, pool -> pool, Types.STRING);
    harness.open();
  }

  @AfterEach
  void end() throws Exception {
    harness.close();
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
      } else if (kind < 10) {
        pools.saved();
      } else {
        Consumer<PoolStore> change = change(random, i);
        change.accept(pools.get(poolId));
        change.accept(expected);
        pools.writeSome(poolId);
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
  void leavesStateAloneWhileItIsSaved() throws Exception {
    KeptPools pools = pools(2);
    become("pool");
    pools.get("pool");
    pools.write(this::become);
    for (String taskId : List.of("a", "b", "c")) {
      pools.get("pool").putTask(task(taskId, 0));
      pools.writeSome("pool");
    }
    assertThat(pools(2).get("pool").tasks()).isEmpty();

    pools.saved();
    pools.writeSome("pool");
    assertThat(pools(2).get("pool").tasks())
        .extracting(task -> task.task().taskId())
        .containsExactly("a");
  }

  @Test
  void writesWhatWasChangedLongestAgoFirst() throws Exception {
    KeptPools pools = pools(2);
    become("pool");
    for (String taskId : List.of("a", "b", "a", "c")) {
      pools.get("pool").putTask(task(taskId, 0));
      pools.writeSome("pool");
    }

    assertThat(pools(2).get("pool").tasks())
        .extracting(task -> task.task().taskId())
        .containsExactly("b");
  }

  private KeptPools pools(int mostUnwritten) {
    return new KeptPools(operator.getRuntimeContext(), "", mostUnwritten);
  }

  private void become(String poolId) {
    operator.setCurrentKey(poolId);
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
