package io.attentionflow.launcher.pipeline;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.launcher.flink.FlinkInProcess;
import io.attentionflow.launcher.kafka.EmbeddedKafka;
import io.attentionflow.launcher.pipeline.World.Place;
import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.AllocationDecision;
import io.attentionflow.schema.DeadLetter;
import io.attentionflow.schema.DeadLetterReason;
import io.attentionflow.schema.FeedbackState;
import io.attentionflow.schema.NodeEventKind;
import io.attentionflow.schema.PendingTask;
import io.attentionflow.schema.Reason;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.TaskFeedback;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.simulation.trace.TaskTruth;
import io.attentionflow.simulation.trace.TaskTruth.End;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.apache.flink.api.common.JobID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * All that can go wrong at once: much of what is read is of no use or comes twice, and machines die
 * in the middle. What is committed is as if nothing of that had happened.
 */
class FailureITCase {

  private static final int BURSTS = 6;
  private static final int BURST = 200;

  private static EmbeddedKafka kafka;
  private static FlinkInProcess flink;

  @BeforeAll
  static void start() throws Exception {
    kafka = EmbeddedKafka.start();
    flink = FlinkInProcess.start(2, 1);
  }

  @AfterAll
  static void stop() {
    flink.close();
    kafka.close();
  }

  @Test
  void decidesOnceAboutEachTaskWhateverIsReadAndWhoeverDies() throws Exception {
    try (Storm storm = new Storm()) {
      storm.begin();
      for (int burst = 0; burst < BURSTS; burst++) {
        storm.burst();
        switch (burst) {
          case 1 -> storm.killInTheMiddle(0);
          case 2 -> storm.shrink();
          case 4 -> storm.killInTheMiddle(1);
          default -> storm.world.turn();
        }
      }
      storm.end();

      assertThat(flink.restores(storm.job)).isEqualTo(2);
      storm.checkThatWorkWasThrownAway();
      storm.checkCommands();
      storm.checkNodes();
      storm.checkPending();
      storm.checkDeadLetters();
    }
  }

  /** One test's world, and what is expected of it. */
  private static final class Storm implements AutoCloseable {

    private static final Resources GREY = new Resources(8000L, 16_384L, 4, 1000L, 0L);
    private static final Resources GREY_SHRUNKEN = new Resources(5000L, 16_384L, 2, 1000L, 0L);

    private final World world;
    private final Log<AllocationCommand> attempted;
    private final SplittableRandom random = new SplittableRandom(20240506);
    private final RandomTasks tasks = new RandomTasks(random.nextLong());
    private final NodeLedger ledger = new NodeLedger();

    /** All tasks that make sense, by id. */
    private final Map<String, TaskEvent> submitted = new LinkedHashMap<>();

    private final Set<String> staysPending = new TreeSet<>();
    private final Set<String> rejected = new TreeSet<>();
    private final Set<String> cancelled = new HashSet<>();
    private final List<TaskEvent> anchors = new ArrayList<>();

    /** Repetitions and cancellations that are still to be sent. */
    private final Deque<TaskEvent> echoes = new ArrayDeque<>();

    private final Map<Place, BadRecords.Bad> bad = new HashMap<>();
    private Iterator<BadRecords.Bad> nextBad = List.<BadRecords.Bad>of().iterator();
    private JobID job = new JobID();

    Storm() throws Exception {
      world = new World(kafka, flink, "storm.", Map.of("input.pools", "blue,green,grey,empty"));
      attempted =
          world.read(Topic.ALLOCATION_COMMANDS, AllocationCommand.class, Log.Sees.EVERYTHING);
      world.courier(this::carry);
    }

    void begin() throws Exception {
      for (int i = 0; i < 6; i++) {
        join("blue" + i, "blue", new Resources(32_000L, 65_536L, 0, 0L, 400L), null);
      }
      for (int i = 0; i < 4; i++) {
        join(
            "green" + i,
            "green",
            new Resources(32_000L, 32_768L, 8, 1000L, 0L),
            i == 0 ? "T4" : "A100");
      }
      join("grey0", "grey", GREY, "T4");
      join("grey1", "grey", Samples.cpu(1000, 1024), null);
      world.start(2);
      job = world.job();
      for (int i = 0; i < 8; i++) {
        TaskEvent anchor =
            Samples.task("anchor" + i, "grey", "ann", world.now())
                .setPriority(i)
                .setRequest(new Resources(1000L, 1024L, i < 4 ? 1 : 0, i < 4 ? 1000L : 0L, 0L))
                .build();
        submit(anchor, Samples.truth(anchor, Duration.ofMillis(TaskTruth.FOREVER), End.SUCCEEDED));
        anchors.add(anchor);
      }
      TaskEvent homeless = Samples.task("homeless", "empty", "ann", world.now()).build();
      submit(
          homeless,
          tasks.truth(
              Samples.task("any", "blue", "ann", world.now()).setTaskType("type0").build()));
      staysPending.add("homeless");
      world.await(
          "anchors are placed",
          () -> anchors.stream().allMatch(anchor -> world.book().isOpen(anchor.getTaskId())));
    }

    private void join(String nodeId, String pool, Resources capacity, @Nullable String model)
        throws Exception {
      world.join(Samples.node(nodeId, pool, capacity, model));
      ledger.node(nodeId, capacity);
    }

    private void submit(TaskEvent task, TaskTruth truth) throws Exception {
      submitted.put(task.getTaskId(), task);
      world.agents().expect(task.getTaskId(), truth);
      world.send(task);
    }

    void burst() throws Exception {
      for (int i = 0; i < BURST; i++) {
        world.pass(Duration.ofMillis(20));
        submitOne();
        if (random.nextInt(3) == 0 && !echoes.isEmpty()) {
          world.send(echoes.remove());
        }
        if (i % 5 == 0) {
          sendBad();
        }
        if (i % 20 == 0) {
          speakOutOfOrder("blue" + random.nextInt(6));
        }
      }
    }

    private void submitOne() throws Exception {
      String taskId = "task%04d".formatted(submitted.size());
      TaskEvent task = tasks.next(taskId, world.now());
      int kind = random.nextInt(100);
      if (kind < 2) {
        task.setRequest(Samples.cpu(1_000_000, 1));
        staysPending.add(taskId);
      } else if (kind < 4) {
        task.setMaxShards(1000);
        rejected.add(taskId);
      } else if (kind < 9) {
        cancelled.add(taskId);
        echoes.add(Samples.cancellation(task, world.now().plusMillis(100)));
      } else if (kind < 25) {
        echoes.add(task);
      }
      submit(task, tasks.truth(task));
    }

    private void sendBad() throws Exception {
      if (!nextBad.hasNext()) {
        nextBad = BadRecords.all(world).iterator();
      }
      BadRecords.Bad record = nextBad.next();
      bad.put(world.send(record.topic(), null, record.key(), record.value()), record);
    }

    /** An old word of a node changes nothing, though it tells of less than what runs there. */
    private void speakOutOfOrder(String nodeId) throws Exception {
      Resources less = Samples.cpu(10, 10);
      var word = Samples.heartbeat(nodeId, "blue", less, world.now().minusSeconds(3600));
      world.send(word.build());
      world.send(word.setKind(NodeEventKind.JOINED).build());
      world.send(word.setKind(NodeEventKind.LEFT).build());
    }

    /** Some words come twice; and some come from a node where the task is not. */
    private void carry(TaskFeedback word) throws Exception {
      boolean never = word.getPool().equals("blue") && !cancelled.contains(word.getTaskId());
      if (never && word.getState() == FeedbackState.STARTED && random.nextInt(10) == 0) {
        TaskFeedback stranger = TaskFeedback.newBuilder(word).setNodeId("stranger").build();
        bad.put(
            world.send(stranger),
            BadRecords.Bad.late(
                Topic.TASK_FEEDBACK,
                DeadLetterReason.UNKNOWN_NODE,
                word.getTaskId().getBytes(StandardCharsets.UTF_8),
                world.encode(stranger)));
      }
      ledger.feedback(word);
      world.send(word);
      if (random.nextInt(10) == 0) {
        world.send(word);
      }
    }

    /** Kills a TaskManager while commands are written that nobody may see yet. */
    void killInTheMiddle(int index) throws Exception {
      long completed = flink.completedCheckpoints(job);
      world.await("there is a checkpoint", () -> flink.completedCheckpoints(job) > completed);
      world.await(
          "commands are written and not committed",
          () -> {
            submitOne();
            int written = attempted.readToEnd().values().size();
            int committed = world.commands().readToEnd().values().size();
            return written > committed
                ? List.of()
                : List.of("%d written, %d committed".formatted(written, committed));
          });
      long before = flink.restores(job);
      flink.replaceTaskManager(index);
      world.await("the job goes on from a checkpoint", () -> flink.restores(job) > before);
    }

    void shrink() throws Exception {
      ledger.shrinks("grey0", GREY_SHRUNKEN);
      world.send(Samples.heartbeat("grey0", "grey", GREY_SHRUNKEN, world.now()).build());
    }

    void end() throws Exception {
      while (!echoes.isEmpty()) {
        world.send(echoes.remove());
      }
      while (nextBad.hasNext()) {
        sendBad();
      }
      world.await(
          "what is too much for the shrunken node is stopped",
          () -> anchors.stream().anyMatch(anchor -> !world.book().isOpen(anchor.getTaskId())));
      TaskEvent first = anchors.remove(7);
      world.send(Samples.cancellation(first, world.now()));
      world.await(
          "what was stopped has the room of what was cancelled",
          () ->
              anchors.stream().anyMatch(anchor -> world.book().generation(anchor.getTaskId()) > 1));
      for (TaskEvent anchor : anchors) {
        world.send(Samples.cancellation(anchor, world.now()));
      }
      world.await(
          "all tasks end",
          () ->
              submitted.keySet().stream()
                  .filter(id -> !staysPending.contains(id) && !world.book().isOver(id))
                  .map(id -> submitted.get(id) + " " + world.book().isOpen(id))
                  .toList());
      Log<DeadLetter> letters =
          world.read(Topic.DEAD_LETTERS, DeadLetter.class, Log.Sees.COMMITTED);
      world.await(
          "all dead letters come", () -> letters.readToEnd().entries().size() >= bad.size());
      letters.close();
      world.stop();
      world.commands().readToEnd();
    }

    void checkThatWorkWasThrownAway() {
      assertThat(attempted.readToEnd().values().size())
          .isGreaterThan(world.commands().values().size());
    }

    void checkCommands() {
      List<AllocationCommand> log = world.commands().values();
      CommandBook book = CommandBook.of(log);
      assertThat(book.violations()).isEmpty();
      Set<String> decided = new TreeSet<>(submitted.keySet());
      decided.removeAll(staysPending);
      assertThat(book.tasks()).containsExactlyInAnyOrderElementsOf(decided);
      assertThat(log)
          .filteredOn(command -> rejected.contains(command.getTaskId()))
          .allSatisfy(
              command -> {
                assertThat(command.getAction()).isEqualTo(Action.REJECT);
                assertThat(command.getReason()).isEqualTo(Reason.INVALID_REQUEST);
              })
          .hasSameSizeAs(rejected);
      assertThat(log)
          .filteredOn(command -> command.getReason() == Reason.CANCELLED)
          .extracting(AllocationCommand::getTaskId)
          .isNotEmpty()
          .allMatch(id -> cancelled.contains(id) || id.startsWith("anchor"));
      try (var decisions =
          world.read(Topic.ALLOCATION_DECISIONS, AllocationDecision.class, Log.Sees.COMMITTED)) {
        assertThat(decisions.readToEnd().values())
            .extracting(AllocationDecision::getCommandId)
            .containsExactlyInAnyOrderElementsOf(book.ids());
      }
    }

    void checkNodes() {
      ledger.replay(world.commands().values());
      assertThat(ledger.violations()).isEmpty();
      assertThat(ledger.checked()).isGreaterThan(submitted.size() / 2);
      assertThat(ledger.stopped("grey0")).isGreaterThanOrEqualTo(3);
    }

    void checkPending() {
      try (var pending =
          world.read(Topic.ALLOCATION_PENDING, PendingTask.class, Log.Sees.COMMITTED)) {
        Map<String, PendingTask> latest = new HashMap<>();
        for (Log.Entry<PendingTask> entry : pending.readToEnd().entries()) {
          PendingTask task = entry.value();
          if (task == null) {
            assertThat(latest.remove(entry.text())).as(entry.text()).isNotNull();
          } else {
            latest.put(entry.text(), task);
          }
        }
        assertThat(latest.keySet()).containsExactlyInAnyOrderElementsOf(staysPending);
        assertThat(latest)
            .allSatisfy(
                (id, task) ->
                    assertThat(task.getReason())
                        .isEqualTo(
                            id.equals("homeless") ? Reason.NO_NODES : Reason.EXCEEDS_EVERY_NODE));
      }
    }

    void checkDeadLetters() {
      try (var log = world.read(Topic.DEAD_LETTERS, DeadLetter.class, Log.Sees.COMMITTED)) {
        Map<Place, DeadLetter> letters = new HashMap<>();
        for (DeadLetter letter : log.readToEnd().values()) {
          Place place = new Place(letter.getTopic(), letter.getPartition(), letter.getOffset());
          assertThat(letters.put(place, letter)).as("first at " + place).isNull();
        }
        assertThat(letters.keySet()).containsExactlyInAnyOrderElementsOf(bad.keySet());
        bad.forEach((place, record) -> check(requireNonNull(letters.get(place)), record));
      }
    }

    private static void check(DeadLetter letter, BadRecords.Bad record) {
      assertThat(letter.getReason()).as(letter.toString()).isEqualTo(record.reason());
      assertThat(letter.getDetail()).isNotEmpty();
      assertThat(bytes(letter.getKey())).isEqualTo(record.keyInLetter());
      assertThat(bytes(letter.getValue())).isEqualTo(record.valueInLetter());
    }

    private static byte @Nullable [] bytes(@Nullable ByteBuffer buffer) {
      if (buffer == null) {
        return null;
      }
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return bytes;
    }

    @Override
    public void close() throws Exception {
      attempted.close();
      world.close();
    }
  }
}
