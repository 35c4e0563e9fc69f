package io.attentionflow.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.PoolOutput.Commanded;
import io.attentionflow.allocation.PoolOutput.Stayed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pools in {@linkplain RandomEvents small worlds gone wrong}, in virtual time: all invariants after
 * every event, stopped and restored on the way; in some of the worlds decision for decision as the
 * plain engine, which takes thirty times as long.
 *
 * <p>Run more by {@code benchmarks/faults --events N --seed S --plain-every K}. A seed that fails
 * is in the message, with the command that repeats it, and belongs into {@link #failedBefore} once
 * mended.
 */
class FaultsTest {

  /** Of one world. */
  private static final int EVENTS = 1_000;

  private static final int WORLDS = (int) (Long.getLong("faults.events", 2_000_000) / EVENTS);
  private static final long FIRST_SEED = Long.getLong("faults.seed", 0);

  /** Every so many worlds, the plain engine decides, too. */
  private static final int PLAIN_EVERY = Integer.getInteger("faults.plainEvery", 10);

  private final Set<Reason> commanded = EnumSet.noneOf(Reason.class);
  private final Set<Reason> stayed = EnumSet.noneOf(Reason.class);

  @Test
  void holdsAllInvariantsAndDecidesAsThePlainOneWhateverHappens() {
    for (int world = 0; world < Math.max(1, WORLDS); world++) {
      run(FIRST_SEED + world, world % PLAIN_EVERY == 0);
    }
    if (WORLDS >= 1_000) {
      assertThat(commanded)
          .contains(
              Reason.PLACED,
              Reason.MORE_IMPORTANT_WAITS,
              Reason.NODE_DRAINING,
              Reason.NODE_OVERLOADED,
              Reason.NODE_LOST,
              Reason.NODE_LEFT,
              Reason.NODE_SHRUNK,
              Reason.TASK_LOST,
              Reason.ATTEMPTS_EXHAUSTED);
      assertThat(stayed)
          .contains(
              Reason.NO_NET_BENEFIT,
              Reason.MOVE_LIMIT,
              Reason.MOVES_IN_CIRCLES,
              Reason.NODE_OVERLOADED,
              Reason.WAITS_FOR_EARLIER,
              Reason.EXCEEDS_EVERY_NODE);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0})
  void failedBefore(long seed) {
    run(seed, true);
  }

  private void run(long seed, boolean withPlain) {
    RandomEvents events = new RandomEvents(seed);
    Random restarts = new Random(seed);
    PlainPoolEngine plain = withPlain ? new PlainPoolEngine(events.policy()) : null;
    var store = new InMemoryPoolStore();
    var engine = new PoolEngine(events.policy(), store);
    var invariants = new PoolInvariants();
    boolean undecided = false;
    for (int i = 0; i < EVENTS; i++) {
      if (!undecided && restarts.nextInt(100) == 0) {
        store = shuffled(store, restarts);
        engine = new PoolEngine(PoolPolicy.defaults(), store);
      }
      PoolEvent event = events.next();
      List<PoolOutput> outputs;
      List<String> violations = List.of();
      List<PoolOutput> expected = null;
      try {
        if (restarts.nextInt(4) == 0) {
          outputs = engine.hear(event);
          expected = plain == null ? null : plain.hear(event);
          invariants.heard(event, outputs);
          undecided = true;
        } else {
          outputs = engine.on(event);
          expected = plain == null ? null : plain.on(event);
          violations = invariants.after(event, outputs);
          undecided = false;
          if (violations.isEmpty() && i % 50 == 0) {
            violations = invariants.against(store);
          }
        }
      } catch (RuntimeException e) {
        throw new AssertionError(where(seed, i, event), e);
      }
      if (!violations.isEmpty() || (expected != null && !expected.equals(outputs))) {
        assertThat(violations).as(where(seed, i, event)).isEmpty();
        assertThat(outputs).as(where(seed, i, event)).isEqualTo(expected);
      }
      outputs.forEach(this::note);
      events.hear(outputs);
    }
  }

  private static String where(long seed, int i, PoolEvent event) {
    return "seed %d, event %d: %s%nagain: benchmarks/faults --events 1000 --seed %d --plain-every 1%n"
        .formatted(seed, i, event, seed);
  }

  private void note(PoolOutput output) {
    if (output instanceof Commanded told) {
      commanded.add(told.command().reason());
    } else if (output instanceof Stayed stays) {
      stayed.add(stays.reason());
    }
  }

  private static InMemoryPoolStore shuffled(InMemoryPoolStore store, Random random) {
    var shuffled = new InMemoryPoolStore();
    PoolHeader header = store.header();
    if (header != null) {
      shuffled.putHeader(header);
    }
    shuffled.putGpuMemory(store.gpuMemory());
    List<NodeState> nodes = new ArrayList<>();
    store.nodes().forEach(nodes::add);
    Collections.shuffle(nodes, random);
    nodes.forEach(shuffled::putNode);
    List<TaskState> tasks = new ArrayList<>();
    store.tasks().forEach(tasks::add);
    Collections.shuffle(tasks, random);
    tasks.forEach(shuffled::putTask);
    return shuffled;
  }
}
