package io.attentionflow.allocation;

import java.util.List;

/** Decides about one pool. */
public final class PoolEngine {

  /**
   * An engine over what the store holds; a new pool if it holds nothing.
   *
   * @param policy of a new pool; one that exists keeps its own
   */
  public PoolEngine(PoolPolicy policy, PoolStore store) {
    store.putHeader(new PoolHeader(policy, java.time.Instant.EPOCH, 0, null, null));
  }

  /** Takes in an event, and says what is to be done about it, in order. */
  public List<PoolOutput> on(PoolEvent event) {
    return List.of(new PoolOutput.WakeAt(event.at()));
  }
}
