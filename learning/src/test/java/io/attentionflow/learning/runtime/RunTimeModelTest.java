package io.attentionflow.learning.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RunTimeModelTest {

  private static final double NO_LIMIT = Double.POSITIVE_INFINITY;
  private static final RunTimeScale SCALE = RunTimeScale.DEFAULT;
  private static final FeatureSchema SCHEMA = FeatureSchema.ofTasks(ComplexityScale.DEFAULT);

  private final RunTimeModel model = new RunTimeModel(SCALE, 1 << 12);
  private final RunTimeDistribution distribution = new RunTimeDistribution(SCALE);

  /** A task, how long it ran, and the limit it was given. */
  private record Example(FeatureVector task, double limitSeconds, double runSeconds) {}

  @Test
  void knowsNothingAtFirst() {
    model.predict(task(1, 1), NO_LIMIT, distribution);

    for (int bin = 0; bin < RunTimeScale.BINS; bin++) {
      assertThat(distribution.probability(bin)).isCloseTo(1.0 / RunTimeScale.BINS, within(1e-6));
    }
  }

  @Test
  void learnsHowLongEachGroupsTasksRun() {
    learn(examples(7, 1500));

    model.predict(task(1, 5), NO_LIMIT, distribution);
    assertThat(distribution.quantileSeconds(0.5)).isBetween(20.0, 45.0);
    model.predict(task(2, 5), NO_LIMIT, distribution);
    assertThat(distribution.quantileSeconds(0.5)).isBetween(2000.0, 4500.0);
  }

  @Test
  void answersForAnUnknownGroupByAllOthers() {
    learn(examples(7, 1500));

    double[] classes = new double[4];
    model.predict(task(99, 77), NO_LIMIT, distribution);
    distribution.classes(classes);

    assertThat(classes[0]).isBetween(0.2, 0.8);
    assertThat(classes[2]).isBetween(0.2, 0.8);
    assertThat(Arrays.stream(classes).sum()).isCloseTo(1, within(1e-5));
  }

  @Test
  void keepsToTheLimit() {
    learn(examples(7, 1500));

    model.predict(task(2, 5), 100, distribution);

    assertThat(distribution.probability(SCALE.binOf(100) + 1)).isZero();
    assertThat(distribution.meanSeconds()).isBetween(1.0, 100.0);
    assertThat(distribution.quantileSeconds(0.99)).isBetween(1.0, 100.0);
    assertThat(distribution.quantileSeconds(1)).isCloseTo(100, within(1e-6));
  }

  @Test
  void learnsWhetherEstimatesAreEnforced() {
    double[] numbers = numbers();
    numbers[SCHEMA.numberIndex("estimate")] = StrictMath.log(60);
    FeatureVector task = new FeatureVector(numbers, new long[SCHEMA.keys().size()]);
    RunTimeModel overrun = new RunTimeModel(SCALE, 1 << 12);
    for (int i = 0; i < 500; i++) {
      model.learn(task, NO_LIMIT, 20 + i % 40);
      overrun.learn(task, NO_LIMIT, i % 4 == 0 ? 600 : 20 + i % 40);
    }

    assertThat(beyond(model, task)).isLessThan(0.01);
    assertThat(beyond(overrun, task)).isBetween(0.1, 0.35);
  }

  /** How likely it is to run for more than a minute. */
  private double beyond(RunTimeModel asked, FeatureVector task) {
    asked.predict(task, NO_LIMIT, distribution);
    double[] classes = new double[SCALE.classCount()];
    distribution.classes(classes);
    return 1 - classes[0];
  }

  @Test
  void isDistributedWithinTheClassesItIsGiven() {
    learn(examples(7, 1500));
    model.predict(task(1, 5), NO_LIMIT, distribution);
    double share = distribution.probability(SCALE.binOf(30)) / distribution.probability(8);
    double[] given = {0.1, 0.2, 0.3, 0.4};
    double[] classes = new double[4];

    distribution.reweigh(given, classes);
    distribution.classes(classes);

    assertThat(classes).containsExactly(given, within(1e-5));
    assertThat(distribution.probability(SCALE.binOf(30)) / distribution.probability(8))
        .isCloseTo(share, within(0.01 * share));
  }

  @Test
  void samePredictionsFromTheSameExamples() {
    RunTimeModel other = new RunTimeModel(SCALE, 1 << 12);
    for (Example example : examples(9, 500)) {
      learn(List.of(example));
      other.learn(example.task, example.limitSeconds, example.runSeconds);
    }

    assertSame(model, other, examples(10, 200));
  }

  @Test
  void predictingChangesNothing() {
    learn(examples(9, 500));
    byte[] before = model.snapshot();

    for (Example example : examples(10, 200)) {
      model.predict(example.task, example.limitSeconds, distribution);
    }

    assertThat(model.snapshot()).isEqualTo(before);
  }

  @Test
  void leavesItsInputAlone() {
    Example example = examples(9, 1).get(0);
    double[] numbers = example.task.numbers().clone();
    long[] keys = example.task.keys().clone();

    learn(List.of(example));

    assertThat(example.task.numbers()).isEqualTo(numbers);
    assertThat(example.task.keys()).isEqualTo(keys);
  }

  @Test
  void goesOnAfterRestoreAsIfNothingHadHappened() {
    learn(examples(9, 3000));
    RunTimeModel restored = new RunTimeModel(SCALE, 1 << 12);
    restored.restore(model.snapshot());

    for (Example example : examples(10, 300)) {
      model.learn(example.task, example.limitSeconds, example.runSeconds);
      restored.learn(example.task, example.limitSeconds, example.runSeconds);
    }

    assertThat(restored.labels()).isEqualTo(3300);
    assertSame(model, restored, examples(11, 200));
    assertThat(restored.snapshot()).isEqualTo(model.snapshot());
  }

  @Test
  void refusesADamagedOrForeignSnapshotAndStaysAsItWas() {
    learn(examples(9, 100));
    byte[] good = model.snapshot();
    byte[] damaged = good.clone();
    damaged[good.length / 2] ^= 1;

    assertThatThrownBy(() -> model.restore(damaged)).hasMessageContaining("checksum");
    assertThatThrownBy(() -> model.restore(Arrays.copyOf(good, 3)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(model.snapshot()).isEqualTo(good);
  }

  @Test
  void refusesTheSnapshotOfAModelThatMayBeLarger() {
    learn(examples(9, 100));
    RunTimeModel small = new RunTimeModel(SCALE, 8);
    byte[] before = small.snapshot();

    assertThatThrownBy(() -> small.restore(model.snapshot()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 8 contexts");
    assertThat(small.snapshot()).isEqualTo(before);
  }

  @Test
  void unknownFeaturesDoNoHarm() {
    FeatureVector unknown = new FeatureVector(numbers(), new long[SCHEMA.keys().size()]);
    learn(List.of(new Example(unknown, NO_LIMIT, 0), new Example(unknown, 10, 1e9)));

    model.predict(unknown, NO_LIMIT, distribution);

    double total = 0;
    for (int bin = 0; bin < RunTimeScale.BINS; bin++) {
      assertThat(distribution.probability(bin)).isBetween(0.0, 1.0);
      total += distribution.probability(bin);
    }
    assertThat(total).isCloseTo(1, within(1e-5));
    assertThat(distribution.meanSeconds()).isFinite();
  }

  @Test
  void staysWithinItsBoundWhateverComes() {
    RunTimeModel small = new RunTimeModel(SCALE, 1000);
    for (int i = 0; i < 3000; i++) {
      small.learn(task(i, i * 31L), NO_LIMIT, 1 + i);
    }

    assertThat(small.contexts()).isLessThanOrEqualTo(1024);
    small.predict(task(1, 1), NO_LIMIT, distribution);
    assertThat(distribution.meanSeconds()).isFinite();
  }

  @Test
  void predictsWithoutAllocating() {
    List<Example> examples = examples(9, 500);
    learn(examples);
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().getId();
    predictAll(examples);
    // Asking allocates a little itself.
    long before = threads.getThreadAllocatedBytes(thread);
    long asking = threads.getThreadAllocatedBytes(thread) - before;

    long start = threads.getThreadAllocatedBytes(thread);
    predictAll(examples);
    long allocated = threads.getThreadAllocatedBytes(thread) - start - asking;

    // An iterator over the examples, and less than a byte for each prediction.
    assertThat(allocated).isLessThan(examples.size());
  }

  private void predictAll(List<Example> examples) {
    for (Example example : examples) {
      model.predict(example.task, example.limitSeconds, distribution);
    }
  }

  private void learn(List<Example> examples) {
    for (Example example : examples) {
      model.learn(example.task, example.limitSeconds, example.runSeconds);
    }
  }

  private void assertSame(RunTimeModel one, RunTimeModel two, List<Example> examples) {
    RunTimeDistribution other = new RunTimeDistribution(SCALE);
    for (Example example : examples) {
      one.predict(example.task, example.limitSeconds, distribution);
      two.predict(example.task, example.limitSeconds, other);
      assertThat(distribution.probabilities).isEqualTo(other.probabilities);
    }
  }

  /** Tasks of groups 1 and 2: log-normal run times around 30 s and around 50 min. */
  private static List<Example> examples(long seed, int count) {
    Random random = new Random(seed);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int group = 1 + random.nextInt(2);
      double typical = group == 1 ? 30 : 3000;
      double run = typical * StrictMath.exp(0.3 * random.nextGaussian());
      examples.add(new Example(task(group, random.nextInt(10)), NO_LIMIT, run));
    }
    return examples;
  }

  private static FeatureVector task(long group, long request) {
    long[] keys = new long[SCHEMA.keys().size()];
    keys[SCHEMA.keyIndex("group")] = group;
    keys[SCHEMA.keyIndex("request")] = request;
    return new FeatureVector(numbers(), keys);
  }

  private static double[] numbers() {
    double[] numbers = new double[SCHEMA.numbers().size()];
    Arrays.fill(numbers, Double.NaN);
    return numbers;
  }
}
