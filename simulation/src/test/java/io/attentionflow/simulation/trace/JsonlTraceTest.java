package io.attentionflow.simulation.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Resources;
import io.attentionflow.simulation.trace.TaskTruth.End;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class JsonlTraceTest {

  private static final Path TASKS = Path.of("src/test/resources/traces/tasks.jsonl");

  @Test
  void readsPlainValues() throws IOException {
    TraceTask plain = JsonlTrace.read(TASKS).tasks().get(1);

    assertThat(plain.taskId()).isEqualTo("plain");
    assertThat(plain.submittedAt()).isEqualTo("2026-01-01T00:00:01Z");
    assertThat(plain.request().requestedDuration()).isEqualTo(Duration.ofMinutes(1));
    assertThat(plain.request().priority()).isEqualTo(-3);
    assertThat(plain.request().qos()).isEqualTo(Qos.BURSTABLE);
    assertThat(plain.attributes()).containsEntry("queue", "q");
    assertThat(plain.truth().end()).isEqualTo(End.FAILED);
    assertThat(plain.truth().peakUsage().cpuMillis()).isEqualTo(900);
  }

  @Test
  void readsMembersOfUnionsAsAvroWritesThem() throws IOException {
    TraceTask wrapped = JsonlTrace.read(TASKS).tasks().get(0);

    assertThat(wrapped.taskId()).isEqualTo("wrapped");
    assertThat(wrapped.submittedAt()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(wrapped.request().requestedDuration()).isEqualTo(Duration.ofMinutes(1));
    assertThat(wrapped.request().deadline()).isEqualTo(Instant.ofEpochMilli(1767225700000L));
    assertThat(wrapped.request().gpuModels()).containsExactly("T4");
    Resources peak = new Resources(900, 400, 0, 0, 0);
    assertThat(wrapped.truth()).isEqualTo(new TaskTruth(7000, End.SUCCEEDED, peak, peak, 30L));
  }

  @Test
  void readsNodesAmongTheTasks() throws IOException {
    assertThat(JsonlTrace.read(TASKS).nodes())
        .containsExactly(TraceNode.of("n-1", "p", new Resources(4000, 8192, 0, 0, 0), "T4"));
  }

  @Test
  void takesACancelledTaskBack() throws IOException {
    assertThat(JsonlTrace.read(TASKS).tasks().get(1).cancelledAt())
        .isEqualTo("2026-01-01T00:00:02Z");
  }

  @Test
  void namesBadLinesAndReadsOn() throws IOException {
    LineCount lines = JsonlTrace.read(TASKS).lines();

    assertThat(lines.used()).isEqualTo(4);
    assertThat(lines.filtered()).isEqualTo(1);
    assertThat(lines.firstBad())
        .extracting(LineCount.BadLine::line, LineCount.BadLine::reason)
        .satisfies(bad -> assertThat(bad.get(3).toString()).contains("no JSON"))
        .extracting(tuple -> tuple.toList().get(0))
        .containsExactly(6, 7, 8, 9);
    assertThat(lines.firstBad().subList(0, 3))
        .extracting(LineCount.BadLine::reason)
        .containsExactly("task plain again", "no outcome", "cpuMillis is negative: -1");
  }
}
