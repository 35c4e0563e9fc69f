package io.attentionflow.launcher.pipeline;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.launcher.flink.FlinkInProcess;
import io.attentionflow.launcher.kafka.EmbeddedKafka;
import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.DeadLetter;
import io.attentionflow.schema.FeedbackState;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.TaskFeedback;
import io.attentionflow.schema.topic.Topic;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Commands that appear before they are safe. After a failure the job decides again about what it
 * had read since its checkpoint, under the same ids.
 *
 * <p>That a repeat says the same as well is promised only where the order of what is read again is,
 * see {@link ReplayITCase}: with one tenant and one partition for each pool, and no feedback. And a
 * word about a task may be read again before the task itself is, and count for nothing. So whoever
 * is told a second time has to answer a second time.
 */
class AtLeastOnceITCase {

  private static final int POOLS = 3;
  private static final int TASKS = 40;

  /** So many of them fit beside the one that needs both nodes. */
  private static final int ROOM = 12;

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
  void saysAtOnceWhatItRepeatsAfterAFailureUnderTheSameIds() throws Exception {
    // No checkpoint but those that are asked for: so all that comes after one is repeated.
    try (World world =
        new World(
            kafka,
            flink,
            "hasty.",
            Map.of("delivery.guarantee", "at-least-once", "delivery.checkpoint-interval", "1h"))) {
      List<TaskFeedback> held = new ArrayList<>();
      world.courier(held::add);
      world.start(2);
      Set<String> tasks = new TreeSet<>();
      for (int pool = 0; pool < POOLS; pool++) {
        for (int node = 0; node < 2; node++) {
          String nodeId = "pool%d-node%d".formatted(pool, node);
          world.join(Samples.node(nodeId, "pool" + pool, Samples.cpu(16_000, 64_000), null));
        }
      }
      world.turn();
      for (int pool = 0; pool < POOLS; pool++) {
        tasks.add(submitForBothNodes(world, pool));
      }
      world.await("all nodes are there", () -> world.book().tasks().containsAll(tasks));
      world.await("every task runs", () -> flink.isRunning(world.job()));
      flink.checkpoint(world.job());

      for (int i = 0; i < TASKS; i++) {
        for (int pool = 0; pool < POOLS; pool++) {
          tasks.add(submit(world, pool, task(world, pool, "task" + i)));
        }
      }
      world.send(Topic.TASK_EVENTS, 0, null, new byte[] {1});
      int commands = POOLS * (1 + ROOM);
      world.await("commands appear", () -> world.commands().entries().size() == commands);
      world.await("the dead letter appears", () -> deadLetters(world).size() == 1);
      assertThat(flink.completedCheckpoints(world.job())).isEqualTo(1);
      flink.replaceTaskManager(0);
      world.await(
          "they appear again", () -> world.commands().entries().size() == commands + POOLS * ROOM);
      assertThat(flink.restores(world.job())).isEqualTo(1);
      world.courier(world::send);
      for (TaskFeedback word : held) {
        world.send(word);
      }
      world.await(
          "all tasks end", () -> tasks.stream().filter(id -> !world.book().isOver(id)).toList());

      Map<String, List<ByteBuffer>> byId = byId(world);
      assertThat(byId.keySet()).isEqualTo(idsOf(tasks));
      assertThat(byId.values()).allSatisfy(said -> assertThat(Set.copyOf(said)).hasSize(1));
      assertThat(byId.values()).filteredOn(said -> said.size() == 2).hasSize(POOLS * ROOM);
      assertThat(byId.values()).allMatch(said -> said.size() <= 2);
      world.await("the dead letter appears again", () -> deadLetters(world).size() == 2);
      assertThat(deadLetters(world)).containsOnly(deadLetters(world).get(0));
    }
  }

  @Test
  void seesTasksEndThoughWordsWereLostIfAgentsAnswerWheneverTheyAreTold() throws Exception {
    try (World world =
        new World(
            kafka,
            flink,
            "chatty.",
            Map.of("delivery.guarantee", "at-least-once", "delivery.checkpoint-interval", "1h"))) {
      world.courier(word -> {});
      world.start(2);
      world.join(Samples.node("node", "pool0", Samples.cpu(16_000, 64_000), null));
      world.turn();
      Set<String> tasks = new TreeSet<>();
      tasks.add(submit(world, 0, task(world, 0, "first")));
      world.await("the node is there", () -> world.book().tasks().containsAll(tasks));
      world.await("every task runs", () -> flink.isRunning(world.job()));
      flink.checkpoint(world.job());

      EagerAgents agents = new EagerAgents(world);
      for (int i = 0; i < TASKS; i++) {
        tasks.add(submit(world, 0, task(world, 0, "task" + i)));
      }
      world.await("some end", () -> agents.answer() > TASKS / 2);
      flink.replaceTaskManager(1);
      world.await("the job goes on", () -> flink.restores(world.job()) == 1);
      // Comes after all that is read again.
      tasks.add(submit(world, 0, task(world, 0, "last")));
      world.await(
          "all tasks end, some of them once more",
          () -> {
            agents.answer();
            return tasks.stream().filter(id -> !agents.newestIsRelease(id)).toList();
          });

      assertThat(byId(world).keySet()).isEqualTo(idsOf(tasks));
      assertThat(world.commands().entries()).hasSizeGreaterThan(2 * tasks.size());
    }
  }

  /** Whatever they are told to run has succeeded the next moment, however often they are told. */
  private static final class EagerAgents {

    private final World world;
    private final Map<String, Action> newest = new HashMap<>();
    private int read;

    EagerAgents(World world) {
      this.world = world;
    }

    /** How many commands were read by now. */
    int answer() throws Exception {
      List<AllocationCommand> commands = world.commands().values();
      for (AllocationCommand command : commands.subList(read, commands.size())) {
        newest.put(command.getTaskId(), command.getAction());
        if (command.getAction() == Action.ALLOCATE) {
          world.send(
              Samples.feedback(command.getTaskId(), command.getPool(), world.now())
                  .setCommandId(command.getCommandId())
                  .setNodeId(command.getShards().get(0).getNodeId())
                  .setState(FeedbackState.SUCCEEDED)
                  .build());
        }
      }
      read = commands.size();
      return read;
    }

    boolean newestIsRelease(String taskId) {
      return newest.get(taskId) == Action.RELEASE;
    }
  }

  private static List<DeadLetter> deadLetters(World world) {
    try (var letters = world.read(Topic.DEAD_LETTERS, DeadLetter.class, Log.Sees.COMMITTED)) {
      return letters.readToEnd().values();
    }
  }

  private static Map<String, List<ByteBuffer>> byId(World world) {
    Map<String, List<ByteBuffer>> byId = new TreeMap<>();
    for (Log.Entry<AllocationCommand> entry : world.commands().entries()) {
      byId.computeIfAbsent(
              requireNonNull(entry.value()).getCommandId(), unused -> new ArrayList<>())
          .add(ByteBuffer.wrap(requireNonNull(entry.bytes())));
    }
    return byId;
  }

  /** Of tasks that were placed once and are over. */
  private static Set<String> idsOf(Set<String> tasks) {
    return tasks.stream()
        .flatMap(id -> Stream.of(id + "#1", id + "#1/RELEASE"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Neither node alone has room for it. */
  private static String submitForBothNodes(World world, int pool) throws Exception {
    TaskEvent task = task(world, pool, "both");
    task.setRequest(Samples.cpu(20_000, 1024));
    task.setMinShards(2);
    task.setMaxShards(2);
    return submit(world, pool, task);
  }

  private static TaskEvent task(World world, int pool, String name) {
    world.pass(Duration.ofMillis(10));
    String taskId = "pool%d-%s".formatted(pool, name);
    return Samples.task(taskId, "pool" + pool, "tenant" + pool, world.now()).build();
  }

  private static String submit(World world, int pool, TaskEvent task) throws Exception {
    byte[] key = task.getTaskId().getBytes(StandardCharsets.UTF_8);
    world.send(Topic.TASK_EVENTS, pool, key, world.encode(task));
    return task.getTaskId();
  }
}
