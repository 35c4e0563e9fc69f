package io.attentionflow.benchmarks.engine;

import io.attentionflow.allocation.PoolPolicy;
import java.io.IOException;
import java.nio.file.Path;
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
 * As {@link EngineBenchmark}, on the GPU nodes and pods of a trace given as files: {@code -p
 * nodes=FILE -p pods=FILE}, in the layout of the Alibaba GPU trace of 2023.
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
public class GpuEngineBenchmark {

  /** The pool. */
  @State(Scope.Thread)
  @SuppressWarnings("NullAway.Init") // JMH sets the parameters, and calls fill().
  public static class Busy {

    @Param({"openb_node_list_gpu_node.csv"})
    String nodes;

    @Param({"openb_pod_list_default.csv"})
    String pods;

    @Param({"1000"})
    int queued;

    @Param({"VALUE", "FRAGMENTATION", "LEAST_LOADED"})
    String placement;

    BusyPool pool;

    @Setup(Level.Trial)
    public void fill() throws IOException {
      pool =
          new BusyPool(
              Workload.openb(Path.of(nodes), Path.of(pods)),
              PoolPolicy.defaults().withPlacement(PoolPolicy.Placement.valueOf(placement)),
              queued,
              42);
    }
  }

  @Benchmark
  public void endAndPlace(Busy busy, Decisions decisions) {
    decisions.count(busy.pool.endOne(), busy.pool.engineNanos());
  }
}
