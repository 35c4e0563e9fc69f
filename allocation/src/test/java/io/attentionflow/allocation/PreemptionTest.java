package io.attentionflow.allocation;

import static io.attentionflow.allocation.Pools.at;
import static io.attentionflow.allocation.Pools.cores;
import static io.attentionflow.allocation.Pools.gpuShare;
import static io.attentionflow.allocation.Pools.gpus;
import static io.attentionflow.allocation.Pools.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.allocation.PoolPolicy.Ordering;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who is stopped for whom. */
class PreemptionTest {

  private Pool pool = new Pool(Pools.BY_PRIORITY);

  private void run(PreemptionPolicy policy) {
    pool = new Pool(Pools.BY_PRIORITY.withPreemption(policy));
  }

  private static Pools.Ask bestEffort(String taskId) {
    return task(taskId).withQos(Qos.BEST_EFFORT);
  }

  @Test
  void whoAsksForBestEffortMakesRoomForTheMoreImportant() {
    pool.join("a", cores(2), 0);
    pool.submit(bestEffort("small").asking(cores(2)), 1);

    pool.submit(task("important").asking(cores(2)).ofPriority(1), 2);

    assertThat(pool.said())
        .containsExactly(
            "PREEMPT small#1/PREEMPT MORE_IMPORTANT_WAITS a",
            "ALLOCATE important#1 PLACED a",
            "small waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}");
  }

  @Test
  void theDecisionSaysForWhomAndWhatItCosts() {
    pool.join("a", cores(1), 0);
    pool.submit(bestEffort("victim"), 1);
    pool.start("victim", 1, "a", 2);

    pool.submit(task("important").ofPriority(1), 12);

    assertThat(pool.outputs())
        .filteredOn(Commanded.class::isInstance)
        .extracting(output -> ((Commanded) output).decision().displacement())
        .containsExactly(new Displacement("important", null, Duration.ofSeconds(10)), null);
  }

  @ParameterizedTest
  @EnumSource(names = {"BURSTABLE", "GUARANTEED", "LATENCY_SENSITIVE"})
  void nobodyElseDoesUnlessThePolicySaysSo(Qos qos) {
    pool.join("a", cores(1), 0);
    pool.submit(task("t").withQos(qos), 1);

    pool.submit(task("important").ofPriority(9), 2);

    assertThat(pool.said())
        .containsExactly("important waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}");
  }

  @Test
  void thoseOfTheSamePriorityLetEachOtherBe() {
    pool.join("a", cores(1), 0);
    pool.submit(bestEffort("t").ofPriority(3), 1);

    pool.submit(task("u").ofPriority(3), 2);

    assertThat(pool.said()).containsExactly("u waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}");
  }

  @Test
  void theLeastWorkIsLost() {
    pool.join("a", cores(1), 0);
    pool.join("b", cores(1), 0);
    pool.submit(bestEffort("old"), 1);
    pool.submit(bestEffort("young"), 2);
    pool.start("old", 1, "a", 3);
    pool.start("young", 1, "b", 60);

    pool.submit(task("important").ofPriority(1), 100);

    assertThat(pool.said())
        .contains(
            "PREEMPT young#1/PREEMPT MORE_IMPORTANT_WAITS b", "ALLOCATE important#1 PLACED b");
  }

  @Test
  void nobodyIsStoppedWhoNeedNotBe() {
    pool.join("a", cores(4), 0);
    pool.submit(bestEffort("one"), 1);
    pool.submit(bestEffort("three").asking(cores(3)), 1);
    pool.start("three", 1, "a", 10);
    pool.start("one", 1, "a", 50);

    pool.submit(task("important").asking(cores(3)).ofPriority(1), 60);

    assertThat(pool.said())
        .containsExactly(
            "PREEMPT three#1/PREEMPT MORE_IMPORTANT_WAITS a",
            "ALLOCATE important#1 PLACED a",
            "three waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}");
  }

  @Test
  void nobodyIsStoppedWhereItDoesNotHelp() {
    pool.join("a", cores(4), 0);
    pool.submit(task("firm").asking(cores(3)), 1);
    pool.submit(bestEffort("t"), 1);

    pool.submit(task("important").asking(cores(2)).ofPriority(1), 2);

    assertThat(pool.said())
        .containsExactly("important waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}");
  }

  @Test
  void gpusAreFreedOneByOne() {
    pool.joinWithGpus("a", gpus(2), "T4", 0);
    pool.submit(bestEffort("half").asking(gpuShare(500)), 1);
    pool.submit(bestEffort("whole").asking(gpus(1)), 1);
    pool.start("half", 1, "a", 2);
    pool.start("whole", 1, "a", 2);

    pool.submit(task("important").asking(gpus(1)).ofPriority(1), 3);

    assertThat(pool.said())
        .contains("PREEMPT half#1/PREEMPT MORE_IMPORTANT_WAITS a[0]")
        .contains("ALLOCATE important#1 PLACED a[0]");
  }

  @Test
  void whoHoldsGpusIsFoundHoweverManyLessImportantHoldNone() {
    int many = Preemption.MOST_TASKS + 1;
    pool.join("a", cores(many), 0);
    pool.joinWithGpus("g", gpus(1), "T4", 0);
    pool.submit(bestEffort("holder").asking(gpus(1)).ofPriority(1), 1);
    for (int i = 0; i < many; i++) {
      pool.submitUnchecked(bestEffort("t" + i), 1);
    }

    pool.submitUnchecked(task("important").asking(gpus(1)).ofPriority(2), 2);

    assertThat(pool.said())
        .contains("PREEMPT holder#1/PREEMPT MORE_IMPORTANT_WAITS g[0]")
        .contains("ALLOCATE important#1 PLACED g[0]");
  }

  @Test
  void whoHoldsGpusComesFirstAlsoWhereEveryNodeHasSome() {
    int nodes = Preemption.MOST_NODES + 1;
    for (int i = 0; i < nodes; i++) {
      pool.joinWithGpus("g" + (100 + i), new Resources(1000, 0, 1, 1000, 0), "T4", 0);
      pool.submit(task("firm" + i).asking(gpus(1)), 1);
    }
    pool.stop("firm0", 1, "g100", PoolEvent.Outcome.SUCCEEDED, 2);
    pool.submit(bestEffort("holder").asking(gpus(1)).ofPriority(1), 3);
    for (int i = 0; i < nodes; i++) {
      pool.submit(bestEffort("t" + i), 3);
    }

    pool.submit(task("important").asking(gpus(1)).ofPriority(2), 4);

    assertThat(pool.said()).contains("ALLOCATE important#1 PLACED g100[0]");
  }

  @Test
  void whoWasStoppedOftenEnoughRunsToItsEnd() {
    run(new PreemptionPolicy(Displaceable.BEST_EFFORT, 1, 1, 100));
    pool.join("a", cores(1), 0);
    pool.submit(bestEffort("t"), 1);
    pool.submit(task("first").ofPriority(1), 2);
    pool.stop("first", 1, "a", PoolEvent.Outcome.SUCCEEDED, 3);
    assertThat(pool.said()).contains("ALLOCATE t#2 PLACED a");

    pool.submit(task("second").ofPriority(1), 4);

    assertThat(pool.said())
        .containsExactly("second waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}");
  }

  @Test
  void whoWouldBeGivenUpForItIsNotStopped() {
    pool = new Pool(Pools.BY_PRIORITY.withMaxAttempts(1));
    pool.join("a", cores(1), 0);
    pool.submit(bestEffort("t"), 1);

    pool.submit(task("important").ofPriority(1), 2);

    assertThat(pool.said())
        .containsExactly("important waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}");
  }

  @Test
  void whoRanOutOfPatienceIsNotStopped() {
    pool = new Pool(Pools.BY_PRIORITY.withPatience(Duration.ofMinutes(10)));
    pool.join("a", cores(1), 0);
    pool.submit(bestEffort("t"), 1);

    pool.heartbeat("a", cores(1), 700);
    pool.submit(task("important").ofPriority(1).submittedAt(at(700)), 700);

    assertThat(pool.said())
        .containsExactly("important waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}");
  }

  @Test
  void soManyAreStoppedInAMinuteAndNoMore() {
    run(new PreemptionPolicy(Displaceable.BEST_EFFORT, 1, 3, 1));
    pool.join("a", cores(2), 0);
    pool.submit(bestEffort("t"), 1);
    pool.submit(bestEffort("u"), 1);
    pool.submit(task("first").ofPriority(1), 2);
    assertThat(pool.said()).contains("ALLOCATE first#1 PLACED a");

    pool.submit(task("second").ofPriority(1), 3);
    assertThat(pool.said())
        .contains("second waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}")
        .noneMatch(line -> line.startsWith("PREEMPT"));

    pool.heartbeat("a", cores(2), 62);
    assertThat(pool.said()).contains("ALLOCATE second#1 PLACED a");
  }

  @Test
  void underAttentionEachClassIsAskedAndTheMostImportantFirst() {
    pool =
        new Pool(
            PoolPolicy.defaults()
                .withOrdering(Ordering.ATTENTION)
                .withPreemption(new PreemptionPolicy(Displaceable.BEST_EFFORT, 1, 3, 100)));
    pool.join("a", cores(2), 0);
    pool.submit(bestEffort("victim"), 1);
    pool.submit(task("firm"), 1);
    pool.submit(task("waits"), 2);
    pool.submit(task("heavy").ofPriority(5), Pools.ofClass("HEAVY", Pools.UNKNOWN), 3);

    assertThat(pool.said())
        .contains("PREEMPT victim#1/PREEMPT MORE_IMPORTANT_WAITS a", "ALLOCATE heavy#1 PLACED a");
  }

  @Test
  void aNewPolicyHoldsForWhatRunsAlready() {
    pool.join("a", cores(1), 0);
    pool.submit(task("burstable"), 1);
    pool.submit(task("important").ofPriority(1), 2);
    assertThat(pool.said())
        .containsExactly("important waits at 0: INSUFFICIENT_CPU {INSUFFICIENT_CPU=1}");

    PoolPolicy wider =
        pool.policy()
            .withPreemption(pool.policy().preemption().withVictims(Displaceable.BURSTABLE));
    pool.change(wider.withVersion(1), 10);

    assertThat(pool.said()).contains("ALLOCATE important#1 PLACED a");
  }
}
