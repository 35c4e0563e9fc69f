package io.attentionflow.learning.features;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class InFlightTasksTest {

  /** The same, as plainly as can be. */
  private record Plain(String taskId, long request, boolean runs, long sinceMillis) {}

  @Test
  void doesWhatAPlainListDoes() throws IOException {
    SplittableRandom random = new SplittableRandom(3);
    InFlightTasks tasks = new InFlightTasks();
    List<Plain> plain = new ArrayList<>();
    for (int now = 0; now < 5_000; now++) {
      String taskId = "t" + (random.nextInt(3) == 0 ? now : random.nextInt(now + 1));
      int at = indexOf(plain, taskId);
      switch (random.nextInt(5)) {
        case 0 -> {
          tasks.remove(taskId);
          plain.removeIf(task -> task.taskId().equals(taskId));
        }
        case 1 -> {
          tasks.change(taskId, true, now);
          if (at >= 0) {
            plain.add(new Plain(taskId, plain.remove(at).request(), true, now));
          }
        }
        default -> {
          if (at < 0) {
            tasks.add(taskId, now % 7, false, now);
            plain.add(new Plain(taskId, now % 7, false, now));
          }
        }
      }
      if (plain.size() > 256) {
        plain.remove(0);
      }
      if (now % 500 == 0) {
        tasks = restored(tasks).copy();
      }
      assertThat(listed(tasks)).isEqualTo(withoutIds(plain));
      assertThat(tasks.find(taskId)).isEqualTo(indexOf(plain, taskId));
      assertThat(running(tasks)).isEqualTo(runningOf(plain));
      Patience patience = new Patience(random.nextInt(1_000), 0);
      int request = now % 7;
      assertThat(tasks.waiting(patience, now)).isEqualTo(waiting(plain, patience, now).size());
      assertThat(tasks.waiting(patience, now, request))
          .isEqualTo(
              waiting(plain, patience, now).stream()
                  .filter(task -> task.request() == request)
                  .count());
    }
    assertThat(plain).as("full at times").hasSizeGreaterThan(200);
  }

  @Test
  void sharesNothingWithItsCopy() {
    InFlightTasks tasks = new InFlightTasks();
    tasks.add("a", 1, false, 1);
    InFlightTasks copy = tasks.copy();

    tasks.change("a", true, 2);
    tasks.add("b", 1, false, 3);

    assertThat(listed(copy)).containsExactly(new Plain("", 1, false, 1));
  }

  private static List<Integer> running(InFlightTasks tasks) {
    List<Integer> running = new ArrayList<>();
    for (int at = tasks.nextRunning(0); at < tasks.size(); at = tasks.nextRunning(at + 1)) {
      running.add(at);
    }
    return running;
  }

  private static List<Integer> runningOf(List<Plain> plain) {
    return IntStream.range(0, plain.size()).filter(at -> plain.get(at).runs()).boxed().toList();
  }

  private static List<Plain> waiting(List<Plain> plain, Patience patience, long now) {
    return plain.stream()
        .filter(task -> !task.runs() && patience.believes(false, task.sinceMillis(), now))
        .toList();
  }

  private static int indexOf(List<Plain> plain, String taskId) {
    for (int at = 0; at < plain.size(); at++) {
      if (plain.get(at).taskId().equals(taskId)) {
        return at;
      }
    }
    return InFlightTasks.ABSENT;
  }

  private static List<Plain> listed(InFlightTasks tasks) {
    List<Plain> listed = new ArrayList<>();
    for (int at = 0; at < tasks.size(); at++) {
      listed.add(new Plain("", tasks.request(at), tasks.runs(at), tasks.sinceMillis(at)));
    }
    return listed;
  }

  private static List<Plain> withoutIds(List<Plain> plain) {
    return plain.stream()
        .map(task -> new Plain("", task.request(), task.runs(), task.sinceMillis()))
        .toList();
  }

  private static InFlightTasks restored(InFlightTasks tasks) throws IOException {
    var bytes = new ByteArrayOutputStream();
    tasks.writeTo(new DataOutputStream(bytes));
    return InFlightTasks.readFrom(
        new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
  }
}
