package io.attentionflow.learning.classify;

import io.attentionflow.learning.drift.Adwin;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A tree of a forest with what watches over it.
 *
 * <pre>
 * steady  -- errors rise a little --> warned: a background tree grows beside it
 * warned  -- errors rise clearly  --> steady, with the background tree in its place
 * steady  -- errors rise clearly  --> steady, with a new tree in its place
 * </pre>
 */
final class ForestMember {

  private final ForestClassifier.Parameters parameters;
  private final int classes;
  private final Attributes x;
  private final Poisson poisson;
  private final Draws draws;
  private final SplitSearch search;
  private final Adwin warning;
  private final Adwin drift;
  private HoeffdingTree tree;
  private @Nullable HoeffdingTree background;

  /** Since the tree took its place. */
  private long answered;

  private long right;

  ForestMember(
      ForestClassifier.Parameters parameters,
      int classes,
      Attributes x,
      Poisson poisson,
      Draws draws) {
    this.parameters = parameters;
    this.classes = classes;
    this.x = x;
    this.poisson = poisson;
    this.draws = draws;
    search = new SplitSearch(classes);
    warning = new Adwin(parameters.warning());
    drift = new Adwin(parameters.drift());
    tree = newTree();
  }

  private HoeffdingTree newTree() {
    return new HoeffdingTree(parameters, classes, x, draws, search);
  }

  /** How often it was right, pulled to one half while young. */
  double accuracy() {
    return (right + 1.0) / (answered + 2.0);
  }

  /** The tree that answers. */
  HoeffdingTree tree() {
    return tree;
  }

  /**
   * Scores its answer, and learns as often as chance has it: online bagging.
   *
   * @param weight of the example
   * @param scratch length classes; overwritten
   */
  void learn(int label, double weight, float[] scratch) {
    learnWeighted(label, weight * poisson.draw(draws), scratch);
  }

  private void learnWeighted(int label, double weight, float[] scratch) {
    boolean wrong = tree.answerAndLearn(label, weight, scratch) != label;
    answered++;
    right += wrong ? 0 : 1;
    if (background != null && weight > 0) {
      background.answerAndLearn(label, weight, scratch);
    }
    watch(wrong ? 1 : 0);
  }

  private void watch(int error) {
    if (warning.add(error) == Adwin.Change.ROSE) {
      background = newTree();
      warning.reset();
    }
    if (drift.add(error) == Adwin.Change.ROSE) {
      tree = background == null ? newTree() : background;
      background = null;
      warning.reset();
      drift.reset();
      answered = 0;
      right = 0;
    }
  }

  int leaves() {
    return tree.leafCount() + (background == null ? 0 : background.leafCount());
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeLong(draws.state());
    out.writeLong(answered);
    out.writeLong(right);
    warning.writeTo(out);
    drift.writeTo(out);
    tree.writeTo(out);
    out.writeBoolean(background != null);
    if (background != null) {
      background.writeTo(out);
    }
  }

  /**
   * Becomes what {@link #writeTo} wrote.
   *
   * @throws IOException if that cannot be right
   */
  void readFrom(DataInput in) throws IOException {
    long state = in.readLong();
    answered = in.readLong();
    right = in.readLong();
    warning.readFrom(in);
    drift.readFrom(in);
    tree.readFrom(in);
    background = null;
    if (in.readBoolean()) {
      background = newTree();
      background.readFrom(in);
    }
    // Last: a background tree that is restored was drawn as a new one first.
    draws.state(state);
  }
}
