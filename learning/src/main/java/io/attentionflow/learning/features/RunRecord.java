package io.attentionflow.learning.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of the tasks of one scope that ended: the last run times, decayed means, peak
 * usage. Mutable; constant size.
 */
final class RunRecord {

  /** How many of the last run times are kept. */
  static final int RUNS = 32;

  /** The first layout of a tenant's history that has shares of GPUs. */
  private static final int GPU_MEASURED = 4;

  /** Weight of the newest in a decayed mean, once there are enough. */
  private static final double NEWEST = 0.15;

  /** By {@link RunCode}, in a ring: the newest stands before {@code ended % RUNS}. */
  private final byte[] runs = new byte[RUNS];

  final Reach reach = new Reach();
  final UsageShares cpuShares = new UsageShares();
  final UsageShares memoryShares = new UsageShares();
  final UsageShares gpuShares = new UsageShares();
  int ended;
  int lastClass = -1;
  int secondLastClass = -1;
  double lastRun = Double.NaN;
  double secondLastRun = Double.NaN;
  double meanRun = Double.NaN;
  double lastRatio = Double.NaN;
  double meanRatio = Double.NaN;
  double limitHits = Double.NaN;
  double peakCpuMillis = Double.NaN;
  double peakMemoryMib = Double.NaN;
  double peakGpuMillis = Double.NaN;

  /**
   * A task ended by itself.
   *
   * @param estimateMillis the submitter's estimate, if any
   */
  void ended(long durationMillis, @Nullable Long estimateMillis, int label) {
    runs[ended % RUNS] = RunCode.encode(durationMillis);
    ended++;
    secondLastClass = lastClass;
    lastClass = label;
    secondLastRun = lastRun;
    lastRun = logSeconds(durationMillis);
    meanRun = towards(meanRun, lastRun);
    if (estimateMillis != null) {
      lastRatio = lastRun - logSeconds(estimateMillis);
      meanRatio = towards(meanRatio, lastRatio);
      limitHits = towards(limitHits, durationMillis >= 0.99 * estimateMillis ? 1 : 0);
    }
  }

  /** What a task used at most, whether or not it ended by itself; 0: not measured. */
  void used(TaskOutcome outcome) {
    peakCpuMillis = peak(peakCpuMillis, outcome.peakCpuMillis());
    peakMemoryMib = peak(peakMemoryMib, outcome.peakMemoryMib());
    peakGpuMillis = peak(peakGpuMillis, outcome.peakGpuMillis());
  }

  /** How much of its request a task used, if both are known and it was not merely interrupted. */
  void usedOf(TaskFacts facts, TaskOutcome outcome) {
    if (outcome.outOfMemory() && facts.memoryMib() > 0) {
      long had = outcome.peakMemoryMib() > 0 ? outcome.peakMemoryMib() : facts.memoryMib();
      memoryShares.ranOut((double) had / facts.memoryMib());
    } else if (outcome.byItself()) {
      if (outcome.peakMemoryMib() > 0 && facts.memoryMib() > 0) {
        memoryShares.used((double) outcome.peakMemoryMib() / facts.memoryMib());
      }
      if (outcome.peakCpuMillis() > 0 && facts.cpuMillis() > 0) {
        cpuShares.used((double) outcome.peakCpuMillis() / facts.cpuMillis());
      }
      if (outcome.peakGpuMillis() > 0 && facts.gpuMillis() > 0) {
        gpuShares.used((double) outcome.peakGpuMillis() / facts.gpuMillis());
      }
    }
  }

  private double peak(double before, long now) {
    return now == 0 ? before : towards(before, (double) now);
  }

  private double towards(double mean, double newest) {
    return Double.isNaN(mean)
        ? newest
        : mean + Math.max(NEWEST, 1.0 / Math.max(1, ended)) * (newest - mean);
  }

  /**
   * The last run times, the newest first, by {@link RunCode}.
   *
   * @param codes filled from {@code at} on with {@link #RUNS} codes
   */
  void encodeRuns(byte[] codes, int at) {
    for (int i = 0; i < RUNS; i++) {
      codes[at + i] = runs[Math.floorMod(ended - 1 - i, RUNS)];
    }
  }

  /** Natural logarithm of seconds; a tenth of a second at least. */
  static double logSeconds(long millis) {
    return StrictMath.log(Math.max(millis, 100) / 1000.0);
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeInt(ended);
    out.writeByte(lastClass);
    out.writeByte(secondLastClass);
    for (double number :
        new double[] {
          lastRun,
          secondLastRun,
          meanRun,
          lastRatio,
          meanRatio,
          limitHits,
          peakCpuMillis,
          peakMemoryMib,
          peakGpuMillis
        }) {
      out.writeDouble(number);
    }
    out.write(runs, 0, Math.min(ended, RUNS));
    reach.writeTo(out);
    cpuShares.writeTo(out);
    memoryShares.writeTo(out);
    gpuShares.writeTo(out);
  }

  /**
   * Reads what {@link #writeTo} wrote.
   *
   * @param layout of the tenant's history
   */
  static RunRecord readFrom(DataInput in, int layout) throws IOException {
    RunRecord record = new RunRecord();
    record.ended = in.readInt();
    record.lastClass = in.readByte();
    record.secondLastClass = in.readByte();
    record.lastRun = in.readDouble();
    record.secondLastRun = in.readDouble();
    record.meanRun = in.readDouble();
    record.lastRatio = in.readDouble();
    record.meanRatio = in.readDouble();
    record.limitHits = in.readDouble();
    record.peakCpuMillis = in.readDouble();
    record.peakMemoryMib = in.readDouble();
    record.peakGpuMillis = in.readDouble();
    in.readFully(record.runs, 0, Math.min(record.ended, RUNS));
    record.reach.readFrom(in);
    record.cpuShares.readFrom(in, layout);
    record.memoryShares.readFrom(in, layout);
    if (layout >= GPU_MEASURED) {
      record.gpuShares.readFrom(in, layout);
    }
    return record;
  }

  RunRecord copy() {
    RunRecord copy = new RunRecord();
    copy.ended = ended;
    copy.lastClass = lastClass;
    copy.secondLastClass = secondLastClass;
    copy.lastRun = lastRun;
    copy.secondLastRun = secondLastRun;
    copy.meanRun = meanRun;
    copy.lastRatio = lastRatio;
    copy.meanRatio = meanRatio;
    copy.limitHits = limitHits;
    copy.peakCpuMillis = peakCpuMillis;
    copy.peakMemoryMib = peakMemoryMib;
    copy.peakGpuMillis = peakGpuMillis;
    System.arraycopy(runs, 0, copy.runs, 0, RUNS);
    copy.reach.set(reach);
    copy.cpuShares.set(cpuShares);
    copy.memoryShares.set(memoryShares);
    copy.gpuShares.set(gpuShares);
    return copy;
  }
}
