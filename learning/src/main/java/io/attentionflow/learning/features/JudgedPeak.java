package io.attentionflow.learning.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What was promised of a task's peak when it arrived, and what the peak was.
 *
 * @param used above 0, in the unit of the promise
 */
public record JudgedPeak(PeakPromise promised, long used) {

  /** Null: nothing was promised, or asked for, or measured. */
  static @Nullable JudgedPeak of(@Nullable PeakPromise promised, long asked, long used) {
    return promised == null || asked <= 0 || used <= 0 ? null : new JudgedPeak(promised, used);
  }

  /** Writes one or none, to be read by {@link #readNullable}. */
  public static void writeNullable(DataOutput out, @Nullable JudgedPeak peak) throws IOException {
    out.writeBoolean(peak != null);
    if (peak != null) {
      peak.promised.writeTo(out);
      Wire.writeLong(out, peak.used);
    }
  }

  /** Reads what {@link #writeNullable} wrote. */
  public static @Nullable JudgedPeak readNullable(DataInput in) throws IOException {
    return in.readBoolean() ? new JudgedPeak(PeakPromise.readFrom(in), Wire.readLong(in)) : null;
  }
}
