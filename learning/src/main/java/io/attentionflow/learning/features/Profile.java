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
 * @param peakCpuMillis quantiles of the most CPU its like used, by the share of what they asked
 *     for; thousandths of a core
 * @param peakMemoryMib memory, likewise
 * @param peakGpuMillis GPU, likewise; of all its GPUs together, thousandths of one
 */
public record Profile(
    FeatureVector features,
    @Nullable Long expectedPeakCpuMillis,
    @Nullable Long expectedPeakMemoryMib,
    @Nullable Long expectedPeakGpuMillis,
    @Nullable PeakPromise peakCpuMillis,
    @Nullable PeakPromise peakMemoryMib,
    @Nullable PeakPromise peakGpuMillis) {

  /** Writes it, to be read by {@link #readFrom}. */
  public void writeTo(DataOutput out) throws IOException {
    features.writeTo(out);
    Wire.writeNullable(out, expectedPeakCpuMillis);
    Wire.writeNullable(out, expectedPeakMemoryMib);
    Wire.writeNullable(out, expectedPeakGpuMillis);
    PeakPromise.writeNullable(out, peakCpuMillis);
    PeakPromise.writeNullable(out, peakMemoryMib);
    PeakPromise.writeNullable(out, peakGpuMillis);
  }

  /** Reads what {@link #writeTo} wrote. */
  public static Profile readFrom(DataInput in) throws IOException {
    return readFrom(in, true);
  }

  /**
   * Reads what {@link #writeTo} wrote, or wrote before GPUs were promised.
   *
   * @param promisesGpu whether it was written with what is promised of GPUs
   */
  public static Profile readFrom(DataInput in, boolean promisesGpu) throws IOException {
    return new Profile(
        FeatureVector.readFrom(in),
        Wire.readNullable(in),
        Wire.readNullable(in),
        Wire.readNullable(in),
        PeakPromise.readNullable(in),
        PeakPromise.readNullable(in),
        promisesGpu ? PeakPromise.readNullable(in) : null);
  }
}
