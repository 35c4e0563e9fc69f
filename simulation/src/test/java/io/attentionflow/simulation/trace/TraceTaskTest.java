package io.attentionflow.simulation.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.simulation.trace.TaskTruth.End;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TraceTaskTest {

  private static final Instant ORIGIN = Instant.parse("1996-10-01T00:00:00Z");
  private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

  private final TraceTask task = task(ORIGIN.plusSeconds(1000));

  @Test
  void movesAllItsTimesByTheSame() {
    TraceTask moved = task.movedTo(START, "other");

    assertThat(moved.taskId()).isEqualTo("other");
    assertThat(moved.submittedAt()).isEqualTo(START);
    assertThat(moved.request().deadline()).isEqualTo(START.plusSeconds(500));
    assertThat(moved.cancelledAt()).isEqualTo(START.plusSeconds(200));
  }

  @Test
  void playsAllItsTimesFasterAndLeavesItsRunTime() {
    TraceTask played = task.playedFrom(START, ORIGIN, 100);

    assertThat(played.taskId()).isEqualTo("task");
    assertThat(played.submittedAt()).isEqualTo(START.plusSeconds(10));
    assertThat(played.request().deadline()).isEqualTo(START.plusSeconds(15));
    assertThat(played.cancelledAt()).isEqualTo(START.plusSeconds(12));
    assertThat(played.request().requestedDuration()).isEqualTo(Duration.ofMinutes(10));
    assertThat(played.truth()).isEqualTo(task.truth());
  }

  private static TraceTask task(Instant submittedAt) {
    TaskRequest request =
        new TaskRequest(
            "task",
            "tenant",
            "type",
            submittedAt,
            new Resources(1000, 0, 0, 0, 0),
            Duration.ofMinutes(10),
            0,
            Qos.BURSTABLE,
            submittedAt.plusSeconds(500),
            1,
            1,
            List.of());
    return new TraceTask(
        "pool",
        request,
        0,
        new TreeMap<>(),
        submittedAt.plusSeconds(200),
        new TaskTruth(1000, End.SUCCEEDED, Resources.NONE, Resources.NONE, null));
  }
}
