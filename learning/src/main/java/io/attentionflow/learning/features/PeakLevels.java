package io.attentionflow.learning.features;

import io.attentionflow.learning.quantile.QuantileLevels;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Which ranks to ask a tenant's {@link UsageShares} for, so that what is promised of its tasks'
 * peaks comes true as often as it is promised to.
 *
 * <p>Where all of a tenant's tasks use the same share, its promises stay close to that share, and
 * the ranks must not follow to where a task that uses more is a surprise: what is promised for 95
 * in 100 is never less than what is expected of 75.
 *
 * <p>Mutable; constant size.
 */
final class PeakLevels {

  private static final double STEP = 0.01;
  private static final double MOST_TIMES = 5;

  final QuantileLevels cpu = fresh();
  final QuantileLevels memory = fresh();
  final QuantileLevels gpu = fresh();

  private static QuantileLevels fresh() {
    return QuantileLevels.bounded(STEP, MOST_TIMES, PeakPromise.ranks());
  }

  /** A task has ended by itself; null: there is nothing to judge. */
  static void learn(QuantileLevels levels, @Nullable JudgedPeak peak) {
    if (peak == null) {
      return;
    }
    double[] promised = peak.promised().quantiles();
    for (int i = 0; i < promised.length; i++) {
      levels.learn(i, peak.used() <= promised[i]);
    }
  }

  void set(PeakLevels other) {
    cpu.set(other.cpu);
    memory.set(other.memory);
    gpu.set(other.gpu);
  }

  void writeTo(DataOutput out) throws IOException {
    cpu.writeTo(out);
    memory.writeTo(out);
    gpu.writeTo(out);
  }

  void readFrom(DataInput in) throws IOException {
    cpu.readFrom(in);
    memory.readFrom(in);
    gpu.readFrom(in);
  }
}
