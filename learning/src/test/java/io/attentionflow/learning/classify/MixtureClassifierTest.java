package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.FeatureSchema;

class MixtureClassifierTest extends ClassifierContract {

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
}
