package io.attentionflow.learning.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.Likelihood;
import io.attentionflow.learning.features.OpenTask;
import io.attentionflow.learning.features.OpenTasks;
import io.attentionflow.learning.features.TaskFacts;
import io.attentionflow.learning.features.TaskOutcome;
import io.attentionflow.learning.features.TenantHistory;
import io.attentionflow.learning.features.TenantProfiler;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RunTimeLearnerTest {

  private static final ComplexityScale SCALE = ComplexityScale.DEFAULT;
  private static final double[] EVEN = {0.25, 0.25, 0.25, 0.25};

  private final RunTimeLearner learner = new RunTimeLearner(SCALE);
  private final Map<String, TenantProfiler> tenants = new HashMap<>();
  private long now;
  private int next;

  /** As a job keeps them: every task until its end. */
  private static final class Kept implements OpenTasks {
    private final Map<String, OpenTask> tasks = new HashMap<>();

    @Override
    public @Nullable OpenTask get(String taskId) {
      return tasks.get(taskId);
    }

    @Override
    public void put(OpenTask task) {
      tasks.put(task.facts().taskId(), task);
    }

    @Override
    public void remove(String taskId) {
      tasks.remove(taskId);
    }
  }

  @Test
  void tellsTenantsApartByWhatTravelsWithTheirTasks() {
    learnFromTwoTenants(new Random(1), 400);

    RunTimePrediction quick = predict("quick");
    RunTimePrediction slow = predict("slow");

    assertThat(quick.quantiles()[RunTimePrediction.P50]).isBetween(20.0, 45.0);
    assertThat(slow.quantiles()[RunTimePrediction.P50]).isBetween(2000.0, 4500.0);
    assertThat(slow.mean()).isBetween(2000.0, 6000.0);
  }

  @Test
  void expectsOfShortTasksNoMoreThanTheyTake() {
    learnFromTwoTenants(new Random(2), 2000);

    assertThat(predict("quick").mean()).isBetween(20.0, 60.0);
  }

  @Test
  void keepsItsPromises() {
    learnFromTwoTenants(new Random(3), 6000);

    assertThat(learner.coverage()).containsOnlyKeys("p50", "p90", "p95", "p99");
    assertThat(learner.coverage().get("p50")).isCloseTo(0.5, within(0.01));
    assertThat(learner.coverage().get("p90")).isCloseTo(0.9, within(0.01));
    assertThat(learner.coverage().get("p95")).isCloseTo(0.95, within(0.01));
    assertThat(learner.coverage().get("p99")).isCloseTo(0.99, within(0.01));
  }

  @Test
  void saysNothingOfPromisesBeforeThereWereEnough() {
    learnFromTwoTenants(new Random(4), 2000);

    assertThat(learner.coverage()).isEmpty();
  }

  @Test
  void goesOnAfterRestoreAsIfNothingHadHappened() {
    learnFromTwoTenants(new Random(5), 2500);
    RunTimeLearner restored = new RunTimeLearner(SCALE);
    restored.restore(learner.snapshot());
    for (int i = 0; i < 50; i++) {
      FeatureVector task = submit("quick");
      byte[] memo = predict(learner, task, EVEN).memo();
      learner.learn(task, memo, i);
      restored.learn(task, memo, i);
      end("quick", i * 1000L);
    }

    FeatureVector task = submit("slow");
    RunTimePrediction expected = predict(learner, task, EVEN);
    RunTimePrediction found = predict(restored, task, EVEN);

    assertThat(found.mean()).isEqualTo(expected.mean());
    assertThat(found.quantiles()).isEqualTo(expected.quantiles());
    assertThat(restored.coverage()).isEqualTo(learner.coverage());
    assertThat(restored.snapshot()).isEqualTo(learner.snapshot());
  }

  @Test
  void refusesADamagedSnapshotAndStaysAsItWas() {
    learnFromTwoTenants(new Random(6), 100);
    byte[] good = learner.snapshot();
    byte[] damaged = good.clone();
    damaged[good.length / 2] ^= 1;

    for (byte[] bad : List.of(damaged, new byte[] {1, 2, 3}, Arrays.copyOf(good, 100))) {
      assertThatThrownBy(() -> learner.restore(bad)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(learner.snapshot()).isEqualTo(good);
  }

  @Test
  void servesClassesThatAreNotByRunTime() {
    ComplexityScale byCores =
        new ComplexityScale(
            List.of("SMALL", "LARGE"),
            List.of(Duration.ofHours(1)),
            ComplexityScale.Measure.CORE_SECONDS);
    RunTimeLearner other = new RunTimeLearner(byCores);
    FeatureVector task = submit("quick");
    for (int i = 0; i < 100; i++) {
      other.learn(task, new byte[0], 30);
    }

    double[] own = new double[other.classes()];
    FeatureVector told = other.expect(task, own);
    RunTimePrediction prediction = other.predict(new double[] {0.5, 0.5});

    assertThat(told.byRunTime()).isEmpty();
    assertThat(prediction.quantiles()[RunTimePrediction.P50]).isBetween(10.0, 100.0);
    assertThat(own[other.classOf(30)]).isGreaterThan(0.5);
  }

  @Test
  void tellsClassifiersHowLikelyClassesAreByRunTime() {
    double[] own = new double[learner.classes()];
    assertThat(learner.expect(submit("quick"), own).byRunTime()).isEmpty();

    learnFromTwoTenants(new Random(7), 400);
    byte[] quick = learner.expect(submit("quick"), own).byRunTime();

    assertThat(quick).hasSize(SCALE.classes());
    for (int i = 0; i < own.length; i++) {
      assertThat(quick[i]).isEqualTo(Likelihood.encode(own[i]));
    }
    assertThat(own[learner.classOf(30)]).isGreaterThan(0.9);
  }

  /** Log-normal run times around 30 s and around 50 min. */
  private void learnFromTwoTenants(Random random, int count) {
    for (int i = 0; i < count; i++) {
      boolean quick = random.nextBoolean();
      String tenant = quick ? "quick" : "slow";
      double seconds = (quick ? 30 : 3000) * StrictMath.exp(0.3 * random.nextGaussian());
      FeatureVector task = submit(tenant);
      byte[] memo = predict(learner, task, EVEN).memo();
      learner.learn(task, memo, seconds);
      end(tenant, Math.round(seconds * 1000));
    }
  }

  /** With a classifier that says what follows from the distribution. */
  private RunTimePrediction predict(String tenant) {
    FeatureVector task = submit(tenant);
    double[] own = new double[learner.classes()];
    learner.expect(task, own);
    return predict(learner, task, own);
  }

  private static RunTimePrediction predict(
      RunTimeLearner learner, FeatureVector task, double[] classes) {
    learner.expect(task, new double[learner.classes()]);
    return learner.predict(classes);
  }

  private FeatureVector submit(String tenant) {
    now += 60_000;
    next++;
    return profiler(tenant)
        .submitted(
            new TaskFacts(
                "t" + next,
                tenant,
                "job",
                now,
                1000,
                0,
                0,
                0,
                null,
                0,
                "BURSTABLE",
                null,
                0,
                Map.of()))
        .features();
  }

  private void end(String tenant, long millis) {
    profiler(tenant).ended("t" + next, new TaskOutcome(now + millis, millis, true, 0, 0, 0));
  }

  private TenantProfiler profiler(String tenant) {
    return tenants.computeIfAbsent(
        tenant, name -> new TenantProfiler(SCALE, new TenantHistory(4), new Kept()));
  }
}
