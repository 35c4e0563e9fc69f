package io.attentionflow.allocation;

import java.util.Arrays;
import java.util.SortedMap;

/** How many nodes said no, by reason; counted without boxes, as it is done for every node. */
final class ReasonCounts {

  private static final Reason[] REASONS = Reason.values();

  private final int[] counts = new int[REASONS.length];

  void clear() {
    Arrays.fill(counts, 0);
  }

  @SuppressWarnings("EnumOrdinal") // An index within this object only; never stored or sent.
  void add(Reason reason) {
    counts[reason.ordinal()]++;
  }

  @SuppressWarnings("EnumOrdinal") // An index within this object only; never stored or sent.
  void add(Reason reason, int more) {
    counts[reason.ordinal()] += more;
  }

  /** Adds what another counted. */
  void addAll(ReasonCounts other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
  }

  /** How many were counted. */
  int total() {
    int total = 0;
    for (int count : counts) {
      total += count;
    }
    return total;
  }

  /** The reason of most; of equals the first in the order of {@link Reason}. */
  Reason mostFrequent() {
    int most = 0;
    for (int i = 1; i < counts.length; i++) {
      if (counts[i] > counts[most]) {
        most = i;
      }
    }
    if (counts[most] == 0) {
      throw new IllegalStateException("no reason was counted");
    }
    return REASONS[most];
  }

  /** Those counted at all. */
  SortedMap<Reason, Integer> byReason() {
    return new CountedReasons(counts);
  }
}
