package io.attentionflow.jobs.allocation;

import static io.attentionflow.jobs.allocation.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.PoolEvent;
import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.Resources;
import io.attentionflow.schema.DeadLetterReason;
import io.attentionflow.schema.FeedbackState;
import io.attentionflow.schema.ModelUpdate;
import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.NodeEventKind;
import io.attentionflow.schema.PolicyUpdate;
import io.attentionflow.schema.Qos;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.TaskEventKind;
import io.attentionflow.schema.TaskFeedback;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CheckTest {

  private static final PipelineOptions OPTIONS =
      PipelineOptions.with(Map.of("input.pools", "pool,other"));

  @Test
  void takesAGoodTaskAsItIs() {
    TaskMessage message =
        Samples.message(
            Samples.task("t")
                .setRequestedDurationMillis(5000L)
                .setDeadline(NOON.plusSeconds(60))
                .setAttributes(Map.of("queue", "night"))
                .build());

    assertThat(message)
        .isInstanceOfSatisfying(
            TaskMessage.Submitted.class,
            submitted -> {
              assertThat(submitted.task().taskId()).isEqualTo("t");
              assertThat(submitted.task().requestedDuration()).isEqualTo(Duration.ofSeconds(5));
              assertThat(submitted.task().request()).isEqualTo(new Resources(1000, 1024, 0, 0, 0));
              assertThat(submitted.attributes()).containsEntry("queue", "night");
              assertThat(submitted.at()).isEqualTo(NOON);
            });
  }

  @Test
  void refusesATaskThatMakesNoSense() {
    assertThat(ofTask(task -> task.setTaskId(""))).isEqualTo(DeadLetterReason.MISSING_ID);
    assertThat(ofTask(task -> task.setPool(""))).isEqualTo(DeadLetterReason.MISSING_POOL);
    assertThat(ofTask(task -> task.setPool("none"))).isEqualTo(DeadLetterReason.UNKNOWN_POOL);
    assertThat(ofTask(task -> task.setKind(TaskEventKind.UNKNOWN)))
        .isEqualTo(DeadLetterReason.UNKNOWN_ENUM);
    assertThat(ofTask(task -> task.setQos(Qos.UNKNOWN))).isEqualTo(DeadLetterReason.UNKNOWN_ENUM);
    assertThat(ofTask(task -> task.getRequest().setCpuMillis(-1)))
        .isEqualTo(DeadLetterReason.NEGATIVE_AMOUNT);
    assertThat(ofTask(task -> task.getRequest().setMemoryMib(Long.MAX_VALUE)))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(ofTask(task -> task.getRequest().setGpuMillis(1001)))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(
            ofTask(
                task -> {
                  task.getRequest().setGpuCount(2);
                  task.getRequest().setGpuMillis(500);
                }))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(ofTask(task -> task.setRequestedDurationMillis(-5L)))
        .isEqualTo(DeadLetterReason.NEGATIVE_AMOUNT);
    assertThat(ofTask(task -> task.setRequestedDurationMillis(Long.MAX_VALUE)))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(ofTask(task -> task.setInputBytes(-1))).isEqualTo(DeadLetterReason.NEGATIVE_AMOUNT);
    assertThat(ofTask(task -> task.setMinShards(0))).isEqualTo(DeadLetterReason.INVALID_SHARDS);
    assertThat(ofTask(task -> task.setMinShards(3))).isEqualTo(DeadLetterReason.INVALID_SHARDS);
    assertThat(ofTask(task -> task.setSubmittedAt(NOON.plus(Duration.ofHours(1)))))
        .isEqualTo(DeadLetterReason.TIME_IN_FUTURE);
    assertThat(ofTask(task -> task.setSubmittedAt(Instant.ofEpochMilli(-1))))
        .isEqualTo(DeadLetterReason.TIME_INVALID);
    assertThat(ofTask(task -> task.setSubmittedAt(Instant.ofEpochMilli(Long.MAX_VALUE))))
        .isEqualTo(DeadLetterReason.TIME_INVALID);
    assertThat(ofTask(task -> task.setDeadline(Instant.ofEpochMilli(Long.MIN_VALUE))))
        .isEqualTo(DeadLetterReason.TIME_INVALID);
    assertThat(ofTask(task -> task.setTenant("x".repeat(5000))))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(ofTask(task -> task.setGpuModels(Collections.nCopies(1000, "A100"))))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(ofTask(task -> task.setGpuModels(List.of("x".repeat(5000)))))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(ofTask(task -> task.setAttributes(Map.of("x".repeat(5000), "y"))))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    for (Consumer<TaskEvent> spoil :
        List.<Consumer<TaskEvent>>of(
            task -> task.setTaskId("x".repeat(5000)),
            task -> task.setTaskType("x".repeat(5000)),
            task -> {
              task.setKind(TaskEventKind.CANCEL);
              task.setTenant("x".repeat(5000));
            })) {
      assertThat(ofTask(spoil)).isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    }
  }

  @Test
  void asksOfACancellationOnlyWhatItNeeds() {
    TaskEvent cancel =
        Samples.task("t")
            .setKind(TaskEventKind.CANCEL)
            .setQos(Qos.UNKNOWN)
            .setMinShards(-1)
            .build();

    assertThat(Samples.message(cancel)).isInstanceOf(TaskMessage.Cancelled.class);
  }

  @Test
  void saysWhichFieldIsWrongAndHow() {
    TaskEvent event = Samples.task("t").build();
    event.getRequest().setCpuMillis(-1);

    assertThat(Samples.failure(check(event)).detail()).isEqualTo("request.cpuMillis is -1");
  }

  private static io.attentionflow.schema.wire.Decoded<TaskMessage> check(TaskEvent event) {
    return new TaskEventCheck(OPTIONS.input(), OPTIONS.time())
        .check(event, Samples.origin("task-events", 0));
  }

  @Test
  void refusesFeedbackThatMakesNoSense() {
    assertThat(ofFeedback(feedback -> feedback.setNodeId("")))
        .isEqualTo(DeadLetterReason.MISSING_ID);
    assertThat(ofFeedback(feedback -> feedback.setCommandId("")))
        .isEqualTo(DeadLetterReason.MISSING_ID);
    for (String commandId :
        List.of("t", "t#", "t#0", "t#-1", "t#1/RELEASE", "u#1", "t#9999999999", "tt#1")) {
      assertThat(ofFeedback(feedback -> feedback.setCommandId(commandId)))
          .as(commandId)
          .isEqualTo(DeadLetterReason.MISMATCHED_COMMAND);
    }
    assertThat(ofFeedback(feedback -> feedback.setState(FeedbackState.UNKNOWN)))
        .isEqualTo(DeadLetterReason.UNKNOWN_ENUM);
    assertThat(ofFeedback(feedback -> feedback.setShard(-1)))
        .isEqualTo(DeadLetterReason.NEGATIVE_AMOUNT);
    assertThat(ofFeedback(feedback -> feedback.setDurationMillis(-1)))
        .isEqualTo(DeadLetterReason.NEGATIVE_AMOUNT);
    assertThat(ofFeedback(feedback -> feedback.setObservedAt(NOON.plus(Duration.ofDays(1)))))
        .isEqualTo(DeadLetterReason.TIME_IN_FUTURE);
    assertThat(
            ofFeedback(
                feedback ->
                    feedback.setPeakUsage(
                        new io.attentionflow.schema.Resources(-1L, 0L, 0, 0L, 0L))))
        .isEqualTo(DeadLetterReason.NEGATIVE_AMOUNT);
    assertThat(ofFeedback(feedback -> feedback.setTenant("x".repeat(5000))))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(ofFeedback(feedback -> feedback.setTaskType("x".repeat(5000))))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(ofFeedback(feedback -> feedback.setNodeId("x".repeat(300))))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
  }

  @Test
  void readsTheGenerationOutOfTheCommandId() {
    TaskFeedback feedback =
        Samples.feedback("a#b", FeedbackState.STARTED).setCommandId("a#b#12").build();

    assertThat(Samples.message(feedback).generation()).isEqualTo(12);
  }

  @Test
  void takesFeedbackAboutATaskWithTheLongestId() {
    String taskId = "x".repeat(OPTIONS.input().maxText());

    assertThat(Samples.message(Samples.feedback(taskId, FeedbackState.STARTED).build()).taskId())
        .isEqualTo(taskId);
  }

  @Test
  void refusesANodeEventThatMakesNoSense() {
    assertThat(ofNode(node -> node.setNodeId(""))).isEqualTo(DeadLetterReason.MISSING_ID);
    assertThat(ofNode(node -> node.setKind(NodeEventKind.UNKNOWN)))
        .isEqualTo(DeadLetterReason.UNKNOWN_ENUM);
    assertThat(ofNode(node -> node.getCapacity().setIoMibps(-1)))
        .isEqualTo(DeadLetterReason.NEGATIVE_AMOUNT);
    assertThat(ofNode(node -> node.setLabels(Map.of("x", "y".repeat(2000)))))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(ofNode(node -> node.setGpuModel("x".repeat(2000))))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(ofNode(node -> node.setNodeId("x".repeat(256))))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
  }

  @Test
  void takesANodeWithAsLongAnIdAsAHostCanHave() {
    NodeEvent event = Samples.node("x".repeat(255), NodeEventKind.JOINED).build();

    assertThat(Samples.message(event).event())
        .isInstanceOfSatisfying(
            PoolEvent.NodeJoined.class, joined -> assertThat(joined.nodeId()).hasSize(255));
  }

  @Test
  void takesPartlyUsedGpusTogether() {
    NodeEvent heartbeat = Samples.node("node", NodeEventKind.HEARTBEAT).build();
    heartbeat.getUsage().setGpuCount(8);
    heartbeat.getUsage().setGpuMillis(350);

    assertThat(Samples.message(heartbeat).event())
        .isInstanceOfSatisfying(
            PoolEvent.NodeHeartbeat.class,
            event -> assertThat(event.usage()).isEqualTo(new Resources(0, 0, 3, 1000, 0)));
  }

  @Test
  void refusesAPolicyThatMakesNoSense() {
    assertThat(ofPolicy(Samples.policy("pool", 1, Map.of("ordering", "by-mood")).build()))
        .isEqualTo(DeadLetterReason.INVALID_POLICY);
    assertThat(ofPolicy(Samples.policy("pool", 1, Map.of("odering", "fcfs")).build()))
        .isEqualTo(DeadLetterReason.INVALID_POLICY);
    assertThat(ofPolicy(Samples.policy("pool", 1, Map.of("retention", "400000d")).build()))
        .isEqualTo(DeadLetterReason.INVALID_POLICY);
    assertThat(ofPolicy(Samples.policy("pool", 1, Map.of("heartbeat-timeout", "400000d")).build()))
        .isEqualTo(DeadLetterReason.INVALID_POLICY);
    assertThat(ofPolicy(Samples.policy("pool", Long.MAX_VALUE, Map.of()).build()))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(ofPolicy(Samples.policy("pool", 0, Map.of()).build()))
        .isEqualTo(DeadLetterReason.INVALID_POLICY);
    assertThat(ofPolicy(Samples.policy("none", 1, Map.of()).build()))
        .isEqualTo(DeadLetterReason.UNKNOWN_POOL);
    assertThat(ofPolicy(Samples.policy("pool", 1, Map.of()).setShadow("").build()))
        .isEqualTo(DeadLetterReason.INVALID_POLICY);
    assertThat(ofPolicy(Samples.policy("pool", 1, Map.of()).setEnded(true).build()))
        .isEqualTo(DeadLetterReason.INVALID_POLICY);
  }

  /** Its name is on every decision of a shadow: one that is too long would not fit a record. */
  @Test
  void refusesAPolicyThatIsTooLarge() {
    String long5000 = "0".repeat(5000);
    Map<String, String> many = new HashMap<>();
    for (int i = 0; i < 1000; i++) {
      many.put("key" + i, "1");
    }

    assertThat(ofPolicy(Samples.policy("pool", 1, Map.of()).setShadow(long5000).build()))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(ofPolicy(Samples.policy("pool", 1, Map.of("seed", long5000)).build()))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(ofPolicy(Samples.policy("pool", 1, Map.of(long5000, "1")).build()))
        .isEqualTo(DeadLetterReason.INVALID_POLICY);
    assertThat(ofPolicy(Samples.policy("pool", 1, many).build()))
        .isEqualTo(DeadLetterReason.INVALID_POLICY);
  }

  @Test
  void takesAPolicyThatSaysAllThereIsToSay() {
    Map<String, String> all = PolicySettings.format(PoolPolicy.defaults());
    PipelineOptions.Input narrow = PipelineOptions.with(Map.of("input.max-entries", "0")).input();

    assertThat(
            new PolicyUpdateCheck(narrow, OPTIONS.time())
                .check(
                    Samples.policy("pool", 1, all).setShadow("night").build(),
                    Samples.origin("policy-updates", 0))
                .orElseThrow()
                .settings())
        .isEqualTo(all);
  }

  @Test
  void refusesAModelThatMakesNoSense() {
    assertThat(ofModel(model -> model.setModel(""))).isEqualTo(DeadLetterReason.MISSING_ID);
    assertThat(ofModel(model -> model.setVersion(0))).isEqualTo(DeadLetterReason.MISSING_ID);
    assertThat(ofModel(model -> model.setVersion(Long.MAX_VALUE)))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(ofModel(model -> model.setMember(-1))).isEqualTo(DeadLetterReason.MISSING_ID);
    assertThat(ofModel(model -> model.setMember(1))).isEqualTo(DeadLetterReason.MISSING_ID);
    assertThat(ofModel(model -> model.setExamples(-1))).isEqualTo(DeadLetterReason.NEGATIVE_AMOUNT);
    assertThat(ofModel(model -> model.setExamples(Long.MAX_VALUE)))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(ofModel(model -> model.setPublishedAt(NOON.plus(Duration.ofDays(1)))))
        .isEqualTo(DeadLetterReason.TIME_IN_FUTURE);
    assertThat(ofModel(model -> model.setModel("x".repeat(5000))))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(ofModel(model -> model.setFeatureSchema("x".repeat(5000))))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(ofModel(model -> model.setClasses(List.of("x".repeat(5000)))))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(ofModel(model -> model.setClasses(Collections.nCopies(33, "LIGHT"))))
        .isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
  }

  /** What the job publishes comes back to it: however little it believes of others. */
  @Test
  void takesItsOwnModelsWhateverTheBoundsOfTheInput() {
    PipelineOptions.Input narrow =
        PipelineOptions.with(Map.of("input.max-entries", "0", "input.max-text", "1")).input();

    assertThat(
            new ModelUpdateCheck(narrow, OPTIONS.time())
                .check(Samples.model(), Samples.origin("model-updates", 0))
                .orElseThrow()
                .classes())
        .containsExactly("LIGHT", "HEAVY");
  }

  private static DeadLetterReason ofTask(Consumer<TaskEvent> spoil) {
    TaskEvent event = Samples.task("t").build();
    spoil.accept(event);
    return Samples.failure(check(event)).reason();
  }

  private static DeadLetterReason ofFeedback(Consumer<TaskFeedback> spoil) {
    TaskFeedback feedback = Samples.feedback("t", FeedbackState.SUCCEEDED).build();
    spoil.accept(feedback);
    return Samples.failure(
            new TaskFeedbackCheck(OPTIONS.input(), OPTIONS.time())
                .check(feedback, Samples.origin("task-feedback", 0)))
        .reason();
  }

  private static DeadLetterReason ofNode(Consumer<NodeEvent> spoil) {
    NodeEvent event = Samples.node("node", NodeEventKind.JOINED).build();
    spoil.accept(event);
    return Samples.failure(
            new NodeEventCheck(OPTIONS.input(), OPTIONS.time())
                .check(event, Samples.origin("node-events", 0)))
        .reason();
  }

  private static DeadLetterReason ofModel(Consumer<ModelUpdate> spoil) {
    ModelUpdate update = Samples.model();
    spoil.accept(update);
    return Samples.failure(
            new ModelUpdateCheck(OPTIONS.input(), OPTIONS.time())
                .check(update, Samples.origin("model-updates", 0)))
        .reason();
  }

  private static DeadLetterReason ofPolicy(PolicyUpdate update) {
    return Samples.failure(
            new PolicyUpdateCheck(OPTIONS.input(), OPTIONS.time())
                .check(update, Samples.origin("policy-updates", 0)))
        .reason();
  }
}
