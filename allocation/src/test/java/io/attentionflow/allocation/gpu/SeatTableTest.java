package io.attentionflow.allocation.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What changed when, against a note of the last change of each node. */
class SeatTableTest {

  private final SeatTable table = new SeatTable();
  private final List<GpuSeat> seats = new ArrayList<>();
  private final Map<Integer, Long> lastChange = new HashMap<>();
  private final Map<GpuSeat, GpuSet> free = new HashMap<>();

  @Test
  void findsThoseThatChangedSinceWhateverHappens() {
    Random random = new Random(1);
    List<Long> asOf = new ArrayList<>(List.of(0L));
    for (int step = 0; step < 5_000; step++) {
      changeOne(random, step);
      if (random.nextInt(20) == 0) {
        asOf.add(table.changes());
      }
      if (step % 5 == 0) {
        long change = asOf.get(random.nextInt(asOf.size()));
        assertThat(changedSince(change)).isEqualTo(plainlyChangedSince(change));
        check();
      }
    }
    assertThat(table.slots()).isGreaterThan(64).isLessThan(200);
  }

  private void changeOne(Random random, int step) {
    int dice = random.nextInt(20);
    if (seats.isEmpty() || (dice < 4 && seats.size() < 150)) {
      GpuSeat seat = new GpuSeat(step, step);
      table.add(seat);
      seats.add(seat);
      takesNothing(seat);
      return;
    }
    GpuSeat seat = seats.get(random.nextInt(seats.size()));
    if (dice < 6) {
      lastChange.put(seat.slot, table.changes() + 1);
      table.remove(seat);
      seats.remove(seat);
      free.remove(seat);
    } else if (dice < 8) {
      takesNothing(seat);
    } else if (dice < 10) {
      table.worth[seat.slot] = 5;
      table.change(seat.slot);
      lastChange.put(seat.slot, table.changes());
    } else {
      GpuSet gpus = GpuSet.of("T4", new int[] {random.nextInt(1001), 1000 * random.nextInt(2)});
      table.set(seat.slot, random.nextInt(9), random.nextInt(9), random.nextInt(9), gpus);
      lastChange.put(seat.slot, table.changes());
      free.put(seat, gpus);
    }
  }

  private void takesNothing(GpuSeat seat) {
    table.takesNothing(seat.slot);
    lastChange.put(seat.slot, table.changes());
    free.remove(seat);
  }

  private Set<Integer> changedSince(long change) {
    Set<Integer> slots = new HashSet<>();
    for (int slot = table.newest();
        slot != SeatTable.NONE && table.changed[slot] > change;
        slot = table.before(slot)) {
      assertThat(slots.add(slot)).as("slot %d comes once", slot).isTrue();
    }
    return slots;
  }

  private Set<Integer> plainlyChangedSince(long change) {
    Set<Integer> slots = new HashSet<>();
    lastChange.forEach(
        (slot, last) -> {
          if (last > change) {
            slots.add(slot);
          }
        });
    return slots;
  }

  private void check() {
    long freeMillis = 0;
    Set<Integer> taken = new HashSet<>();
    for (GpuSeat seat : seats) {
      GpuSet gpus = free.get(seat);
      taken.add(seat.slot);
      assertThat(table.seats[seat.slot]).isSameAs(seat);
      assertThat(table.order[seat.slot]).isEqualTo(seat.order);
      assertThat(table.gpus[seat.slot]).isSameAs(gpus);
      assertThat(table.largest[seat.slot]).isEqualTo(gpus == null ? -1 : gpus.largest);
      assertThat(table.cpu[seat.slot] < 0).isEqualTo(gpus == null);
      freeMillis += gpus == null ? 0 : gpus.freeMillis;
    }
    assertThat(taken).hasSameSizeAs(seats);
    assertThat(table.freeGpuMillis()).isEqualTo(freeMillis);
  }

  @Test
  void knowsWhenAllChanged() {
    GpuSeat seat = new GpuSeat(1, 1);
    table.add(seat);
    table.takesNothing(seat.slot);
    long before = table.changes();
    table.worth[seat.slot] = 5;

    table.allChange();

    assertThat(table.allChangedSince(before)).isTrue();
    assertThat(table.allChangedSince(table.changes())).isFalse();
    assertThat(table.worth[seat.slot]).isNaN();
  }
}
