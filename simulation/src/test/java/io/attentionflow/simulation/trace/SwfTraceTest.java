package io.attentionflow.simulation.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attentionflow.allocation.Resources;
import io.attentionflow.simulation.trace.SwfTrace.Protocol;
import io.attentionflow.simulation.trace.TaskTruth.End;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SwfTraceTest {

  private static final Path SMALL = Path.of("src/test/resources/traces/small.swf");

  @TempDir Path folder;

  @Test
  void keepsTheJobsThatPublishedSchedulingResultsCount() throws IOException {
    Trace trace = SwfTrace.read(SMALL, Protocol.SCHEDULING);

    assertThat(trace.tasks())
        .extracting(TraceTask::taskId)
        .containsExactly("job-1", "job-2", "job-3", "job-6");
    assertThat(trace.lines().filtered()).isEqualTo(3);
  }

  @Test
  void keepsEveryJobThatRanToLearnFrom() throws IOException {
    Trace trace = SwfTrace.read(SMALL, Protocol.LEARNING);

    assertThat(trace.tasks())
        .extracting(TraceTask::taskId)
        .containsExactly("job-1", "job-2", "job-3", "job-5", "job-6", "job-7");
  }

  @Test
  void endsAJobAtItsRequestWhereThatIsTheProtocol() throws IOException {
    assertThat(job3(Protocol.SCHEDULING).truth().durationMillis()).isEqualTo(20_000);
    assertThat(job3(Protocol.LEARNING).truth().durationMillis()).isEqualTo(30_000);
  }

  @Test
  void readsWhatWasKnownAtSubmission() throws IOException {
    TraceTask job = SwfTrace.read(SMALL, Protocol.SCHEDULING).tasks().get(0);

    assertThat(job.submittedAt()).isEqualTo(Instant.ofEpochSecond(1_000_000_000));
    assertThat(job.request().tenant()).isEqualTo("user-7");
    assertThat(job.request().taskType()).isEqualTo("exe-5");
    assertThat(job.request().requestedDuration()).isEqualTo(Duration.ofSeconds(200));
    assertThat(job.request().request()).isEqualTo(new Resources(2000, 8, 0, 0, 0));
    assertThat(job.attributes()).hasToString("{executable=5, group=3, partition=1, queue=2}");
  }

  @Test
  void readsWhatBecameOfIt() throws IOException {
    Trace trace = SwfTrace.read(SMALL, Protocol.SCHEDULING);

    Resources used = new Resources(1600, 4, 0, 0, 0);
    assertThat(trace.tasks().get(0).truth())
        .isEqualTo(new TaskTruth(100_000, End.SUCCEEDED, used, used, 0L));
    assertThat(trace.tasks().get(1).truth().end()).isEqualTo(End.FAILED);
    assertThat(trace.tasks().get(1).truth().loggedWaitMillis()).isEqualTo(90_000);
    assertThat(trace.tasks().get(2).truth().loggedWaitMillis()).isNull();
    assertThat(trace.tasks().get(3).truth().end()).isEqualTo(End.CANCELLED);
  }

  @Test
  void makesTheMachineOneNodeWhoseMemoryIsNeverTheLimit() throws IOException {
    Trace trace = SwfTrace.read(SMALL, Protocol.SCHEDULING);

    assertThat(trace.nodes())
        .containsExactly(
            TraceNode.of("machine", SwfTrace.POOL, new Resources(4000, 16, 0, 0, 0), null));
    assertThat(trace.stated()).containsExactly(Trace.Dimension.CPU);
  }

  @Test
  void namesBadLinesAndReadsOn() throws IOException {
    LineCount lines = SwfTrace.read(SMALL, Protocol.SCHEDULING).lines();

    assertThat(lines.bad()).isEqualTo(2);
    assertThat(lines.firstBad())
        .extracting(LineCount.BadLine::toString)
        .containsExactly(
            "small.swf:12: column 4 is no number: thirty", "small.swf:13: 4 columns instead of 18");
  }

  @Test
  void refusesAFileOfWhichNoLineCanBeRead() throws IOException {
    Path file = Files.writeString(folder.resolve("prose.swf"), "once upon\na time\n");

    assertThatThrownBy(() -> SwfTrace.read(file, Protocol.SCHEDULING))
        .isInstanceOf(TraceFormatException.class)
        .hasMessageContaining("none of 2 lines")
        .hasMessageContaining("prose.swf:1: 2 columns instead of 18");
  }

  @Test
  void readsAPackedFileWhateverItsName() throws IOException {
    Path packed = folder.resolve("packed");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      Files.copy(SMALL, out);
    }

    assertThat(SwfTrace.read(packed, Protocol.SCHEDULING).tasks())
        .isEqualTo(SwfTrace.read(SMALL, Protocol.SCHEDULING).tasks());
  }

  @Test
  void takesAStretchOfTasks() throws IOException {
    Trace trace = SwfTrace.read(SMALL, Protocol.SCHEDULING);

    assertThat(trace.slice(1, 2).tasks())
        .extracting(TraceTask::taskId)
        .containsExactly("job-2", "job-3");
    assertThat(trace.slice(3, Integer.MAX_VALUE).tasks()).hasSize(1);
    assertThat(trace.slice(9, 1).tasks()).isEmpty();
  }

  @Test
  void refusesAHeaderThatCannotBeMeant() throws IOException {
    for (String header : List.of("MaxProcs: 4000000000000", "UnixStartTime: 900000000000000")) {
      Path file = folder.resolve("header.swf");
      Files.writeString(file, "; " + header + "\n" + Files.readString(SMALL));

      assertThatThrownBy(() -> SwfTrace.read(file, Protocol.SCHEDULING))
          .isInstanceOf(TraceFormatException.class)
          .hasMessageContaining("cannot be meant");
    }
  }

  @Test
  void passesOverAHeaderThatIsNoNumberOfOurs() throws IOException {
    Path file = folder.resolve("header.swf");
    Files.writeString(file, "; MaxRecords: 99999999999999999999999\n" + Files.readString(SMALL));

    assertThat(SwfTrace.read(file, Protocol.SCHEDULING).tasks()).hasSize(4);
  }

  private static TraceTask job3(Protocol protocol) throws IOException {
    return SwfTrace.read(SMALL, protocol).tasks().get(2);
  }
}
