package io.attentionflow.jobs.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.Prediction;
import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Reason;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.ShardPlacement;
import io.attentionflow.allocation.Sizing;
import io.attentionflow.allocation.TaskMoves;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.allocation.TaskSize;
import io.attentionflow.allocation.TaskState;
import io.attentionflow.jobs.layout.Fields;
import java.io.IOException;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class TaskStateLayoutTest {

  private static final Resources REQUEST = new Resources(4000, 1024, 0, 0, 5);
  private static final Resources CUT = new Resources(1000, 512, 0, 0, 5);
  private static final Instant NOON = Samples.NOON;

  @Test
  void readsWhatItWrote() throws IOException {
    TaskState cut = task(new TaskSize(CUT, Sizing.RAISED, CUT, 2, 512, 1));
    TaskState whole = task(TaskSize.of(REQUEST));

    assertThat(read(5, written(cut))).isEqualTo(cut);
    assertThat(read(5, written(whole))).isEqualTo(whole);
  }

  /** The usual classes are written as a number, and a class as its place among them. */
  @Test
  void readsAnyClassesThatItWrote() throws IOException {
    List<String> usual = List.of("LIGHT", "MODERATE", "HEAVY", "EXTREME");
    for (TaskState task :
        List.of(
            task("EXTREME", usual),
            task("LIGHT", usual),
            task("BIG", List.of("SMALL", "BIG")),
            task("LIGHT", List.of()),
            task("OF_OLD", usual))) {
      assertThat(read(5, written(task))).isEqualTo(task);
    }
    assertThat(written(task("EXTREME", usual)))
        .hasSizeLessThan(written(task("BIG", List.of("SMALL", "BIG", "HUGE", "VAST"))).length);
  }

  private static TaskState task(String complexity, List<String> classes) {
    return task(TaskSize.of(REQUEST), complexity, classes);
  }

  @Test
  void readsTasksOfBeforeThereWereSizesAsGivenWhatTheyRequest() throws IOException {
    TaskState today = task(new TaskSize(CUT, Sizing.CUT, CUT, 0, 0));
    DataOutputSerializer size = new DataOutputSerializer(64);
    EngineFields.writeResources(CUT, size);
    Fields.writeName(Sizing.CUT, size);
    EngineFields.writeOptionalResources(CUT, size);
    Fields.writeInt(0, size);
    Fields.writeLong(0, size);
    Fields.writeInt(0, size);
    byte[] all = written(today);
    DataInputDeserializer before = new DataInputDeserializer(all, 0, all.length - size.length());

    assertThat(TaskStateLayout.INSTANCE.read(2, before)).isEqualTo(task(TaskSize.of(REQUEST)));
    assertThat(before.available()).isZero();
  }

  @Test
  void readsTasksOfBeforeItWasKnownWhatTheyRanOutOfAsIfTheyHadWhatTheyRequest() throws IOException {
    byte[] all = written(task(new TaskSize(CUT, Sizing.RAISED, CUT, 2, 512, 1)));
    DataInputDeserializer before = new DataInputDeserializer(all, 0, all.length - fieldLength(1));

    assertThat(TaskStateLayout.INSTANCE.read(3, before))
        .isEqualTo(task(new TaskSize(CUT, Sizing.RAISED, CUT, 2, 512)));
    assertThat(before.available()).isZero();
  }

  private static int fieldLength(int number) throws IOException {
    DataOutputSerializer field = new DataOutputSerializer(8);
    Fields.writeInt(number, field);
    return field.length();
  }

  private static TaskState task(TaskSize size) {
    return task(size, "LIGHT", List.of("LIGHT"));
  }

  private static TaskState task(TaskSize size, String complexity, List<String> classes) {
    TaskRequest request =
        new TaskRequest(
            "t", "ann", "sort", NOON, REQUEST, null, 3, Qos.BURSTABLE, null, 1, 1, List.of());
    var place =
        new TaskState.ShardState(new ShardPlacement(0, "node", CUT, List.of()), NOON, false);
    return new TaskState(
        request,
        new Prediction(
            complexity,
            classes,
            Collections.nCopies(classes.size(), 1.0 / Math.max(1, classes.size())),
            null,
            null,
            null,
            null,
            REQUEST,
            CUT,
            7,
            0.5),
        11,
        TaskState.Phase.RUNNING,
        1,
        List.of(place),
        NOON,
        Reason.PLACED,
        new TaskMoves(1, 2, NOON, List.of("a")),
        size);
  }

  private static byte[] written(TaskState task) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    TaskStateLayout.INSTANCE.write(task, out);
    return out.getCopyOfBuffer();
  }

  private static TaskState read(int version, byte[] bytes) throws IOException {
    return TaskStateLayout.INSTANCE.read(version, new DataInputDeserializer(bytes));
  }
}
