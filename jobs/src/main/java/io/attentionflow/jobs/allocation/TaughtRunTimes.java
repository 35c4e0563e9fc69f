package io.attentionflow.jobs.allocation;

import io.attentionflow.learning.features.LabelledExample;
import io.attentionflow.learning.runtime.RunTimeLearner;
import java.util.SortedMap;

/**
 * What learns run times. Its answers are promises of quantiles, and the classes that follow from
 * its distribution alone, which are scored as those of classifiers are.
 */
record TaughtRunTimes(RunTimeLearner learner) implements Taught {

  @Override
  public String name() {
    return RunTimeLearner.NAME;
  }

  @Override
  public int classes() {
    return learner.classes();
  }

  @Override
  public int labelOf(LabelledExample example) {
    return learner.classOf(seconds(example));
  }

  @Override
  public void learn(LabelledExample example, byte[] memo) {
    learner.learn(example.features(), memo, seconds(example));
  }

  private static double seconds(LabelledExample example) {
    return example.durationMillis() / 1000.0;
  }

  @Override
  public boolean uncalibrated(byte[] memo, double[] probabilities) {
    return false;
  }

  /** Classifiers are watched already, on the same tasks. */
  @Override
  public boolean isWatched() {
    return false;
  }

  @Override
  public SortedMap<String, Double> coverage() {
    return learner.coverage();
  }

  @Override
  public byte[] snapshot() {
    return learner.snapshot();
  }

  @Override
  public void restore(byte[] snapshot) {
    learner.restore(snapshot);
  }
}
