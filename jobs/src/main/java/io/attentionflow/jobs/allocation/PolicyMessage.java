package io.attentionflow.jobs.allocation;

import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A policy for a pool, or for all.
 *
 * @param pool the pool, or {@code *}
 * @param version grows
 * @param settings as below {@code policy} in config/pipeline.yaml, and found good
 * @param proposal true: not to be applied
 */
public record PolicyMessage(
    Origin origin,
    String pool,
    long version,
    SortedMap<String, String> settings,
    boolean proposal,
    Instant at)
    implements Message {

  /** The pool of a policy for all. */
  static final String EVERY_POOL = "*";

  public PolicyMessage {
    settings = new TreeMap<>(settings);
  }
}
