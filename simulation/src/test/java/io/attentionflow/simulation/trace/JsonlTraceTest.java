package io.attentionflow.simulation.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Resources;
import io.attentionflow.simulation.trace.TaskTruth.End;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
  void readsTheExampleOfTheDocumentation(@TempDir Path folder) throws IOException {
    String page = Files.readString(Path.of("../docs/traces.md"));
    String fence = "```";
    int start = page.indexOf(fence + "jsonl\n") + fence.length() + "jsonl\n".length();
    String example = page.substring(start, page.indexOf(fence, start));

    Trace trace = JsonlTrace.read(Files.writeString(folder.resolve("tasks.jsonl"), example));

    assertThat(trace.lines().firstBad()).isEmpty();
    assertThat(trace.lines().used()).isEqualTo(example.lines().count());
    assertThat(trace.nodes()).extracting(TraceNode::nodeId).containsExactly("n-1");
    assertThat(trace.tasks())
        .extracting(TraceTask::taskId, task -> task.truth().end(), TraceTask::submittedAt)
        .containsExactly(
            tuple("t-1", End.SUCCEEDED, Instant.parse("2026-01-01T09:00:00Z")),
            tuple("t-2", End.OUT_OF_MEMORY, Instant.parse("2026-01-01T09:00:05Z")),
            tuple("t-3", End.SUCCEEDED, Instant.parse("2026-01-01T09:00:06Z")));
    assertThat(trace.tasks().get(0).truth().loggedWaitMillis()).isEqualTo(40);
    assertThat(trace.tasks().get(2).cancelledAt()).isEqualTo("2026-01-01T09:00:07Z");
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

  @Test
  void refusesNumbersThatCannotBeMeantAndReadsOn(@TempDir Path folder) throws IOException {
    String task = "{'taskId':'%s','pool':'p','tenant':'a','taskType':'t','submittedAt':%s,%s}\n";
    String ends = "'outcome':{'durationMillis':%s}";
    Path file =
        Files.writeString(
            folder.resolve("tasks.jsonl"),
            (task.formatted("a", "5", "'priority':3000000000," + ends.formatted("1"))
                    + task.formatted("b", "5", ends.formatted("9000000000000000000"))
                    + task.formatted("c", "9000000000000000000", ends.formatted("1"))
                    + task.formatted("d", "'+99999-01-01T00:00:00Z'", ends.formatted("1"))
                    + task.formatted("e", "'1969-01-01T00:00:00Z'", ends.formatted("1"))
                    + task.formatted("good", "5", ends.formatted("1")))
                .replace('\'', '"'));

    Trace trace = JsonlTrace.read(file);

    assertThat(trace.tasks()).extracting(TraceTask::taskId).containsExactly("good");
    assertThat(trace.lines().bad()).isEqualTo(5);
  }
}
