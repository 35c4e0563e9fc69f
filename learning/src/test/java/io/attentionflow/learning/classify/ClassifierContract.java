package io.attentionflow.learning.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.attentionflow.learning.evaluation.RunningEvaluation;
import io.attentionflow.learning.evaluation.Scores;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.GeneratedTasks;
import io.attentionflow.learning.features.GeneratedTasks.Event;
import io.attentionflow.learning.features.LabelledExample;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

/** What every classifier promises. A new one extends this. */
abstract class ClassifierContract {

  private static final FeatureSchema TASKS = FeatureSchema.ofTasks(ComplexityScale.DEFAULT);
  private static final int STREAM = 3000;
  private static final int MADE_UP = 300;

  /** A new one that has seen nothing. */
  abstract Classifier create(FeatureSchema schema, long seed);

  /** The accuracy it must reach on {@link GeneratedTasks}, cold start included. */
  abstract double leastAccuracy();

  /** The log loss it must stay below on them. */
  abstract double mostLogLoss();

  /** The calibration error it must stay below on them. */
  double mostCalibrationError() {
    return 0.1;
  }

  /** How sure it must be of a row whose one key and one number always go with its class. */
  double leastProbabilityOfTruth() {
    return 0.9;
  }

  @Test
  void givesEvenOddsOrBetterBeforeTheFirstExample() {
    assertProbabilities(predict(create(TASKS, 1), firstVector()));
  }

  @Test
  void learnsAStreamOfTasks() {
    Scores scores = run(create(TASKS, 1), GeneratedTasks.events(STREAM, 42));

    assertThat(scores.accuracy()).isBetween(leastAccuracy(), GeneratedTasks.BEST_ACCURACY + 0.02);
    assertThat(scores.logLoss()).isLessThan(mostLogLoss());
    assertThat(scores.calibrationError()).isLessThan(mostCalibrationError());
  }

  @Test
  void leavesItsInputAlone() {
    Classifier classifier = trained(1, 200);
    FeatureVector x = firstVector();
    FeatureVector before =
        new FeatureVector(x.numbers().clone(), x.keys().clone(), x.evidence().clone());

    classifier.learn(x, 2, 1);
    predict(classifier, x);

    assertThat(x.numbers()).isEqualTo(before.numbers());
    assertThat(x.keys()).isEqualTo(before.keys());
    assertThat(x.evidence()).isEqualTo(before.evidence());
  }

  @Test
  void predictsTheSameFromTheSameSeed() {
    assertThat(predict(trained(7, 500), firstVector()))
        .isEqualTo(predict(trained(7, 500), firstVector()));
  }

  @Test
  void learnsTheSameWithAMemoOfNow() {
    Classifier reminded = create(TASKS, 3);
    Classifier plain = create(TASKS, 3);
    for (LabelledExample example : examples(300)) {
      FeatureVector x = example.features();
      byte[] memo = reminded.answer(x, new double[reminded.classes()]);
      reminded.learn(x, memo, example.label(), 1);
      plain.learn(x, example.label(), 1);
    }
    assertThat(reminded.snapshot()).isEqualTo(plain.snapshot());
  }

  @Test
  void changesNothingByPredicting() {
    Classifier asked = create(TASKS, 3);
    Classifier left = create(TASKS, 3);
    for (LabelledExample example : examples(500)) {
      predict(asked, example.features());
      predict(asked, firstVector());
      asked.answer(firstVector(), new double[asked.classes()]);
      asked.learn(example.features(), example.label(), 1);
      left.learn(example.features(), example.label(), 1);
    }
    assertThat(asked.snapshot()).isEqualTo(left.snapshot());
  }

  @Test
  void goesOnAfterRestoringAsBefore() {
    List<LabelledExample> examples = examples(600);
    Classifier straight = trained(5, 300);
    Classifier restored = create(TASKS, 5);
    restored.learn(firstVector(), 3, 1);
    restored.restore(straight.snapshot());

    for (LabelledExample example : examples.subList(300, 600)) {
      assertThat(predict(restored, example.features()))
          .isEqualTo(predict(straight, example.features()));
      straight.learn(example.features(), example.label(), 1);
      restored.learn(example.features(), example.label(), 1);
    }
    assertThat(restored.snapshot()).isEqualTo(straight.snapshot());
  }

  @Test
  void refusesASnapshotThatIsDamagedAndStaysAsItWas() {
    Classifier classifier = trained(1, 100);
    byte[] before = classifier.snapshot();
    Random random = new Random(11);
    for (int i = 0; i < 50; i++) {
      byte[] damaged = before.clone();
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 + random.nextInt(255));
      assertThatIllegalArgumentException().isThrownBy(() -> classifier.restore(damaged));
      byte[] cut = Arrays.copyOf(before, random.nextInt(before.length));
      assertThatIllegalArgumentException().isThrownBy(() -> classifier.restore(cut));
    }
    assertThat(classifier.snapshot()).isEqualTo(before);
  }

  /** Whoever can write to the topic of models can make one whose checksum is right. */
  @Test
  void refusesASnapshotThatIsMadeUpOrAnswersFromIt() {
    byte[] good = trained(1, 100).snapshot();
    Random random = new Random(12);
    int refused = 0;
    for (int i = 0; i < MADE_UP; i++) {
      byte[] madeUp = madeUp(good, random);
      Classifier classifier = create(TASKS, 1);
      try {
        classifier.restore(madeUp);
      } catch (IllegalArgumentException e) {
        refused++;
        continue;
      }
      for (LabelledExample example : examples(5)) {
        predict(classifier, example.features());
        classifier.learn(example.features(), example.label(), 1);
      }
    }
    assertThat(refused).isPositive();
  }

  /** The same with some whole numbers replaced by others, and the checksum of that. */
  private static byte[] madeUp(byte[] snapshot, Random random) {
    ByteBuffer madeUp = ByteBuffer.wrap(snapshot.clone());
    int body = snapshot.length - Integer.BYTES;
    // Half of them where the sizes of things stand rather than their contents.
    int end = random.nextBoolean() ? Math.min(400, body) : body;
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      int[] sizes = {
        -1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1 << 30, 1 << 20, 0, random.nextInt()
      };
      madeUp.putInt(random.nextInt(end - Integer.BYTES), sizes[random.nextInt(sizes.length)]);
    }
    CRC32 checksum = new CRC32();
    checksum.update(madeUp.array(), 0, body);
    return madeUp.putInt(body, (int) checksum.getValue()).array();
  }

  @Test
  void refusesTheSnapshotOfAnotherSchema() {
    FeatureSchema rows = FeatureSchema.ofRows("rows/1", List.of("a"), List.of("b"), 4);
    byte[] other = create(rows, 1).snapshot();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> create(TASKS, 1).restore(other))
        .withMessageContaining("rows/1")
        .withMessageContaining("tasks/2");
  }

  @Test
  void bearsWhatIsMissingUnseenOrExtreme() {
    Classifier classifier = trained(1, 300);
    FeatureVector known = firstVector();
    double[] unknownNumbers = new double[known.numbers().length];
    double[] extremeNumbers = new double[known.numbers().length];
    Arrays.fill(unknownNumbers, Double.NaN);
    Arrays.fill(extremeNumbers, 1e12);
    long[] unseen = new long[known.keys().length];
    Arrays.fill(unseen, 0x5eed5eed5eedL);
    byte[] empty = new byte[known.evidence().length];
    byte[] full = new byte[known.evidence().length];
    Arrays.fill(full, (byte) -1);
    for (FeatureVector strange :
        List.of(
            new FeatureVector(unknownNumbers, new long[unseen.length], empty),
            new FeatureVector(extremeNumbers, unseen, full),
            new FeatureVector(unknownNumbers, unseen, full))) {
      assertProbabilities(predict(classifier, strange));
      classifier.learn(strange, 1, 1);
      assertProbabilities(predict(classifier, strange));
      assertProbabilities(predict(classifier, known));
    }
  }

  @Test
  void learnsRowsWithoutHistory() {
    FeatureSchema rows = FeatureSchema.ofRows("rows/1", List.of("size"), List.of("type"), 2);
    Classifier classifier = create(rows, 1);
    Random random = new Random(4);
    for (int i = 0; i < 2000; i++) {
      int label = random.nextInt(2);
      FeatureVector x =
          new FeatureVector(
              new double[] {label + random.nextGaussian() / 4}, new long[] {label + 1});
      classifier.learn(x, label, 1);
    }
    assertThat(predict(classifier, new FeatureVector(new double[] {1}, new long[] {2}))[1])
        .isGreaterThan(leastProbabilityOfTruth());
  }

  private Classifier trained(long seed, int examples) {
    Classifier classifier = create(TASKS, seed);
    for (LabelledExample example : examples(examples)) {
      classifier.learn(example.features(), example.label(), 1);
    }
    return classifier;
  }

  private static List<LabelledExample> examples(int count) {
    return GeneratedTasks.events(count, 8).stream()
        .filter(Event.Ended.class::isInstance)
        .map(event -> ((Event.Ended) event).example())
        .toList();
  }

  private static FeatureVector firstVector() {
    return ((Event.Arrived) GeneratedTasks.events(1, 99).get(0)).features();
  }

  private static Scores run(Classifier classifier, List<Event> events) {
    RunningEvaluation evaluation = new RunningEvaluation(classifier.classes(), 0.999);
    Map<String, double[]> answers = new HashMap<>();
    for (Event event : events) {
      if (event instanceof Event.Arrived arrived) {
        answers.put(arrived.taskId(), predict(classifier, arrived.features()));
      } else if (event instanceof Event.Ended ended) {
        LabelledExample example = ended.example();
        evaluation.add(Objects.requireNonNull(answers.get(example.taskId())), example.label());
        classifier.learn(example.features(), example.label(), 1);
      }
    }
    return evaluation.overall();
  }

  private static double[] predict(Classifier classifier, FeatureVector x) {
    double[] probabilities = new double[classifier.classes()];
    classifier.predict(x, probabilities);
    return probabilities;
  }

  private static void assertProbabilities(double[] probabilities) {
    double total = 0;
    for (double probability : probabilities) {
      assertThat(probability).isGreaterThan(0).isLessThan(1);
      total += probability;
    }
    assertThat(total).isCloseTo(1, within(1e-9));
  }
}
