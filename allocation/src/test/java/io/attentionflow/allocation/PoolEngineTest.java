package io.attentionflow.allocation;

import static io.attentionflow.allocation.Pools.NOON;
import static io.attentionflow.allocation.Pools.at;
import static io.attentionflow.allocation.Pools.cores;
import static io.attentionflow.allocation.Pools.gpuShare;
import static io.attentionflow.allocation.Pools.gpus;
import static io.attentionflow.allocation.Pools.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.attentionflow.allocation.PoolEvent.NodeHeartbeat;
import io.attentionflow.allocation.PoolEvent.NodeJoined;
import io.attentionflow.allocation.PoolEvent.Outcome;
import io.attentionflow.allocation.PoolEvent.TaskStarted;
import io.attentionflow.allocation.PoolEvent.TaskSubmitted;
import io.attentionflow.allocation.PoolEvent.TasksPredicted;
import io.attentionflow.allocation.PoolEvent.TimePassed;
import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.allocation.PoolPolicy.Backfill;
import io.attentionflow.allocation.PoolPolicy.Ordering;
import io.attentionflow.allocation.PoolPolicy.Placement;
import io.attentionflow.allocation.TaskState.Phase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The life of tasks and nodes in one pool, a step at a time. */
class PoolEngineTest {

  private Pool pool = new Pool(Pools.BY_PRIORITY);

  private void run(PoolPolicy policy) {
    pool = new Pool(policy);
  }

  @Nested
  class Tasks {

    @Test
    void thatFitStartAtOnceAndAreNotToldThatTheyWait() {
      pool.join("a", cores(2), 0);

      pool.submit(task("t"), 1);

      assertThat(pool.said()).containsExactly("ALLOCATE t#1 PLACED a");
    }

    @Test
    void thatWaitAreToldWhyAndWhenTheyWaitNoMore() {
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);

      pool.submit(task("u"), 2);
      assertThat(pool.said())
          .containsExactly("u waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}");

      pool.stop("t", 1, "a", Outcome.SUCCEEDED, 3);
      assertThat(pool.said())
          .containsExactly(
              "RELEASE t#1/RELEASE SUCCEEDED a", "ALLOCATE u#1 PLACED a", "u waits no more");
    }

    @Test
    void behindTheFirstThatDoesNotFitWaitForIt() {
      pool.join("a", cores(2), 0);
      pool.submit(task("t"), 1);
      pool.submit(task("large").asking(cores(2)), 2);

      pool.submit(task("small"), 3);

      assertThat(pool.said()).containsExactly("small waits at 1: WAITS_FOR_EARLIER {}");
    }

    @Test
    void areToldAgainOnlyWhenTheReasonChanges() {
      pool.join("a", cores(2, 100), 0);
      pool.submit(task("t").asking(cores(2, 50)), 1);
      pool.submit(task("u").asking(cores(1, 100)), 2);
      assertThat(pool.said())
          .containsExactly("u waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}");

      pool.heartbeat("a", cores(2, 100), 3);
      assertThat(pool.said()).isEmpty();

      pool.heartbeat("a", cores(3, 100), 4);
      assertThat(pool.said())
          .containsExactly("u waits at 0: INSUFFICIENT_MEMORY {INSUFFICIENT_MEMORY=1}");
    }

    @Test
    void submittedTwiceAreIgnoredTheSecondTimeEvenAfterTheEnd() {
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);
      pool.submit(task("t"), 2);
      assertThat(pool.said()).containsExactly("ignored t null: DUPLICATE");

      pool.stop("t", 1, "a", Outcome.SUCCEEDED, 3);
      pool.submit(task("t"), 4);
      assertThat(pool.said()).containsExactly("ignored t null: DUPLICATE");
    }

    @Test
    void areForgottenAfterTheirRetention() {
      run(Pools.BY_PRIORITY.withRetention(Duration.ofSeconds(80)));
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);
      pool.stop("t", 1, "a", Outcome.SUCCEEDED, 2);
      pool.heartbeat("a", cores(1), 60);

      pool.pass(60);
      assertThat(pool.wakeAtSecond()).isEqualTo(2 + 80 + 10);
      assertThat(pool.store.task("t")).isNotNull();

      pool.pass(92);
      assertThat(pool.store.task("t")).isNull();
      pool.cancel("t", 93);
      assertThat(pool.said()).containsExactly("ignored t null: UNKNOWN_TASK");
    }

    @Test
    void cancelledInTheQueueAreRejected() {
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);
      pool.submit(task("u"), 2);
      pool.submit(task("v"), 3);

      pool.cancel("u", 4);

      assertThat(pool.said())
          .containsExactly(
              "REJECT u#1 CANCELLED",
              "u waits no more",
              "v waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}");
    }

    @Test
    void cancelledWhereTheyRunAreReleased() {
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);

      pool.cancel("t", 2);
      assertThat(pool.said()).containsExactly("RELEASE t#1/RELEASE CANCELLED a");

      pool.cancel("t", 3);
      assertThat(pool.said()).containsExactly("ignored t null: DUPLICATE");
    }

    @Test
    void cancelledAfterTheirEndOrNeverSeenAreIgnored() {
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);
      pool.stop("t", 1, "a", Outcome.FAILED, 2);

      pool.cancel("t", 3);
      assertThat(pool.said()).containsExactly("ignored t null: LATE");
      pool.cancel("never", 4);
      assertThat(pool.said()).containsExactly("ignored never null: UNKNOWN_TASK");
    }

    @Test
    void runOnceTheyHaveStarted() {
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);
      assertThat(pool.task("t").phase()).isEqualTo(Phase.PLACED);

      pool.start("t", 1, "a", 2);

      assertThat(pool.task("t").phase()).isEqualTo(Phase.RUNNING);
      assertThat(pool.said()).isEmpty();
    }

    @Test
    void thatEndBadlyAreReleasedWithTheReason() {
      pool.join("a", cores(2), 0);
      pool.submit(task("t"), 1);
      pool.submit(task("u"), 1);

      pool.stop("t", 1, "a", Outcome.FAILED, 2);
      assertThat(pool.said()).containsExactly("RELEASE t#1/RELEASE FAILED a");
      // It asked for no memory, so there is nothing to give more of.
      pool.stop("u", 1, "a", Outcome.OUT_OF_MEMORY, 2);
      assertThat(pool.said()).containsExactly("RELEASE u#1/RELEASE OUT_OF_MEMORY a");
    }

    @Test
    void thatLoseTheirPlaceGetTheNextGeneration() {
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);

      pool.stop("t", 1, "a", Outcome.LOST, 2);
      assertThat(pool.said())
          .containsExactly("PREEMPT t#1/PREEMPT TASK_LOST a", "ALLOCATE t#2 PLACED a");

      pool.stop("t", 2, "a", Outcome.PREEMPTED, 3);
      assertThat(pool.said())
          .containsExactly("PREEMPT t#2/PREEMPT PREEMPTED a", "ALLOCATE t#3 PLACED a");
    }

    @Test
    void thatLoseTheirPlaceKeepTheirPlaceInTheQueue() {
      run(Pools.BY_PRIORITY.withOrdering(Ordering.FCFS));
      pool.join("a", cores(1), 0);
      pool.submit(task("first").submittedAt(at(1)), 1);
      pool.submit(task("second").submittedAt(at(2)), 2);

      pool.leave("a", 3);

      assertThat(pool.said())
          .containsExactly(
              "PREEMPT first#1/PREEMPT NODE_LEFT a",
              "first waits at 0: NO_NODES {}",
              "second waits at 1: WAITS_FOR_EARLIER {}");
    }

    @Test
    void thatLoseTheirPlaceTooOftenAreGivenUp() {
      run(Pools.BY_PRIORITY.withMaxAttempts(2));
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);
      pool.stop("t", 1, "a", Outcome.LOST, 2);

      pool.stop("t", 2, "a", Outcome.LOST, 3);

      assertThat(pool.said())
          .containsExactly("PREEMPT t#2/PREEMPT TASK_LOST a", "REJECT t#3 ATTEMPTS_EXHAUSTED");
      assertThat(pool.task("t").phase()).isEqualTo(Phase.ENDED);
    }

    @Test
    void thatAreOverAreKnownAgainByVeryLittle() {
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);
      pool.stop("t", 1, "a", Outcome.SUCCEEDED, 2);

      assertThat(pool.said()).containsExactly("RELEASE t#1/RELEASE SUCCEEDED a");
      TaskState kept = pool.task("t");
      assertThat(kept.phase()).isEqualTo(Phase.ENDED);
      assertThat(kept.generation()).isEqualTo(1);
      assertThat(kept.task().tenant()).isEmpty();
      assertThat(kept.prediction().classes()).isEmpty();

      pool.submit(task("t"), 3);
      assertThat(pool.said()).containsExactly("ignored t null: DUPLICATE");
      pool.stop("t", 1, "a", Outcome.SUCCEEDED, 4);
      assertThat(pool.said()).containsExactly("ignored t a: STALE_GENERATION");
    }

    @Test
    void thatAskForNothingAreNeverRefusedByAReadyNode() {
      pool.join("a", Resources.NONE, 0);

      pool.submit(task("t").asking(Resources.NONE), 1);

      assertThat(pool.said()).containsExactly("ALLOCATE t#1 PLACED a");
    }

    @Test
    void thatAskForAbsurdlyMuchWaitWithoutBlockingOthers() {
      pool.join("a", cores(1), 0);

      pool.submit(task("huge").asking(new Resources(Long.MAX_VALUE, 0, 0, 0, 0)), 1);
      assertThat(pool.said())
          .containsExactly("huge waits at 0: EXCEEDS_EVERY_NODE {INSUFFICIENT_CPU=1}");
      pool.submit(task("t"), 2);
      assertThat(pool.said()).containsExactly("ALLOCATE t#1 PLACED a");

      pool.join("b", new Resources(Long.MAX_VALUE, 0, 0, 0, 0), 3);
      assertThat(pool.said()).containsExactly("ALLOCATE huge#1 PLACED b", "huge waits no more");
    }

    @Test
    void inMoreShardsThanAnyPoolCutsAreRejected() {
      pool.join("a", cores(1), 0);

      pool.submit(task("t").inShards(1, 257), 1);

      assertThat(pool.said()).containsExactly("REJECT t#1 INVALID_REQUEST");
    }

    @Test
    void thatCannotStartAtOnceAreRejectedWhereNothingMayWait() {
      run(Pools.BY_PRIORITY.withMaxQueued(0));
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);
      assertThat(pool.said()).containsExactly("ALLOCATE t#1 PLACED a");

      pool.submit(task("u"), 2);

      assertThat(pool.said()).containsExactly("REJECT u#1 QUEUE_FULL");
      assertThat(decision().nodesFiltered()).containsOnlyKeys(Reason.INSUFFICIENT_CPU);
    }

    @Test
    void pastTheirDeadlineStartLateUnlessThePolicySaysOtherwise() {
      pool.join("a", cores(1), 0);
      pool.submit(task("late").dueBy(NOON), 1);
      assertThat(pool.said()).containsExactly("ALLOCATE late#1 PLACED a");
    }

    @Test
    void stillWaitingAtTheirDeadlineAreRejectedIfThePolicySaysSo() {
      run(Pools.BY_PRIORITY.withRejectAfterDeadline(true));
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);
      pool.submit(task("u").dueBy(at(30)), 2);
      assertThat(pool.wakeAtSecond()).isEqualTo(30);

      pool.pass(30);

      assertThat(pool.said()).containsExactly("REJECT u#1 DEADLINE_PASSED", "u waits no more");
      assertThat(pool.wakeAtSecond()).isEqualTo(60);
    }

    @Test
    void ofHigherPriorityGoFirstAndDisplaceTheHead() {
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);
      pool.submit(task("low"), 2);

      pool.submit(task("high").ofPriority(1), 3);

      assertThat(pool.said())
          .containsExactly(
              "low waits at 1: WAITS_FOR_EARLIER {}",
              "high waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}");
    }

    @Test
    void inShardsAreCutAsLittleAsNeedBeAllOrNothing() {
      pool.join("a", cores(2), 0);
      pool.join("b", cores(2), 0);

      pool.submit(task("t").asking(cores(5)).inShards(1, 4), 1);
      assertThat(pool.said())
          .containsExactly("t waits at 0: EXCEEDS_EVERY_NODE {INSUFFICIENT_CPU=2}");

      pool.join("c", cores(3), 2);
      assertThat(pool.said()).containsExactly("ALLOCATE t#1 PLACED c a b", "t waits no more");
      assertThat(command().shards()).extracting(s -> s.resources().cpuMillis()).containsOnly(1667L);
    }

    @Test
    void inShardsAreOverWhenAllShardsAre() {
      pool.join("a", cores(1), 0);
      pool.join("b", cores(1), 0);
      pool.submit(task("t").asking(cores(2)).inShards(1, 2), 1);

      pool.stop("t", 1, 0, "a", Outcome.SUCCEEDED, 2);
      assertThat(pool.said()).isEmpty();
      pool.submit(task("u"), 3);
      assertThat(pool.said()).containsExactly("ALLOCATE u#1 PLACED a");
      pool.stop("t", 1, 0, "a", Outcome.SUCCEEDED, 4);
      assertThat(pool.said()).containsExactly("ignored t a: DUPLICATE");
      pool.stop("t", 1, 1, "b", Outcome.SUCCEEDED, 5);
      assertThat(pool.said()).containsExactly("RELEASE t#1/RELEASE SUCCEEDED a b");
    }

    @Test
    void inShardsFailWithTheFirstThatFails() {
      pool.join("a", cores(1), 0);
      pool.join("b", cores(1), 0);
      pool.submit(task("t").asking(cores(2)).inShards(1, 2), 1);

      pool.stop("t", 1, 1, "b", Outcome.FAILED, 2);

      assertThat(pool.said()).containsExactly("RELEASE t#1/RELEASE FAILED a b");
    }
  }

  @Nested
  class Feedback {

    @Test
    void aboutAnUnknownTaskIsIgnored() {
      pool.start("never", 1, "a", 1);
      assertThat(pool.said()).containsExactly("ignored never a: UNKNOWN_TASK");
    }

    @Test
    void fromAnotherGenerationChangesNothing() {
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);
      pool.stop("t", 1, "a", Outcome.LOST, 2);

      pool.stop("t", 1, "a", Outcome.SUCCEEDED, 3);
      assertThat(pool.said()).containsExactly("ignored t a: STALE_GENERATION");
      pool.stop("t", 3, "a", Outcome.SUCCEEDED, 3);
      assertThat(pool.said()).containsExactly("ignored t a: STALE_GENERATION");
      assertThat(pool.task("t").phase()).isEqualTo(Phase.PLACED);
    }

    @Test
    void fromTheWrongNodeOrOfAShardThatIsNotThereChangesNothing() {
      pool.join("a", cores(1), 0);
      pool.join("b", cores(1), 0);
      pool.submit(task("t"), 1);

      pool.stop("t", 1, "b", Outcome.SUCCEEDED, 2);
      assertThat(pool.said()).containsExactly("ignored t b: UNKNOWN_NODE");
      pool.stop("t", 1, 1, "a", Outcome.SUCCEEDED, 2);
      assertThat(pool.said()).containsExactly("ignored t a: UNKNOWN_NODE");
      pool.on(new TaskStarted("t", 1, -1, "a", at(2)));
      assertThat(pool.said()).containsExactly("ignored t a: UNKNOWN_NODE");
    }

    @Test
    void thatComesTwiceOrAfterTheEndIsIgnored() {
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);
      pool.start("t", 1, "a", 2);
      pool.start("t", 1, "a", 2);
      assertThat(pool.said()).containsExactly("ignored t a: DUPLICATE");

      pool.stop("t", 1, "a", Outcome.SUCCEEDED, 3);
      pool.stop("t", 1, "a", Outcome.SUCCEEDED, 3);
      assertThat(pool.said()).containsExactly("ignored t a: STALE_GENERATION");
    }

    @Test
    void ofAnEndWithoutAStartIsTaken() {
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);

      pool.stop("t", 1, "a", Outcome.SUCCEEDED, 2);

      assertThat(pool.said()).containsExactly("RELEASE t#1/RELEASE SUCCEEDED a");
    }
  }

  @Nested
  class Nodes {

    @Test
    void thatAreHeardOfFirstByAHeartbeatWithCapacityAreTakenIn() {
      pool.heartbeat("a", cores(1), 0);
      pool.submit(task("t"), 1);
      assertThat(pool.said()).containsExactly("ALLOCATE t#1 PLACED a");
    }

    @Test
    void thatAreUnknownAndTellNoCapacityAreIgnored() {
      pool.heartbeat("a", Resources.NONE, 0);
      assertThat(pool.said()).containsExactly("ignored null a: UNKNOWN_NODE");
      pool.drain("a", 0);
      assertThat(pool.said()).containsExactly("ignored null a: UNKNOWN_NODE");
      pool.leave("a", 0);
      assertThat(pool.said()).containsExactly("ignored null a: UNKNOWN_NODE");
    }

    @Test
    void keepTheirCapacityIfAHeartbeatTellsNone() {
      pool.join("a", cores(1), 0);
      pool.heartbeat("a", Resources.NONE, 1);
      assertThat(pool.node("a").capacity()).isEqualTo(cores(1));
    }

    @Test
    void withAbsurdlyManyGpusAreIgnored() {
      pool.join("a", gpus(2_000_000_000), 0);
      assertThat(pool.said()).containsExactly("ignored null a: INVALID_REQUEST");
      pool.heartbeat("a", gpus(2_000_000_000), 0);
      assertThat(pool.said()).containsExactly("ignored null a: INVALID_REQUEST");
    }

    @Test
    void thatReportAbsurdUsageAreTheLast() {
      Resources absurd = new Resources(Long.MAX_VALUE, Long.MAX_VALUE, 0, 0, Long.MAX_VALUE);
      pool.heartbeat("a", cores(4), absurd, 0);
      pool.heartbeat("b", cores(1), 0);
      pool.submit(task("t"), 1);
      assertThat(pool.said()).containsExactly("ALLOCATE t#1 PLACED b");
    }

    @Test
    void ofWhichOlderWordsComeLateStayAsTheyAre() {
      pool.join("a", cores(2), 10);
      pool.heartbeat("a", cores(1), 9);
      assertThat(pool.said()).containsExactly("ignored null a: LATE");
      pool.drain("a", 9);
      assertThat(pool.said()).containsExactly("ignored null a: LATE");
      pool.leave("a", 9);
      assertThat(pool.said()).containsExactly("ignored null a: LATE");
      pool.join("a", cores(1), 9);
      assertThat(pool.said()).containsExactly("ignored null a: LATE");
      pool.join("a", cores(1), 10);
      assertThat(pool.said()).containsExactly("ignored null a: DUPLICATE");
      assertThat(pool.node("a").capacity()).isEqualTo(cores(2));
    }

    @Test
    void thatJoinAgainHaveLostWhatRanThere() {
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);

      pool.join("a", cores(1), 2);

      assertThat(pool.said())
          .containsExactly("PREEMPT t#1/PREEMPT NODE_LOST a", "ALLOCATE t#2 PLACED a");
    }

    @Test
    void thatDrainKeepWhatRunsAndTakeNoMore() {
      pool.join("a", cores(2), 0);
      pool.submit(task("t"), 1);
      pool.drain("a", 2);
      assertThat(pool.said()).containsExactly("t stays on a: NO_NET_BENEFIT");
      pool.drain("a", 2);
      assertThat(pool.said()).containsExactly("ignored null a: DUPLICATE");

      pool.submit(task("u"), 3);
      assertThat(pool.said()).containsExactly("u waits at 0: NODE_DRAINING {NODE_DRAINING=1}");
    }

    @Test
    void thatLeftComeBackOnlyByANewerWord() {
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);
      pool.leave("a", 5);
      pool.leave("a", 5);
      assertThat(pool.said()).containsExactly("ignored null a: DUPLICATE");

      pool.heartbeat("a", cores(1), 5);
      assertThat(pool.said()).containsExactly("ignored null a: LATE");
      pool.heartbeat("a", cores(1), 6);
      assertThat(pool.said()).containsExactly("ALLOCATE t#2 PLACED a", "t waits no more");
    }

    @Test
    void thatFallSilentLoseTheirTasksAndComeBackWithTheNextHeartbeat() {
      pool.join("a", cores(1), 0);
      assertThat(pool.wakeAtSecond()).isEqualTo(60);
      pool.submit(task("t"), 1);
      pool.heartbeat("a", cores(1), 30);
      assertThat(pool.wakeAtSecond()).isNull();

      pool.pass(60);
      assertThat(pool.said()).isEmpty();
      assertThat(pool.wakeAtSecond()).isEqualTo(90);

      pool.pass(90);
      assertThat(pool.said())
          .containsExactly(
              "PREEMPT t#1/PREEMPT NODE_LOST a", "t waits at 0: NODE_SILENT {NODE_SILENT=1}");

      pool.heartbeat("a", Resources.NONE, 91);
      assertThat(pool.said()).containsExactly("ALLOCATE t#2 PLACED a", "t waits no more");
    }

    @Test
    void areNotSilentBecauseAnotherTopicRunsAhead() {
      pool.join("a", cores(1), 0);

      pool.submit(task("t"), 1000);

      assertThat(pool.said()).containsExactly("ALLOCATE t#1 PLACED a");
    }

    @Test
    void thatAreGoneAreForgottenAfterRetention() {
      run(Pools.BY_PRIORITY.withRetention(Duration.ofSeconds(80)));
      pool.join("a", cores(1), 0);
      pool.leave("a", 1);
      pool.pass(60);
      assertThat(pool.wakeAtSecond()).isEqualTo(1 + 80 + 10);

      pool.pass(91);

      assertThat(pool.store.node("a")).isNull();
    }

    @Test
    void thatShrinkStopTheLeastImportantOfWhatHoldsTooMuch() {
      pool.join("a", cores(4, 100), 0);
      pool.submit(task("high").ofPriority(2), 1);
      pool.submit(task("low"), 2);
      pool.submit(task("middle").ofPriority(1), 3);
      pool.submit(task("memory").asking(cores(0, 100)), 4);

      pool.heartbeat("a", cores(2, 100), 5);

      assertThat(pool.said())
          .containsExactly(
              "PREEMPT low#1/PREEMPT NODE_SHRUNK a",
              "low waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}");
    }

    @Test
    void thatLoseGpusStopWhatHeldThem() {
      pool.join("a", gpus(4), 0);
      pool.submit(task("t").asking(gpus(2)), 1);
      pool.submit(task("u").asking(gpuShare(500)), 2);
      assertThat(pool.said()).containsExactly("ALLOCATE u#1 PLACED a[2]");

      pool.heartbeat("a", gpus(2), 3);

      assertThat(pool.said())
          .containsExactly(
              "PREEMPT u#1/PREEMPT NODE_SHRUNK a[2]",
              "u waits at 0: INSUFFICIENT_GPU {INSUFFICIENT_GPU=1}");
    }
  }

  @Nested
  class Gpus {

    @Test
    void areSharedFullestFirst() {
      pool.join("a", gpus(3), 0);
      pool.submit(task("t").asking(gpuShare(300)), 1);
      pool.submit(task("u").asking(gpuShare(800)), 1);
      assertThat(pool.said()).containsExactly("ALLOCATE u#1 PLACED a[1]");

      pool.submit(task("v").asking(gpuShare(200)), 1);
      assertThat(pool.said()).containsExactly("ALLOCATE v#1 PLACED a[1]");
      pool.submit(task("w").asking(gpuShare(700)), 1);
      assertThat(pool.said()).containsExactly("ALLOCATE w#1 PLACED a[0]");
    }

    @Test
    void areWholeWhereSeveralAreAskedFor() {
      pool.join("a", gpus(3), 0);
      pool.submit(task("t").asking(gpuShare(1)), 1);

      pool.submit(task("u").asking(gpus(2)), 1);
      assertThat(pool.said()).containsExactly("ALLOCATE u#1 PLACED a[1, 2]");
      pool.submit(task("v").asking(gpus(1)), 1);
      assertThat(pool.said())
          .containsExactly("v waits at 0: INSUFFICIENT_GPU {INSUFFICIENT_GPU=1}");
    }

    @Test
    void areOfAModelThatTheTaskCanUse() {
      pool.joinWithGpus("a", gpus(1), "T4", 0);
      pool.joinWithGpus("b", gpus(1), "V100", 0);
      pool.join("c", gpus(1), 0);

      pool.submit(task("t").asking(gpus(1)).onModels("P100", "V100"), 1);

      assertThat(pool.said()).containsExactly("ALLOCATE t#1 PLACED b[0]");
      assertThat(decision().nodesFiltered()).containsExactly(entry(Reason.GPU_MODEL, 2));
    }

    @Test
    void doNotMatterToATaskThatAsksForNone() {
      pool.join("a", cores(1), 0);
      pool.submit(task("t").onModels("V100"), 1);
      assertThat(pool.said()).containsExactly("ALLOCATE t#1 PLACED a");
    }
  }

  @Nested
  class Placements {

    @Test
    void leastLoadedCountsWhatWasJustAssigned() {
      pool.join("a", cores(4), 0);
      pool.join("b", cores(4), 0);

      assertThat(placed(4)).containsExactly("a", "b", "a", "b");
    }

    @Test
    void leastLoadedCountsWhatTheNodeReports() {
      pool.heartbeat("a", cores(4), cores(2), 0);
      pool.heartbeat("b", cores(4), 0);

      assertThat(placed(4)).containsExactly("b", "b", "a", "b");
    }

    @Test
    void leastConnectionCountsTasks() {
      run(Pools.BY_PRIORITY.withPlacement(Placement.LEAST_CONNECTION));
      pool.join("a", cores(2), 0);
      pool.join("b", cores(20), 0);

      assertThat(placed(5)).containsExactly("a", "b", "a", "b", "b");
    }

    @Test
    void roundRobinGoesOnFromTheLast() {
      run(Pools.BY_PRIORITY.withPlacement(Placement.ROUND_ROBIN));
      pool.join("c", cores(9), 0);
      pool.join("a", cores(9), 0);
      pool.join("b", cores(1), 0);

      assertThat(placed(6)).containsExactly("a", "b", "c", "a", "c", "a");
    }

    @Test
    void randomIsTheSameForTheSameSeedAndEven() {
      run(Pools.BY_PRIORITY.withPlacement(Placement.RANDOM).withSeed(7));
      for (String node : List.of("a", "b", "c", "d")) {
        pool.join(node, cores(10_000), 0);
      }
      List<String> first = placed(2000);
      run(Pools.BY_PRIORITY.withPlacement(Placement.RANDOM).withSeed(7));
      for (String node : List.of("d", "c", "b", "a")) {
        pool.join(node, cores(10_000), 0);
      }

      assertThat(placed(2000)).isEqualTo(first);
      for (String node : List.of("a", "b", "c", "d")) {
        // 500 expected, standard deviation 19.
        assertThat(first.stream().filter(node::equals).count()).isBetween(430L, 570L);
      }
    }

    private List<String> placed(int tasks) {
      List<String> nodes = new ArrayList<>();
      for (int i = 0; i < tasks; i++) {
        pool.submitUnchecked(task("t" + i), 1);
        nodes.add(command().shards().get(0).nodeId());
      }
      return nodes;
    }
  }

  @Nested
  class Policies {

    @Test
    void changeTheOrderOfWhatWaitsAlready() {
      run(Pools.BY_PRIORITY.withOrdering(Ordering.FCFS));
      pool.join("a", cores(1), 0);
      pool.submit(task("t"), 1);
      pool.submit(task("low").submittedAt(at(2)), 2);
      pool.submit(task("high").submittedAt(at(3)).ofPriority(1), 3);

      pool.change(Pools.BY_PRIORITY.withVersion(1), 4);

      assertThat(pool.said())
          .containsExactly(
              "low waits at 1: WAITS_FOR_EARLIER {}",
              "high waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}");
    }

    @Test
    void thatComeWhileThePoolSleepsLetWhoIsFirstByThemStartWhenItIsWoken() {
      pool.join("a", cores(4), 0);
      pool.submit(task("runs").asking(cores(3)), 1);
      pool.submit(task("important").asking(cores(4)).ofPriority(1).submittedAt(at(2)), 2);
      pool.submit(task("early"), 3);
      PoolHeader header = Objects.requireNonNull(pool.store.header());
      PoolPolicy byArrival = Pools.BY_PRIORITY.withOrdering(Ordering.FCFS).withVersion(1);
      pool.store.putHeader(header.withPolicy(byArrival));

      var woken = new PoolEngine(Pools.BY_PRIORITY, pool.store);
      List<PoolOutput> outputs = woken.on(new TimePassed(at(3)));

      assertThat(outputs)
          .filteredOn(Commanded.class::isInstance)
          .extracting(output -> ((Commanded) output).command().id())
          .containsExactly("early#1");
    }

    @Test
    void thatAreNotNewerAreIgnored() {
      pool.change(Pools.BY_PRIORITY.withVersion(2), 1);
      pool.change(Pools.BY_PRIORITY.withVersion(2).withMaxQueued(0), 2);
      assertThat(pool.said()).containsExactly("ignored null null: DUPLICATE");
      pool.change(Pools.BY_PRIORITY.withVersion(1), 2);
      assertThat(pool.said()).containsExactly("ignored null null: LATE");
    }

    @Test
    void withAShorterTimeoutWakeEarlier() {
      pool.join("a", cores(1), 0);
      pool.change(Pools.BY_PRIORITY.withVersion(1).withHeartbeatTimeout(Duration.ofSeconds(10)), 1);
      assertThat(pool.wakeAtSecond()).isEqualTo(10);
    }
  }

  @Nested
  class Overtaking {

    @BeforeEach
    void aNodeOfFiveCores() {
      run(Pools.BY_PRIORITY.withOrdering(Ordering.FCFS).withBackfill(Backfill.EASY));
      pool.join("a", cores(5), 0);
      submit("runs", 4, 100, 0);
      submit("head", 5, 50, 1);
    }

    @Test
    void isForWhatShouldBeOverWhenTheHeadCanStart() {
      submit("long", 1, 99, 2);
      assertThat(pool.said()).containsExactly("long waits at 1: WAITS_FOR_EARLIER {}");

      submit("short", 1, 97, 3);
      assertThat(pool.said()).containsExactly("ALLOCATE short#1 PLACED a");
      assertThat(decision().overtook()).isEqualTo("head");
      assertThat(decision().queuePosition()).isEqualTo(2);

      pool.stop("runs", 1, "a", Outcome.SUCCEEDED, 90);
      assertThat(pool.said().get(0)).isEqualTo("RELEASE runs#1/RELEASE SUCCEEDED a");
      pool.stop("short", 1, "a", Outcome.SUCCEEDED, 95);
      assertThat(pool.said())
          .startsWith(
              "RELEASE short#1/RELEASE SUCCEEDED a",
              "ALLOCATE head#1 PLACED a",
              "head waits no more");
    }

    @Test
    void isForWhatFitsBesideTheHead() {
      pool.cancel("head", 1);
      submit("smaller", 4, 50, 1);

      submit("long", 1, 1000, 2);

      assertThat(pool.said()).containsExactly("ALLOCATE long#1 PLACED a");
    }

    @Test
    void isFreeOnOtherNodes() {
      pool.join("b", cores(1), 1);

      submit("long", 1, 1000, 2);

      assertThat(pool.said()).containsExactly("ALLOCATE long#1 PLACED b");
    }

    @Test
    void countsOnLongerRunsOnceAnEndIsOutlived() {
      assertThat(pool.wakeAtSecond()).isNull();
      submit("long", 1, 110, 2);
      pool.on(
          new TasksPredicted(
              new TreeMap<>(Map.of("runs", Pools.runs(Duration.ofSeconds(40), null))), at(3)));
      assertThat(pool.wakeAtSecond()).isEqualTo(40);
      submit("short", 1, 38, 4);
      assertThat(pool.said()).containsExactly("short waits at 2: WAITS_FOR_EARLIER {}");

      pool.pass(41);

      assertThat(pool.wakeAtSecond()).isNotNull();
      assertThat(pool.said()).contains("ALLOCATE short#1 PLACED a");
    }

    @Test
    void asksTheShortestFirstIfThePolicySaysSo() {
      pool.change(pool.policy().withVersion(1).withBackfill(Backfill.EASY_SHORTEST), 1);
      submit("fills", 1, 30, 2);
      submit("longer", 1, 40, 3);
      submit("shorter", 1, 20, 4);

      pool.stop("fills", 1, "a", Outcome.SUCCEEDED, 5);

      assertThat(pool.said()).contains("ALLOCATE shorter#1 PLACED a");
    }

    @Test
    void isNotForWhatALimitLetsDelayWhoIsOutOfPatience() {
      pool.change(pool.policy().withVersion(1).withPatience(Duration.ofSeconds(10)), 1);
      Pools.Ask hardlyRuns = task("hardly-runs").submittedAt(at(20));

      pool.on(
          new TaskSubmitted(
              hardlyRuns.estimatedAt(Duration.ofSeconds(1000)).build(),
              Pools.runs(Duration.ofSeconds(1), null),
              at(20)));

      assertThat(pool.said()).containsExactly("hardly-runs waits at 1: WAITS_FOR_EARLIER {}");
    }

    private void submit(String taskId, int cores, int seconds, int at) {
      pool.submit(
          task(taskId)
              .asking(cores(cores))
              .estimatedAt(Duration.ofSeconds(seconds))
              .submittedAt(at(at)),
          at);
    }
  }

  @Test
  void whoClaimsToHaveWaitedForYearsGoesNotBeforeThoseWhoHave() {
    run(Pools.BY_PRIORITY.withOrdering(Ordering.FCFS).withPatience(Duration.ofDays(10)));
    pool.join("a", cores(1), 0);
    pool.submit(task("runs"), 1);
    pool.submit(task("waits").submittedAt(at(2)), 2);

    pool.submit(task("claims").submittedAt(NOON.minus(Duration.ofDays(1000))), 100);
    assertThat(pool.said()).containsExactly("claims waits at 1: WAITS_FOR_EARLIER {}");

    pool.stop("runs", 1, "a", Outcome.SUCCEEDED, 101);
    assertThat(pool.said()).contains("ALLOCATE waits#1 PLACED a");
  }

  @Test
  void whoComesALittleLateKeepsItsPlace() {
    run(Pools.BY_PRIORITY.withOrdering(Ordering.FCFS));
    pool.join("a", cores(1), 0);
    pool.submit(task("runs"), 1);
    pool.submit(task("second").submittedAt(at(20)), 20);

    pool.submit(task("first").submittedAt(at(10)), 60);

    assertThat(pool.said())
        .containsExactly(
            "second waits at 1: WAITS_FOR_EARLIER {}",
            "first waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}");
  }

  @Test
  void whoIsOutOfPatienceGoesFirst() {
    run(
        Pools.BY_PRIORITY
            .withOrdering(Ordering.SHORTEST_PREDICTED)
            .withPatience(Duration.ofSeconds(60)));
    pool.join("a", cores(1), 0);
    pool.submit(task("t"), 0);
    pool.submit(task("long").estimatedAt(Duration.ofHours(9)).submittedAt(at(1)), 1);
    pool.submit(task("short").estimatedAt(Duration.ofHours(1)).submittedAt(at(2)), 2);
    pool.submit(task("shorter").estimatedAt(Duration.ofMinutes(1)).submittedAt(at(3)), 3);

    pool.stop("t", 1, "a", Outcome.SUCCEEDED, 30);
    assertThat(pool.said()).contains("ALLOCATE shorter#1 PLACED a");
    pool.stop("shorter", 1, "a", Outcome.SUCCEEDED, 61);
    assertThat(pool.said()).contains("ALLOCATE long#1 PLACED a");
  }

  @Test
  void whatIsExpectedNowDecidesTheOrder() {
    run(Pools.BY_PRIORITY.withOrdering(Ordering.SLOWDOWN_DEADLINE));
    pool.join("a", cores(1), 0);
    pool.submit(task("t"), 0);
    pool.submit(task("u").estimatedAt(Duration.ofSeconds(30)).submittedAt(at(1)), 1);
    pool.submit(task("v").estimatedAt(Duration.ofSeconds(40)).submittedAt(at(2)), 2);

    pool.on(
        new TasksPredicted(
            new TreeMap<>(
                Map.of(
                    "v", Pools.runs(Duration.ofSeconds(20), null),
                    "w", Pools.runs(Duration.ofSeconds(20), null))),
            at(3)));

    assertThat(pool.said())
        .containsExactly(
            "ignored w null: UNKNOWN_TASK",
            "u waits at 1: WAITS_FOR_EARLIER {}",
            "v waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}");
  }

  @Test
  void nowNeverGoesBack() {
    pool.join("a", cores(1), 100);
    pool.submit(task("t"), 1);
    assertThat(command().decidedAt()).isEqualTo(at(100));
  }

  @Test
  void decisionsTellHowTheyCameAbout() {
    pool.on(new NodeJoined("a", cores(2), null, at(0)));
    pool.on(new NodeHeartbeat("b", cores(4), cores(3), null, at(0)));
    pool.join("c", cores(0), 0);
    pool.drain("c", 1);

    pool.submit(task("t"), 2);

    assertThat(decision().nodesConsidered()).isEqualTo(3);
    assertThat(decision().nodesFiltered()).containsOnlyKeys(Reason.NODE_DRAINING);
    assertThat(decision().bestScores())
        .containsExactly(new Decision.NodeScore("a", -0.5), new Decision.NodeScore("b", -1));
    assertThat(decision().waited()).isZero();
  }

  private Command command() {
    return ((Commanded) pool.outputs().get(0)).command();
  }

  private Decision decision() {
    return ((Commanded) pool.outputs().get(0)).decision();
  }
}
