package io.attentionflow.learning.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a task's tenant lets us expect of it, when it is submitted. Null: nothing to go by yet.
 *
 * @param features for classifiers
 * @param expectedPeakCpuMillis the most CPU its like used, a decayed mean; thousandths of a core
 * @param expectedPeakMemoryMib memory, likewise
 * @param expectedPeakGpuMillis GPU, likewise; thousandths of one
 * @param p95PeakCpuMillis 95 in 100 of its like used no more CPU at their peak, by the share of
 *     what they asked for
 * @param p95PeakMemoryMib memory, likewise
 */
public record Profile(
    FeatureVector features,
    @Nullable Long expectedPeakCpuMillis,
    @Nullable Long expectedPeakMemoryMib,
    @Nullable Long expectedPeakGpuMillis,
    @Nullable Long p95PeakCpuMillis,
    @Nullable Long p95PeakMemoryMib) {

  /** Writes it, to be read by {@link #readFrom}. */
  public void writeTo(DataOutput out) throws IOException {
    features.writeTo(out);
    Wire.writeNullable(out, expectedPeakCpuMillis);
    Wire.writeNullable(out, expectedPeakMemoryMib);
    Wire.writeNullable(out, expectedPeakGpuMillis);
    Wire.writeNullable(out, p95PeakCpuMillis);
    Wire.writeNullable(out, p95PeakMemoryMib);
  }

  /** Reads what {@link #writeTo} wrote. */
  public static Profile readFrom(DataInput in) throws IOException {
    return new Profile(
        FeatureVector.readFrom(in),
        Wire.readNullable(in),
        Wire.readNullable(in),
        Wire.readNullable(in),
        Wire.readNullable(in),
        Wire.readNullable(in));
  }
}
