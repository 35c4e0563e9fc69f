package io.attentionflow.allocation;

import static io.attentionflow.allocation.Pools.UNKNOWN;
import static io.attentionflow.allocation.Pools.at;
import static io.attentionflow.allocation.Pools.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attentionflow.allocation.PoolPolicy.Ordering;
import io.attentionflow.allocation.TaskState.Phase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The queue against a sorted list. */
class WaitingQueueTest {

  private static final Comparator<TaskState> FCFS =
      Comparator.comparing((TaskState task) -> task.task().submittedAt())
          .thenComparing(TaskState::sequence);

  private final WaitingQueue queue =
      WaitingQueue.of(Ordering.PRIORITY, AttentionPolicy.defaults(), false);
  private final Map<TaskState, WaitingQueue.Entry> entries = new HashMap<>();

  @Test
  void isASortedListWhateverIsAddedRemovedAndSetAside() {
    List<TaskState> list = new ArrayList<>();
    Set<String> aside = new HashSet<>();
    Random random = new Random(1);
    for (int i = 0; i < 3_000; i++) {
      int dice = random.nextInt(10);
      if (dice < 5 || list.isEmpty()) {
        TaskState added = waiting(i, random.nextInt(3), random.nextInt(20));
        entries.put(added, queue.add(new WaitingTask(added), false));
        list.add(added);
      } else {
        TaskState chosen = list.get(random.nextInt(list.size()));
        if (dice < 8) {
          assertThat(queue.remove(entry(chosen))).isEqualTo(aside.remove(id(chosen)));
          list.remove(chosen);
        } else {
          boolean now = aside.add(id(chosen)) || !aside.remove(id(chosen));
          queue.setAside(entry(chosen), now);
        }
      }
      list.sort(
          Comparator.comparing((TaskState task) -> task.task().priority())
              .reversed()
              .thenComparing(FCFS));
      compare(list, aside, random);
    }
  }

  @Test
  void doesNotFindWhatDoesNotWait() {
    queue.add(new WaitingTask(waiting(0, 1, 0)), false);

    assertThatThrownBy(() -> queue.find(waiting(1, 1, 0)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("t1");
  }

  private void compare(List<TaskState> list, Set<String> aside, Random random) {
    assertThat(queue.size()).isEqualTo(list.size());
    WaitingTask first = queue.first();
    assertThat(first == null ? null : id(first.state()))
        .isEqualTo(
            list.stream()
                .map(WaitingQueueTest::id)
                .filter(id -> !aside.contains(id))
                .findFirst()
                .orElse(null));
    assertThat(queue.aside().stream().map(task -> id(task.state())))
        .containsExactlyElementsOf(
            list.stream().map(WaitingQueueTest::id).filter(aside::contains).toList());
    if (!list.isEmpty()) {
      int position = random.nextInt(list.size());
      TaskState there = list.get(position);
      assertThat(queue.position(entry(there))).isEqualTo(position);
      assertThat(queue.find(there).state()).isSameAs(there);
    }
  }

  private WaitingQueue.Entry entry(TaskState task) {
    return Objects.requireNonNull(entries.get(task));
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
