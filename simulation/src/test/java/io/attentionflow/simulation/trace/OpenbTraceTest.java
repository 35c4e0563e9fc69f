package io.attentionflow.simulation.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Resources;
import io.attentionflow.simulation.trace.TaskTruth.End;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenbTraceTest {

  private static final Path PODS = Path.of("src/test/resources/traces/pods.csv");
  private static final Path NODES = Path.of("src/test/resources/traces/nodes.csv");

  @TempDir Path folder;

  @Test
  void readsPodsInOrderOfTheirCreation() throws IOException {
    assertThat(read().tasks())
        .extracting(TraceTask::taskId)
        .containsExactly("p-whole", "p-cpu", "p-never", "p-late");
  }

  @Test
  void readsWhatAPodAsksFor() throws IOException {
    TraceTask whole = read().tasks().get(0);

    assertThat(whole.request().request()).isEqualTo(new Resources(8000, 32768, 2, 1000, 0));
    assertThat(whole.request().gpuModels()).containsExactly("V100", "T4");
    assertThat(whole.request().qos()).isEqualTo(Qos.LATENCY_SENSITIVE);
    assertThat(read().tasks())
        .extracting(pod -> pod.request().qos())
        .containsExactly(Qos.LATENCY_SENSITIVE, Qos.BURSTABLE, Qos.GUARANTEED, Qos.BEST_EFFORT);
  }

  @Test
  void runsAPodFromItsSchedulingToItsDeletion() throws IOException {
    TaskTruth late = read().tasks().get(3).truth();
    TaskTruth never = read().tasks().get(2).truth();

    assertThat(late.durationMillis()).isEqualTo(300_000);
    assertThat(late.loggedWaitMillis()).isEqualTo(100_000);
    assertThat(late.end()).isEqualTo(End.FAILED);
    assertThat(never.durationMillis()).isEqualTo(60_000);
    assertThat(never.loggedWaitMillis()).isNull();
    assertThat(never.end()).isEqualTo(End.CANCELLED);
  }

  @Test
  void namesBadLinesAndReadsOn() throws IOException {
    assertThat(read().lines().firstBad())
        .extracting(LineCount.BadLine::toString)
        .containsExactly(
            "pods.csv:6: unknown qos Golden",
            "pods.csv:7: 2 GPUs of 500 thousandths: several GPUs are whole ones");
  }

  @Test
  void refusesAClusterWithABadNode() throws IOException {
    Path nodes =
        Files.writeString(
            folder.resolve("nodes.csv"), Files.readString(NODES) + "n-4,much,65536,0,\n");

    assertThatThrownBy(() -> OpenbTrace.read(PODS, nodes))
        .isInstanceOf(TraceFormatException.class)
        .hasMessageContaining("nodes.csv:5: cpu_milli is no number: much");
  }

  @Test
  void inflatesUntilTheGpusAskedForReachTheRatio() throws IOException {
    Trace inflated = OpenbTrace.inflate(read(), 1.5, 7);

    long asked =
        inflated.tasks().stream().mapToLong(pod -> pod.request().request().totalGpuMillis()).sum();
    assertThat(asked).isBetween(9_000L, 11_000L);
    assertThat(inflated.nodes()).extracting(TraceNode::nodeId).containsExactly("n-1", "n-2");
    assertThat(inflated.tasks()).noneMatch(pod -> pod.truth().ends());
    assertThat(inflated.tasks()).extracting(TraceTask::taskId).doesNotHaveDuplicates();
    assertThat(inflated.waits()).isFalse();
  }

  @Test
  void inflatesTheSameWayForTheSameSeed() throws IOException {
    assertThat(OpenbTrace.inflate(read(), 20, 7).tasks())
        .isEqualTo(OpenbTrace.inflate(read(), 20, 7).tasks())
        .isNotEqualTo(OpenbTrace.inflate(read(), 20, 8).tasks());
  }

  private static Trace read() throws IOException {
    return OpenbTrace.read(PODS, NODES);
  }
}
