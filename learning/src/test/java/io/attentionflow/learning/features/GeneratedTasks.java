package io.attentionflow.learning.features;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A stream of made-up tasks with labels, repeatable by its seed. A task's class follows from its
 * tenant, type and size, except for one task in {@value #NOISY_ONE_IN}, whose class is drawn at
 * random: nobody can be right about more than {@link #BEST_ACCURACY} of them. Labels come some
 * tasks late.
 */
public final class GeneratedTasks {

  private static final int NOISY_ONE_IN = 10;
  private static final int CLASSES = 4;
  private static final int DELAY = 12;

  /** All that are not noisy, and by chance one in four of those that are. */
  public static final double BEST_ACCURACY = 1 - (1.0 / NOISY_ONE_IN) * (CLASSES - 1) / CLASSES;

  private static final long[] RUN_MILLIS = {20_000, 300_000, 3_600_000, 20_000_000};

  private GeneratedTasks() {}

  /** Something that happens: a task arrives, or a label comes. */
  public sealed interface Event {
    /** A task arrives. */
    record Arrived(String taskId, FeatureVector features) implements Event {}

    /** A task ended. */
    record Ended(LabelledExample example) implements Event {}
  }

  /** The events of so many tasks, all of them ended. */
  public static List<Event> events(int tasks, long seed) {
    Random random = new Random(seed);
    Map<String, TenantProfiler> profilers = new HashMap<>();
    ArrayDeque<Runnable> ends = new ArrayDeque<>();
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      int tenant = random.nextInt(6);
      int type = random.nextInt(3);
      int cores = 1 << random.nextInt(3);
      boolean noisy = random.nextInt(NOISY_ONE_IN) == 0;
      int label =
          noisy ? random.nextInt(CLASSES) : (tenant * 5 + type * 3 + (cores > 2 ? 1 : 0)) % CLASSES;
      long run = Math.round(RUN_MILLIS[label] * (0.5 + random.nextDouble()));
      TaskFacts facts = facts("t" + i, "tenant-" + tenant, "type-" + type, cores, i * 30_000L);
      TenantProfiler profiler =
          profilers.computeIfAbsent(
              facts.tenant(),
              name ->
                  new TenantProfiler(
                      ComplexityScale.DEFAULT,
                      new TenantHistory(CLASSES),
                      new OpenTasksInMemory()));
      events.add(new Event.Arrived(facts.taskId(), profiler.submitted(facts).features()));
      ends.add(() -> end(profiler, facts, run, events));
      if (ends.size() > DELAY) {
        ends.remove().run();
      }
    }
    ends.forEach(Runnable::run);
    return events;
  }

  private static void end(TenantProfiler profiler, TaskFacts facts, long run, List<Event> events) {
    long started = facts.submittedAtMillis() + 1_000;
    profiler.started(facts.taskId(), started);
    LabelledExample example =
        profiler.ended(facts.taskId(), new TaskOutcome(started + run, run, true, 0, 0, 0));
    if (example == null) {
      throw new AssertionError(facts.taskId() + " taught nothing");
    }
    events.add(new Event.Ended(example));
  }

  /** A task that asks for so many cores for two hours. */
  public static TaskFacts facts(
      String taskId, String tenant, String type, int cores, long submittedAtMillis) {
    return new TaskFacts(
        taskId,
        tenant,
        type,
        submittedAtMillis,
        cores * 1000L,
        512,
        0,
        0,
        7_200_000L,
        0,
        "BURSTABLE",
        null,
        0,
        Map.of("queue", "batch"));
  }
}
