package io.attentionflow.learning.features;

/**
 * For how long a task of which nothing more is heard is still thought to be in flight. Not every
 * end is told: what is refused, or lost for good, is never heard of again.
 *
 * @param waitingMillis from its submission, or since it was cut short, until it starts
 * @param runningMillis from its start until its end
 */
public record Patience(long waitingMillis, long runningMillis) {

  /** Where every end is told. */
  public static final Patience ENDLESS = new Patience(Long.MAX_VALUE, Long.MAX_VALUE);

  boolean believes(boolean runs, long sinceMillis, long nowMillis) {
    return nowMillis - sinceMillis <= (runs ? runningMillis : waitingMillis);
  }
}
