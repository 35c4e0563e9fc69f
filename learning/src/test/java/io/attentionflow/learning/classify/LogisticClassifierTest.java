package io.attentionflow.learning.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attentionflow.learning.classify.LogisticClassifier.Parameters;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LogisticClassifierTest extends ClassifierContract {

  private static final int CLASSES = 3;
  private static final FeatureSchema ROWS =
      FeatureSchema.ofRows("rows/1", List.of(), List.of("a", "b"), CLASSES);

  @Override
  Classifier create(FeatureSchema schema, long seed) {
    return new LogisticClassifier(schema, Parameters.DEFAULT);
  }

  @Override
  double leastAccuracy() {
    return 0.85;
  }

  @Override
  double mostLogLoss() {
    return 0.6;
  }

  /** Algorithm 1 of the paper, as plainly as can be, for inputs that are 0 or 1. */
  private static final class Plain {
    private final Parameters parameters;
    private final double[][] z = new double[9][CLASSES];
    private final double[][] n = new double[9][CLASSES];
    private double[][] gradients = new double[9][CLASSES];
    private int batched;

    Plain(Parameters parameters) {
      this.parameters = parameters;
    }

    /** Inputs: the intercept, one of four values of a, one of four of b. */
    private static int[] inputs(FeatureVector x) {
      return new int[] {0, (int) x.keys()[0], 4 + (int) x.keys()[1]};
    }

    private double weight(int input, int label) {
      double l1 = input == 0 ? 0 : parameters.l1();
      double l2 = input == 0 ? 0 : parameters.l2();
      double sum = z[input][label];
      return Math.abs(sum) <= l1
          ? 0
          : (Math.signum(sum) * l1 - sum)
              / ((parameters.beta() + Math.sqrt(n[input][label])) / parameters.alpha() + l2);
    }

    double[] predict(FeatureVector x) {
      double[] answer = new double[CLASSES];
      double total = 0;
      for (int label = 0; label < CLASSES; label++) {
        double score = 0;
        for (int input : inputs(x)) {
          score += weight(input, label);
        }
        answer[label] = Math.exp(score);
        total += answer[label];
      }
      for (int label = 0; label < CLASSES; label++) {
        answer[label] /= total;
      }
      return answer;
    }

    void learn(FeatureVector x, int label, double weight) {
      double[] answer = predict(x);
      for (int input : inputs(x)) {
        for (int k = 0; k < CLASSES; k++) {
          gradients[input][k] += weight * (answer[k] - (k == label ? 1 : 0));
        }
      }
      batched++;
      if (batched < parameters.batch()) {
        return;
      }
      for (int input = 0; input < gradients.length; input++) {
        for (int k = 0; k < CLASSES; k++) {
          double gradient = gradients[input][k] / batched;
          double sigma =
              (Math.sqrt(n[input][k] + gradient * gradient) - Math.sqrt(n[input][k]))
                  / parameters.alpha();
          z[input][k] += gradient - sigma * weight(input, k);
          n[input][k] += gradient * gradient;
        }
      }
      gradients = new double[9][CLASSES];
      batched = 0;
    }
  }

  private static FeatureVector row(int a, int b) {
    return new FeatureVector(new double[0], new long[] {a, b});
  }

  @Test
  void learnsAsThePaperSaysWithWeightsAndInBatches() {
    for (int batch : new int[] {1, 4}) {
      Parameters parameters = new Parameters(0.1, 1, 0.02, 0.3, batch);
      LogisticClassifier classifier = new LogisticClassifier(ROWS, parameters);
      Plain plain = new Plain(parameters);
      Random random = new Random(batch);
      for (int i = 0; i < 2000; i++) {
        FeatureVector x = row(1 + random.nextInt(4), 1 + random.nextInt(4));
        int label = random.nextInt(4) == 0 ? random.nextInt(CLASSES) : (int) (x.keys()[0] % 3);
        assertThat(answer(classifier, x)).containsExactly(plain.predict(x), within(1e-4));
        double weight = 0.5 + random.nextInt(4);
        classifier.learn(x, label, weight);
        plain.learn(x, label, weight);
      }
    }
  }

  @Test
  void learnsMoreFromAnExampleThatWeighsMore() {
    LogisticClassifier once = new LogisticClassifier(ROWS, Parameters.DEFAULT);
    LogisticClassifier thrice = new LogisticClassifier(ROWS, Parameters.DEFAULT);
    once.learn(row(1, 1), 2, 1);
    thrice.learn(row(1, 1), 2, 3);
    assertThat(answer(thrice, row(1, 1))[2]).isGreaterThan(answer(once, row(1, 1))[2]);
  }

  @Test
  void knowsHowFrequentClassesAreThoughNothingIsKnownOfARow() {
    LogisticClassifier classifier =
        new LogisticClassifier(ROWS, new Parameters(0.1, 1, 0.05, 0.5, 1));
    Random random = new Random(5);
    for (int i = 0; i < 5000; i++) {
      classifier.learn(row(0, 0), random.nextInt(10) < 7 ? 0 : 1, 1);
    }
    assertThat(answer(classifier, row(0, 0))[0]).isCloseTo(0.7, within(0.05));
    assertThat(answer(classifier, row(0, 0))[2]).isLessThan(0.02);
  }

  @Test
  void startsFromWhatAnotherHasLearnedAndGoesOn() {
    LogisticClassifier before = new LogisticClassifier(ROWS, Parameters.DEFAULT);
    Random random = new Random(6);
    for (int i = 0; i < 3000; i++) {
      int a = 1 + random.nextInt(3);
      before.learn(row(a, 1 + random.nextInt(3)), a - 1, 1);
    }
    Parameters other = new Parameters(0.3, 1, 0.5, 1, 8);
    LogisticClassifier after = LogisticClassifier.startingFrom(before, other);
    for (int a = 1; a <= 3; a++) {
      assertThat(answer(after, row(a, 1))).containsExactly(answer(before, row(a, 1)), within(1e-4));
    }
    for (int i = 0; i < 3000; i++) {
      int a = 1 + random.nextInt(3);
      after.learn(row(a, 1 + random.nextInt(3)), a % 3, 1);
    }
    assertThat(answer(after, row(1, 1))[1]).isGreaterThan(0.5);
  }

  @Test
  void goesOnAfterRestoringWithinABatch() {
    Parameters parameters = Parameters.DEFAULT.withBatch(7);
    LogisticClassifier straight = new LogisticClassifier(ROWS, parameters);
    Random random = new Random(8);
    for (int i = 0; i < 60; i++) {
      straight.learn(row(1 + random.nextInt(3), 1 + random.nextInt(3)), random.nextInt(3), 1);
      LogisticClassifier restored = new LogisticClassifier(ROWS, parameters);
      restored.learn(row(1, 1), 1, 1);
      restored.restore(straight.snapshot());
      for (LogisticClassifier each : List.of(straight, restored)) {
        each.learn(row(2, 3), i % 3, 1);
      }
      assertThat(restored.snapshot()).isEqualTo(straight.snapshot());
    }
  }

  private static double[] answer(Classifier classifier, FeatureVector x) {
    double[] answer = new double[CLASSES];
    classifier.predict(x, answer);
    return answer;
  }
}
