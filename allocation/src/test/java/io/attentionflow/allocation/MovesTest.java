package io.attentionflow.allocation;

import static io.attentionflow.allocation.Pools.cores;
import static io.attentionflow.allocation.Pools.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.PoolEvent.Outcome;
import io.attentionflow.allocation.PoolOutput.Commanded;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Who is moved to another node, and who is not. */
class MovesTest {

  /** Everything beyond two cores of four is overload. */
  private static final MovePolicy STRICT =
      new MovePolicy(
          true,
          Displaceable.BURSTABLE,
          0.5,
          Duration.ofSeconds(20),
          Duration.ofSeconds(10),
          10,
          Duration.ofMinutes(1),
          Duration.ofHours(1),
          Duration.ofSeconds(10),
          1.5,
          Duration.ofMinutes(5));

  private Pool pool = new Pool(Pools.BY_PRIORITY.withMoves(STRICT));

  private static Prediction minutes(long minutes) {
    return Pools.runs(Duration.ofMinutes(minutes), null);
  }

  private void run(MovePolicy moves) {
    pool = new Pool(Pools.BY_PRIORITY.withMoves(moves));
  }

  private void beat(long second) {
    pool.heartbeat("a", cores(4), cores(1), second);
    pool.heartbeat("b", cores(4), cores(1), second);
  }

  @Test
  void aDrainingNodeIsEmptiedWhereMoreIsAheadThanWasDone() {
    pool.join("a", cores(4), 0);
    pool.submit(task("t"), minutes(10), 1);
    pool.start("t", 1, "a", 1);
    pool.join("b", cores(4), 2);

    pool.drain("a", 61);

    assertThat(pool.said())
        .containsExactly("PREEMPT t#1/PREEMPT NODE_DRAINING a", "ALLOCATE t#2 PLACED b");
    Commanded preempt = (Commanded) pool.outputs().get(0);
    assertThat(preempt.decision().displacement())
        .isEqualTo(new Displacement(null, Duration.ofMinutes(9), Duration.ofSeconds(70)));
  }

  @Test
  void whoIsNearlyDoneRunsToItsEndThere() {
    pool.join("a", cores(4), 0);
    pool.submit(task("t"), minutes(2), 1);
    pool.start("t", 1, "a", 1);
    pool.join("b", cores(4), 2);

    pool.drain("a", 61);

    assertThat(pool.said()).containsExactly("t stays on a: NO_NET_BENEFIT");
  }

  @Test
  void whoseRunTimeNobodyKnowsStaysUntilTheGraceIsOver() {
    pool.join("a", cores(4), 0);
    pool.submit(task("t").withQos(Qos.GUARANTEED), 1);
    pool.join("b", cores(4), 2);
    pool.drain("a", 10);
    assertThat(pool.said()).containsExactly("t stays on a: NO_NET_BENEFIT");
    assertThat(pool.wakeAtSecond()).isEqualTo(20);

    beat(300);
    assertThat(pool.task("t").generation()).isEqualTo(1);
    pool.heartbeat("b", cores(4), 311);

    assertThat(pool.said())
        .containsExactly("PREEMPT t#1/PREEMPT NODE_DRAINING a", "ALLOCATE t#2 PLACED b");
  }

  @Test
  void afterTheGraceWhoHasNoPlaceElsewhereWaitsForOne() {
    pool.join("a", cores(4), 0);
    pool.submit(task("t").asking(cores(4)), 1);
    pool.join("b", cores(4), 2);
    pool.submit(task("u").asking(cores(4)), 3);
    pool.drain("a", 10);

    beat(311);
    pool.heartbeat("b", cores(4), 321);

    assertThat(pool.task("t").phase()).isEqualTo(TaskState.Phase.QUEUED);
    assertThat(pool.task("u").phase()).isEqualTo(TaskState.Phase.PLACED);
  }

  @Test
  void whoCouldRunNowhereElseStays() {
    pool.join("a", cores(4), 0);
    pool.submit(task("t").asking(cores(4)), 1);
    pool.join("b", cores(2), 2);
    pool.drain("a", 10);

    pool.heartbeat("b", cores(2), 311);

    assertThat(pool.said()).containsExactly("t stays on a: EXCEEDS_EVERY_NODE");
  }

  @Test
  void whoCouldRunNowhereElseSinceAllNodesDrainStays() {
    pool.join("a", cores(4), 0);
    pool.submit(task("t"), 1);
    pool.drain("a", 10);

    pool.heartbeat("a", cores(4), 311);

    assertThat(pool.said()).containsExactly("t stays on a: NODE_DRAINING");
    assertThat(pool.task("t").phase()).isEqualTo(TaskState.Phase.PLACED);
  }

  @Test
  void nobodyIsMovedWhileOthersWaitForRoom() {
    pool.join("a", cores(4), 0);
    pool.submit(task("t"), minutes(10), 1);
    pool.join("b", cores(4), 2);
    pool.submit(task("large").asking(cores(4)), 3);
    pool.submit(task("waits").asking(cores(4)), 4);

    pool.drain("a", 10);

    assertThat(pool.said()).contains("t stays on a: WAITS_FOR_EARLIER");
  }

  @Test
  void anOverloadedNodeIsRelievedOfOneTaskOnceItWasSoForLong() {
    pool.join("a", cores(4), 0);
    pool.submit(task("t"), minutes(100), 1);
    pool.submit(task("u"), minutes(100), 1);
    pool.join("b", cores(4), 2);
    pool.heartbeat("a", cores(4), cores(4), 10);
    pool.heartbeat("a", cores(4), cores(4), 29);
    assertThat(pool.said()).isEmpty();

    pool.heartbeat("a", cores(4), cores(4), 40);

    assertThat(pool.said())
        .containsExactly("PREEMPT u#1/PREEMPT NODE_OVERLOADED a", "ALLOCATE u#2 PLACED b");
    pool.heartbeat("a", cores(4), cores(4), 51);
    assertThat(pool.said()).isEmpty();
  }

  @Test
  void aShortOverloadMovesNobody() {
    pool.join("a", cores(4), 0);
    pool.submit(task("t"), minutes(100), 1);
    pool.join("b", cores(4), 2);
    for (int second = 10; second < 600; second += 10) {
      pool.heartbeat("a", cores(4), cores(second % 20 == 0 ? 4 : 1), second);
      pool.heartbeat("b", cores(4), second);
    }

    assertThat(pool.task("t").generation()).isEqualTo(1);
  }

  @Test
  void nobodyIsMovedWhereItWouldBeNoBetter() {
    pool.join("a", cores(4), 0);
    pool.submit(task("t"), minutes(100), 1);
    pool.join("b", cores(4), 2);
    pool.heartbeat("b", cores(4), cores(2), 10);
    pool.heartbeat("a", cores(4), cores(4), 10);

    pool.heartbeat("a", cores(4), cores(4), 40);

    assertThat(pool.said()).containsExactly("t stays on a: NODE_OVERLOADED");
  }

  @Test
  void whoAskedForMoreThanBestEffortStaysIfThePolicySaysSo() {
    run(MovePolicy.defaults());
    pool.join("a", cores(4), 0);
    pool.submit(task("t"), minutes(1000), 1);
    pool.join("b", cores(4), 2);
    for (int second = 10; second < 600; second += 10) {
      pool.heartbeat("a", cores(4), cores(8), second);
      pool.heartbeat("b", cores(4), second);
    }

    assertThat(pool.task("t").generation()).isEqualTo(1);
  }

  @Test
  void backAndForthIsFoundAndRefused() {
    pool.join("a", cores(4), 0);
    pool.submit(task("t"), minutes(1000), 1);
    pool.join("b", cores(4), 2);
    pool.heartbeat("a", cores(4), cores(4), 10);
    pool.heartbeat("a", cores(4), cores(4), 40);
    assertThat(pool.said())
        .containsExactly("PREEMPT t#1/PREEMPT NODE_OVERLOADED a", "ALLOCATE t#2 PLACED b");

    pool.heartbeat("a", cores(4), 45);
    pool.heartbeat("b", cores(4), cores(4), 50);
    pool.heartbeat("b", cores(4), cores(4), 80);
    assertThat(pool.said()).containsExactly("t stays on b: MOVE_LIMIT");

    pool.heartbeat("b", cores(4), cores(4), 101);

    assertThat(pool.said()).containsExactly("t stays on b: MOVES_IN_CIRCLES");
    assertThat(pool.task("t").shards().get(0).placement().nodeId()).isEqualTo("b");
  }

  @Test
  void manyThatCannotBeMovedKeepNobodyElseFromItsTurn() {
    int stuck = Moves.MOST_MISSES + 3;
    pool.join("a", cores(2L * stuck), 0);
    for (int i = 0; i < stuck; i++) {
      pool.submit(task("stuck" + i).asking(cores(2)), minutes(1000), 1);
    }
    pool.join("c", cores(1), 2);
    pool.submit(task("t"), minutes(1000), 3);
    assertThat(pool.said()).containsExactly("ALLOCATE t#1 PLACED c");
    pool.join("b", cores(1), 4);

    pool.drain("a", 10);
    assertThat(pool.said()).hasSize(Moves.MOST_MISSES);
    pool.drain("c", 11);
    pool.pass(20);

    assertThat(pool.said())
        .hasSize(stuck - Moves.MOST_MISSES + 2)
        .contains("PREEMPT t#1/PREEMPT NODE_DRAINING c", "ALLOCATE t#2 PLACED b");

    pool.pass(30);
    assertThat(pool.said()).hasSize(Moves.MOST_MISSES);
  }

  @Test
  void soManyAreMovedInOneLookAndTheOthersInTheNext() {
    run(
        new MovePolicy(
            true,
            Displaceable.NONE,
            1,
            Duration.ZERO,
            Duration.ofSeconds(10),
            1,
            Duration.ZERO,
            Duration.ZERO,
            Duration.ZERO,
            1,
            Duration.ofHours(1)));
    pool.join("a", cores(4), 0);
    pool.submit(task("t"), minutes(10), 1);
    pool.submit(task("u"), minutes(10), 1);
    pool.join("b", cores(4), 2);

    pool.drain("a", 10);
    assertThat(pool.said())
        .containsExactly(
            "PREEMPT u#1/PREEMPT NODE_DRAINING a",
            "ALLOCATE u#2 PLACED b",
            "t stays on a: MOVE_LIMIT");

    pool.pass(20);
    assertThat(pool.said())
        .containsExactly("PREEMPT t#1/PREEMPT NODE_DRAINING a", "ALLOCATE t#2 PLACED b");
    assertThat(pool.wakeAtSecond()).isNotEqualTo(30);
    pool.stop("t", 2, "b", Outcome.SUCCEEDED, 21);
    assertThat(pool.said()).containsExactly("RELEASE t#2/RELEASE SUCCEEDED b");
  }
}
