package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.FeatureSchema;

class PriorClassifierTest extends ClassifierContract {

  @Override
  Classifier create(FeatureSchema schema, long seed) {
    return new PriorClassifier(schema);
  }

  @Override
  double leastAccuracy() {
    return 0.55;
  }

  @Override
  double mostLogLoss() {
    return 1.1;
  }
}
