package io.attentionflow.allocation.demand;

import io.attentionflow.allocation.Resources;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** What happened in one pane, or in a window of them. Mutable, for {@link RollingDemand} alone. */
final class Pane {

  static final int RESOURCE_COUNT = 4;

  long arrivals;
  long completions;
  long lateEvents;
  long unmatchedEnds;
  // Whole numbers, so exact, and exact to subtract, up to 2^53.
  final double[] sums = new double[RESOURCE_COUNT];
  final LogHistogram[] histograms = new LogHistogram[RESOURCE_COUNT];

  Pane() {
    for (int i = 0; i < RESOURCE_COUNT; i++) {
      histograms[i] = new LogHistogram();
    }
  }

  void arrived(Resources request) {
    arrivals++;
    count(0, request.cpuMillis());
    count(1, request.memoryMib());
    count(2, request.totalGpuMillis());
    count(3, request.ioMibps());
  }

  private void count(int resource, long amount) {
    sums[resource] += amount;
    histograms[resource].add(amount);
  }

  boolean isEmpty() {
    return arrivals == 0 && completions == 0 && lateEvents == 0 && unmatchedEnds == 0;
  }

  void add(Pane other) {
    arrivals += other.arrivals;
    completions += other.completions;
    lateEvents += other.lateEvents;
    unmatchedEnds += other.unmatchedEnds;
    for (int i = 0; i < RESOURCE_COUNT; i++) {
      sums[i] += other.sums[i];
      histograms[i].addAll(other.histograms[i]);
    }
  }

  void subtract(Pane other) {
    arrivals -= other.arrivals;
    completions -= other.completions;
    lateEvents -= other.lateEvents;
    unmatchedEnds -= other.unmatchedEnds;
    for (int i = 0; i < RESOURCE_COUNT; i++) {
      sums[i] -= other.sums[i];
      histograms[i].removeAll(other.histograms[i]);
    }
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeLong(arrivals);
    out.writeLong(completions);
    out.writeLong(lateEvents);
    out.writeLong(unmatchedEnds);
    for (int i = 0; i < RESOURCE_COUNT; i++) {
      out.writeDouble(sums[i]);
      histograms[i].writeTo(out);
    }
  }

  static Pane readFrom(DataInput in) throws IOException {
    var pane = new Pane();
    pane.arrivals = in.readLong();
    pane.completions = in.readLong();
    pane.lateEvents = in.readLong();
    pane.unmatchedEnds = in.readLong();
    for (int i = 0; i < RESOURCE_COUNT; i++) {
      pane.sums[i] = in.readDouble();
      pane.histograms[i] = LogHistogram.readFrom(in);
    }
    return pane;
  }
}
