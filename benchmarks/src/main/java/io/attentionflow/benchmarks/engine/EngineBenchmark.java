package io.attentionflow.benchmarks.engine;

import io.attentionflow.allocation.PoolPolicy;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Decisions a second of one pool of machines without GPUs, in its steady state: see {@link
 * BusyPool}. What is counted is {@link Decisions}.
 *
 * <p>The heap is of large pages, there from the start. A task is looked up long after it was looked
 * at last, and of pages of 4 KiB a tenth of the time went into finding the page.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Xms3g",
      "-Xmx3g",
      "-XX:+UseParallelGC",
      "-XX:+UseTransparentHugePages",
      "-XX:+AlwaysPreTouch"
    })
@Warmup(iterations = 4, time = 3)
@Measurement(iterations = 5, time = 3)
public class EngineBenchmark {

  /** The pool. */
  @State(Scope.Thread)
  @SuppressWarnings("NullAway.Init") // JMH sets the parameters, and calls fill().
  public static class Busy {

    @Param({"1000", "10000"})
    int nodes;

    @Param({"1000"})
    int queued;

    @Param({"LEAST_LOADED", "POWER_OF_TWO", "LEAST_CONNECTION", "ROUND_ROBIN", "RANDOM"})
    String placement;

    @Param({"PRIORITY"})
    String ordering;

    BusyPool pool;

    @Setup(Level.Trial)
    public void fill() {
      PoolPolicy policy =
          PoolPolicy.defaults()
              .withPlacement(PoolPolicy.Placement.valueOf(placement))
              .withOrdering(PoolPolicy.Ordering.valueOf(ordering));
      pool = new BusyPool(Workload.mixed(nodes), policy, queued, 42);
    }
  }

  @Benchmark
  public void endAndPlace(Busy busy, Decisions decisions) {
    decisions.count(busy.pool.endOne(), busy.pool.engineNanos());
  }
}
