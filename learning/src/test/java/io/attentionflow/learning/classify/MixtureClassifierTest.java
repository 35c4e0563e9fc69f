package io.attentionflow.learning.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.Likelihood;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MixtureClassifierTest extends ClassifierContract {

  private static final FeatureSchema TASKS = FeatureSchema.ofTasks(ComplexityScale.DEFAULT);

  @Override
  Classifier create(FeatureSchema schema, long seed) {
    return new MixtureClassifier(schema, MixtureClassifier.Parameters.DEFAULT);
  }

  @Override
  double leastAccuracy() {
    return 0.87;
  }

  @Override
  double mostLogLoss() {
    return 0.5;
  }

  @Test
  void takesASecondOpinionForWhatItTurnsOutToBeWorth() {
    Classifier trusting = create(TASKS, 1);
    Classifier misled = create(TASKS, 1);
    Random random = new Random(5);
    for (int i = 0; i < 4000; i++) {
      int label = random.nextInt(4);
      trusting.learn(withOpinion(label), label, 1);
      misled.learn(withOpinion(random.nextInt(4)), label, 1);
    }

    assertThat(probability(trusting, withOpinion(2), 2)).isGreaterThan(0.8);
    assertThat(probability(misled, withOpinion(2), 2)).isBetween(0.15, 0.4);
    assertThat(probability(trusting, nothingKnown(), 2)).isBetween(0.15, 0.4);
  }

  @Test
  void remembersTheOpinionThatItAnsweredWith() {
    Classifier reminded = create(TASKS, 1);
    Classifier told = create(TASKS, 1);
    for (int i = 0; i < 50; i++) {
      byte[] memo = reminded.answer(withOpinion(i % 4), new double[4]);
      reminded.learn(nothingKnown(), memo, i % 4, 1);
      told.learn(withOpinion(i % 4), i % 4, 1);
    }

    assertThat(reminded.snapshot()).isEqualTo(told.snapshot());
  }

  @Test
  void refusesAnOpinionOnOtherClasses() {
    FeatureVector three = nothingKnown().with(new byte[] {1, 2, 3});

    assertThatIllegalArgumentException()
        .isThrownBy(() -> create(TASKS, 1).predict(three, new double[4]))
        .withMessageContaining("3 classes");
  }

  private static double probability(Classifier classifier, FeatureVector x, int label) {
    double[] probabilities = new double[classifier.classes()];
    classifier.predict(x, probabilities);
    return probabilities[label];
  }

  /** That a class has 85 % and the others 5 % each. */
  private static FeatureVector withOpinion(int label) {
    byte[] opinion = new byte[4];
    for (int i = 0; i < opinion.length; i++) {
      opinion[i] = Likelihood.encode(i == label ? 0.85 : 0.05);
    }
    return nothingKnown().with(opinion);
  }

  private static FeatureVector nothingKnown() {
    double[] numbers = new double[TASKS.numbers().size()];
    Arrays.fill(numbers, Double.NaN);
    return new FeatureVector(
        numbers, new long[TASKS.keys().size()], new byte[TASKS.evidenceLength()]);
  }
}
