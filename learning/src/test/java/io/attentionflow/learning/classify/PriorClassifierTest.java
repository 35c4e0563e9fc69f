package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.FeatureSchema;

class PriorClassifierTest extends ClassifierContract {

  @Override
  Classifier create(FeatureSchema schema, long seed) {
    return new PriorClassifier(schema);
  }

  @Override
  double leastAccuracy() {
    return 0.8;
  }

  @Override
  double mostLogLoss() {
    return 0.8;
  }

  /** It is never as sure as it could be where nothing but noise comes between label and label. */
  @Override
  double mostCalibrationError() {
    return 0.15;
  }

  /** No context is believed alone, and rows have but two. */
  @Override
  double leastProbabilityOfTruth() {
    return 0.7;
  }
}
