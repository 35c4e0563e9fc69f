package io.attentionflow.jobs.allocation;

import static io.attentionflow.jobs.allocation.Samples.NOON;
import static io.attentionflow.jobs.allocation.Samples.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.attentionflow.allocation.AttentionPolicy;
import io.attentionflow.allocation.PoolEvent;
import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.Prediction;
import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.AllocationDecision;
import io.attentionflow.schema.DeadLetter;
import io.attentionflow.schema.DeadLetterReason;
import io.attentionflow.schema.FeedbackState;
import io.attentionflow.schema.NodeEventKind;
import io.attentionflow.schema.Reason;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.Sizing;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.groups.OperatorMetricGroup;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.heap.HeapKeyedStateBackend;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedBroadcastOperatorTestHarness;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AllocateFunctionTest {

  private static final PoolPolicy POLICY = PoolPolicy.defaults();

  private KeyedBroadcastOperatorTestHarness<String, PoolMessage, PolicyMessage, AllocationCommand>
      harness;

  private RecordedMetrics metrics = new RecordedMetrics();

  @BeforeEach
  void begin() throws Exception {
    open(POLICY, TopicContents.NONE, null);
  }

  @AfterEach
  void end() throws Exception {
    harness.close();
  }

  @Test
  void turnsWhatTheEngineSaysIntoRecords() throws Exception {
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));
    given(submitted("t", 1));

    assertThat(commands())
        .singleElement()
        .satisfies(
            command -> {
              assertThat(command.getCommandId()).isEqualTo("t#1");
              assertThat(command.getAction()).isEqualTo(Action.ALLOCATE);
              assertThat(command.getShards().get(0).getNodeId()).isEqualTo("node");
              assertThat(command.getComplexity()).isEqualTo("LIGHT");
              assertThat(command.getModelVersion()).isEqualTo(7);
            });
    assertThat(side(AllocateFunction.DECISIONS))
        .singleElement()
        .satisfies(
            decision -> {
              assertThat(decision.getCommandId()).isEqualTo("t#1");
              assertThat(decision.getClassProbabilities()).containsEntry("LIGHT", 0.75);
            });
    assertThat(side(AllocateFunction.DEMAND))
        .extracting(DemandMessage::arrived)
        .containsExactly(true);
  }

  @Test
  void saysWhyATaskWaitsAndWhenItWaitsNoMore() throws Exception {
    given(submitted("t", 0));
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));

    List<PendingChange> pending = side(AllocateFunction.PENDING);
    assertThat(pending.get(0).taskId()).isEqualTo("t");
    assertThat(pending.get(0).task())
        .satisfies(task -> assertThat(task.getReason()).isEqualTo(Reason.NO_NODES));
    assertThat(pending.get(pending.size() - 1)).isEqualTo(new PendingChange("t", null));
  }

  @Test
  void countsATaskThatCameTwiceOnce() throws Exception {
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));
    given(submitted("t", 0), submitted("t", 0));

    assertThat(commands()).hasSize(1);
    assertThat(side(AllocateFunction.DEMAND)).hasSize(1);
    assertThat(side(DeadLetters.TAG)).isEmpty();
  }

  @Test
  void sendsWordAboutSomethingUnknownToTheDeadLettersWithWhereItWasRead() throws Exception {
    given(PoolMessage.of(Samples.message(Samples.feedback("u", FeedbackState.SUCCEEDED).build())));

    assertThat(side(DeadLetters.TAG))
        .singleElement()
        .satisfies(
            (DeadLetter letter) -> {
              assertThat(letter.getReason()).isEqualTo(DeadLetterReason.UNKNOWN_TASK);
              assertThat(letter.getTopic()).isEqualTo("task-feedback");
              assertThat(letter.getDetail()).contains("task u").doesNotContain("null");
            });
  }

  @Test
  void sendsANodeThatNoPoolCanHaveToTheDeadLetters() throws Exception {
    given(
        Samples.message(
            Samples.node("node", NodeEventKind.JOINED)
                .setCapacity(new Resources(1000L, 1024L, 5000, 1000L, 0L))
                .build()));

    assertThat(side(DeadLetters.TAG))
        .singleElement()
        .satisfies(
            (DeadLetter letter) -> {
              assertThat(letter.getReason()).isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
              assertThat(letter.getDetail()).contains("node node");
            });
  }

  @Test
  void looksAtSilentNodesWhenTimeHasPassed() throws Exception {
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));
    given(submitted("t", 0));

    timePasses(at(120));

    assertThat(commands())
        .extracting(AllocationCommand::getCommandId)
        .containsExactly("t#1", "t#1/PREEMPT");
  }

  @Test
  void keepsNodesTasksAndTimersAcrossRestore() throws Exception {
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));
    given(submitted("running", 0), submitted("running too", 0));
    OperatorSubtaskState checkpoint = harness.snapshot(1, 0);
    harness.close();

    open(POLICY, TopicContents.NONE, checkpoint);
    given(submitted("running", 1));
    assertThat(commands()).isEmpty();

    given(
        PoolMessage.of(
            Samples.message(
                Samples.feedback("running", FeedbackState.SUCCEEDED)
                    .setObservedAt(at(2))
                    .build())));
    assertThat(commands())
        .extracting(AllocationCommand::getCommandId)
        .containsExactly("running#1/RELEASE");

    timePasses(at(120));
    assertThat(commands())
        .extracting(AllocationCommand::getCommandId)
        .containsExactly("running#1/RELEASE", "running too#1/PREEMPT");
  }

  @Test
  void decidesTheSameHoweverOftenItIsRestored() throws Exception {
    List<String> decided = new ArrayList<>();
    List<String> decidedWithRestores = new ArrayList<>();
    for (boolean restores : new boolean[] {false, true}) {
      harness.close();
      open(POLICY, TopicContents.NONE, null);
      shadow(1, false);
      for (int i = 0; i < 60; i++) {
        String pool = i % 3 == 0 ? "other" : "pool";
        given(
            inPool(pool, Samples.message(Samples.node("n" + i % 7, NodeEventKind.JOINED).build())));
        given(inPool(pool, submitted("t" + i, i)));
        if (i % 4 == 1) {
          given(
              inPool(
                  pool,
                  PoolMessage.of(
                      Samples.message(
                          Samples.feedback("t" + (i - 1), FeedbackState.SUCCEEDED)
                              .setNodeId("n" + (i - 1) % 7)
                              .setObservedAt(at(i))
                              .build()))));
        }
        if (restores && i % 5 == 0) {
          decidedWithRestores.addAll(decisionIds());
          OperatorSubtaskState checkpoint = harness.snapshot(1, 0);
          harness.close();
          open(POLICY, TopicContents.NONE, checkpoint);
        }
      }
      timePasses(at(1000));
      (restores ? decidedWithRestores : decided).addAll(decisionIds());
    }

    assertThat(decided).hasSizeGreaterThan(100);
    assertThat(decidedWithRestores).isEqualTo(decided);
  }

  private List<String> decisionIds() {
    return side(AllocateFunction.DECISIONS).stream()
        .map(
            decision ->
                decision.getPool() + " " + decision.getCommandId() + " " + decision.getShards())
        .toList();
  }

  @Test
  void runsAPoolByTheNewestPolicyFromItsNextEventOn() throws Exception {
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));
    update("pool", 3, Map.of("placement", "round-robin"));
    update("*", 9, Map.of("placement", "random"));
    update("pool", 2, Map.of("placement", "random"));
    given(submitted("t", 1));

    AllocationDecision decision = side(AllocateFunction.DECISIONS).get(0);
    assertThat(decision.getPlacement()).isEqualTo("ROUND_ROBIN");
    assertThat(decision.getPolicyVersion()).isEqualTo(3);
  }

  @Test
  void wakesInTimeForANewPolicy() throws Exception {
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));
    given(submitted("t", 0));
    update("*", 1, Map.of("heartbeat-timeout", "10s"));
    given(submitted("u", 1));

    timePasses(at(11));

    assertThat(commands())
        .extracting(AllocationCommand::getCommandId)
        .containsExactly("t#1", "u#1", "t#1/PREEMPT", "u#1/PREEMPT");
  }

  @Test
  void givesWhatANewPolicySaysToWhatWaitsAlready() throws Exception {
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));
    given(large("t", 0), large("u", 1));
    assertThat(commands()).extracting(AllocationCommand::getCommandId).containsExactly("t#1");

    update("pool", 1, Map.of("right-sizing.mode", "on"));
    given(
        Samples.message(
            Samples.node("node", NodeEventKind.HEARTBEAT).setObservedAt(at(2)).build()));

    assertThat(commands())
        .extracting(AllocationCommand::getCommandId)
        .containsExactly("t#1", "u#1");
    assertThat(side(AllocateFunction.DECISIONS).get(1).getSizing()).isEqualTo(Sizing.CUT);
  }

  /** Asks for three cores of the node's four, of which its like use half a one. */
  private static PoolMessage large(String taskId, long seconds) {
    var message =
        (TaskMessage.Submitted)
            Samples.message(
                Samples.task(taskId)
                    .setSubmittedAt(at(seconds))
                    .setRequest(new Resources(3000L, 1024L, 0, 0L, 0L))
                    .build());
    var usage = new io.attentionflow.allocation.Resources(500, 512, 0, 0, 0);
    return new PoolMessage(
        message.origin(),
        message.pool(),
        new PoolEvent.TaskSubmitted(
            message.task(),
            new Prediction(
                "LIGHT",
                List.of("LIGHT"),
                List.of(1.0),
                null,
                null,
                null,
                null,
                usage,
                usage,
                7,
                0),
            message.at()));
  }

  @Test
  void goesOnUnderAPolicyThatFitsTheDefaultsAndNotTheConfiguration() throws Exception {
    harness.close();
    AttentionPolicy cold =
        PolicySettings.parse(Map.of("attention.coldest", "0.5", "attention.hottest", "2"), POLICY)
            .attention();
    open(POLICY.withAttention(cold), TopicContents.NONE, null);
    update("pool", 1, Map.of("attention.coldest", "3"));
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));
    given(submitted("t", 1));

    assertThat(commands()).extracting(AllocationCommand::getCommandId).containsExactly("t#1");
    assertThat(side(AllocateFunction.DECISIONS).get(0).getTemperature()).isEqualTo(3);
  }

  @Test
  void keepsAcrossRestoreWhatATaskNeedsThatRanOutOfMemory() throws Exception {
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));
    given(submitted("t", 1));
    given(ranOutOfMemory("t", 1));
    OperatorSubtaskState checkpoint = harness.snapshot(1, 0);
    AllocationDecision resized = side(AllocateFunction.DECISIONS).get(1);
    assertThat(resized.getCommandId()).isEqualTo("t#2");
    assertThat(resized.getAction()).isEqualTo(Action.RESIZE);
    assertThat(resized.getReason()).isEqualTo(Reason.OUT_OF_MEMORY);
    assertThat(resized.getSizing()).isEqualTo(Sizing.RAISED);
    assertThat(resized.getOutOfMemories()).isEqualTo(1);
    assertThat(resized.getRequested().getMemoryMib()).isEqualTo(1024);
    harness.close();

    open(POLICY, TopicContents.NONE, checkpoint);
    given(ranOutOfMemory("t", 2));
    assertThat(commands())
        .singleElement()
        .satisfies(
            command -> {
              assertThat(command.getAction()).isEqualTo(Action.RESIZE);
              assertThat(command.getShards().get(0).getResources().getMemoryMib())
                  .isEqualTo(4 * 1024);
            });
    assertThat(side(AllocateFunction.DECISIONS).get(0).getOutOfMemories()).isEqualTo(2);
  }

  private static PoolMessage ranOutOfMemory(String taskId, int generation) {
    return PoolMessage.of(
        Samples.message(
            Samples.feedback(taskId, FeedbackState.OUT_OF_MEMORY)
                .setCommandId(taskId + "#" + generation)
                .build()));
  }

  @Test
  void leavesProposalsAlone() throws Exception {
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));
    harness.processBroadcastElement(
        Samples.message(
            Samples.policy("*", 1, Map.of("placement", "random")).setProposal(true).build()),
        0);
    given(submitted("t", 1));

    assertThat(side(AllocateFunction.DECISIONS).get(0).getPlacement()).isEqualTo("LEAST_LOADED");
  }

  @Test
  void keepsPoliciesAcrossRestoreAndFollowsAChangedConfiguration() throws Exception {
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));
    update("other", 1, Map.of("placement", "random"));
    OperatorSubtaskState checkpoint = harness.snapshot(1, 0);
    harness.close();

    open(
        POLICY.withPlacement(PoolPolicy.Placement.LEAST_CONNECTION),
        TopicContents.NONE,
        checkpoint);
    given(submitted("t", 1));
    assertThat(side(AllocateFunction.DECISIONS).get(0).getPlacement())
        .isEqualTo("LEAST_CONNECTION");
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).setPool("other").build()));
    given(inPool("other", submitted("u", 1)));
    assertThat(side(AllocateFunction.DECISIONS).get(1).getPlacement()).isEqualTo("RANDOM");
  }

  @Test
  void runsAPoolByThePolicyOfTheTopicFromItsFirstEventOn() throws Exception {
    harness.close();
    open(
        POLICY,
        Samples.contents(
            "policy-updates",
            Samples.policy("*", 3, Map.of("placement", "random")).build(),
            Samples.policy("*", 2, Map.of("placement", "round-robin")).build(),
            Samples.policy("*", 9, Map.of("placement", "round-robin")).setProposal(true).build(),
            Samples.policy("other", 1, Map.of("placement", "least-connection")).build()),
        null);

    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));
    given(submitted("t", 1));
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).setPool("other").build()));
    given(inPool("other", submitted("u", 1)));

    assertThat(side(AllocateFunction.DECISIONS))
        .extracting(AllocationDecision::getPlacement)
        .containsExactly("RANDOM", "LEAST_CONNECTION");
    assertThat(commands()).extracting(AllocationCommand::getPolicyVersion).containsExactly(3L, 1L);
  }

  @Test
  void keepsNothingOfAPoolThatHasNothingAndRemembersNothing() throws Exception {
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));
    given(submitted("t", 0));
    given(
        PoolMessage.of(
            Samples.message(
                Samples.feedback("t", FeedbackState.SUCCEEDED).setObservedAt(at(1)).build())));
    given(Samples.message(Samples.node("node", NodeEventKind.LEFT).setObservedAt(at(2)).build()));
    assertThat(stateEntries()).as("pool, node, task").isEqualTo(3);

    timePasses(at(POLICY.retention().multipliedBy(2).toSeconds()));

    assertThat(stateEntries()).isZero();
    assertThat(harness.numEventTimeTimers()).isZero();
    assertThat(metrics.gauge("pools")).isEqualTo(0);
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));
    given(submitted("t", 0));
    assertThat(commands())
        .extracting(AllocationCommand::getCommandId)
        .containsExactly("t#1", "t#1/RELEASE", "t#1");
  }

  @Test
  void keepsNothingOfAPoolThatIsOnlySpokenOf() throws Exception {
    given(PoolMessage.of(Samples.message(Samples.feedback("u", FeedbackState.SUCCEEDED).build())));
    given(Samples.message(Samples.node("node", NodeEventKind.DRAINING).build()));

    assertThat(side(DeadLetters.TAG)).hasSize(2);
    assertThat(stateEntries()).isZero();
    assertThat(metrics.gauge("pools")).isEqualTo(0);
  }

  @Test
  void keepsAPoolWithoutNodesInWhichATaskWaits() throws Exception {
    given(submitted("t", 0));
    timePasses(at(POLICY.retention().multipliedBy(2).toSeconds()));
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));

    assertThat(commands()).extracting(AllocationCommand::getCommandId).containsExactly("t#1");
  }

  @Test
  void countsWhatIsLateAndHandlesItAllTheSame() throws Exception {
    timePasses(at(10));
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));
    assertThat(metrics.count("late_events_total")).isEqualTo(1);

    given(submitted("t", 11));

    assertThat(metrics.count("late_events_total")).isEqualTo(1);
    assertThat(commands()).extracting(AllocationCommand::getCommandId).containsExactly("t#1");
  }

  @Test
  void decidesInTheShadowToo() throws Exception {
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));
    given(submitted("early", 0));
    shadow(1, false);
    given(submitted("t", 1));

    assertThat(shadowed())
        .singleElement()
        .satisfies(
            decision -> {
              assertThat(decision.getCommandId()).isEqualTo("t#1");
              assertThat(decision.getShadowPolicy()).isEqualTo("trial");
              assertThat(decision.getPlacement()).isEqualTo("RANDOM");
              assertThat(decision.getPolicyVersion()).isEqualTo(1);
              assertThat(decision.getShards().get(0).getNodeId()).isEqualTo("node");
            });
    assertThat(commands())
        .extracting(AllocationCommand::getCommandId)
        .containsExactly("early#1", "t#1");
    assertThat(side(AllocateFunction.DECISIONS)).hasSize(3);
    assertThat(side(AllocateFunction.DEMAND)).hasSize(2);
  }

  @Test
  void goesOnInTheShadowAfterARestoreUntilItEnds() throws Exception {
    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));
    shadow(1, false);
    given(submitted("t", 1));
    given(PoolMessage.of(Samples.message(Samples.feedback("t", FeedbackState.STARTED).build())));
    OperatorSubtaskState checkpoint = harness.snapshot(1, 0);
    harness.close();

    open(POLICY, TopicContents.NONE, checkpoint);
    given(
        PoolMessage.of(
            Samples.message(
                Samples.feedback("t", FeedbackState.SUCCEEDED).setObservedAt(at(2)).build())));
    timePasses(at(30));
    assertThat(shadowed())
        .extracting(AllocationDecision::getCommandId)
        .containsExactly("t#1/RELEASE");

    int kept = stateEntries();
    shadow(2, true);
    given(submitted("u", 31));
    assertThat(shadowed()).hasSize(1);
    assertThat(stateEntries()).isLessThan(kept);
  }

  @Test
  void runsAShadowOfTheTopicFromThePoolsFirstEventOn() throws Exception {
    harness.close();
    open(
        POLICY,
        Samples.contents(
            "policy-updates",
            Samples.policy("*", 1, Map.of("placement", "random")).setShadow("trial").build()),
        null);

    given(Samples.message(Samples.node("node", NodeEventKind.JOINED).build()));
    given(submitted("t", 1));

    assertThat(side(AllocateFunction.DECISIONS))
        .extracting(AllocationDecision::getShadow, AllocationDecision::getPlacement)
        .containsExactlyInAnyOrder(tuple(false, "LEAST_LOADED"), tuple(true, "RANDOM"));
  }

  private void shadow(long version, boolean ended) throws Exception {
    harness.processBroadcastElement(
        Samples.message(
            Samples.policy("pool", version, Map.of("placement", "random"))
                .setShadow("trial")
                .setEnded(ended)
                .build()),
        NOON.toEpochMilli());
  }

  private List<AllocationDecision> shadowed() {
    return side(AllocateFunction.DECISIONS).stream().filter(AllocationDecision::getShadow).toList();
  }

  private void open(
      PoolPolicy configured, TopicContents decreed, @Nullable OperatorSubtaskState state)
      throws Exception {
    RecordedMetrics recorded = new RecordedMetrics();
    metrics = recorded;
    harness =
        new KeyedBroadcastOperatorTestHarness<>(
            new WriteBehind<PoolMessage, PolicyMessage, AllocationCommand>(
                new AllocateFunction(configured, Samples.policies(decreed)),
                List.of(AllocateFunction.POLICIES, AllocateFunction.SHADOWS)) {
              @Override
              public OperatorMetricGroup getMetricGroup() {
                return recorded.group();
              }
            },
            PoolMessage::pool,
            Types.STRING,
            1,
            1,
            0);
    harness.setup(
        new AvroTypeInfo<>(AllocationCommand.class).createSerializer(new SerializerConfigImpl()));
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
  }

  private void given(PoolMessage... messages) throws Exception {
    for (PoolMessage message : messages) {
      harness.processElement(message, message.at().toEpochMilli());
    }
  }

  private void update(String pool, long version, Map<String, String> settings) throws Exception {
    harness.processBroadcastElement(
        Samples.message(Samples.policy(pool, version, settings).build()), NOON.toEpochMilli());
  }

  private void timePasses(Instant to) throws Exception {
    harness.processWatermark(to.toEpochMilli());
    harness.processBroadcastWatermark(to.toEpochMilli());
  }

  private static PoolMessage submitted(String taskId, long seconds) {
    var message =
        (TaskMessage.Submitted)
            Samples.message(Samples.task(taskId).setSubmittedAt(at(seconds)).build());
    return new PoolMessage(
        message.origin(),
        message.pool(),
        new PoolEvent.TaskSubmitted(
            message.task(),
            new Prediction(
                "LIGHT", List.of("LIGHT", "HEAVY"), List.of(0.75, 0.25), null, null, null, null, 7),
            message.at()));
  }

  private static PoolMessage inPool(String pool, PoolMessage message) {
    return new PoolMessage(message.origin(), pool, message.event());
  }

  /** Of what a checkpoint would hold. */
  private int stateEntries() throws Exception {
    harness.snapshot(1, 0);
    var operator = (AbstractStreamOperator<?>) harness.getOperator();
    return ((HeapKeyedStateBackend<?>) operator.getKeyedStateBackend()).numKeyValueStateEntries();
  }

  private List<AllocationCommand> commands() {
    return harness.extractOutputValues();
  }

  private <T> List<T> side(OutputTag<T> tag) {
    Queue<StreamRecord<T>> records = harness.getSideOutput(tag);
    List<T> values = new ArrayList<>();
    if (records != null) {
      records.forEach(record -> values.add(record.getValue()));
    }
    return values;
  }
}
