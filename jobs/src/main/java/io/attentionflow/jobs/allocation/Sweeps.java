package io.attentionflow.jobs.allocation;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.streaming.api.TimerService;

/**
 * Takes what has expired out of state: key by key, now and then, since a sweep looks at all that
 * the key has. What has expired is seen by nobody until then. For one subtask.
 */
final class Sweeps {

  /** What is to be swept. */
  interface Swept {

    /**
     * Takes out what has expired of a key, which is the current one.
     *
     * @return whether nothing is left
     */
    boolean sweep(String key, long nowMillis);
  }

  private static final Duration LONGEST = Duration.ofHours(1);

  private final long periodMillis;
  private final List<Swept> states;

  /** Keys that have a timer, as far as is known since the start of this subtask. */
  private final Set<String> scheduled = new HashSet<>();

  /**
   * @param shortest of the times to live of the states
   */
  Sweeps(Duration shortest, List<Swept> states) {
    long eighth = shortest.dividedBy(8).toMillis();
    this.periodMillis = Math.max(1, Math.min(eighth, LONGEST.toMillis()));
    this.states = states;
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
  void sweep(String key, TimerService timers) {
    boolean empty = true;
    for (Swept state : states) {
      empty &= state.sweep(key, timers.currentProcessingTime());
    }
    if (empty) {
      scheduled.remove(key);
    } else {
      scheduled.add(key);
      register(key, timers);
    }
  }
}
