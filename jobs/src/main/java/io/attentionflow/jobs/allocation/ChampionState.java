package io.attentionflow.jobs.allocation;

/**
 * The championship, as a checkpoint keeps it.
 *
 * @param version how often a champion was published
 * @param latestMillis newest event time that was compared
 * @param championship as {@code Championship} writes it
 */
@SuppressWarnings("ArrayRecordComponent") // never changed
public record ChampionState(long version, long latestMillis, byte[] championship) {}
