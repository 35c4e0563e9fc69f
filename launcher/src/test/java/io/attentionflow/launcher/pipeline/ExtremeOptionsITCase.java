package io.attentionflow.launcher.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.launcher.flink.FlinkInProcess;
import io.attentionflow.launcher.kafka.EmbeddedKafka;
import io.attentionflow.schema.topic.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.JobStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is allowed also runs: the most, and the least, of all options that have bounds. */
class ExtremeOptionsITCase {

  private static final int TASKS = 40;

  private static final String LONGEST = "365000d";
  private static final String MOST_INT = Integer.toString(Integer.MAX_VALUE);
  private static final String MOST_LONG = Long.toString(Long.MAX_VALUE);
  private static final String LEAST_LONG = Long.toString(Long.MIN_VALUE);

  private static EmbeddedKafka kafka;
  private static FlinkInProcess flink;

  @BeforeAll
  static void start() throws Exception {
    kafka = EmbeddedKafka.start();
    flink = FlinkInProcess.start(1, 2);
  }

  @AfterAll
  static void stop() {
    flink.close();
    kafka.close();
  }

  @Test
  void runsWithTheMostOfEverything() throws Exception {
    Map<String, String> options = new TreeMap<>();
    set(options, LONGEST, "time.lateness time.idleness time.max-ahead input.max-duration");
    set(options, "1000000000000", "input.max-cpu-millis input.max-memory-mib input.max-io-mibps");
    set(options, "1000000", "input.max-gpu-count input.max-shards");
    set(options, "1048576", "input.max-entries");
    set(options, "16384", "input.max-text");
    set(options, "364997d,364998d,364999d", "learning.class-bounds");
    set(options, MOST_INT, "learning.compared-per-second");
    set(options, MOST_LONG, "learning.seed policy.seed");
    set(options, LONGEST, "learning.publish-interval learning.publish-pause");
    set(options, LONGEST, "learning.open-task-ttl learning.ended-task-ttl learning.waiting-bound");
    set(options, LONGEST, "learning.renewal-pause learning.tenant-ttl");
    set(options, "256", "learning.renewed-tasks");
    set(options, LONGEST, "demand.pane demand.window");
    set(options, "1", "demand.smoothing");
    set(options, LONGEST, "policy.patience policy.heartbeat-timeout policy.retention");
    set(options, MOST_INT, "policy.max-queued policy.max-attempts");
    set(options, "1000000", "policy.attention.priority-weight policy.attention.urgency-weight");
    set(options, "1000000", "policy.attention.backlog-weight policy.attention.age-weight");
    set(options, "1000000", "policy.attention.priority-scale policy.attention.hottest");
    set(options, "1000000", "policy.attention.coldest");
    set(options, "1", "policy.attention.target-utilization policy.attention.dead-band");
    set(options, MOST_INT, "policy.preemption.priority-gap policy.preemption.most-per-task");
    set(options, MOST_INT, "policy.preemption.most-per-minute policy.moves.most-per-interval");
    set(options, LONGEST, "policy.moves.overload-for policy.moves.interval");
    set(options, LONGEST, "policy.moves.cool-down policy.moves.loop-window");
    set(options, LONGEST, "policy.moves.overhead policy.moves.drain-grace");
    set(options, MOST_INT, "policy.right-sizing.out-of-memory-retries");
    runs("most.", options);
  }

  @Test
  void runsWithTheLeastOfEverything() throws Exception {
    Map<String, String> options = new TreeMap<>();
    set(options, "10ms", "delivery.checkpoint-interval");
    set(options, "1s", "delivery.transaction-timeout");
    set(options, "0ms", "time.lateness time.max-ahead");
    set(options, "1ms", "time.idleness");
    set(options, "0", "input.max-entries");
    set(options, "1ms,2ms,3ms", "learning.class-bounds");
    set(options, "1", "learning.compared-per-second learning.publish-examples");
    set(options, LEAST_LONG, "learning.seed policy.seed");
    set(options, "1ms", "learning.publish-interval");
    set(options, "0ms", "learning.publish-pause learning.renewal-pause");
    set(options, "1s", "learning.open-task-ttl learning.ended-task-ttl learning.waiting-bound");
    set(options, "1s", "learning.tenant-ttl");
    set(options, "0", "learning.renewed-tasks");
    set(options, "1ms", "demand.pane demand.window");
    set(options, Double.toString(Double.MIN_VALUE), "demand.smoothing");
    set(options, "0ms", "policy.patience policy.retention");
    set(options, "1ms", "policy.heartbeat-timeout policy.moves.interval");
    set(options, "0", "policy.max-queued");
    set(options, "1", "policy.max-attempts policy.preemption.priority-gap");
    set(options, "0", "policy.attention.priority-weight policy.attention.urgency-weight");
    set(options, "0", "policy.attention.backlog-weight policy.attention.age-weight");
    set(options, "0", "policy.attention.target-utilization policy.attention.dead-band");
    set(options, "0", "policy.attention.cooling-per-minute policy.attention.reheating-per-minute");
    set(options, "0", "policy.preemption.most-per-task policy.preemption.most-per-minute");
    set(options, "0", "policy.moves.most-per-interval policy.right-sizing.floor");
    set(options, "0ms", "policy.moves.overload-for policy.moves.cool-down");
    set(options, "0ms", "policy.moves.loop-window policy.moves.overhead policy.moves.drain-grace");
    set(options, "0", "policy.right-sizing.out-of-memory-retries");
    set(options, "on", "policy.right-sizing.mode");
    runs("least.", options);
  }

  private static void set(Map<String, String> options, String value, String keys) {
    for (String key : keys.split(" ", -1)) {
      options.put(key, value);
    }
  }

  private static void runs(String prefix, Map<String, String> options) throws Exception {
    try (World world = new World(kafka, flink, prefix, options)) {
      world.start(2);
      world.join(Samples.node("node", "pool", Samples.cpu(16_000, 64_000), null));
      world.turn();
      for (int i = 0; i < TASKS; i++) {
        world.pass(Duration.ofMillis(10));
        String taskId = "task" + i;
        world.send(
            Topic.TASK_EVENTS,
            i % 4,
            taskId.getBytes(StandardCharsets.UTF_8),
            world.encode(Samples.task(taskId, "pool", "tenant", world.now()).build()));
      }
      world.turn();
      world.await("tasks are decided", () -> !world.commands().entries().isEmpty());
      long before = flink.completedCheckpoints(world.job());
      world.await(
          "checkpoints come after it", () -> flink.completedCheckpoints(world.job()) > before + 2);

      assertThat(flink.failure(world.job())).isEmpty();
      assertThat(flink.restores(world.job())).isZero();
      assertThat(flink.status(world.job())).isEqualTo(JobStatus.RUNNING);
    }
  }
}
