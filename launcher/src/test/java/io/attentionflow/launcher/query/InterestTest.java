package io.attentionflow.launcher.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.PendingTask;
import io.attentionflow.schema.Reason;
import io.attentionflow.schema.topic.Topic;
import java.time.Instant;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class InterestTest {

  @Test
  void isInEverythingUnlessToldOtherwise() {
    Interest interest = new Interest(null, null);

    assertThat(interest.in(command("t", "p"))).isTrue();
    assertThat(interest.in(pending("t", "q"))).isTrue();
    assertThat(interest.in(waitsNoMore("u"))).isTrue();
  }

  @Test
  void isInOneTask() {
    Interest interest = new Interest(null, "t");

    assertThat(interest.in(command("t", "p"))).isTrue();
    assertThat(interest.in(waitsNoMore("t"))).isTrue();
    assertThat(interest.in(command("u", "p"))).isFalse();
    assertThat(interest.in(waitsNoMore("u"))).isFalse();
  }

  @Test
  void isInTheEndOfAWaitInItsPoolOnlyIfItSawTheWait() {
    Interest interest = new Interest("p", null);

    assertThat(interest.in(command("t", "p"))).isTrue();
    assertThat(interest.in(command("t", "q"))).isFalse();
    assertThat(interest.in(waitsNoMore("t"))).isFalse();
    assertThat(interest.in(pending("t", "p"))).isTrue();
    assertThat(interest.in(pending("u", "q"))).isFalse();
    assertThat(interest.in(waitsNoMore("u"))).isFalse();
    assertThat(interest.in(waitsNoMore("t"))).isTrue();
    assertThat(interest.in(waitsNoMore("t"))).isFalse();
  }

  private static Change command(String taskId, String pool) {
    return change(
        taskId,
        AllocationCommand.newBuilder()
            .setCommandId(taskId + "#1")
            .setTaskId(taskId)
            .setGeneration(1)
            .setPool(pool)
            .setTenant("ann")
            .setTaskType("train")
            .setAction(Action.REJECT)
            .setShards(List.of())
            .setComplexity("LIGHT")
            .setReason(Reason.NO_NODES)
            .setDecidedAt(Instant.EPOCH)
            .build());
  }

  private static Change pending(String taskId, String pool) {
    return change(
        taskId,
        PendingTask.newBuilder()
            .setTaskId(taskId)
            .setPool(pool)
            .setTenant("ann")
            .setTaskType("train")
            .setReason(Reason.NO_NODES)
            .setPosition(0)
            .setSince(Instant.EPOCH)
            .setObservedAt(Instant.EPOCH)
            .build());
  }

  private static Change waitsNoMore(String taskId) {
    return change(taskId, null);
  }

  private static Change change(String taskId, @Nullable SpecificRecord record) {
    return new Change(Topic.ALLOCATION_PENDING, 0, 0, Instant.EPOCH, taskId, record);
  }
}
