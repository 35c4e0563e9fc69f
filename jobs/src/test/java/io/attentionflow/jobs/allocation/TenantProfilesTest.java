package io.attentionflow.jobs.allocation;

import static io.attentionflow.jobs.allocation.Samples.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.learning.features.NumberFeature;
import io.attentionflow.learning.features.Profile;
import io.attentionflow.schema.DeadLetter;
import io.attentionflow.schema.DeadLetterReason;
import io.attentionflow.schema.FeedbackState;
import io.attentionflow.schema.TaskEventKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a task's profile when its events repeat, contradict each other, or stay out. */
class TenantProfilesTest {

  private KeyedOneInputStreamOperatorTestHarness<String, TenantMessage, ProfiledMessage> harness;

  @BeforeEach
  void begin() throws Exception {
    open(null, Map.of());
  }

  @AfterEach
  void end() throws Exception {
    harness.close();
  }

  @Test
  void takesATaskThatComesAgainAfterItsEndForANewOne() throws Exception {
    submit("t", 0);
    feedback("t#1", FeedbackState.SUCCEEDED, "node", 1);
    restore();

    submit("t", 2);
    feedback("t#1", FeedbackState.SUCCEEDED, "node", 3);

    assertThat(profiles()).hasSize(1).doesNotContainNull();
    assertThat(taught()).containsExactly("t");
  }

  @Test
  void learnsOnceFromAnEndThatIsToldAgainAfterTheTaskCameAgain() throws Exception {
    submit("t", 0);
    feedback("t#1", FeedbackState.SUCCEEDED, "node", 1);
    restore();

    submit("t", 2);
    feedback("t#1", FeedbackState.SUCCEEDED, "node", 1);
    assertThat(taught()).isEmpty();

    feedback("t#1", FeedbackState.FAILED, "node", 3);
    assertThat(taught()).containsExactly("t");
  }

  @Test
  void profilesATaskOnceWhileItIsOpen() throws Exception {
    submit("t", 0);
    submit("t", 1);
    submit("u", 2);

    assertThat(number(profiles().get(1), NumberFeature.SINCE_LAST_SUBMISSION)).isNaN();
    assertThat(number(profiles().get(2), NumberFeature.IN_FLIGHT)).isEqualTo(Math.log1p(1));
  }

  @Test
  void takesAnEndOnlyFromWhereTheTaskWasSeenToRun() throws Exception {
    submit("t", 0);
    feedback("t#1", FeedbackState.STARTED, "node", 1);
    restore();

    feedback("t#999", FeedbackState.SUCCEEDED, "other", 2);
    feedback("t#1", FeedbackState.SUCCEEDED, "other", 2);
    assertThat(taught()).isEmpty();

    feedback("t#1", FeedbackState.SUCCEEDED, "node", 3);
    assertThat(taught()).containsExactly("t");
  }

  @Test
  void doesNotHearALatePlacementOutOnceALaterOneHasStarted() throws Exception {
    submit("t", 0);
    feedback("t#1", FeedbackState.STARTED, "lost", 1);
    feedback("t#2", FeedbackState.STARTED, "node", 2);
    feedback("t#1", FeedbackState.STARTED, "lost", 3);
    feedback("t#1", FeedbackState.LOST, "lost", 3);
    feedback("t#1", FeedbackState.SUCCEEDED, "lost", 3);
    assertThat(taught()).isEmpty();

    submit("u", 4);
    assertThat(number(profiles().get(1), NumberFeature.RUNNING)).isEqualTo(Math.log1p(1));

    feedback("t#2", FeedbackState.SUCCEEDED, "node", 5);
    assertThat(taught()).containsExactly("t");
  }

  @Test
  void takesAnEndFromAPlacementThatWasNeverSaidToStart() throws Exception {
    submit("unseen", 0);
    feedback("unseen#7", FeedbackState.SUCCEEDED, "node", 1);

    submit("stopped", 2);
    feedback("stopped#1", FeedbackState.STARTED, "node", 3);
    feedback("stopped#1", FeedbackState.PREEMPTED, "node", 4);
    feedback("stopped#1", FeedbackState.SUCCEEDED, "node", 5);
    assertThat(taught()).containsExactly("unseen");
    feedback("stopped#2", FeedbackState.SUCCEEDED, "other", 6);

    submit("resized", 7);
    feedback("resized#1", FeedbackState.STARTED, "node", 8);
    feedback("resized#2", FeedbackState.SUCCEEDED, "node", 9);

    assertThat(taught()).containsExactly("unseen", "stopped", "resized");
  }

  @Test
  void takesAnEndFromAnyShardWhereThatShardIs() throws Exception {
    submit("t", 0);
    feedback("t#1", FeedbackState.STARTED, "first", 0, 1);
    feedback("t#1", FeedbackState.STARTED, "second", 1, 2);
    feedback("t#1", FeedbackState.FAILED, "first", 1, 3);
    assertThat(taught()).isEmpty();

    feedback("t#1", FeedbackState.FAILED, "second", 1, 4);
    assertThat(taught()).containsExactly("t");
  }

  @Test
  void forgetsACancelledTaskOnlyInItsOwnPool() throws Exception {
    submit("t", 0);
    submit("u", 0);
    cancel("t", "other");
    cancel("u", "pool");
    feedback("t#1", FeedbackState.SUCCEEDED, "node", 1);
    feedback("u#1", FeedbackState.SUCCEEDED, "node", 1);

    assertThat(taught()).containsExactly("t");
  }

  @Test
  void countsWhatNeverStartsAsInFlightForABoundedTime() throws Exception {
    harness.close();
    open(null, Map.of("learning.waiting-bound", "100s"));
    submit("refused", 0);
    submit("runs", 0);
    feedback("runs#1", FeedbackState.STARTED, "node", 1);
    submit("within", 100);
    submit("beyond", 101);

    assertThat(number(profiles().get(3), NumberFeature.IN_FLIGHT)).isEqualTo(Math.log1p(2));

    feedback("refused#1", FeedbackState.STARTED, "node", 102);
    submit("later", 103);
    assertThat(number(profiles().get(4), NumberFeature.IN_FLIGHT)).isEqualTo(Math.log1p(4));
    assertThat(number(profiles().get(4), NumberFeature.RUNNING)).isEqualTo(Math.log1p(2));
  }

  @Test
  void tellsOfATaskThatIsOpenInTwoPools() throws Exception {
    submit("t", 0);
    submit("t", 1);
    assertThat(harness.getSideOutput(DeadLetters.TAG)).isNull();

    harness.processElement(
        Samples.message(Samples.task("t").setPool("other").build()), at(2).toEpochMilli());

    assertThat(harness.getSideOutput(DeadLetters.TAG))
        .singleElement()
        .satisfies(
            record -> {
              DeadLetter letter = record.getValue();
              assertThat(letter.getReason()).isEqualTo(DeadLetterReason.MISMATCHED_COMMAND);
              assertThat(letter.getDetail()).contains("task t").contains("pool other");
            });
    assertThat(profiles()).hasSize(3);
  }

  private void open(@Nullable OperatorSubtaskState state, Map<String, String> options)
      throws Exception {
    harness = ProfilingFunction.harness(PipelineOptions.with(options).learning(), state);
  }

  /** What was said before is no longer to be seen. */
  private void restore() throws Exception {
    OperatorSubtaskState checkpoint = harness.snapshot(1, 0);
    harness.close();
    open(checkpoint, Map.of());
  }

  private void submit(String taskId, long second) throws Exception {
    harness.processElement(
        Samples.message(Samples.task(taskId).setSubmittedAt(at(second)).build()),
        at(second).toEpochMilli());
  }

  private void cancel(String taskId, String pool) throws Exception {
    harness.processElement(
        Samples.message(Samples.task(taskId).setPool(pool).setKind(TaskEventKind.CANCEL).build()),
        at(0).toEpochMilli());
  }

  private void feedback(String commandId, FeedbackState state, String nodeId, long second)
      throws Exception {
    feedback(commandId, state, nodeId, 0, second);
  }

  private void feedback(
      String commandId, FeedbackState state, String nodeId, int shard, long second)
      throws Exception {
    harness.processElement(
        Samples.message(
            Samples.feedback(commandId.substring(0, commandId.indexOf('#')), state)
                .setCommandId(commandId)
                .setNodeId(nodeId)
                .setShard(shard)
                .setObservedAt(at(second))
                .build()),
        at(second).toEpochMilli());
  }

  private List<Profile> profiles() {
    List<Profile> profiles = new ArrayList<>();
    for (ProfiledMessage message : harness.extractOutputValues()) {
      if (message instanceof ProfiledMessage.Submitted submitted) {
        profiles.add(submitted.profile());
      }
    }
    return profiles;
  }

  /** Of which tasks examples were made. */
  private List<String> taught() {
    List<String> taskIds = new ArrayList<>();
    for (ProfiledMessage message : harness.extractOutputValues()) {
      if (message instanceof ProfiledMessage.Ended ended) {
        taskIds.add(ended.example().taskId());
      }
    }
    return taskIds;
  }

  private static double number(@Nullable Profile profile, NumberFeature feature) {
    return feature.of(Objects.requireNonNull(profile).features());
  }
}
