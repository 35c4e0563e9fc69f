package io.attentionflow.jobs.allocation;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.RuntimeContext;

/** The pools of a subtask, each a {@link KeptPool}. */
final class KeptPools {

  /**
   * Changes of tasks, and of nodes, that are left for the next checkpoint, over all pools:
   * decisions pause while they are written, which takes less than a microsecond each on the heap,
   * and some with RocksDB.
   */
  static final int MOST_UNWRITTEN = 1 << 12;

  private final PoolStates states;
  private final int mostUnwritten;
  private final Map<String, KeptPool> pools = new LinkedHashMap<>();

  /**
   * In the state of a function, under names that begin in this way.
   *
   * @param mostUnwritten {@link #MOST_UNWRITTEN}, unless it is a test
   */
  KeptPools(RuntimeContext context, String prefix, int mostUnwritten) {
    states = PoolStates.of(context, prefix);
    this.mostUnwritten = mostUnwritten;
  }

  /** A pool, which is the current key. */
  KeptPool get(String poolId) {
    return pools.computeIfAbsent(poolId, id -> new KeptPool(states));
  }

  /** An event of a pool has been dealt with, which is the current key: it has its part of all. */
  void dealtWith(String poolId) {
    get(poolId).dealtWith(mostUnwritten / pools.size());
  }

  /**
   * Writes all: state is about to be saved.
   *
   * @param become makes a pool the current key
   */
  void write(Consumer<String> become) {
    pools.forEach(
        (poolId, pool) -> {
          become.accept(poolId);
          pool.write();
        });
  }

  /** Nothing is kept of a pool any more, which is the current key. */
  void clear(String poolId) {
    get(poolId).clear();
    pools.remove(poolId);
  }
}
