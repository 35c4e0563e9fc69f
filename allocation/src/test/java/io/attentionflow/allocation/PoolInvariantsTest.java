package io.attentionflow.allocation;

import static io.attentionflow.allocation.Pools.UNKNOWN;
import static io.attentionflow.allocation.Pools.at;
import static io.attentionflow.allocation.Pools.cores;
import static io.attentionflow.allocation.Pools.gpuShare;
import static io.attentionflow.allocation.Pools.gpus;
import static io.attentionflow.allocation.Pools.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.Command.Action;
import io.attentionflow.allocation.PoolEvent.NodeJoined;
import io.attentionflow.allocation.PoolEvent.NodeLeft;
import io.attentionflow.allocation.PoolEvent.TaskSubmitted;
import io.attentionflow.allocation.PoolEvent.TimePassed;
import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.allocation.PoolOutput.WaitEnded;
import io.attentionflow.allocation.PoolOutput.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an engine gone wrong would say is found out. */
class PoolInvariantsTest {

  private final PoolInvariants invariants = new PoolInvariants();

  @BeforeEach
  void aNodeOfTwoCoresAndOneGpu() {
    Resources capacity = new Resources(2000, 0, 1, 1000, 0);
    assertThat(invariants.after(new NodeJoined("a", capacity, null, at(0)), List.of())).isEmpty();
  }

  @Test
  void moreThanANodeHas() {
    submit("t", command(Action.ALLOCATE, "t", 1, on("a", cores(1))));
    assertThat(submit("u", command(Action.ALLOCATE, "u", 1, on("a", cores(2)))))
        .containsExactly("a: CPU 3000 of 2000");
  }

  @Test
  void moreOfAGpuThanThereIs() {
    submit("t", command(Action.ALLOCATE, "t", 1, on("a", gpuShare(600), 0)));
    assertThat(submit("u", command(Action.ALLOCATE, "u", 1, on("a", gpuShare(600), 0))))
        .containsExactly("a: GPU 0 1200 of 1000");
    assertThat(submit("v", command(Action.ALLOCATE, "v", 1, on("a", gpus(1), 1))))
        .contains("a: GPU 1 1000 of 0");
  }

  @Test
  void aNodeThatIsNotKnown() {
    assertThat(submit("t", command(Action.ALLOCATE, "t", 1, on("b", cores(1)))))
        .containsExactly("t is placed on b, which is not known");
  }

  @Test
  void aTaskThatOutlivesItsNode() {
    submit("t", command(Action.ALLOCATE, "t", 1, on("a", cores(1))));
    assertThat(invariants.after(new NodeLeft("a", at(2)), List.of())).contains("a left with [t/0]");
  }

  @Test
  void aGenerationBesideAnother() {
    submit("t", command(Action.ALLOCATE, "t", 1, on("a", cores(1))));
    assertThat(after(command(Action.ALLOCATE, "t", 2, on("a", cores(1)))))
        .containsExactly("t#2 is opened beside generation 1");
  }

  @Test
  void aGenerationLeftOutOrUsedTwice() {
    assertThat(submit("t", command(Action.ALLOCATE, "t", 2, on("a", cores(1)))))
        .containsExactly("t#2 comes after generation 0");
    assertThat(
            after(
                command(Action.PREEMPT, "t", 2, on("a", cores(1))),
                command(Action.ALLOCATE, "t", 2, on("a", cores(1)))))
        .containsExactly("t#2 comes after generation 2");
  }

  @Test
  void aResizeThatMovesOrChangesNothing() {
    submit("t", command(Action.ALLOCATE, "t", 1, on("a", cores(1))));
    assertThat(after(command(Action.RESIZE, "t", 2, on("a", cores(1)))))
        .containsExactly("t#2 gives what the task had");
    assertThat(after(command(Action.RESIZE, "t", 3, on("b", cores(1)))))
        .contains("t#3 is not where the task is");
  }

  @Test
  void aTaskThatIsGivenOtherThanItRequests() {
    assertThat(submit("t", command(Action.ALLOCATE, "t", 1, cores(2), on("a", cores(1)))))
        .containsExactly("t#1 gives %s of %s".formatted(cores(1), cores(2)));
  }

  @Test
  void aWordAfterTheLast() {
    submit("t", command(Action.REJECT, "t", 1));
    assertThat(after(command(Action.ALLOCATE, "t", 2, on("a", cores(1)))))
        .contains("t#2 comes after the end");
  }

  @Test
  void aTaskInNoPlace() {
    assertThat(submit("t")).containsExactly("t: open false, over false, waits because of null");
  }

  @Test
  void aTaskInTwoPlaces() {
    assertThat(submit("t", command(Action.REJECT, "t", 1), waiting("t")))
        .containsExactly("t: open false, over true, waits because of NO_NODES");
  }

  @Test
  void aWaitToldTwiceOrEndedWithoutABeginning() {
    assertThat(submit("t", waiting("t"))).isEmpty();
    assertThat(after(waiting("t"))).containsExactly("t is told NO_NODES again");
    assertThat(after(new WaitEnded("t"), command(Action.REJECT, "t", 1))).isEmpty();
    assertThat(after(new WaitEnded("t"))).containsExactly("t waits no more but did not wait");
  }

  @Test
  void aStoreThatTellsOtherwise() {
    submit("t", command(Action.ALLOCATE, "t", 1, on("a", cores(1))));
    assertThat(invariants.against(new InMemoryPoolStore()))
        .containsExactly("t is forgotten before its end", "node a is forgotten and holds [t/0]");
    assertThat(invariants.violated()).isEqualTo(2);
    assertThat(invariants.checked()).isEqualTo(2);
  }

  private List<String> submit(String taskId, PoolOutput... outputs) {
    var event = new TaskSubmitted(task(taskId).build(), UNKNOWN, at(1));
    return invariants.after(event, List.of(outputs));
  }

  private List<String> after(PoolOutput... outputs) {
    return invariants.after(new TimePassed(at(2)), List.of(outputs));
  }

  private static ShardPlacement on(String nodeId, Resources resources, Integer... gpus) {
    return new ShardPlacement(0, nodeId, resources, List.of(gpus));
  }

  private static PoolOutput waiting(String taskId) {
    return new Waiting(
        task(taskId).build(), "LIGHT", Reason.NO_NODES, 0, at(1), new TreeMap<>(), null, at(1));
  }

  private static PoolOutput command(
      Action action, String taskId, int generation, ShardPlacement... shards) {
    Resources asked = shards.length == 0 ? cores(1) : shards[0].resources();
    return command(action, taskId, generation, asked, shards);
  }

  private static PoolOutput command(
      Action action, String taskId, int generation, Resources asked, ShardPlacement... shards) {
    return new Commanded(
        new Command(
            action,
            task(taskId).asking(asked).build(),
            generation,
            List.of(shards),
            "LIGHT",
            Reason.PLACED,
            0,
            0,
            null,
            at(2)),
        new Decision(
            UNKNOWN,
            PoolPolicy.defaults(),
            0,
            new TreeMap<>(),
            List.of(),
            0,
            null,
            null,
            null,
            Duration.ZERO,
            null,
            TaskSize.of(shards.length == 0 ? asked : shards[0].resources())));
  }
}
