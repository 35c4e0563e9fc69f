package io.attentionflow.jobs.allocation;

import io.attentionflow.learning.features.LabelledExample;
import io.attentionflow.learning.features.UsageCoverage;
import io.attentionflow.learning.runtime.RunTimeLearner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * What learns run times. Its answers are promises of quantiles, and the classes that follow from
 * its distribution alone, which are scored as those of classifiers are. Promises of usage, which
 * profiles make, are judged here, too.
 */
record TaughtRunTimes(RunTimeLearner learner, UsageCoverage usage) implements Taught {

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
    usage.add(example);
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
    SortedMap<String, Double> coverage = new TreeMap<>(learner.coverage());
    coverage.putAll(usage.shares());
    return coverage;
  }

  @Override
  public byte[] tally() {
    DataOutputSerializer out = new DataOutputSerializer(128);
    try {
      usage.writeTo(out);
    } catch (IOException impossible) {
      throw new UncheckedIOException("Writing to memory failed", impossible);
    }
    return out.getCopyOfBuffer();
  }

  @Override
  public void resumeTally(byte[] tally) throws IOException {
    if (tally.length > 0) {
      boolean judgesGpu = tally.length > UsageCoverage.BYTES_WITHOUT_GPU;
      usage.readFrom(new DataInputDeserializer(tally), judgesGpu);
    }
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
