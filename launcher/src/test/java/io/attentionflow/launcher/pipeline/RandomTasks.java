package io.attentionflow.launcher.pipeline;

import io.attentionflow.schema.Qos;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.simulation.trace.TaskTruth;
import io.attentionflow.simulation.trace.TaskTruth.End;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Tasks of all shapes for two pools, by a seed: {@code blue} has no GPUs, {@code green} has. Every
 * type of task runs about as long each time, so there is something to learn.
 */
final class RandomTasks {

  private static final List<String> TENANTS = List.of("ann", "bob", "cyd", "dee", "eve", "fay");

  /** By type: how long it usually runs, a class of complexity each. */
  private static final List<Duration> RUNS =
      List.of(
          Duration.ofSeconds(20),
          Duration.ofMinutes(4),
          Duration.ofMinutes(50),
          Duration.ofHours(3));

  private final SplittableRandom random;

  RandomTasks(long seed) {
    random = new SplittableRandom(seed);
  }

  TaskEvent next(String taskId, Instant at) {
    int type = random.nextInt(RUNS.size());
    boolean green = random.nextInt(3) == 0;
    TaskEvent.Builder task =
        Samples.task(
                taskId,
                green ? "green" : "blue",
                TENANTS.get(random.nextInt(TENANTS.size())),
                // Submitters' clocks are not all right.
                at.minusMillis(random.nextInt(2000)))
            .setTaskType("type" + type)
            .setPriority(random.nextInt(4))
            .setQos(random.nextBoolean() ? Qos.BURSTABLE : Qos.GUARANTEED)
            .setRequest(green ? withGpus() : withoutGpus());
    if (green && random.nextInt(4) == 0) {
      task.setGpuModels(List.of("A100"));
    }
    if (!green && random.nextInt(8) == 0) {
      task.setMinShards(1 + random.nextInt(2)).setMaxShards(4).setRequest(Samples.cpu(9000, 4096));
    }
    if (random.nextInt(3) == 0) {
      task.setRequestedDurationMillis(RUNS.get(type).toMillis() * 2);
    }
    return task.build();
  }

  /** A task that any node can take that is large enough. */
  TaskEvent withoutGpus(String taskId, String tenant, Instant at) {
    return Samples.task(taskId, "blue", tenant, at)
        .setPriority(random.nextInt(4))
        .setRequest(withoutGpus())
        .build();
  }

  private Resources withoutGpus() {
    return new Resources(
        250L * (1 + random.nextInt(12)),
        256L * (1 + random.nextInt(12)),
        0,
        0L,
        10L * random.nextInt(5));
  }

  private Resources withGpus() {
    boolean shared = random.nextBoolean();
    return new Resources(
        500L * (1 + random.nextInt(4)),
        512L * (1 + random.nextInt(4)),
        shared ? 1 : 1 + random.nextInt(3),
        shared ? 100L * (1 + random.nextInt(9)) : 1000L,
        0L);
  }

  TaskTruth truth(TaskEvent task) {
    int type = task.getTaskType().charAt("type".length()) - '0';
    long usual = RUNS.get(type).toMillis();
    return Samples.truth(
        task,
        Duration.ofMillis(usual / 2 + random.nextLong(usual / 2)),
        random.nextInt(20) == 0 ? End.FAILED : End.SUCCEEDED);
  }
}
