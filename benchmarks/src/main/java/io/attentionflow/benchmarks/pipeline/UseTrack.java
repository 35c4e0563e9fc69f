package io.attentionflow.benchmarks.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What this process has used of the machine from moment to moment, so that it is known afterwards
 * what it used between two times that only then are known.
 */
final class UseTrack implements AutoCloseable {

  private static final long BETWEEN_MILLIS = 20;

  private final MachineUse use = new MachineUse();
  private final List<Moment> moments = new ArrayList<>();
  private final Thread thread = new Thread(this::track, "benchmark-use");

  private record Moment(long atMillis, double cpuSeconds, double gcSeconds) {}

  /** Begins now. */
  static UseTrack start() {
    UseTrack track = new UseTrack();
    track.take();
    track.thread.setDaemon(true);
    track.thread.start();
    return track;
  }

  private void track() {
    try {
      while (true) {
        Thread.sleep(BETWEEN_MILLIS);
        take();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void take() {
    Moment now = new Moment(System.currentTimeMillis(), use.processCpuSeconds(), use.gcSeconds());
    synchronized (moments) {
      moments.add(now);
    }
  }

  /** CPU time of this process between two times of the wall clock. */
  double cpuSeconds(long fromMillis, long toMillis) {
    return between(fromMillis, toMillis, Moment::cpuSeconds);
  }

  /** Time that collections took between them. */
  double gcSeconds(long fromMillis, long toMillis) {
    return between(fromMillis, toMillis, Moment::gcSeconds);
  }

  /** Since this was begun. */
  MachineUse whole() {
    return use;
  }

  private double between(long fromMillis, long toMillis, ToDoubleFunction<Moment> of) {
    synchronized (moments) {
      return at(toMillis, of) - at(fromMillis, of);
    }
  }

  /** On the line between the moments before and after. */
  private double at(long millis, ToDoubleFunction<Moment> of) {
    Moment before = moments.get(0);
    for (Moment moment : moments) {
      if (moment.atMillis > millis) {
        double part =
            (double) (millis - before.atMillis) / Math.max(1, moment.atMillis - before.atMillis);
        double from = of.applyAsDouble(before);
        return from + Math.max(0, part) * (of.applyAsDouble(moment) - from);
      }
      before = moment;
    }
    return of.applyAsDouble(before);
  }

  @Override
  public void close() throws InterruptedException {
    thread.interrupt();
    thread.join();
  }
}
