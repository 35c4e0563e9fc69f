package io.attentionflow.jobs.allocation;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.time.Duration;

/**
 * How long a packed value is there after it was put, by the machine's time. When that was stands
 * before the value in the same bytes.
 *
 * <p>Flink's own time to live would wrap each value in another object: on the heap that is one more
 * for a collector to follow and for a checkpoint to write, of each of several hundred thousand.
 */
record TimeToLive(long millis) {

  /** Bytes before a value that it needs. */
  static final int ROOM = Long.BYTES;

  private static final VarHandle TIME =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  static TimeToLive of(Duration duration) {
    return new TimeToLive(duration.toMillis());
  }

  /** Writes when a value was put, which has just been packed. */
  void stamp(byte[] packed, long nowMillis) {
    TIME.set(packed, 0, nowMillis);
  }

  /** Whether the time of a value is over, which begins there. */
  boolean isOver(byte[] bytes, int at, long nowMillis) {
    return nowMillis - (long) TIME.get(bytes, at) >= millis;
  }
}
