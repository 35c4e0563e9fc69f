package io.attentionflow.allocation.backfill;

/**
 * A task that needs all it asks for at once, and keeps it until it ends.
 *
 * @param id tells tasks apart; of two with the same place in the order, the lower is first
 * @param demand amount of each resource, none negative; not copied, not to be changed
 * @param submittedAtMillis since when it waits, milliseconds since 1970
 * @param key its place in the order; lower is earlier
 * @param expectedMillis mean of its run time: whether it may start before a reservation
 * @param cautiousMillis a high quantile of its run time, such as the ninetieth: when what it holds
 *     is counted on
 * @param limitMillis it is stopped when it has run for so long; {@link #NO_LIMIT}: it is not
 */
@SuppressWarnings(
    "ArrayRecordComponent") // one for each waiting task; a copy each would be the cost
public record RigidTask(
    long id,
    long[] demand,
    long submittedAtMillis,
    long key,
    long expectedMillis,
    long cautiousMillis,
    long limitMillis) {

  /** Nothing bounds its run time. */
  public static final long NO_LIMIT = Long.MAX_VALUE;

  public RigidTask {
    if (expectedMillis < 0 || cautiousMillis < 0 || limitMillis <= 0) {
      throw new IllegalArgumentException(
          "task %d: expected %d ms, cautious %d ms, limit %d ms"
              .formatted(id, expectedMillis, cautiousMillis, limitMillis));
    }
    for (long amount : demand) {
      if (amount < 0) {
        throw new IllegalArgumentException("task %d asks for %d".formatted(id, amount));
      }
    }
  }

  /** The same task, after a new prediction. */
  public RigidTask withPrediction(long newKey, long newExpectedMillis, long newCautiousMillis) {
    return new RigidTask(
        id, demand, submittedAtMillis, newKey, newExpectedMillis, newCautiousMillis, limitMillis);
  }
}
