package io.attentionflow.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeOrderTest {

  private static final int SLOTS = 500;
  private static final int ROOMS = 2;

  private final int[] rooms = new int[2 * SLOTS * ROOMS];
  private final double[] measures = new double[SLOTS];
  private final NodeOrder order = new NodeOrder(ROOMS);

  /** With few different measures, so that many are equal; and with many. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1_000_000})
  void isSortedWhateverChanges(int measuresThere) {
    var random = new SplittableRandom(measuresThere);
    order.clear(SLOTS);
    List<Integer> in = new ArrayList<>();
    for (int change = 0; change < 20_000; change++) {
      int slot = random.nextInt(SLOTS);
      measures[slot] = random.nextInt(measuresThere);
      for (int room = 0; room < ROOMS; room++) {
        rooms[(SLOTS + slot) * ROOMS + room] = random.nextInt(100);
      }
      order.put(slot, measures[slot], rooms, SLOTS);
      if (!in.contains(slot)) {
        in.add(slot);
      }
      if (change % 100 == 0) {
        in.sort(Comparator.<Integer>comparingDouble(each -> measures[each]).thenComparing(i -> i));
        assertThat(slots()).isEqualTo(in);
        checkBounds(change % 200 == 0);
      }
    }
  }

  @Test
  void beginsAnewWhenCleared() {
    order.clear(SLOTS);
    order.put(3, 1, rooms, SLOTS);
    order.clear(SLOTS);
    order.put(2, 5, rooms, SLOTS);

    assertThat(slots()).containsExactly(2);
  }

  private List<Integer> slots() {
    List<Integer> slots = new ArrayList<>();
    for (NodeOrder.Run run : order.runs()) {
      for (int i = 0; i < run.size(); i++) {
        slots.add(run.slot(i));
      }
    }
    return slots;
  }

  /** A run says that it has at least as much room as any of its nodes; no more once tightened. */
  private void checkBounds(boolean tightened) {
    for (NodeOrder.Run run : order.runs()) {
      if (tightened) {
        run.tighten(rooms, SLOTS);
      }
      for (int room = 0; room < ROOMS; room++) {
        int most = Integer.MIN_VALUE;
        for (int i = 0; i < run.size(); i++) {
          most = Math.max(most, rooms[(SLOTS + run.slot(i)) * ROOMS + room]);
        }
        if (tightened) {
          assertThat(run.room()[room]).isEqualTo(most);
        } else {
          assertThat(run.room()[room]).isGreaterThanOrEqualTo(most);
        }
      }
    }
  }
}
