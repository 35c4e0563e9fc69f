package io.attentionflow.allocation;

import static io.attentionflow.allocation.Pools.UNKNOWN;
import static io.attentionflow.allocation.Pools.at;
import static io.attentionflow.allocation.Pools.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.PoolPolicy.Ordering;
import io.attentionflow.allocation.TaskState.Phase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The queue against a sorted list. */
class WaitingQueueTest {

  private static final Comparator<TaskState> FCFS =
      Comparator.comparing((TaskState task) -> task.task().submittedAt())
          .thenComparing(TaskState::sequence);

  @Test
  void isASortedListWhateverIsAddedRemovedAndSetAside() {
    var queue = WaitingQueue.of(Ordering.PRIORITY, AttentionPolicy.defaults(), false);
    List<TaskState> list = new ArrayList<>();
    Set<String> aside = new HashSet<>();
    Random random = new Random(1);
    for (int i = 0; i < 3_000; i++) {
      int dice = random.nextInt(10);
      if (dice < 5 || list.isEmpty()) {
        TaskState added = waiting(i, random.nextInt(3), random.nextInt(20));
        queue.add(added, false);
        list.add(added);
      } else {
        TaskState chosen = list.get(random.nextInt(list.size()));
        if (dice < 8) {
          queue.remove(chosen);
          list.remove(chosen);
          aside.remove(id(chosen));
        } else {
          boolean now = aside.add(id(chosen)) || !aside.remove(id(chosen));
          queue.setAside(chosen, now);
        }
      }
      list.sort(
          Comparator.comparing((TaskState task) -> task.task().priority())
              .reversed()
              .thenComparing(FCFS));
      compare(queue, list, aside, random);
    }
  }

  private static void compare(
      WaitingQueue queue, List<TaskState> list, Set<String> aside, Random random) {
    assertThat(queue.size()).isEqualTo(list.size());
    assertThat(queue.first())
        .isEqualTo(
            list.stream()
                .map(WaitingQueueTest::id)
                .filter(id -> !aside.contains(id))
                .findFirst()
                .orElse(null));
    assertThat(queue.aside())
        .containsExactlyElementsOf(
            list.stream().map(WaitingQueueTest::id).filter(aside::contains).toList());
    if (!list.isEmpty()) {
      int position = random.nextInt(list.size());
      assertThat(queue.position(list.get(position))).isEqualTo(position);
    }
  }

  private static String id(TaskState task) {
    return task.task().taskId();
  }

  private static TaskState waiting(int sequence, int priority, int second) {
    return new TaskState(
        task("t" + sequence).ofPriority(priority).submittedAt(at(second)).build(),
        UNKNOWN,
        sequence,
        Phase.QUEUED,
        0,
        List.of(),
        at(0),
        Reason.WAITS_FOR_EARLIER,
        TaskMoves.NONE,
        TaskSize.of(Resources.NONE));
  }
}
