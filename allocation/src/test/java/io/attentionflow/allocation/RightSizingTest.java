package io.attentionflow.allocation;

import static io.attentionflow.allocation.Pools.at;
import static io.attentionflow.allocation.Pools.cores;
import static io.attentionflow.allocation.Pools.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attentionflow.allocation.PoolEvent.Outcome;
import io.attentionflow.allocation.PoolEvent.TaskSubmitted;
import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.allocation.RightSizing.Mode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What tasks are given, before and after they run out of it. */
class RightSizingTest {

  private static final RightSizing RULES = new RightSizing(Mode.ON, 0.125, 0.5, 0.4, 1, 0.2, 1);

  private Pool pool = new Pool(Pools.BY_PRIORITY.withRightSizing(RULES));

  private static Prediction uses(
      @Nullable Resources usageP95, double probability, double drift, double... others) {
    var classes = new ArrayList<String>(List.of("LIGHT"));
    var probabilities = new ArrayList<Double>(List.of(probability));
    for (double other : others) {
      classes.add("CLASS" + classes.size());
      probabilities.add(other);
    }
    return new Prediction(
        "LIGHT", classes, probabilities, null, null, null, null, null, usageP95, 1, drift);
  }

  private static TaskSize size(RightSizing rules, Resources request, Prediction prediction) {
    return rules.size(task("t").asking(request).build(), prediction, TaskSize.of(request));
  }

  @Nested
  class Headroom {

    @Test
    void growsWithUncertaintyDriftAndWhatRanOut() {
      assertThat(RULES.headroom(uses(null, 1, 0), 0)).isEqualTo(0.125, within(1e-12));
      assertThat(RULES.headroom(uses(null, 0.6, 0, 0.4), 0)).isEqualTo(0.325, within(1e-12));
      assertThat(RULES.headroom(uses(null, 1, 0.5), 0)).isEqualTo(0.325, within(1e-12));
      assertThat(RULES.headroom(uses(null, 1, 0), 2)).isEqualTo(2.125, within(1e-12));
      assertThat(RULES.headroom(Pools.UNKNOWN, 0)).isEqualTo(0.625, within(1e-12));
    }

    @Test
    void mustBeAmountsThatCanBeReckonedWith() {
      assertThatThrownBy(() -> new RightSizing(Mode.ON, -0.1, 0, 0, 0, 0, 0))
          .hasMessage("headroom is -0.1");
      assertThatThrownBy(() -> new RightSizing(Mode.ON, 0, Double.NaN, 0, 0, 0, 0))
          .hasMessage("headroom is NaN");
      assertThatThrownBy(() -> new RightSizing(Mode.ON, 0, 0, 0, 0, 1.5, 0))
          .hasMessage("floor is 1.5");
      assertThatThrownBy(() -> new RightSizing(Mode.ON, 0, 0, 0, 0, 0, -1))
          .hasMessage("outOfMemoryRetries is -1");
    }
  }

  @Nested
  class ATask {

    @Test
    void isGivenTheQuantileAndHeadroom() {
      TaskSize size = size(RULES, cores(10, 1000), uses(cores(5, 300), 1, 0));

      assertThat(size.given()).isEqualTo(new Resources(5625, 338, 0, 0, 0));
      assertThat(size.sizing()).isEqualTo(Sizing.CUT);
      assertThat(size.rightSized()).isEqualTo(size.given());
    }

    @Test
    void isGivenNeverMoreThanItRequestsNorLessThanThePartOfIt() {
      TaskSize size = size(RULES, cores(10, 1000), uses(cores(12, 10), 1, 0));

      assertThat(size.given()).isEqualTo(cores(10, 200));
    }

    @Test
    void isGivenItsRequestWhereNothingIsToBeCut() {
      TaskSize size = size(RULES, cores(10, 1000), uses(cores(10, 950), 1, 0));

      assertThat(size.given()).isEqualTo(cores(10, 1000));
      assertThat(size.sizing()).isEqualTo(Sizing.AS_REQUESTED);
    }

    @Test
    void keepsWhatWasNeverMeasured() {
      var request = new Resources(4000, 1000, 2, 1000, 50);
      TaskSize size = size(RULES, request, uses(cores(0, 100), 1, 0));

      assertThat(size.given()).isEqualTo(new Resources(4000, 200, 2, 1000, 50));
    }

    @Test
    void isGivenItsRequestBeforeThereIsHistoryOrIfItIsDivisibleOrNothingIsToBeSized() {
      TaskSize young = size(RULES, cores(10), uses(null, 1, 0));
      assertThat(young.given()).isEqualTo(cores(10));
      assertThat(young.sizing()).isEqualTo(Sizing.NOT_ENOUGH_HISTORY);
      assertThat(young.rightSized()).isNull();

      TaskRequest divisible = task("t").asking(cores(10)).inShards(1, 4).build();
      TaskSize whole =
          RULES.size(divisible, uses(cores(5), 1, 0), TaskSize.of(divisible.request()));
      assertThat(whole.given()).isEqualTo(cores(10));
      assertThat(whole.sizing()).isEqualTo(Sizing.DIVISIBLE);

      TaskSize off = size(RULES.withMode(Mode.OFF), cores(10), uses(cores(5), 1, 0));
      assertThat(off.given()).isEqualTo(cores(10));
      assertThat(off.sizing()).isEqualTo(Sizing.OFF);
    }

    @Test
    void isGivenItsRequestInShadowAndItIsSaidWhatItWouldGet() {
      TaskSize size = size(RULES.withMode(Mode.SHADOW), cores(10), uses(cores(5), 1, 0));

      assertThat(size.given()).isEqualTo(cores(10));
      assertThat(size.sizing()).isEqualTo(Sizing.CUT);
      assertThat(size.rightSized()).isEqualTo(new Resources(5625, 0, 0, 0, 0));
    }
  }

  @Nested
  class InAPool {

    @Test
    void moreTasksFit() {
      pool.join("a", cores(4, 1000), 0);
      submit("t", cores(3, 600), uses(cores(2, 200), 1, 0), 1);
      submit("u", cores(3, 600), uses(cores(1, 200), 1, 0), 2);

      assertThat(pool.said()).containsExactly("ALLOCATE u#1 PLACED a");
      assertThat(given()).isEqualTo(new Resources(1125, 225, 0, 0, 0));
      assertThat(decision().size().sizing()).isEqualTo(Sizing.CUT);
    }

    @Test
    void thoseThatWaitAreSizedAgainWhenThePolicyChanges() {
      pool = new Pool(Pools.BY_PRIORITY);
      pool.join("a", cores(5, 1000), 0);
      submit("t", cores(3), uses(cores(1), 1, 0), 1);
      submit("u", cores(3), uses(cores(1), 1, 0), 2);
      assertThat(pool.task("u").phase()).isEqualTo(TaskState.Phase.QUEUED);

      pool.change(Pools.BY_PRIORITY.withRightSizing(RULES).withVersion(1), 3);

      assertThat(pool.said()).containsExactly("ALLOCATE u#1 PLACED a", "u waits no more");
      assertThat(given()).isEqualTo(new Resources(1125, 0, 0, 0, 0));
    }

    @Test
    void oneThatExceedsEveryNodeFitsOnceItIsCut() {
      pool = new Pool(Pools.BY_PRIORITY);
      pool.join("a", cores(2), 0);
      submit("t", cores(3), uses(cores(1), 1, 0), 1);
      assertThat(pool.task("t").reason()).isEqualTo(Reason.EXCEEDS_EVERY_NODE);

      pool.change(Pools.BY_PRIORITY.withRightSizing(RULES).withVersion(1), 3);

      assertThat(pool.said()).containsExactly("ALLOCATE t#1 PLACED a", "t waits no more");
    }
  }

  @Nested
  class OutOfMemory {

    @Test
    void getsAtLeastItsRequestWhereItIsIfItHadLess() {
      pool.join("a", cores(4, 10_000), 0);
      submit("t", cores(1, 1000), uses(cores(1, 200), 1, 0), 1);
      assertThat(given().memoryMib()).isEqualTo(225);

      pool.stop("t", 1, "a", Outcome.OUT_OF_MEMORY, 2);

      assertThat(pool.said()).containsExactly("RESIZE t#2 OUT_OF_MEMORY a");
      assertThat(given().memoryMib()).isEqualTo(1000);
      assertThat(decision().size().sizing()).isEqualTo(Sizing.RAISED);
      assertThat(decision().size().outOfMemories()).isEqualTo(1);
    }

    @Test
    void isTriedAsOftenAsOneThatHadItsRequestIfItHadLessAtFirst() {
      pool.join("a", cores(4, 10_000), 0);
      submit("t", cores(1, 1000), uses(cores(1, 200), 1, 0), 1);
      pool.stop("t", 1, "a", Outcome.OUT_OF_MEMORY, 2);
      assertThat(given().memoryMib()).isEqualTo(1000);

      pool.stop("t", 2, "a", Outcome.OUT_OF_MEMORY, 3);
      assertThat(pool.said()).containsExactly("RESIZE t#3 OUT_OF_MEMORY a");
      assertThat(given().memoryMib()).isEqualTo(2000);
      assertThat(decision().size().outOfMemories()).isEqualTo(2);

      pool.stop("t", 3, "a", Outcome.OUT_OF_MEMORY, 4);
      assertThat(pool.said()).containsExactly("RELEASE t#3/RELEASE OUT_OF_MEMORY a");
    }

    @Test
    void getsTwiceItsRequestAndIsGivenUpIfThatIsTooLittle() {
      pool.join("a", cores(4, 10_000), 0);
      submit("t", cores(1, 1000), Pools.UNKNOWN, 1);
      pool.stop("t", 1, "a", Outcome.OUT_OF_MEMORY, 2);
      assertThat(pool.said()).containsExactly("RESIZE t#2 OUT_OF_MEMORY a");
      assertThat(given().memoryMib()).isEqualTo(2000);

      pool.stop("t", 2, "a", Outcome.OUT_OF_MEMORY, 3);
      assertThat(pool.said()).containsExactly("RELEASE t#2/RELEASE OUT_OF_MEMORY a");
    }

    @Test
    void goesElsewhereIfItsNodeHasNotSoMuch() {
      pool.join("a", cores(4, 1500), 0);
      submit("t", cores(1, 1000), Pools.UNKNOWN, 1);
      pool.join("b", cores(4, 5000), 2);

      pool.stop("t", 1, "a", Outcome.OUT_OF_MEMORY, 3);

      assertThat(pool.said())
          .containsExactly("PREEMPT t#1/PREEMPT OUT_OF_MEMORY a", "ALLOCATE t#2 PLACED b");
      assertThat(given().memoryMib()).isEqualTo(2000);
    }

    @Test
    void getsAllOfTheLargestNodeAtMostAndIsGivenUpIfItHadThat() {
      pool =
          new Pool(Pools.BY_PRIORITY.withRightSizing(new RightSizing(Mode.OFF, 0, 0, 0, 0, 0, 9)));
      pool.join("a", cores(4, 1500), 0);
      submit("t", cores(1, 1000), Pools.UNKNOWN, 1);
      pool.stop("t", 1, "a", Outcome.OUT_OF_MEMORY, 2);
      assertThat(given().memoryMib()).isEqualTo(1500);

      pool.stop("t", 2, "a", Outcome.OUT_OF_MEMORY, 3);
      assertThat(pool.said()).containsExactly("RELEASE t#2/RELEASE OUT_OF_MEMORY a");
    }

    @Test
    void keepsWhatItNeedsWhereverItComesNext() {
      pool.join("a", cores(4, 10_000), 0);
      submit("t", cores(1, 1000), uses(cores(1, 200), 1, 0), 1);
      pool.stop("t", 1, "a", Outcome.OUT_OF_MEMORY, 2);

      pool.stop("t", 2, "a", Outcome.LOST, 3);

      assertThat(pool.said())
          .containsExactly("PREEMPT t#2/PREEMPT TASK_LOST a", "ALLOCATE t#3 PLACED a");
      assertThat(given().memoryMib()).isEqualTo(1000);
    }

    @Test
    void isNotMovedByWordsOfTheGenerationBefore() {
      pool.join("a", cores(4, 10_000), 0);
      submit("t", cores(1, 1000), Pools.UNKNOWN, 1);
      pool.stop("t", 1, "a", Outcome.OUT_OF_MEMORY, 2);

      pool.stop("t", 1, "a", Outcome.OUT_OF_MEMORY, 3);
      assertThat(pool.said()).containsExactly("ignored t a: STALE_GENERATION");
      pool.stop("t", 1, "a", Outcome.SUCCEEDED, 4);
      assertThat(pool.said()).containsExactly("ignored t a: STALE_GENERATION");
      assertThat(pool.task("t").generation()).isEqualTo(2);
    }

    @Test
    void isPlacedAsOftenAsThePolicyAllows() {
      pool =
          new Pool(Pools.BY_PRIORITY.withMaxAttempts(1).withRightSizing(RULES.withMode(Mode.OFF)));
      pool.join("a", cores(4, 10_000), 0);
      submit("t", cores(1, 1000), Pools.UNKNOWN, 1);

      pool.stop("t", 1, "a", Outcome.OUT_OF_MEMORY, 2);

      assertThat(pool.said()).containsExactly("RELEASE t#1/RELEASE OUT_OF_MEMORY a");
    }

    @Test
    void ofOneShardGivesMoreToAll() {
      pool.join("a", cores(2, 1000), 0);
      pool.join("b", cores(2, 1000), 0);
      pool.submit(task("t").asking(cores(4, 1000)).inShards(1, 2), 1);
      assertThat(pool.said()).containsExactly("ALLOCATE t#1 PLACED a b");

      pool.stop("t", 1, 1, "b", Outcome.OUT_OF_MEMORY, 2);

      assertThat(pool.said())
          .containsExactly("PREEMPT t#1/PREEMPT OUT_OF_MEMORY a b", "ALLOCATE t#2 PLACED a b");
      assertThat(given().memoryMib()).isEqualTo(1000);
    }
  }

  private void submit(String taskId, Resources request, Prediction prediction, long second) {
    pool.on(new TaskSubmitted(task(taskId).asking(request).build(), prediction, at(second)));
  }

  /** Of the last command that gives anything, its first shard. */
  private Resources given() {
    return last().command().shards().get(0).resources();
  }

  private Decision decision() {
    return last().decision();
  }

  private Commanded last() {
    Commanded last = null;
    for (PoolOutput output : pool.outputs()) {
      if (output instanceof Commanded commanded && !commanded.command().shards().isEmpty()) {
        last = commanded;
      }
    }
    if (last == null) {
      throw new AssertionError("nothing was given by " + pool.outputs());
    }
    return last;
  }
}
