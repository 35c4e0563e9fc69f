package io.attentionflow.learning.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ForestClassifierTest extends ClassifierContract {

  private static final FeatureSchema ROWS =
      FeatureSchema.ofRows("rows/1", List.of("a", "b", "noise"), List.of("colour", "shape"), 2);

  @Override
  Classifier create(FeatureSchema schema, long seed) {
    return new ForestClassifier(schema, ForestClassifier.Parameters.DEFAULT, seed);
  }

  @Override
  double leastAccuracy() {
    return 0.8;
  }

  @Override
  double mostLogLoss() {
    return 0.75;
  }

  /** A row, its truth being of a concept: whether a number, a number missing, or a key decides. */
  private record Row(FeatureVector x, int label) {}

  private enum Concept {
    NUMBER,
    OTHER_NUMBER,
    MISSING,
    KEY
  }

  private static Row row(Concept concept, Random random) {
    double[] numbers = {random.nextDouble(), random.nextDouble() * 1000, random.nextGaussian()};
    long[] keys = {1 + random.nextInt(40), 1 + random.nextInt(3)};
    if (random.nextInt(4) == 0) {
      numbers[random.nextInt(3)] = Double.NaN;
    }
    boolean truth =
        switch (concept) {
          case NUMBER -> numbers[0] < 0.3;
          case OTHER_NUMBER -> numbers[1] > 600;
          case MISSING -> Double.isNaN(numbers[0]);
          case KEY -> keys[1] == 2;
        };
    return new Row(new FeatureVector(numbers, keys), truth ? 1 : 0);
  }

  private static double accuracy(Classifier forest, Concept concept, int from, int to) {
    Random random = new Random(21);
    double[] answer = new double[2];
    int right = 0;
    for (int i = 0; i < to; i++) {
      Row row = row(concept, random);
      forest.predict(row.x, answer);
      right += i >= from && (answer[1] > 0.5) == (row.label == 1) ? 1 : 0;
      forest.learn(row.x, row.label, 1);
    }
    return (double) right / (to - from);
  }

  @Test
  void findsTheAttributeThatDecides() {
    // One row in twelve lacks the number that decides.
    assertThat(accuracy(create(ROWS, 1), Concept.NUMBER, 4000, 8000)).isGreaterThan(0.93);
    assertThat(accuracy(create(ROWS, 1), Concept.OTHER_NUMBER, 4000, 8000)).isGreaterThan(0.92);
    assertThat(accuracy(create(ROWS, 1), Concept.MISSING, 4000, 8000)).isGreaterThan(0.97);
    assertThat(accuracy(create(ROWS, 1), Concept.KEY, 4000, 8000)).isGreaterThan(0.99);
  }

  @Test
  void recoversWhenTheConceptChanges() {
    Classifier forest = create(ROWS, 3);
    accuracy(forest, Concept.NUMBER, 0, 6000);
    assertThat(accuracy(forest, Concept.OTHER_NUMBER, 3000, 6000)).isGreaterThan(0.9);
  }

  @Test
  void answersAboutNumbersFarBeyondAllItHasSeen() {
    Classifier forest = create(ROWS, 1);
    accuracy(forest, Concept.NUMBER, 0, 2000);
    double[] answer = new double[2];
    for (double far : new double[] {1e20, -1e99, Double.MAX_VALUE, Double.NEGATIVE_INFINITY}) {
      FeatureVector x = new FeatureVector(new double[] {far, far, far}, new long[] {1, 2});
      forest.predict(x, answer);
      assertThat(answer[0] + answer[1]).isCloseTo(1, within(1e-9));
      forest.learn(x, 1, 1);
    }
    assertThat(accuracy(forest, Concept.NUMBER, 0, 2000)).isGreaterThan(0.8);
  }

  @Test
  void staysWithinItsLeavesHoweverLongTheStreamAndHoweverOftenItChanges() {
    ForestClassifier.Parameters few = ForestClassifier.Parameters.DEFAULT.withLeaves(16);
    ForestClassifier forest = new ForestClassifier(ROWS, few, 5);
    int largest = 0;
    for (int round = 0; round < 40; round++) {
      accuracy(forest, Concept.values()[round % Concept.values().length], 0, 2500);
      assertThat(forest.leaves()).isLessThanOrEqualTo(2 * few.members() * few.leaves());
      largest = Math.max(largest, forest.snapshot().length);
    }
    assertThat(largest).isLessThan(400_000);
  }

  @Test
  void goesOnAfterRestoringAmidWarningsAndDrifts() {
    ForestClassifier straight = new ForestClassifier(ROWS, ForestClassifier.Parameters.DEFAULT, 7);
    Random random = new Random(9);
    for (int round = 0; round < 12; round++) {
      Concept concept = Concept.values()[round % Concept.values().length];
      // The stop falls now before, now into what follows a change.
      for (int i = 0; i < 700 + 130 * round; i++) {
        Row row = row(concept, random);
        straight.learn(row.x, row.label, 1);
      }
      ForestClassifier restored =
          new ForestClassifier(ROWS, ForestClassifier.Parameters.DEFAULT, 1);
      restored.restore(straight.snapshot());
      double[] expected = new double[2];
      double[] found = new double[2];
      Random next = new Random(round);
      for (int i = 0; i < 500; i++) {
        Row row = row(Concept.OTHER_NUMBER, next);
        straight.predict(row.x, expected);
        restored.predict(row.x, found);
        assertThat(found).isEqualTo(expected);
        straight.learn(row.x, row.label, 1);
        restored.learn(row.x, row.label, 1);
      }
      assertThat(restored.snapshot()).isEqualTo(straight.snapshot());
    }
  }

  @Test
  void refusesASnapshotOfOtherParameters() {
    byte[] other =
        new ForestClassifier(ROWS, ForestClassifier.Parameters.DEFAULT.withLeaves(7), 1).snapshot();
    Classifier forest = create(ROWS, 1);
    byte[] before = forest.snapshot();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> forest.restore(other))
        .withMessageContaining("leaves=7");
    assertThat(forest.snapshot()).isEqualTo(before);
  }

  @Test
  void refusesParametersThatCannotBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ForestClassifier.Parameters.DEFAULT.withLeaves(0))
        .withMessageContaining("0 leaves");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ForestClassifier.Parameters.DEFAULT.withAttributes(-1));
  }
}
