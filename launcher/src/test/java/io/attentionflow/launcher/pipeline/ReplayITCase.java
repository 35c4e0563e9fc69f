package io.attentionflow.launcher.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.launcher.flink.FlinkInProcess;
import io.attentionflow.launcher.kafka.EmbeddedKafka;
import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.AllocationDecision;
import io.attentionflow.schema.DeadLetter;
import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.NodeEventKind;
import io.attentionflow.schema.PendingTask;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.ShardPlacement;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.topic.Topic;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The same input, read by two jobs of different parallelism. Records of one partition come in the
 * same order both times, those of different partitions, topics or tenants in any: what a pool
 * decides can be the same only as far as that does not show.
 *
 * <table>
 *   <caption>What is promised, of input without feedback</caption>
 *   <tr><td>A pool that hears of its tasks from one tenant through one partition</td>
 *       <td>all is the same to the byte, and in the same order</td></tr>
 *   <tr><td>A pool whose tasks all wait when its nodes come</td>
 *       <td>all commands are the same to the byte, and in the same order</td></tr>
 *   <tr><td>A pool that has room for all</td>
 *       <td>the commands are the same but for where and when</td></tr>
 *   <tr><td>A pool that has room for some</td>
 *       <td>as many of equal tasks are placed, each once, under the id that it would have</td></tr>
 * </table>
 *
 * <p>Nodes are there before the tasks, or after: between these two topics the order is free too.
 */
class ReplayITCase {

  private static final int TASK_PARTITIONS = 4;
  private static final int NODE_PARTITIONS = 2;

  private static EmbeddedKafka kafka;
  private static FlinkInProcess flink;
  private static Outcome first;
  private static Outcome second;

  @BeforeAll
  static void playTwice() throws Exception {
    kafka = EmbeddedKafka.start();
    flink = FlinkInProcess.start(1, 3);
    List<List<Sent>> stages = new Script().stages();
    try (World world = new World(kafka, flink, "first.", Map.of())) {
      world.start(2);
      first = play(world, stages);
    }
    try (World world = new World(kafka, flink, "second.", Map.of())) {
      world.start(3);
      List<List<Sent>> byPartition = new ArrayList<>();
      for (List<Sent> stage : stages) {
        byPartition.add(
            stage.stream()
                .sorted((a, b) -> Integer.compare(b.partition(), a.partition()))
                .toList());
      }
      second = play(world, byPartition);
    }
  }

  @AfterAll
  static void stop() {
    flink.close();
    kafka.close();
  }

  @Test
  void decidesAlikeToTheByteWhatComesThroughOnePartition() {
    for (int i = 0; i < TASK_PARTITIONS; i++) {
      String pool = "single" + i;

      assertThat(first.commands(pool))
          .extracting(AllocationCommand::getAction)
          .contains(Action.ALLOCATE, Action.REJECT, Action.RELEASE);
      assertThat(second.bytes(pool)).isEqualTo(first.bytes(pool));
      assertThat(second.decisions(pool)).isEqualTo(first.decisions(pool));
      assertThat(second.pending(pool)).isEqualTo(first.pending(pool));
    }
  }

  @Test
  void placesThoseWhoAllWaitAlikeToTheByteWhateverOrderTheyCameIn() {
    assertThat(first.commands("waits")).hasSize(Script.WAITING);
    assertThat(second.bytes("waits")).isEqualTo(first.bytes("waits"));
  }

  @Test
  void commandsTheSameButForWhereAndWhenIfThereIsRoomForAll() {
    assertThat(first.commands("roomy")).hasSize(Script.ROOMY);
    assertThat(second.essentials("roomy")).isEqualTo(first.essentials("roomy"));
  }

  @Test
  void placesAsManyEqualTasksEachOnceIfThereIsRoomForSome() {
    for (Outcome outcome : List.of(first, second)) {
      assertThat(outcome.commands("tight"))
          .hasSize(Script.TIGHT_ROOM)
          .allSatisfy(
              command -> assertThat(command.getCommandId()).isEqualTo(command.getTaskId() + "#1"))
          .extracting(AllocationCommand::getCommandId)
          .doesNotHaveDuplicates();
      assertThat(outcome.stillPending("tight")).hasSize(Script.TIGHT - Script.TIGHT_ROOM);
    }
  }

  private static Outcome play(World world, List<List<Sent>> stages) throws Exception {
    // Nobody runs anything: there is no feedback.
    world.courier(word -> {});
    for (List<Sent> stage : stages) {
      for (Sent record : stage) {
        world.send(
            record.topic(),
            record.partition(),
            record.key().getBytes(StandardCharsets.UTF_8),
            world.encode(record.record()));
      }
      awaitAllIsRead(world);
    }
    world.stop();
    try (var commands =
            world.read(Topic.ALLOCATION_COMMANDS, AllocationCommand.class, Log.Sees.COMMITTED);
        var decisions =
            world.read(Topic.ALLOCATION_DECISIONS, AllocationDecision.class, Log.Sees.COMMITTED);
        var pending = world.read(Topic.ALLOCATION_PENDING, PendingTask.class, Log.Sees.COMMITTED)) {
      return new Outcome(
          List.copyOf(commands.readToEnd().entries()),
          List.copyOf(decisions.readToEnd().entries()),
          List.copyOf(pending.readToEnd().entries()));
    }
  }

  /**
   * A record of no use ends each partition. Its dead letter is committed by the checkpoint that
   * covers all before it, or by one after that.
   */
  private static void awaitAllIsRead(World world) throws Exception {
    byte[] fence = {1};
    try (var letters = world.read(Topic.DEAD_LETTERS, DeadLetter.class, Log.Sees.COMMITTED)) {
      int before = letters.readToEnd().entries().size();
      for (int i = 0; i < TASK_PARTITIONS; i++) {
        world.send(Topic.TASK_EVENTS, i, fence, fence);
      }
      for (int i = 0; i < NODE_PARTITIONS; i++) {
        world.send(Topic.NODE_EVENTS, i, fence, fence);
      }
      world.await(
          "all is read",
          () -> letters.readToEnd().entries().size() == before + TASK_PARTITIONS + NODE_PARTITIONS);
    }
  }

  /** A record on its way. */
  private record Sent(Topic topic, int partition, String key, SpecificRecord record) {}

  /** What is sent, in stages: each is read before the next is sent. */
  private static final class Script {

    private static final int SINGLE = 60;
    private static final int WAITING = 80;
    private static final int ROOMY = 80;
    private static final int TIGHT = 60;
    private static final int TIGHT_ROOM = 24;

    private final SplittableRandom random = new SplittableRandom(97);
    private final RandomTasks tasks = new RandomTasks(random.nextLong());
    private final List<Sent> stage = new ArrayList<>();
    private Instant now = Instant.parse("2024-05-06T07:08:09Z");

    List<List<Sent>> stages() {
      List<List<Sent>> stages = new ArrayList<>();
      for (int i = 0; i < TASK_PARTITIONS; i++) {
        nodes("single" + i, 3, Samples.cpu(8000, 8192));
      }
      nodes("roomy", 5, new Resources(200_000L, 400_000L, 0, 0L, 2000L));
      nodes("tight", 3, Samples.cpu(TIGHT_ROOM / 3 * 1000L, 1 << 20));
      stages.add(take());
      for (int i = 0; i < SINGLE; i++) {
        for (int pool = 0; pool < TASK_PARTITIONS; pool++) {
          single(pool, i);
        }
      }
      for (int i = 0; i < WAITING; i++) {
        anywhere(withoutGpus("waits" + i, "waits").build());
      }
      for (int i = 0; i < ROOMY; i++) {
        anywhere(withoutGpus("roomy" + i, "roomy").build());
      }
      for (int i = 0; i < TIGHT; i++) {
        anywhere(Samples.task("tight" + i, "tight", tenant(), later()).build());
      }
      stages.add(take());
      nodes("waits", 4, new Resources(64_000L, 100_000L, 0, 0L, 2000L));
      stages.add(take());
      return stages;
    }

    private List<Sent> take() {
      List<Sent> taken = List.copyOf(stage);
      stage.clear();
      return taken;
    }

    /** All nodes of a pool speak through one partition. */
    private void nodes(String pool, int count, Resources capacity) {
      int partition = Math.floorMod(pool.hashCode(), NODE_PARTITIONS);
      for (int i = 0; i < count; i++) {
        NodeEvent node =
            Samples.heartbeat(pool + "-node" + i, pool, capacity, later())
                .setKind(NodeEventKind.JOINED)
                .build();
        stage.add(new Sent(Topic.NODE_EVENTS, partition, node.getNodeId(), node));
      }
    }

    /** Some come twice, some are cancelled, some ask for too much. */
    private void single(int pool, int i) {
      TaskEvent task =
          withoutGpus("single%d-%d".formatted(pool, i), "single" + pool)
              .setTenant("tenant" + pool)
              .build();
      if (i % 9 == 0) {
        task.setRequest(Samples.cpu(1_000_000, 1));
      } else if (i % 9 == 1) {
        task.setMaxShards(1000);
      }
      stage.add(new Sent(Topic.TASK_EVENTS, pool, task.getTaskId(), task));
      if (i % 4 == 0) {
        stage.add(new Sent(Topic.TASK_EVENTS, pool, task.getTaskId(), task));
      }
      if (i % 5 == 0) {
        stage.add(
            new Sent(
                Topic.TASK_EVENTS, pool, task.getTaskId(), Samples.cancellation(task, later())));
      }
    }

    private void anywhere(TaskEvent task) {
      stage.add(
          new Sent(Topic.TASK_EVENTS, random.nextInt(TASK_PARTITIONS), task.getTaskId(), task));
    }

    private TaskEvent.Builder withoutGpus(String taskId, String pool) {
      return TaskEvent.newBuilder(tasks.withoutGpus(taskId, tenant(), later())).setPool(pool);
    }

    private String tenant() {
      return "tenant" + random.nextInt(5);
    }

    /** No two events have the same time: of such, the one that comes first would be first. */
    private Instant later() {
      now = now.plus(Duration.ofMillis(10));
      return now;
    }
  }

  /** What one job made of it. */
  private record Outcome(
      List<Log.Entry<AllocationCommand>> commands,
      List<Log.Entry<AllocationDecision>> decisions,
      List<Log.Entry<PendingTask>> pending) {

    List<AllocationCommand> commands(String pool) {
      List<AllocationCommand> ofPool = new ArrayList<>();
      for (Log.Entry<AllocationCommand> entry : commands) {
        AllocationCommand command = entry.value();
        if (command != null && command.getPool().equals(pool)) {
          ofPool.add(command);
        }
      }
      return ofPool;
    }

    /** The commands of a pool, in order. */
    List<ByteBuffer> bytes(String pool) {
      return bytes(commands, entry -> entry.text().startsWith(pool));
    }

    /** The decisions of a pool, each by its command's id. */
    Map<String, List<ByteBuffer>> decisions(String pool) {
      return byKey(decisions, pool);
    }

    /** What became of the waits of a pool, in order for each task. */
    Map<String, List<ByteBuffer>> pending(String pool) {
      return byKey(pending, pool);
    }

    /** Ids of the tasks of a pool that wait in the end. */
    List<String> stillPending(String pool) {
      List<String> still = new ArrayList<>();
      pending(pool)
          .forEach(
              (taskId, changes) -> {
                if (changes.get(changes.size() - 1).hasRemaining()) {
                  still.add(taskId);
                }
              });
      return still;
    }

    /** The commands of a pool by id, without nodes, GPUs and time. */
    Map<String, AllocationCommand> essentials(String pool) {
      Map<String, AllocationCommand> byId = new TreeMap<>();
      for (AllocationCommand command : commands(pool)) {
        AllocationCommand bare = AllocationCommand.newBuilder(command).build();
        bare.setDecidedAt(Instant.EPOCH);
        for (ShardPlacement shard : bare.getShards()) {
          shard.setNodeId("");
          shard.setGpuIndices(List.of());
        }
        byId.put(command.getCommandId(), bare);
      }
      return byId;
    }

    private static <A extends SpecificRecord> Map<String, List<ByteBuffer>> byKey(
        List<Log.Entry<A>> entries, String prefix) {
      Map<String, List<ByteBuffer>> byKey = new TreeMap<>();
      for (Log.Entry<A> entry : entries) {
        if (entry.text().startsWith(prefix)) {
          byKey.computeIfAbsent(entry.text(), key -> new ArrayList<>()).add(bytes(entry.bytes()));
        }
      }
      return byKey;
    }

    private static <A extends SpecificRecord> List<ByteBuffer> bytes(
        List<Log.Entry<A>> entries, Predicate<Log.Entry<A>> counts) {
      return entries.stream().filter(counts).map(entry -> bytes(entry.bytes())).toList();
    }

    /** Of a tombstone none. */
    private static ByteBuffer bytes(byte @Nullable [] bytes) {
      return ByteBuffer.wrap(bytes == null ? new byte[0] : bytes);
    }
  }
}
