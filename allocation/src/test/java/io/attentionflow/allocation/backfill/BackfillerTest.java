package io.attentionflow.allocation.backfill;

import static io.attentionflow.allocation.backfill.Backfiller.Candidates.IN_ORDER;
import static io.attentionflow.allocation.backfill.Backfiller.Candidates.SHORTEST_FIRST;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attentionflow.allocation.backfill.Backfiller.Candidates;
import io.attentionflow.allocation.backfill.Backfiller.Kept;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackfillerTest {

  private static final long LIMIT = 100;

  private Backfiller backfiller = new Backfiller(new long[] {10}, IN_ORDER, Backfiller.ENDLESS);
  private final List<Long> started = new ArrayList<>();

  @Test
  void startsWhatFitsAndReservesForTheFirstThatDoesNot() {
    submit(1, 6, 50);
    submit(2, 8, 50);
    pass(0);

    assertThat(started).containsExactly(1L);
    assertThat(backfiller.kept()).containsExactly(new Kept(2, 50, false));
  }

  @Test
  void letsAShortTaskOvertakeButNotALongOne() {
    submit(1, 6, 50);
    submit(2, 8, 50);
    submit(3, 4, 51);
    submit(4, 4, 50);
    pass(0);

    assertThat(started).containsExactly(1L, 4L);
  }

  @Test
  void letsALongTaskOvertakeBesideTheReservation() {
    submit(1, 6, 50);
    submit(2, 8, 50);
    submit(3, 2, 1000);
    submit(4, 2, 1000);
    pass(0);

    assertThat(started).containsExactly(1L, 3L);
  }

  @Test
  void fillsGapsWithTheShortestFirstIfToldTo() {
    backfiller = new Backfiller(new long[] {10}, SHORTEST_FIRST, Backfiller.ENDLESS);
    submit(1, 6, 50);
    submit(2, 8, 50);
    submit(3, 4, 40);
    submit(4, 4, 30);
    pass(0);

    assertThat(started).containsExactly(1L, 4L);
  }

  @Test
  void looksAtEveryResource() {
    backfiller = new Backfiller(new long[] {10, 100}, IN_ORDER, Backfiller.ENDLESS);
    backfiller.submit(task(1, new long[] {1, 90}, 0, 50));
    backfiller.submit(task(2, new long[] {1, 20}, 0, 50));
    backfiller.submit(task(3, new long[] {9, 10}, 0, 50));
    backfiller.submit(task(4, new long[] {9, 10}, 0, 60));
    pass(0);

    assertThat(started).containsExactly(1L, 3L);
    assertThat(backfiller.kept()).containsExactly(new Kept(2, 50, false));
  }

  @Test
  void movesTheReservationWhenATaskOutlivesItsPrediction() {
    submit(1, 6, 50);
    submit(2, 8, 50);
    pass(0);
    assertThat(backfiller.nextToEnd()).isNotNull();
    assertThat(backfiller.expectedEndMillis(1)).isEqualTo(50);

    backfiller.expectEnd(1, 90);
    pass(50);

    assertThat(backfiller.kept()).containsExactly(new Kept(2, 90, false));
  }

  @Test
  void ordersAnewAfterAPrediction() {
    submit(1, 10, 50);
    submit(2, 8, 50);
    submit(3, 8, 50);
    pass(0);
    backfiller.predict(3, 1, 10, 10);
    backfiller.ended(1);
    pass(10);

    assertThat(started).containsExactly(1L, 3L);
  }

  @Test
  void forgetsWhatIsWithdrawn() {
    submit(1, 10, 50);
    submit(2, 8, 50);
    pass(0);
    backfiller.withdraw(2);
    backfiller.withdraw(2);
    backfiller.ended(1);
    backfiller.ended(1);
    pass(10);

    assertThat(started).containsExactly(1L);
    assertThat(backfiller.waitingCount()).isZero();
    assertThat(backfiller.runningCount()).isZero();
    assertThat(backfiller.free(0)).isEqualTo(10);
  }

  @Test
  void refusesATaskTwiceAndOneOfOtherResources() {
    submit(1, 6, 50);

    assertThatThrownBy(() -> submit(1, 6, 50)).hasMessageContaining("known already");
    assertThatThrownBy(() -> backfiller.submit(task(2, new long[] {1, 1}, 0, 5)))
        .hasMessageContaining("2 resources");
  }

  @Test
  void doesNotKeepRoomForWhatCanNeverFit() {
    submit(1, 6, 50);
    submit(2, 11, 50);
    submit(3, 4, 1000);
    pass(0);

    assertThat(started).containsExactly(1L, 3L);
    assertThat(backfiller.kept()).isEmpty();
  }

  @Test
  void keepsFirmRoomByLimitsForWhoIsOutOfPatience() {
    backfiller = new Backfiller(new long[] {10}, IN_ORDER, 20);
    submit(1, 6, 50);
    submit(2, 8, 50, 0, 99);
    pass(0);
    // Expected to be over before the reservation, but its limit lies beyond.
    submit(3, 4, 10, 20, 3);
    pass(20);

    assertThat(started).containsExactly(1L);
    assertThat(backfiller.kept()).containsExactly(new Kept(2, LIMIT, true));
  }

  @Test
  void drainsForWhoIsOutOfPatienceWhereNothingBoundsTheRunTimes() {
    backfiller = new Backfiller(new long[] {10}, IN_ORDER, 20);
    backfiller.submit(new RigidTask(1, new long[] {6}, 0, 0, 50, 50, RigidTask.NO_LIMIT));
    backfiller.submit(new RigidTask(2, new long[] {8}, 0, 1, 50, 50, RigidTask.NO_LIMIT));
    pass(0);
    backfiller.submit(new RigidTask(3, new long[] {3}, 20, 2, 1, 1, 1));
    backfiller.submit(new RigidTask(4, new long[] {2}, 20, 3, 1, 1, RigidTask.NO_LIMIT));
    pass(20);

    assertThat(started).containsExactly(1L, 4L);
    assertThat(backfiller.kept()).startsWith(new Kept(2, Long.MAX_VALUE, true));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void decidesAsThePlainOneDoes(long seed) {
    Random random = new Random(seed);
    int dimensions = 1 + random.nextInt(3);
    long[] capacity = new long[dimensions];
    for (int i = 0; i < dimensions; i++) {
      capacity[i] = random.nextLong(20, 120);
    }
    Candidates candidates = random.nextBoolean() ? IN_ORDER : SHORTEST_FIRST;
    long patience = random.nextInt(3) == 0 ? Backfiller.ENDLESS : random.nextLong(2000);
    Backfiller fast = new Backfiller(capacity, candidates, patience);
    PlainBackfiller plain = new PlainBackfiller(capacity, candidates, patience);
    Map<Long, Long> ends = new TreeMap<>();
    long now = 0;
    for (int i = 0; i < 4000; i++) {
      now += random.nextInt(20);
      int what = random.nextInt(10);
      if (what < 4) {
        RigidTask task = random(random, i, capacity, now);
        fast.submit(task);
        plain.submit(task);
      } else if (what < 5) {
        long id = random.nextInt(i + 1);
        long key = random.nextInt(50_000);
        long expected = random.nextInt(300);
        fast.predict(id, key, expected, expected + 5);
        plain.predict(id, key, expected, expected + 5);
      } else if (what < 6 && random.nextInt(4) == 0) {
        long id = random.nextInt(i + 1);
        fast.withdraw(id);
        plain.withdraw(id);
      } else if (what < 9 && !ends.isEmpty()) {
        long id = List.copyOf(ends.keySet()).get(random.nextInt(ends.size()));
        ends.remove(id);
        fast.ended(id);
        plain.ended(id);
      } else {
        RigidTask next = fast.nextToEnd();
        if (next != null && fast.expectedEndMillis(next.id()) <= now) {
          fast.expectEnd(next.id(), now + 50);
          plain.expectEnd(next.id(), now + 50);
        }
      }
      List<Long> startedNow = new ArrayList<>();
      fast.pass(now, task -> startedNow.add(task.id()));
      assertThat(startedNow).as("seed %d, event %d", seed, i).isEqualTo(plain.pass(now));
      for (long id : startedNow) {
        ends.put(id, now);
      }
    }
  }

  private static RigidTask random(Random random, long id, long[] capacity, long now) {
    long[] demand = new long[capacity.length];
    for (int i = 0; i < demand.length; i++) {
      demand[i] = random.nextInt((int) capacity[i] / (random.nextInt(4) + 1) + 1);
    }
    long expected = random.nextInt(300);
    long limit = random.nextInt(5) == 0 ? RigidTask.NO_LIMIT : 1 + expected * 2;
    return new RigidTask(
        id, demand, now, random.nextInt(50_000), expected, expected + random.nextInt(100), limit);
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void neverDelaysAReservationWhilePredictionsHold(long seed) {
    Random random = new Random(seed);
    Map<Long, Long> promised = new HashMap<>();
    backfiller = new Backfiller(new long[] {64}, IN_ORDER, Backfiller.ENDLESS);

    run(
        random,
        5000,
        (id, now) -> {
          // Tasks run exactly as expected, first come, first served.
          long millis = random.nextLong(1, 400);
          return new RigidTask(id, width(random), now, now, millis, millis, RigidTask.NO_LIMIT);
        },
        (task, now) -> {
          Long at = promised.get(task.id());
          if (at != null) {
            assertThat(now).as("seed %d, task %d", seed, task.id()).isLessThanOrEqualTo(at);
          }
          return task.expectedMillis();
        },
        kept -> promised.putIfAbsent(kept.taskId(), kept.atMillis()));

    assertThat(promised).hasSizeGreaterThan(100);
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24})
  void boundsEveryWaitHoweverWrongPredictionsAre(long seed) {
    Random random = new Random(seed);
    long patience = 2_000;
    long limit = 400;
    Map<Long, Long> submitted = new TreeMap<>();
    Map<Long, Integer> ahead = new HashMap<>();
    Map<Long, Long> promised = new HashMap<>();
    backfiller = new Backfiller(new long[] {64}, IN_ORDER, patience);

    run(
        random,
        5000,
        (id, now) -> {
          submitted.put(id, now);
          // A wide one now and then, at the end of the order: others overtake it for ever.
          boolean wide = random.nextInt(20) == 0;
          long[] demand = {wide ? random.nextLong(40, 65) : random.nextLong(1, 9)};
          long key = wide ? Long.MAX_VALUE : now;
          ahead.put(id, submitted.size());
          return new RigidTask(id, demand, now, key, 1, 1, limit);
        },
        (task, now) -> {
          long wait = now - task.submittedAtMillis();
          long bound = patience + (requireNonNull(ahead.get(task.id())) + 1) * limit;
          assertThat(wait).as("seed %d, task %d", seed, task.id()).isLessThanOrEqualTo(bound);
          Long at = promised.get(task.id());
          if (at != null) {
            assertThat(now).as("seed %d, task %d", seed, task.id()).isLessThanOrEqualTo(at);
          }
          submitted.remove(task.id());
          return random.nextLong(1, limit + 1);
        },
        kept -> {
          if (kept.firm()) {
            promised.putIfAbsent(kept.taskId(), kept.atMillis());
          }
        });

    assertThat(promised).hasSizeGreaterThan(20);
  }

  private interface Submission {
    RigidTask at(long id, long now);
  }

  private interface Start {
    /** How long the task will run. */
    long at(RigidTask task, long now);
  }

  private interface Promise {
    void of(Kept kept);
  }

  /** Submits tasks faster than they can run, then runs the queue empty. */
  private void run(Random random, int tasks, Submission submission, Start start, Promise promise) {
    TreeMap<Long, List<Long>> ends = new TreeMap<>();
    long nextSubmission = 0;
    long id = 0;
    while (id < tasks || !ends.isEmpty()) {
      long nextEnd = ends.isEmpty() ? Long.MAX_VALUE : ends.firstKey();
      long now = id < tasks ? Math.min(nextSubmission, nextEnd) : nextEnd;
      if (now == nextEnd) {
        List<Long> over = requireNonNull(ends.remove(now));
        over.forEach(backfiller::ended);
      }
      if (now == nextSubmission && id < tasks) {
        backfiller.submit(submission.at(id, now));
        id++;
        nextSubmission += random.nextInt(id % 500 < 300 ? 30 : 90);
      }
      backfiller.pass(
          now,
          task ->
              ends.computeIfAbsent(now + start.at(task, now), end -> new ArrayList<>())
                  .add(task.id()));
      backfiller.kept().forEach(promise::of);
    }
    assertThat(backfiller.waitingCount()).isZero();
    assertThat(backfiller.free(0)).isEqualTo(64);
  }

  private static long[] width(Random random) {
    return new long[] {random.nextLong(1, 1 + (1L << random.nextInt(7)))};
  }

  @Test
  void findsItsWayThroughALongQueueWithoutScanning() {
    Random random = new Random(31);
    backfiller = new Backfiller(new long[] {1024}, IN_ORDER, Backfiller.ENDLESS);
    for (int i = 0; i < 100_000; i++) {
      long millis = random.nextLong(1000, 1_000_000);
      backfiller.submit(task(i, new long[] {random.nextLong(1, 513)}, 0, millis));
    }
    long now = 0;
    int passes = 2000;
    long before = backfiller.visits();
    for (int i = 0; i < passes; i++) {
      pass(now);
      RigidTask next = requireNonNull(backfiller.nextToEnd());
      now = backfiller.expectedEndMillis(next.id());
      backfiller.ended(next.id());
    }

    // A fiftieth of the queue for a whole pass, with all that it starts.
    assertThat((backfiller.visits() - before) / passes).isLessThan(2_500);
    assertThat(backfiller.waitingCount()).isGreaterThan(90_000);
  }

  private void submit(long id, long width, long millis) {
    submit(id, width, millis, 0, id);
  }

  private void submit(long id, long width, long millis, long now, long key) {
    backfiller.submit(new RigidTask(id, new long[] {width}, now, key, millis, millis, LIMIT));
  }

  private static RigidTask task(long id, long[] demand, long now, long millis) {
    return new RigidTask(id, demand, now, id, millis, millis, RigidTask.NO_LIMIT);
  }

  private void pass(long now) {
    backfiller.pass(now, task -> started.add(task.id()));
  }
}
