package io.attentionflow.jobs.allocation;

import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A policy for a pool, or for all.
 *
 * @param pool the pool, or {@code *}
 * @param version grows
 * @param settings as below {@code policy} in config/pipeline.yaml, and found good
 * @param proposal true: not to be applied
 * @param shadow name of the shadow that it is the policy of; null: of the pool itself
 * @param ended true: there is no such shadow any more
 */
public record PolicyMessage(
    Origin origin,
    String pool,
    long version,
    SortedMap<String, String> settings,
    boolean proposal,
    @Nullable String shadow,
    boolean ended,
    Instant at)
    implements Message {

  /** The pool of a policy for all. */
  static final String EVERY_POOL = "*";

  public PolicyMessage {
    settings = new TreeMap<>(settings);
  }
}
