package io.attentionflow.learning.evaluation;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * How good a classifier's answers are, answer by answer: over all so far, and over a fading window
 * in which each answer counts a little less with every one after it.
 *
 * <p>Give it the answer that was given when the task arrived, once its label is known: then nothing
 * is scored that had been seen (test-then-train; Gama, Sebastião, Rodrigues: "On evaluating stream
 * learning algorithms", Machine Learning 2013, also for fading). Before the first answer every
 * measure is NaN. Constant memory. Not thread-safe.
 */
public final class RunningEvaluation {

  private static final int LAYOUT = 1;

  private final Tally all;
  private final Tally recent;
  private long examples;

  /**
   * @param classes how many classes, at least 2
   * @param fading what an answer still counts after one more, above 0 and below 1; 0.999 is a
   *     window of about 1,000
   */
  public RunningEvaluation(int classes, double fading) {
    this(new Tally(classes, 1), new Tally(classes, fading), 0);
    if (classes < 2 || !(fading > 0 && fading < 1)) {
      throw new IllegalArgumentException(
          "%d classes, fading %s: at least 2, and between 0 and 1".formatted(classes, fading));
    }
  }

  private RunningEvaluation(Tally all, Tally recent, long examples) {
    this.all = all;
    this.recent = recent;
    this.examples = examples;
  }

  /**
   * Scores one answer.
   *
   * @param probabilities one a class, as predicted; not kept
   * @param label index of the true class
   */
  public void add(double[] probabilities, int label) {
    all.add(probabilities, label);
    recent.add(probabilities, label);
    examples++;
  }

  /**
   * The class that an answer comes to: the most probable, of equals the first.
   *
   * @param probabilities one a class, at least one
   */
  public static int answerOf(double[] probabilities) {
    int answer = 0;
    for (int i = 1; i < probabilities.length; i++) {
      if (probabilities[i] > probabilities[answer]) {
        answer = i;
      }
    }
    return answer;
  }

  /** How many answers were scored. */
  public long examples() {
    return examples;
  }

  /** Over all answers. */
  public Scores overall() {
    return all.scores();
  }

  /** Over the fading window. */
  public Scores fading() {
    return recent.scores();
  }

  /** Writes it, to be read by {@link #readFrom}. */
  public void writeTo(DataOutput out) throws IOException {
    out.writeByte(LAYOUT);
    out.writeLong(examples);
    all.writeTo(out);
    recent.writeTo(out);
  }

  /**
   * Reads what {@link #writeTo} wrote.
   *
   * @throws IOException if it is of another layout, or cannot be right
   */
  public static RunningEvaluation readFrom(DataInput in) throws IOException {
    int layout = in.readUnsignedByte();
    if (layout != LAYOUT) {
      throw new IOException("An evaluation of layout %d; %d is known".formatted(layout, LAYOUT));
    }
    long examples = in.readLong();
    return new RunningEvaluation(Tally.readFrom(in), Tally.readFrom(in), examples);
  }
}
