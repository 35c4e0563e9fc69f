package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.FeatureSchema;

class LogisticClassifierTest extends ClassifierContract {

  @Override
  Classifier create(FeatureSchema schema, long seed) {
    return new LogisticClassifier(schema, LogisticClassifier.Parameters.DEFAULT);
  }

  @Override
  double leastAccuracy() {
    return 0.85;
  }

  @Override
  double mostLogLoss() {
    return 0.6;
  }
}
