package io.attentionflow.learning.features;

import io.attentionflow.learning.evaluation.Coverage;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How often tasks used no more at their peak than was promised when they arrived, by resource and
 * quantile. Constant memory. Not thread-safe.
 */
public final class UsageCoverage {

  /** So many bytes were written before GPUs were judged, and more are since. */
  public static final int BYTES_WITHOUT_GPU = 2 * Long.BYTES * (1 + PeakPromise.NAMES.length);

  private final Coverage cpu = new Coverage(PeakPromise.NAMES.length);
  private final Coverage memory = new Coverage(PeakPromise.NAMES.length);
  private final Coverage gpu = new Coverage(PeakPromise.NAMES.length);

  /** A task has ended by itself. */
  public void add(LabelledExample example) {
    add(cpu, example.cpu());
    add(memory, example.memory());
    add(gpu, example.gpu());
  }

  private static void add(Coverage coverage, @Nullable JudgedPeak peak) {
    if (peak != null) {
      coverage.add(peak.promised().quantiles(), (double) peak.used());
    }
  }

  /** Share of promises that were kept, such as of {@code cpuP95}; empty: too few were judged. */
  public SortedMap<String, Double> shares() {
    SortedMap<String, Double> shares = new TreeMap<>();
    put("cpu", cpu, shares);
    put("memory", memory, shares);
    put("gpu", gpu, shares);
    return shares;
  }

  private static void put(String resource, Coverage coverage, SortedMap<String, Double> shares) {
    for (int i = 0; i < PeakPromise.NAMES.length; i++) {
      if (!Double.isNaN(coverage.share(i))) {
        shares.put(resource + PeakPromise.NAMES[i], coverage.share(i));
      }
    }
  }

  /** Writes it, to be read by {@link #readFrom}. */
  public void writeTo(DataOutput out) throws IOException {
    cpu.writeTo(out);
    memory.writeTo(out);
    gpu.writeTo(out);
  }

  /**
   * Becomes what {@link #writeTo} wrote.
   *
   * @param judgesGpu whether it was written with what came of promises of GPUs
   */
  public void readFrom(DataInput in, boolean judgesGpu) throws IOException {
    cpu.readFrom(in);
    memory.readFrom(in);
    if (judgesGpu) {
      gpu.readFrom(in);
    }
  }
}
