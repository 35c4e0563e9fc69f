package io.attentionflow.jobs.allocation;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.RuntimeContext;

/** The pools of a subtask, each a {@link KeptPool}. */
final class KeptPools {

  /**
   * Changes of tasks, and of nodes, that are left for the next checkpoint, over all pools: to write
   * them takes a few microseconds each, for which decisions pause.
   */
  static final int MOST_UNWRITTEN = 4096;

  /** So many times as many are left while one is under way: see {@link KeptPool}. */
  private static final int TIMES_WHILE_SAVING = 16;

  private final PoolStates states;
  private final int mostUnwritten;
  private final Map<String, KeptPool> pools = new LinkedHashMap<>();
  private boolean saving;

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

  /** To be called after each event of a pool, which is the current key: it has its part of all. */
  void writeSome(String poolId) {
    int most = saving ? TIMES_WHILE_SAVING * mostUnwritten : mostUnwritten;
    get(poolId).writeTowards(most / pools.size());
  }

  /**
   * Writes all: state is about to be saved.
   *
   * @param become makes a pool the current key
   */
  void write(Consumer<String> become) {
    saving = true;
    pools.forEach(
        (poolId, pool) -> {
          become.accept(poolId);
          pool.write();
        });
  }

  /** State has been saved, or will not be. */
  void saved() {
    saving = false;
  }

  /** Nothing is kept of a pool any more, which is the current key. */
  void clear(String poolId) {
    get(poolId).clear();
    pools.remove(poolId);
  }
}
