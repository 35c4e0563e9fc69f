package io.attentionflow.benchmarks.learning;

import io.attentionflow.learning.classify.Classifier;
import io.attentionflow.learning.classify.Learners;
import io.attentionflow.learning.features.FeatureVector;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long a trained learner takes to answer about a task: one after another of some thousand
 * different ones. The median is p0.50 of the samples; {@code -prof gc} tells what a call allocates.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xms1g", "-Xmx1g", "-XX:+UseSerialGC"})
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
public class PredictionBenchmark {

  private static final int EXAMPLES = 30_000;
  private static final int VECTORS = 4096;

  /** A learner that has learned. */
  @State(Scope.Thread)
  @SuppressWarnings("NullAway.Init") // JMH sets the parameters, and calls train().
  public static class Trained {

    @Param({"prior", "logistic", "mixture", "forest", "network", "blend"})
    String learner;

    Classifier classifier;
    double[] probabilities;
    FeatureVector[] vectors;
    int next;

    @Setup(Level.Trial)
    public void train() {
      DriftingTasks tasks = new DriftingTasks(7);
      classifier = Learners.create(learner, tasks.schema(), 1);
      probabilities = new double[classifier.classes()];
      for (int i = 0; i < EXAMPLES; i++) {
        FeatureVector x = tasks.next();
        classifier.learn(x, tasks.label(), 1);
      }
      vectors = new FeatureVector[VECTORS];
      for (int i = 0; i < VECTORS; i++) {
        vectors[i] = tasks.next();
      }
    }
  }

  @Benchmark
  public double predict(Trained trained) {
    trained.next = (trained.next + 1) % VECTORS;
    trained.classifier.predict(trained.vectors[trained.next], trained.probabilities);
    return trained.probabilities[0];
  }
}
