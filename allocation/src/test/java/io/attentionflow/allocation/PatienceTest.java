package io.attentionflow.allocation;

import static io.attentionflow.allocation.Pools.UNKNOWN;
import static io.attentionflow.allocation.Pools.at;
import static io.attentionflow.allocation.Pools.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attentionflow.allocation.TaskState.Phase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PatienceTest {

  private final Patience patience = new Patience();

  /** What is in it, beside its entry. */
  private record Known(WaitingTask task, Patience.Entry entry) {}

  @Test
  void knowsTheFirstOfASortedListWhoeverLeaves() {
    Comparator<Known> bySubmission =
        Comparator.comparing((Known each) -> each.task().task().submittedAt())
            .thenComparing(each -> each.task().sequence());
    List<Known> list = new ArrayList<>();
    Random random = new Random(1);
    for (int i = 0; i < 5_000; i++) {
      // It grows, and then shrinks until it is empty, so that it is tidied up at every size. Some
      // come
      // long after they were submitted, most about when.
      if (list.isEmpty() || random.nextInt(10) < (i < 2_500 ? 6 : 3)) {
        WaitingTask task = waiting(i, i - (random.nextInt(5) == 0 ? random.nextInt(300) : 0));
        list.add(new Known(task, patience.add(task)));
      } else {
        // The first leaves more often than the others.
        int any = random.nextBoolean() ? 0 : random.nextInt(list.size());
        patience.remove(list.remove(any).entry());
      }
      list.sort(bySubmission);
      assertThat(patience.first()).isSameAs(list.isEmpty() ? null : list.get(0).task());
    }
  }

  @Test
  void takesBackWhoLeft() {
    WaitingTask first = waiting(0, 0);
    Patience.Entry entry = patience.add(first);
    patience.add(waiting(1, 1));

    patience.remove(entry);
    patience.add(first);

    assertThat(patience.first()).isSameAs(first);
  }

  @Test
  void letsNobodyLeaveTwice() {
    Patience.Entry entry = patience.add(waiting(0, 0));
    patience.remove(entry);

    assertThatThrownBy(() -> patience.remove(entry)).isInstanceOf(IllegalStateException.class);
  }

  private static WaitingTask waiting(int sequence, int second) {
    return new WaitingTask(
        new TaskState(
            task("t" + sequence).submittedAt(at(second)).build(),
            UNKNOWN,
            sequence,
            Phase.QUEUED,
            0,
            List.of(),
            at(0),
            Reason.WAITS_FOR_EARLIER,
            TaskMoves.NONE,
            TaskSize.of(Resources.NONE)));
  }
}
