package io.attentionflow.jobs.allocation;

import static io.attentionflow.jobs.allocation.Samples.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.AllocationDecision;
import io.attentionflow.schema.DeadLetter;
import io.attentionflow.schema.DeadLetterReason;
import io.attentionflow.schema.FeedbackState;
import io.attentionflow.schema.ModelEvaluation;
import io.attentionflow.schema.ModelUpdate;
import io.attentionflow.schema.NodeEventKind;
import io.attentionflow.schema.ResourceDemand;
import io.attentionflow.schema.ShardPlacement;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The whole job on a real runtime; only Kafka is played by queues. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class AllocationTopologyTest {

  @RegisterExtension
  private static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(4)
              .build());

  @TempDir Path directory;

  @Test
  void takesTasksInGivesCommandsOutAndLearnsFromWhatComesBack() throws Exception {
    World world = new World("loop");
    JobClient job = world.start(2, null);
    world.nodesJoin(4);
    world.tasks.write("garbage".getBytes(StandardCharsets.UTF_8), world.now);

    for (int i = 0; i < 60; i++) {
      world.submit("t" + i);
    }
    world.playNodesUntilReleased(60);

    assertThat(world.allocated).hasSize(60);
    assertThat(world.deadLetters.next().getReason()).isEqualTo(DeadLetterReason.NOT_SINGLE_OBJECT);
    for (int i = 0; i < 120; i++) {
      assertThat(world.decisions.next().getClassProbabilities()).hasSize(4);
    }
    ModelUpdate model = world.models.next();
    assertThat(model.getVersion()).isEqualTo(1);
    assertThat(world.evaluations.next().getExamples()).isPositive();

    String serving = PipelineOptions.defaults().learning().serving();
    world.publish(model);
    while (!model.getModel().equals(serving)) {
      model = world.models.next();
      world.publish(model);
    }
    int more = 0;
    do {
      world.submit("more" + more++);
      world.playNodesUntilReleased(60 + more);
    } while (world.latest.getModelVersion() == 0);

    assertThat(world.latest.getModelVersion()).isPositive();

    world.timePasses(Duration.ofMinutes(1));
    ResourceDemand demand = world.demand.next();
    while (demand.getInFlight() > 0) {
      demand = world.demand.next();
    }
    assertThat(demand.getCompletions()).isEqualTo(60 + more);
    assertThat(demand.getResources())
        .hasEntrySatisfying(
            "cpuMillis", requests -> assertThat(requests.getP50()).isBetween(990.0, 1010.0));
    job.cancel().get();
  }

  @Test
  void goesOnFromASavepointAtAnotherParallelismWithNothingLostOrDoubled() throws Exception {
    World world = new World("savepoint");
    JobClient first = world.start(2, null);
    world.nodesJoin(2);
    for (int i = 0; i < 40; i++) {
      world.submit("t" + i);
    }
    world.playNodesUntilReleased(10);
    String savepoint =
        first
            .stopWithSavepoint(false, directory.toUri().toString(), SavepointFormatType.CANONICAL)
            .get();

    JobClient second = world.start(3, savepoint);
    for (int i = 40; i < 60; i++) {
      world.submit("t" + i);
    }
    world.submit("t0");
    world.playNodesUntilReleased(60);

    assertThat(world.allocated).hasSize(60);
    assertThat(world.twice).isEmpty();
    second.cancel().get();
  }

  /** Submitters and nodes; each node runs what it is told to, and says so. */
  private static final class World {
    private final String id;
    private final TestTopic tasks;
    private final TestTopic feedback;
    private final TestTopic nodes;
    private final TestTopic modelUpdates;
    private final TestTopic policies;
    private final Set<String> allocated = new HashSet<>();
    private final Set<String> released = new HashSet<>();
    private final Set<String> twice = new HashSet<>();
    private Collected<AllocationCommand> commands;
    private Collected<AllocationDecision> decisions;
    private Collected<ModelUpdate> models;
    private Collected<ModelEvaluation> evaluations;
    private Collected<DeadLetter> deadLetters;
    private Collected<ResourceDemand> demand;
    private AllocationCommand latest = new AllocationCommand();
    private Instant now = NOON;

    @SuppressWarnings("NullAway") // the streams are there from start() on
    World(String id) {
      this.id = id;
      tasks = new TestTopic("task-events", id + "-tasks");
      feedback = new TestTopic("task-feedback", id + "-feedback");
      nodes = new TestTopic("node-events", id + "-nodes");
      modelUpdates = new TestTopic("model-updates", id + "-models");
      policies = new TestTopic("policy-updates", id + "-policies");
    }

    JobClient start(int parallelism, @org.jspecify.annotations.Nullable String savepoint)
        throws Exception {
      Configuration restore = new Configuration();
      if (savepoint != null) {
        restore.setString("execution.state-recovery.path", savepoint);
      }
      StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(restore);
      PipelineOptions options =
          PipelineOptions.with(
              Map.of(
                  "execution.parallelism",
                  Integer.toString(parallelism),
                  "learning.publish-examples",
                  "20"));
      AllocationJob.configure(env, options);
      AllocationTopology.Outputs outputs =
          AllocationTopology.of(
              new AllocationTopology.Inputs(
                  tasks.stream(env),
                  feedback.stream(env),
                  nodes.stream(env),
                  modelUpdates.stream(env),
                  TopicContents.NONE,
                  policies.stream(env),
                  TopicContents.NONE),
              options);
      commands = Collected.of(outputs.commands(), id + "-commands");
      decisions = Collected.of(outputs.decisions(), id + "-decisions");
      models = Collected.of(outputs.models(), id + "-models");
      evaluations = Collected.of(outputs.evaluations(), id + "-evaluations");
      deadLetters = Collected.of(outputs.deadLetters(), id + "-dead-letters");
      demand = Collected.of(outputs.demand(), id + "-demand");
      Collected.of(outputs.pending(), id + "-pending");
      return env.executeAsync(id);
    }

    void nodesJoin(int count) {
      for (int i = 0; i < count; i++) {
        nodes.write(Samples.node("node" + i, NodeEventKind.JOINED).build(), now);
      }
    }

    void submit(String taskId) {
      now = now.plusMillis(10);
      tasks.write(Samples.task(taskId).setSubmittedAt(now).build(), now);
    }

    /** Only nodes speak: the other sources must fall idle and not hold time back. */
    void timePasses(Duration duration) {
      now = now.plus(duration);
      nodes.write(Samples.node("node0", NodeEventKind.HEARTBEAT).setObservedAt(now).build(), now);
    }

    void publish(ModelUpdate model) {
      modelUpdates.write(model, now);
    }

    void playNodesUntilReleased(int tasks) throws InterruptedException {
      while (released.size() < tasks) {
        latest = commands.next();
        String taskId = latest.getTaskId();
        if (latest.getAction() == Action.RELEASE) {
          remember(taskId, released);
        } else {
          assertThat(latest.getAction()).isEqualTo(Action.ALLOCATE);
          remember(taskId, allocated);
          run(taskId, latest.getShards().get(0));
        }
      }
    }

    private void remember(String taskId, Set<String> ids) {
      if (!ids.add(taskId)) {
        twice.add(taskId);
      }
    }

    private void run(String taskId, ShardPlacement shard) {
      for (FeedbackState state :
          new FeedbackState[] {FeedbackState.STARTED, FeedbackState.SUCCEEDED}) {
        now = now.plusMillis(10);
        feedback.write(
            Samples.feedback(taskId, state).setNodeId(shard.getNodeId()).setObservedAt(now).build(),
            now);
      }
    }
  }
}
