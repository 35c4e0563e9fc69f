package io.attentionflow.jobs.allocation;

import io.attentionflow.learning.classify.CalibratedClassifier;
import io.attentionflow.learning.classify.Classifier;
import io.attentionflow.learning.features.LabelledExample;
import java.util.Collections;
import java.util.SortedMap;

/** A classifier, which learns from labels. */
record TaughtClassifier(Classifier classifier) implements Taught {

  @Override
  public String name() {
    return classifier.name();
  }

  @Override
  public int classes() {
    return classifier.classes();
  }

  @Override
  public int labelOf(LabelledExample example) {
    return example.label();
  }

  @Override
  public void learn(LabelledExample example, byte[] memo) {
    classifier.learn(example.features(), memo, example.label(), 1);
  }

  @Override
  public boolean uncalibrated(byte[] memo, double[] probabilities) {
    if (classifier instanceof CalibratedClassifier calibrated && memo.length > 0) {
      calibrated.uncalibrated(memo, probabilities);
      return true;
    }
    return false;
  }

  @Override
  public boolean isWatched() {
    return true;
  }

  @Override
  public SortedMap<String, Double> coverage() {
    return Collections.emptySortedMap();
  }

  @Override
  public byte[] tally() {
    return new byte[0];
  }

  @Override
  public void resumeTally(byte[] tally) {}

  @Override
  public byte[] snapshot() {
    return classifier.snapshot();
  }

  @Override
  public void restore(byte[] snapshot) {
    classifier.restore(snapshot);
  }
}
