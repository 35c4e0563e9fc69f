package io.attentionflow.launcher.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.launcher.flink.FlinkInProcess;
import io.attentionflow.launcher.kafka.EmbeddedKafka;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.AllocationDecision;
import io.attentionflow.schema.ModelUpdate;
import io.attentionflow.schema.PendingTask;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.topic.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What outlives a job: all of it in a savepoint, what was learned in its topic. */
class SavepointITCase {

  private static EmbeddedKafka kafka;
  private static FlinkInProcess flink;

  @BeforeAll
  static void start() throws Exception {
    kafka = EmbeddedKafka.start();
    flink = FlinkInProcess.start(1, 3);
  }

  @AfterAll
  static void stop() {
    flink.close();
    kafka.close();
  }

  @Test
  void goesOnAtAnotherParallelismWithNothingLostOrDoubled() throws Exception {
    try (Cluster cluster = new Cluster("savepoint.")) {
      World world = cluster.world;
      world.start(2);
      world.await("a model serves", cluster::submitUntilAModelServes);
      List<String> homeless = cluster.submit(20, "later");
      world.await("the homeless wait", () -> cluster.waiting().containsAll(homeless));

      int before = cluster.submitted.size();
      String savepoint = world.stopDuring(() -> cluster.submit(1, null));

      // Nothing more is decided until the job is back, and the world does not stand still.
      cluster.decisions.readToEnd();
      long version = cluster.newestVersion();
      Collection<String> decidedBefore =
          CommandBook.of(world.commands().readToEnd().values()).tasks();
      assertThat(decidedBefore).doesNotContainAnyElementsOf(homeless);
      List<String> duringStop = cluster.since(before);
      assertThat(duringStop).anyMatch(id -> !decidedBefore.contains(id));
      int down = cluster.submitted.size();
      cluster.join("later0", "later", Samples.cpu(64_000, 65_536));
      cluster.submit(100, null);
      cluster.repeat(50);
      world.turn();

      world.resume(3, savepoint);
      cluster.submit(100, null);
      world.await("all tasks end", cluster::left);
      assertThat(flink.restores(world.job())).isEqualTo(1);
      world.stop();

      CommandBook book = CommandBook.of(world.commands().readToEnd().values());
      assertThat(book.violations()).isEmpty();
      assertThat(book.tasks()).containsExactlyInAnyOrderElementsOf(cluster.submitted.keySet());
      cluster.checkNodes();
      cluster.decisions.readToEnd();
      assertThat(cluster.decisions.values())
          .extracting(AllocationDecision::getCommandId)
          .containsExactlyInAnyOrderElementsOf(book.ids());
      List<String> afterwards = cluster.since(down);
      assertThat(cluster.decisions.values())
          .filteredOn(decision -> afterwards.contains(decision.getTaskId()))
          .isNotEmpty()
          .allSatisfy(
              decision -> assertThat(decision.getModelVersion()).isGreaterThanOrEqualTo(version));
      assertThat(cluster.waiting()).isEmpty();
    }
  }

  @Test
  void servesTheModelOfItsTopicFromItsFirstEventOn() throws Exception {
    long version;
    List<Log.Entry<ModelUpdate>> published;
    try (Cluster cluster = new Cluster("teacher.")) {
      cluster.world.start(2);
      cluster.world.await("a model serves", cluster::submitUntilAModelServes);
      cluster.world.stop();
      try (var models =
          cluster.world.read(Topic.MODEL_UPDATES, ModelUpdate.class, Log.Sees.COMMITTED)) {
        published = List.copyOf(models.readToEnd().entries());
        version =
            models.values().stream()
                .filter(ModelUpdate::getChampion)
                .mapToLong(ModelUpdate::getVersion)
                .max()
                .orElseThrow();
      }
    }
    assertThat(version).isPositive();

    try (Cluster cluster = new Cluster("pupil.")) {
      World world = cluster.world;
      world.courier(word -> {});
      // All is there before the job is, and of models so much that tasks are read before the last.
      for (int i = 0; i < 2000; i++) {
        world.send(Topic.MODEL_UPDATES, null, published.get(0).key(), published.get(0).bytes());
      }
      for (Log.Entry<ModelUpdate> entry : published) {
        world.send(Topic.MODEL_UPDATES, null, entry.key(), entry.bytes());
      }
      world.turn();
      // Small ones: nothing ends here, so whether larger ones all fit would depend on their order.
      List<String> tasks = cluster.submit(60, "blue");
      world.start(3);
      world.await(
          "all tasks are placed",
          () -> tasks.stream().allMatch(id -> world.book().tasks().contains(id)));

      assertThat(world.commands().values())
          .extracting(AllocationCommand::getModelVersion)
          .containsOnly(version);
    }
  }

  /** A world with nodes, and tasks that come when a test lets them. */
  private static final class Cluster implements AutoCloseable {

    private final World world;
    private final Log<AllocationDecision> decisions;
    private final SplittableRandom random = new SplittableRandom(2024);
    private final RandomTasks tasks = new RandomTasks(random.nextLong());
    private final NodeLedger ledger = new NodeLedger();
    private final Map<String, TaskEvent> submitted = new TreeMap<>();

    Cluster(String prefix) throws Exception {
      // Versions count by learner: if another served, they would not tell what is newer.
      world = new World(kafka, flink, prefix, Map.of("learning.promote", "false"));
      decisions =
          world.read(Topic.ALLOCATION_DECISIONS, AllocationDecision.class, Log.Sees.COMMITTED);
      world.courier(
          word -> {
            ledger.feedback(word);
            world.send(word);
          });
      for (int i = 0; i < 4; i++) {
        join("blue" + i, "blue", new Resources(32_000L, 65_536L, 0, 0L, 400L));
        join("green" + i, "green", new Resources(32_000L, 32_768L, 8, 1000L, 0L));
      }
    }

    void join(String nodeId, String pool, Resources capacity) throws Exception {
      world.join(Samples.node(nodeId, pool, capacity, pool.equals("green") ? "A100" : null));
      ledger.node(nodeId, capacity);
    }

    /**
     * @param pool null: as it comes
     * @return the ids
     */
    List<String> submit(int count, @Nullable String pool) throws Exception {
      int before = submitted.size();
      for (int i = 0; i < count; i++) {
        world.pass(Duration.ofMillis(10));
        TaskEvent task = tasks.next("task%04d".formatted(submitted.size()), world.now());
        if (pool != null) {
          task.setPool(pool);
          task.setRequest(Samples.cpu(1000, 1024));
        }
        submitted.put(task.getTaskId(), task);
        world.agents().expect(task.getTaskId(), tasks.truth(task));
        world.send(task);
      }
      return since(before);
    }

    /** Ids of all but the first so many. */
    List<String> since(int first) {
      return submitted.keySet().stream().skip(first).toList();
    }

    /** What was submitted before is submitted again. */
    void repeat(int count) throws Exception {
      List<TaskEvent> all = new ArrayList<>(submitted.values());
      for (int i = 0; i < count; i++) {
        world.send(all.get(random.nextInt(all.size())));
      }
    }

    boolean submitUntilAModelServes() throws Exception {
      submit(5, null);
      decisions.readToEnd();
      return newestVersion() > 0;
    }

    long newestVersion() {
      return decisions.values().stream()
          .mapToLong(AllocationDecision::getModelVersion)
          .max()
          .orElse(0);
    }

    List<String> left() {
      return submitted.keySet().stream().filter(id -> !world.book().isOver(id)).toList();
    }

    /** Who waits now, as far as it is committed. */
    Collection<String> waiting() {
      try (var pending =
          world.read(Topic.ALLOCATION_PENDING, PendingTask.class, Log.Sees.COMMITTED)) {
        Map<String, PendingTask> latest = new TreeMap<>();
        for (Log.Entry<PendingTask> entry : pending.readToEnd().entries()) {
          PendingTask task = entry.value();
          if (task == null) {
            latest.remove(entry.text());
          } else {
            latest.put(entry.text(), task);
          }
        }
        return latest.keySet();
      }
    }

    void checkNodes() {
      ledger.replay(world.commands().values());
      assertThat(ledger.violations()).isEmpty();
      assertThat(ledger.checked()).isGreaterThanOrEqualTo(submitted.size());
    }

    @Override
    public void close() throws Exception {
      decisions.close();
      world.close();
    }
  }
}
