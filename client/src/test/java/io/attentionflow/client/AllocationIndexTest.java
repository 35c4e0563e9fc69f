package io.attentionflow.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.client.AllocationIndex.Known;
import io.attentionflow.client.TaskAnswer.State;
import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.AllocationDecision;
import io.attentionflow.schema.ModelEvaluation;
import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.NodeEventKind;
import io.attentionflow.schema.PendingTask;
import io.attentionflow.schema.Reason;
import io.attentionflow.schema.ResourceDemand;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.ShardPlacement;
import io.attentionflow.schema.topic.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AllocationIndexTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final Resources CORE = new Resources(1000L, 512L, 0, 0L, 0L);

  private final AllocationIndex index = new AllocationIndex(Duration.ofHours(1), 10);
  private long offset;

  @Test
  void knowsNothingOfWhatItNeverHeardOf() {
    assertThat(index.task("t1")).isNull();
    assertThat(index.node("n1")).isNull();
    assertThat(index.pool("p")).isNull();
    assertThat(index.pending("p", 10).value().total()).isZero();
  }

  @Test
  void followsATaskFromTheQueueToItsEnd() {
    pending("t1", 0, Reason.INSUFFICIENT_CPU);
    assertThat(task("t1").state()).isEqualTo(State.PENDING);
    assertThat(task("t1").reason()).isEqualTo("INSUFFICIENT_CPU");

    command("t1", 1, Action.ALLOCATE, 5, "n1");
    pendingNoMore("t1", 5);
    assertThat(task("t1").state()).isEqualTo(State.PLACED);
    assertThat(task("t1").placements())
        .extracting(TaskAnswer.Placement::nodeId)
        .containsExactly("n1");
    assertThat(node("n1").tasks()).extracting(NodeAnswer.PlacedShard::taskId).containsExactly("t1");

    command("t1", 1, Action.RELEASE, 9, "n1");
    assertThat(task("t1").state()).isEqualTo(State.RELEASED);
    assertThat(task("t1").placements()).isEmpty();
    assertThat(index.node("n1")).isNull();
    assertThat(task("t1").history())
        .extracting(TaskAnswer.Command::commandId)
        .containsExactly("t1#1", "t1#1/RELEASE");
  }

  @Test
  void knowsOneChampionAlsoWhereTheOneBeforeHasNotBeenHeardOfSince() {
    evaluation("prior", true, 0);
    evaluation("mixture", false, 0);
    evaluation("mixture", true, 1);

    assertThat(index.models().value())
        .filteredOn(ModelAnswer::champion)
        .extracting(ModelAnswer::model)
        .containsExactly("mixture");
  }

  @Test
  void movesATaskThatIsPlacedAgain() {
    nodeEvent("n1", NodeEventKind.JOINED, 0);
    nodeEvent("n2", NodeEventKind.JOINED, 0);
    command("t1", 1, Action.ALLOCATE, 1, "n1");
    command("t1", 1, Action.PREEMPT, 2, "n1");
    assertThat(task("t1").state()).isEqualTo(State.PREEMPTED);

    command("t1", 2, Action.ALLOCATE, 3, "n2");

    assertThat(node("n1").tasks()).isEmpty();
    assertThat(node("n2").allocated().cpuMillis()).isEqualTo(1000);
    assertThat(task("t1").generation()).isEqualTo(2);
  }

  @Test
  void isUnchangedByCommandsThatComeAgain() {
    command("t1", 1, Action.ALLOCATE, 1, "n1");
    command("t1", 1, Action.PREEMPT, 2, "n1");
    command("t1", 2, Action.ALLOCATE, 3, "n2");
    TaskAnswer before = task("t1");

    command("t1", 1, Action.ALLOCATE, 1, "n1");
    command("t1", 1, Action.PREEMPT, 2, "n1");

    assertThat(task("t1")).isEqualTo(before);
    assertThat(index.node("n1")).isNull();
  }

  @Test
  void believesTheCommandWhenAnOldWordOfWaitingComesLater() {
    command("t1", 1, Action.ALLOCATE, 5, "n1");
    command("t1", 1, Action.RELEASE, 8, "n1");
    pending("t1", 3, Reason.NO_NODES);

    assertThat(task("t1").state()).isEqualTo(State.RELEASED);
    assertThat(index.pending("p", 10).value().total()).isZero();
  }

  @Test
  void seesATaskWaitAgainAfterItWasStopped() {
    command("t1", 1, Action.ALLOCATE, 1, "n1");
    command("t1", 1, Action.PREEMPT, 2, "n1");
    pending("t1", 2, Reason.PREEMPTED);

    assertThat(task("t1").state()).isEqualTo(State.PENDING);
    assertThat(task("t1").generation()).isEqualTo(1);
  }

  @Test
  void explainsTheNewestDecisionAndNotTheShadows() {
    command("t1", 1, Action.ALLOCATE, 1, "n1");
    decision("t1", 1, 1, false, 7);
    decision("t1", 1, 2, true, 99);

    assertThat(task("t1").decision())
        .isNotNull()
        .extracting(TaskAnswer.Decision::nodesConsidered)
        .isEqualTo(7);
  }

  @Test
  void explainsThePlacementOfATaskAlsoWhenThatIsOver() {
    decision("t1", Action.ALLOCATE, 1, 7);
    decision("t1", Action.RELEASE, 2, 0);
    assertThat(task("t1").decision())
        .isNotNull()
        .extracting(TaskAnswer.Decision::nodesConsidered)
        .isEqualTo(7);

    // Where the topics were read out of order, or not far enough back.
    decision("t2", Action.RELEASE, 2, 0);
    decision("t2", Action.ALLOCATE, 1, 8);
    assertThat(task("t2").decision())
        .isNotNull()
        .extracting(TaskAnswer.Decision::nodesConsidered)
        .isEqualTo(8);
  }

  @Test
  void sumsUpAPool() {
    nodeEvent("n1", NodeEventKind.HEARTBEAT, 0);
    nodeEvent("n2", NodeEventKind.DRAINING, 0);
    command("t1", 1, Action.ALLOCATE, 1, "n1", "n2");
    pending("t2", 1, Reason.INSUFFICIENT_CPU);
    pending("t3", 1, Reason.INSUFFICIENT_CPU);
    index.apply(
        ResourceDemand.newBuilder()
            .setPool("p")
            .setComplexity("LIGHT")
            .setWindowStart(NOON)
            .setWindowEnd(NOON)
            .setArrivals(3)
            .setInFlight(2)
            .setCompletions(1)
            .setResources(Map.of())
            .build(),
        origin(Topic.RESOURCE_DEMAND, 1));

    PoolAnswer pool = value(index.pool("p"));

    assertThat(pool.nodes()).isEqualTo(2);
    assertThat(pool.nodesByState()).containsOnly(Map.entry("DRAINING", 1), Map.entry("READY", 1));
    assertThat(pool.capacity().cpuMillis()).isEqualTo(8000);
    assertThat(pool.allocated().cpuMillis()).isEqualTo(2000);
    assertThat(pool.placed()).isEqualTo(1);
    assertThat(pool.pending()).isEqualTo(2);
    assertThat(pool.pendingByReason()).containsOnly(Map.entry("INSUFFICIENT_CPU", 2));
    assertThat(pool.demand()).extracting(PoolAnswer.Demand::complexity).containsExactly("LIGHT");
    assertThat(index.pools()).containsExactly("p");
  }

  @Test
  void listsTheFirstInTheQueueAndCountsAll() {
    for (int i = 9; i >= 0; i--) {
      pending("t" + i, i, Reason.WAITS_FOR_EARLIER);
    }

    PendingList list = index.pending("p", 3).value();

    assertThat(list.total()).isEqualTo(10);
    assertThat(list.tasks()).extracting(PendingAnswer::taskId).containsExactly("t0", "t1", "t2");
  }

  @Test
  void ignoresAWordOfANodeThatIsOlderThanTheLast() {
    nodeEvent("n1", NodeEventKind.DRAINING, 5);
    nodeEvent("n1", NodeEventKind.HEARTBEAT, 4);

    assertThat(node("n1").state()).isEqualTo("DRAINING");
  }

  @Test
  void keepsTheStateOfANodeThroughItsHeartbeats() {
    nodeEvent("n1", NodeEventKind.JOINED, 0);
    nodeEvent("n1", NodeEventKind.HEARTBEAT, 1);
    assertThat(node("n1").state()).isEqualTo("READY");

    nodeEvent("n1", NodeEventKind.DRAINING, 2);
    nodeEvent("n1", NodeEventKind.HEARTBEAT, 3);
    assertThat(node("n1").state()).isEqualTo("DRAINING");
    assertThat(node("n1").observedAt()).isEqualTo(NOON.plusSeconds(3));

    nodeEvent("n1", NodeEventKind.JOINED, 4);
    assertThat(node("n1").state()).isEqualTo("READY");
  }

  @Test
  void seesANodeThatLeftComeBackByAWordThatIsNewer() {
    command("t1", 1, Action.ALLOCATE, 1, "n1");
    nodeEvent("n1", NodeEventKind.LEFT, 2);
    nodeEvent("n1", NodeEventKind.HEARTBEAT, 2);
    nodeEvent("n1", NodeEventKind.DRAINING, 3);
    assertThat(node("n1").state()).isEqualTo("LEFT");

    nodeEvent("n1", NodeEventKind.HEARTBEAT, 4);
    assertThat(node("n1").state()).isEqualTo("READY");
  }

  @Test
  void keepsANodeThatLeftUntilNothingIsPlacedOnIt() {
    nodeEvent("n1", NodeEventKind.JOINED, 0);
    command("t1", 1, Action.ALLOCATE, 1, "n1");
    nodeEvent("n1", NodeEventKind.LEFT, 2);
    assertThat(node("n1").state()).isEqualTo("LEFT");

    command("t1", 1, Action.RELEASE, 3, "n1");

    assertThat(index.node("n1")).isNull();
  }

  @Test
  void forgetsTasksThatAreOverAndNoOthers() {
    command("stays", 1, Action.ALLOCATE, 0, "n1");
    pending("waits", 0, Reason.NO_NODES);
    command("over", 1, Action.ALLOCATE, 0, "n1");
    command("over", 1, Action.RELEASE, 1, "n1");
    decision("never-seen", 1, 1, false, 0);
    assertThat(index.taskCount()).isEqualTo(4);

    nodeEvent("n1", NodeEventKind.HEARTBEAT, 2 * 3600);

    assertThat(index.task("over")).isNull();
    assertThat(index.task("never-seen")).isNull();
    assertThat(task("stays").state()).isEqualTo(State.PLACED);
    assertThat(task("waits").state()).isEqualTo(State.PENDING);
  }

  @Test
  void keepsABoundedNumberOfTasksThatAreOver() {
    for (int i = 0; i < 1000; i++) {
      command("t" + i, 1, Action.REJECT, i / 1000);
    }

    assertThat(index.taskCount()).isEqualTo(10);
    assertThat(task("t999").state()).isEqualTo(State.REJECTED);
  }

  @Test
  void saysWhichRecordAnAnswerRestsOn() {
    command("t1", 1, Action.ALLOCATE, 7, "n1");

    assertThat(index.task("t1"))
        .isNotNull()
        .extracting(Known::origin)
        .isEqualTo(new Origin(Topic.ALLOCATION_COMMANDS, 0, offset, NOON.plusSeconds(7)));
  }

  private void command(String taskId, int generation, Action action, long second, String... nodes) {
    boolean closes = action == Action.PREEMPT || action == Action.RELEASE;
    List<ShardPlacement> shards =
        IntStream.range(0, nodes.length)
            .mapToObj(i -> new ShardPlacement(i, nodes[i], CORE, List.of()))
            .toList();
    index.apply(
        AllocationCommand.newBuilder()
            .setCommandId(taskId + "#" + generation + (closes ? "/" + action : ""))
            .setTaskId(taskId)
            .setGeneration(generation)
            .setPool("p")
            .setTenant("ann")
            .setTaskType("train")
            .setAction(action)
            .setShards(shards)
            .setComplexity("LIGHT")
            .setReason(Reason.PLACED)
            .setDecidedAt(NOON.plusSeconds(second))
            .build(),
        origin(Topic.ALLOCATION_COMMANDS, second));
  }

  private void decision(String taskId, Action action, long second, int nodesConsidered) {
    decision(taskId, action, 1, second, false, nodesConsidered);
  }

  private void decision(
      String taskId, int generation, long second, boolean shadow, int nodesConsidered) {
    decision(taskId, Action.ALLOCATE, generation, second, shadow, nodesConsidered);
  }

  private void decision(
      String taskId,
      Action action,
      int generation,
      long second,
      boolean shadow,
      int nodesConsidered) {
    index.apply(
        AllocationDecision.newBuilder()
            .setCommandId(taskId + "#" + generation)
            .setTaskId(taskId)
            .setGeneration(generation)
            .setPool("p")
            .setAction(action)
            .setDecidedAt(NOON.plusSeconds(second))
            .setNodesConsidered(nodesConsidered)
            .setShadow(shadow)
            .build(),
        origin(Topic.ALLOCATION_DECISIONS, second));
  }

  private void evaluation(String model, boolean champion, long second) {
    index.apply(
        ModelEvaluation.newBuilder()
            .setModel(model)
            .setEvaluatedAt(NOON.plusSeconds(second))
            .setExamples(100)
            .setAccuracy(0.8)
            .setKappa(0.7)
            .setLogLoss(0.5)
            .setRecentAccuracy(0.8)
            .setRecentKappa(0.7)
            .setRecentLogLoss(0.5)
            .setMajorityAccuracy(0.4)
            .setChampion(champion)
            .build(),
        origin(Topic.MODEL_EVALUATIONS, second));
  }

  private void pending(String taskId, int second, Reason reason) {
    index.apply(
        PendingTask.newBuilder()
            .setTaskId(taskId)
            .setPool("p")
            .setTenant("ann")
            .setTaskType("train")
            .setReason(reason)
            .setPosition(second)
            .setSince(NOON)
            .setObservedAt(NOON.plusSeconds(second))
            .build(),
        origin(Topic.ALLOCATION_PENDING, second));
  }

  private void pendingNoMore(String taskId, long second) {
    index.pendingNoMore(taskId, origin(Topic.ALLOCATION_PENDING, second));
  }

  private void nodeEvent(String nodeId, NodeEventKind kind, long second) {
    index.apply(
        NodeEvent.newBuilder()
            .setNodeId(nodeId)
            .setPool("p")
            .setKind(kind)
            .setObservedAt(NOON.plusSeconds(second))
            .setCapacity(new Resources(4000L, 8192L, 2, 1000L, 0L))
            .build(),
        origin(Topic.NODE_EVENTS, second));
  }

  private Origin origin(Topic topic, long second) {
    return new Origin(topic, 0, ++offset, NOON.plusSeconds(second));
  }

  private TaskAnswer task(String id) {
    return value(index.task(id));
  }

  private NodeAnswer node(String id) {
    return value(index.node(id));
  }

  private static <T> T value(@Nullable Known<T> known) {
    if (known == null) {
      throw new AssertionError("not known");
    }
    return known.value();
  }
}
