package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.FeatureSchema;

class BlendClassifierTest extends ClassifierContract {

  @Override
  Classifier create(FeatureSchema schema, long seed) {
    return Learners.create(BlendClassifier.NAME, schema, seed);
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
