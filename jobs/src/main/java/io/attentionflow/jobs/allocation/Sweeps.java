package io.attentionflow.jobs.allocation;

import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.streaming.api.TimerService;

/**
 * Takes out of map state what has outlived its time to live: key by key, now and then.
 *
 * <p>On the heap Flink's own clean-up looks at a few keys at every access. To it the map of a key
 * is one value, which it copies to look at: with m entries a key, every access costs O(m). A sweep
 * costs as much, but comes once in a while. What has expired is seen by nobody until then.
 *
 * <p>By the machine's time, as time to live is. For one subtask.
 */
final class Sweeps {

  private static final Duration LONGEST = Duration.ofHours(1);

  /** RocksDB drops what has expired whenever it compacts, and looks at the clock so often. */
  private static final long ENTRIES_BETWEEN_CLOCKS = 1000;

  private final long periodMillis;
  private final List<MapState<String, ?>> states;

  /** Keys that have a timer, as far as is known since the start of this subtask. */
  private final Set<String> scheduled = new HashSet<>();

  /**
   * @param shortest of the times to live of the states
   * @param states made with {@link #timeToLive}
   */
  Sweeps(Duration shortest, List<MapState<String, ?>> states) {
    long eighth = shortest.dividedBy(8).toMillis();
    this.periodMillis = Math.max(1, Math.min(eighth, LONGEST.toMillis()));
    this.states = states;
  }

  /** A time to live that is left to sweeps. */
  static StateTtlConfig timeToLive(Duration ttl) {
    return StateTtlConfig.newBuilder(ttl)
        .disableCleanupInBackground()
        .cleanupInRocksdbCompactFilter(ENTRIES_BETWEEN_CLOCKS)
        .build();
  }

  /** To be called when something is put into the states of this key, which is the current one. */
  void schedule(String key, TimerService timers) {
    if (scheduled.add(key)) {
      register(key, timers);
    }
  }

  /** Each key has its place in the period: so not all are swept at once, and a timer is one. */
  private void register(String key, TimerService timers) {
    long place = Math.floorMod(key.hashCode(), periodMillis);
    long periods = Math.floorDiv(timers.currentProcessingTime() - place, periodMillis) + 1;
    timers.registerProcessingTimeTimer(place + periods * periodMillis);
  }

  /** To be called when a timer of this key is due, which is the current one. */
  void sweep(String key, TimerService timers) throws Exception {
    boolean empty = true;
    for (MapState<String, ?> state : states) {
      Iterator<?> entries = state.iterator();
      boolean emptied = true;
      while (entries.hasNext()) {
        // Moving on removes what has expired on the way.
        entries.next();
        emptied = false;
      }
      if (emptied) {
        state.clear();
      }
      empty &= emptied;
    }
    if (empty) {
      scheduled.remove(key);
    } else {
      scheduled.add(key);
      register(key, timers);
    }
  }
}
