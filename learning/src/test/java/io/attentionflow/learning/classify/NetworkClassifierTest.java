package io.attentionflow.learning.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NetworkClassifierTest extends ClassifierContract {

  private static final FeatureSchema ROWS =
      FeatureSchema.ofRows("rows/1", List.of("a", "b"), List.of(), 2);

  @Override
  Classifier create(FeatureSchema schema, long seed) {
    return new NetworkClassifier(schema, NetworkClassifier.Parameters.DEFAULT, seed);
  }

  @Override
  double leastAccuracy() {
    return 0.8;
  }

  @Override
  double mostLogLoss() {
    return 0.65;
  }

  @Test
  void learnsWhatNoLinearModelCan() {
    assertThat(accuracyOnExclusiveOr(create(ROWS, 1))).isGreaterThan(0.95);
    assertThat(
            accuracyOnExclusiveOr(
                new LogisticClassifier(ROWS, LogisticClassifier.Parameters.DEFAULT)))
        .isLessThan(0.6);
  }

  private static double accuracyOnExclusiveOr(Classifier classifier) {
    Random random = new Random(3);
    double[] answer = new double[2];
    int right = 0;
    for (int i = 0; i < 8000; i++) {
      double[] numbers = {random.nextGaussian(), random.nextGaussian()};
      int label = numbers[0] * numbers[1] > 0 ? 1 : 0;
      FeatureVector x = new FeatureVector(numbers, new long[0]);
      classifier.predict(x, answer);
      right += i >= 6000 && (answer[1] > 0.5) == (label == 1) ? 1 : 0;
      classifier.learn(x, label, 1);
    }
    return right / 2000.0;
  }

  @Test
  void stepsOnceABatch() {
    int batch = NetworkClassifier.Parameters.DEFAULT.batch();
    Classifier network = create(ROWS, 1);
    FeatureVector x = new FeatureVector(new double[] {Double.NaN, Double.NaN}, new long[0]);
    double[] before = answer(network, x);
    for (int i = 1; i < batch; i++) {
      network.learn(x, 1, 1);
      assertThat(answer(network, x)).isEqualTo(before);
    }
    network.learn(x, 1, 1);
    assertThat(answer(network, x)[1]).isGreaterThan(before[1]);
  }

  @Test
  void descendsAlongTheSlopeOfItsLoss() {
    // One step of plain gradients would be too small to see beside rounding: with decays of 0, a
    // step of Adam moves each weight by its size against the sign of its slope, so the loss falls.
    var parameters = new NetworkClassifier.Parameters(8, 4, 4, 1e-3, 0, 0);
    for (int seed = 0; seed < 20; seed++) {
      Classifier network = new NetworkClassifier(ROWS, parameters, seed);
      Random random = new Random(seed);
      for (int i = 0; i < 40; i++) {
        FeatureVector x =
            new FeatureVector(
                new double[] {random.nextGaussian(), random.nextGaussian()}, new long[0]);
        int label = random.nextInt(2);
        for (int copy = 0; copy < 3; copy++) {
          network.learn(x, label, 1);
        }
        // The last of the batch moves the mean of the inputs no more.
        double before = answer(network, x)[label];
        network.learn(x, label, 1);
        assertThat(answer(network, x)[label]).isGreaterThan(before - 1e-3);
      }
    }
  }

  @Test
  void beginsWithOtherWeightsFromAnotherSeed() {
    assertThat(create(ROWS, 1).snapshot()).isNotEqualTo(create(ROWS, 2).snapshot());
  }

  @Test
  void refusesParametersThatCannotBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NetworkClassifier.Parameters(0, 1, 1, 1, 0, 0))
        .withMessageContaining("layers of 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NetworkClassifier.Parameters(1, 1, 1, 1, 1, 0))
        .withMessageContaining("decays 1.0");
  }

  private static double[] answer(Classifier classifier, FeatureVector x) {
    double[] answer = new double[2];
    classifier.predict(x, answer);
    return answer;
  }
}
