package io.attentionflow.benchmarks.forest;

import com.yahoo.labs.samoa.instances.Instance;
import io.attentionflow.learning.classify.ForestClassifier;
import java.util.Objects;
import moa.classifiers.meta.AdaptiveRandomForest;
import org.jspecify.annotations.Nullable;

/** A learner as the comparison sees it: asked first, then told. */
interface Contestant {

  /** Answers about a row. */
  int answer(Rows rows, int row);

  /** Learns from a row. */
  void learn(Rows rows, int row);

  /** Lets go of all it has learned; it is of no use afterwards. */
  void forget();

  /** The project's forest. */
  final class Ours implements Contestant {
    private @Nullable ForestClassifier forest;
    private final double[] probabilities;

    Ours(Rows rows, ForestClassifier.Parameters parameters, long seed) {
      forest = new ForestClassifier(rows.schema(), parameters, seed);
      probabilities = new double[rows.schema().classes()];
    }

    @Override
    public int answer(Rows rows, int row) {
      forest().predict(rows.vectors().get(row), probabilities);
      return largest(probabilities);
    }

    @Override
    public void learn(Rows rows, int row) {
      forest().learn(rows.vectors().get(row), rows.label(row), 1);
    }

    @Override
    public void forget() {
      forest = null;
    }

    int leaves() {
      return forest().leaves();
    }

    int snapshotBytes() {
      return forest().snapshot().length;
    }

    private ForestClassifier forest() {
      return Objects.requireNonNull(forest, "it has forgotten everything");
    }
  }

  /** MOA's adaptive random forest, with its default options but for the number of members. */
  final class Moa implements Contestant {
    private @Nullable AdaptiveRandomForest model;

    Moa(Rows rows, int members, long seed) {
      AdaptiveRandomForest forest = new AdaptiveRandomForest();
      forest.ensembleSizeOption.setValue(members);
      forest.setRandomSeed((int) seed);
      forest.setModelContext(rows.header());
      forest.prepareForUse();
      model = forest;
    }

    @Override
    public int answer(Rows rows, int row) {
      return largest(forest().getVotesForInstance(rows.instances().get(row)));
    }

    @Override
    public void learn(Rows rows, int row) {
      Instance instance = rows.instances().get(row);
      forest().trainOnInstance(instance);
    }

    @Override
    public void forget() {
      model = null;
    }

    private AdaptiveRandomForest forest() {
      return Objects.requireNonNull(model, "it has forgotten everything");
    }
  }

  private static int largest(double[] votes) {
    int best = 0;
    for (int i = 1; i < votes.length; i++) {
      best = votes[i] > votes[best] ? i : best;
    }
    return best;
  }
}
