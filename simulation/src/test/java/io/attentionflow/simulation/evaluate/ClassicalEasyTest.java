package io.attentionflow.simulation.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.allocation.Command.Action;
import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.PoolPolicy.Backfill;
import io.attentionflow.allocation.PoolPolicy.Ordering;
import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.simulation.cluster.SimulatedAgents.Settings;
import io.attentionflow.simulation.evaluate.ClassicalEasy.Job;
import io.attentionflow.simulation.evaluate.Evaluation.Progress;
import io.attentionflow.simulation.evaluate.EvaluationOptions.Durations;
import io.attentionflow.simulation.trace.LineCount;
import io.attentionflow.simulation.trace.TaskTruth;
import io.attentionflow.simulation.trace.TaskTruth.End;
import io.attentionflow.simulation.trace.Trace;
import io.attentionflow.simulation.trace.Trace.Dimension;
import io.attentionflow.simulation.trace.TraceNode;
import io.attentionflow.simulation.trace.TraceTask;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Every job starts in the very second in which classical EASY backfilling starts it. */
class ClassicalEasyTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final int PROCESSORS = 16;
  private static final int JOBS = 200;

  @Property(tries = 40)
  void startsEveryJobAsClassicalEasyDoes(
      @ForAll long seed, @ForAll boolean shortestFirst, @ForAll boolean clairvoyant) {
    // Of whole minutes, much happens at the same time.
    List<Job> jobs = jobs(new SplittableRandom(seed), clairvoyant);

    assertThat(starts(jobs, shortestFirst, clairvoyant))
        .containsExactly(new ClassicalEasy(PROCESSORS, shortestFirst).starts(jobs));
  }

  @Property(tries = 10)
  void startsAsClassicalEasyDoesWhereEachSecondIsItsOwn(
      @ForAll @IntRange(min = 0, max = 1_000_000) int seed, @ForAll boolean shortestFirst) {
    List<Job> jobs = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(seed);
    for (Job job : jobs(random, false)) {
      long run = job.run() * 1_000 + random.nextInt(900);
      long estimate = Math.max(run, job.estimate() * 1_000);
      jobs.add(
          new Job(job.number(), job.submit() * 1_000 + job.number(), job.width(), run, estimate));
    }

    assertThat(starts(jobs, shortestFirst, false))
        .containsExactly(new ClassicalEasy(PROCESSORS, shortestFirst).starts(jobs));
  }

  private static List<Job> jobs(SplittableRandom random, boolean clairvoyant) {
    List<Job> jobs = new ArrayList<>();
    long now = 0;
    for (int number = 0; number < JOBS; number++) {
      now += random.nextInt(3) == 0 ? 0 : 60L * random.nextInt(25);
      int width = random.nextInt(4) == 0 ? 1 + random.nextInt(PROCESSORS) : 1 + random.nextInt(4);
      long run = 60L * (1 + random.nextInt(60));
      long estimate = clairvoyant || random.nextInt(3) == 0 ? run : run + 60L * random.nextInt(200);
      jobs.add(new Job(number, now, width, run, estimate));
    }
    return jobs;
  }

  private static long[] starts(List<Job> jobs, boolean shortestFirst, boolean clairvoyant) {
    PoolPolicy policy =
        PoolPolicy.defaults()
            .withOrdering(Ordering.FCFS)
            .withPatience(PoolPolicy.FOR_EVER)
            .withBackfill(shortestFirst ? Backfill.EASY_SHORTEST : Backfill.EASY);
    EvaluationOptions options =
        EvaluationOptions.defaults()
            .withPolicy(policy)
            .withDurations(clairvoyant ? Durations.ACTUAL : Durations.REQUESTED);
    long[] starts = new long[jobs.size()];
    new Evaluation(
            trace(jobs),
            options,
            Settings.faultless(),
            () -> 0,
            (pool, commanded) -> {
              if (commanded.command().action() == Action.ALLOCATE) {
                int number = Integer.parseInt(commanded.command().task().taskId());
                starts[number] =
                    Duration.between(START, commanded.command().decidedAt()).toSeconds();
              }
            },
            Progress.NONE)
        .run();
    return starts;
  }

  private static Trace trace(List<Job> jobs) {
    Resources machine = new Resources(PROCESSORS * 1000L, 0, 0, 0, 0);
    return new Trace(
        "random jobs",
        jobs.stream().map(ClassicalEasyTest::task).toList(),
        List.of(TraceNode.of("machine", "pool", machine, null)),
        EnumSet.of(Dimension.CPU),
        true,
        LineCount.NONE);
  }

  private static TraceTask task(Job job) {
    Resources width = new Resources(job.width() * 1000L, 0, 0, 0, 0);
    TaskRequest request =
        new TaskRequest(
            Integer.toString(job.number()),
            "user",
            "job",
            START.plusSeconds(job.submit()),
            width,
            Duration.ofSeconds(job.estimate()),
            0,
            Qos.BURSTABLE,
            null,
            1,
            1,
            List.of());
    TaskTruth truth = new TaskTruth(job.run() * 1000, End.SUCCEEDED, width, width, null);
    return new TraceTask("pool", request, 0, new TreeMap<>(), null, truth);
  }
}
