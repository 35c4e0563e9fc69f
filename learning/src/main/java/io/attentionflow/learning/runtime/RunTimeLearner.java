package io.attentionflow.learning.runtime;

import io.attentionflow.learning.evaluation.Coverage;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.Likelihood;
import io.attentionflow.learning.quantile.QuantileLevels;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Says how long tasks will run, and keeps its word: a {@link RunTimeModel}, and {@link
 * QuantileLevels} that follow how often what was said when a task arrived came true.
 *
 * <p>Where classes are by run time, the classifier hears first how likely they are by the model
 * alone, as a second opinion; then they are as likely as it says they are, and within a class the
 * run time is distributed as the model has it: both together are better than either.
 *
 * <pre>
 * x --> expect --> x and a second opinion --> classifier --> classes --> predict --> run time
 * </pre>
 *
 * <p>Mutable. Bounded as the model is. Deterministic to the bit. Not thread-safe: {@code expect}
 * and {@code predict} are about one task after another.
 */
public final class RunTimeLearner {

  /** The name that it is published under, beside classifiers. */
  public static final String NAME = "run-time";

  /** Contexts across tenants: 4 MB in memory, and less than 2 MB as a snapshot. */
  private static final int CONTEXTS = 1 << 13;

  /** Whether tasks are stopped at the submitter's estimate is learned. */
  private static final double NO_LIMIT = Double.POSITIVE_INFINITY;

  private static final int LAYOUT = 1;

  private final boolean sameClasses;
  private final RunTimeScale scale;
  private final RunTimeModel model;
  private final RunTimeDistribution distribution;
  private final double[] scratch;
  private final QuantileLevels levels = new QuantileLevels(RunTimePrediction.ranks());
  private final double[] ranks = new double[levels.count()];
  private final Coverage coverage = new Coverage(RunTimePrediction.ranks().length);

  /**
   * One that has seen nothing.
   *
   * @param classes the classes of classifiers; by whatever measure
   */
  public RunTimeLearner(ComplexityScale classes) {
    sameClasses = RunTimeScale.suits(classes);
    scale = sameClasses ? RunTimeScale.of(classes) : RunTimeScale.DEFAULT;
    model = new RunTimeModel(scale, CONTEXTS);
    distribution = new RunTimeDistribution(scale);
    scratch = new double[scale.classCount()];
  }

  /**
   * How many classes of run time it tells apart: those of classifiers, if these are by run time.
   */
  public int classes() {
    return scale.classCount();
  }

  /** The class of a run time, among {@link #classes}. */
  public int classOf(double runSeconds) {
    return scale.classOf(scale.binOf(runSeconds));
  }

  /** How many run times it has learned from. */
  public long labels() {
    return model.labels();
  }

  /**
   * Expects a run time of a task, which {@link #predict} then speaks of. Changes nothing that is
   * expected of later ones.
   *
   * @param x features as {@code FeatureSchema.ofTasks} lays them out; not kept
   * @param own filled with how likely classes are by this alone, length {@link #classes}
   * @return the features for a classifier: with how likely its classes are by this alone, if they
   *     are by run time and anything was learned yet
   */
  public FeatureVector expect(FeatureVector x, double[] own) {
    model.predict(x, NO_LIMIT, distribution);
    distribution.classes(own);
    if (!sameClasses || model.labels() == 0) {
      return x;
    }
    byte[] likelihoods = new byte[own.length];
    for (int i = 0; i < own.length; i++) {
      likelihoods[i] = Likelihood.encode(own[i]);
    }
    return x.with(likelihoods);
  }

  /**
   * Predicts the run time of the task that {@link #expect} was last told of. To be asked once.
   *
   * @param classes how likely a classifier says they are
   */
  public RunTimePrediction predict(double[] classes) {
    if (sameClasses) {
      distribution.reweigh(classes, scratch);
    }
    double[] quantiles = new double[levels.count()];
    for (int i = 0; i < quantiles.length; i++) {
      ranks[i] = levels.rank(i);
    }
    distribution.quantileSeconds(ranks, quantiles);
    double mean = distribution.meanSeconds(quantiles[quantiles.length - 1]);
    return new RunTimePrediction(mean, quantiles);
  }

  /**
   * Learns from a task that ended by itself.
   *
   * @param x its features, as they were predicted from; not kept
   * @param memo of what was predicted when it arrived; empty: nothing was
   * @param runSeconds how long it ran, at least 0
   */
  public void learn(FeatureVector x, byte[] memo, double runSeconds) {
    double[] promised = RunTimePrediction.promised(memo);
    if (promised.length > 0) {
      coverage.add(promised, runSeconds);
      for (int i = 0; i < promised.length; i++) {
        levels.learn(i, runSeconds <= promised[i]);
      }
    }
    model.learn(x, NO_LIMIT, runSeconds);
  }

  /** Share of run times that were at most what was promised, by quantile; empty: too few. */
  public SortedMap<String, Double> coverage() {
    SortedMap<String, Double> byQuantile = new TreeMap<>();
    for (int i = 0; i < levels.count(); i++) {
      if (!Double.isNaN(coverage.share(i))) {
        byQuantile.put("p" + Math.round(100 * levels.promised(i)), coverage.share(i));
      }
    }
    return byQuantile;
  }

  /** Everything it has learned, in a versioned layout. */
  public byte[] snapshot() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(LAYOUT);
      levels.writeTo(out);
      coverage.writeTo(out);
      byte[] ofModel = model.snapshot();
      out.writeInt(ofModel.length);
      out.write(ofModel);
    } catch (IOException impossible) {
      throw new UncheckedIOException("Writing to memory failed", impossible);
    }
    return bytes.toByteArray();
  }

  /**
   * Becomes what {@code snapshot} was taken of. It must have been made for the same classes.
   *
   * @throws IllegalArgumentException if the snapshot is of something else, or damaged; it is then
   *     as before
   */
  public void restore(byte[] snapshot) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(snapshot))) {
      int layout = in.readUnsignedByte();
      if (layout != LAYOUT) {
        throw new IllegalArgumentException("Run times of layout " + layout);
      }
      QuantileLevels restoredLevels = new QuantileLevels(RunTimePrediction.ranks());
      restoredLevels.readFrom(in);
      Coverage restoredCoverage = new Coverage(levels.count());
      restoredCoverage.readFrom(in);
      byte[] ofModel = new byte[Math.max(0, Math.min(in.readInt(), in.available()))];
      in.readFully(ofModel);
      model.restore(ofModel);
      levels.set(restoredLevels);
      coverage.set(restoredCoverage);
    } catch (IOException e) {
      throw new IllegalArgumentException("Damaged snapshot of run times: " + e.getMessage(), e);
    }
  }
}
