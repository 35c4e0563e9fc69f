package io.attentionflow.allocation.backfill;

/**
 * What may start now: it fits what is free, and takes nothing that is reserved.
 *
 * <p>A task does not touch a reservation if it will be over by then, or if it fits beside what the
 * reservation is for. There are two kinds: a soft one goes by the expected run time, a firm one by
 * the limit that is enforced.
 *
 * <p>Mutable scratch space of one pass.
 */
final class Room {

  final long[] free;
  final Reservation soft;
  final Reservation firm;

  Room(int dimensions) {
    free = new long[dimensions];
    soft = new Reservation(dimensions);
    firm = new Reservation(dimensions);
  }

  /** Room for one task at some time, and what is left beside it. */
  static final class Reservation {
    final long[] extra;
    boolean held;

    /** From now, milliseconds. */
    long windowMillis;

    Reservation(int dimensions) {
      extra = new long[dimensions];
    }

    private boolean leavesAlone(long[] demands, int at, long millis) {
      return !held || millis <= windowMillis || fits(demands, at, extra);
    }

    private void take(long[] demand, long millis) {
      if (held && millis > windowMillis) {
        for (int i = 0; i < extra.length; i++) {
          extra[i] -= demand[i];
        }
      }
    }
  }

  /** Nothing is reserved, and this much is free. */
  void open(long[] nowFree) {
    System.arraycopy(nowFree, 0, free, 0, free.length);
    soft.held = false;
    firm.held = false;
  }

  boolean admits(long[] demands, int at, long expectedMillis, long limitMillis) {
    return fits(demands, at, free)
        && soft.leavesAlone(demands, at, expectedMillis)
        && firm.leavesAlone(demands, at, limitMillis);
  }

  /** A task that was admitted starts. */
  void take(long[] demand, long expectedMillis, long limitMillis) {
    for (int i = 0; i < free.length; i++) {
      free[i] -= demand[i];
    }
    soft.take(demand, expectedMillis);
    firm.take(demand, limitMillis);
  }

  static boolean fits(long[] demands, int at, long[] into) {
    for (int i = 0; i < into.length; i++) {
      if (demands[at + i] > into[i]) {
        return false;
      }
    }
    return true;
  }
}
