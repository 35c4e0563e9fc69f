package io.attentionflow.learning.champion;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Lets the learner serve whose answers were best lately, and changes only for one that is clearly
 * better.
 *
 * <pre>
 * champion -- a challenger is better by the margin, and surely so --> that one, on probation
 * on probation -- the one before it is better after all ------------> the one before: rolled back
 * on probation -- the probation is over ----------------------------> champion
 * </pre>
 *
 * <p>Fed with the answers that all learners gave when a task arrived, once its label is known. What
 * is compared is the loss of two learners on the same task: the difference varies far less than
 * either, so a small advantage shows soon. The mean and the variance of each difference are kept
 * over a fading window; a challenger is surely better if its mean advantage is so many of its own
 * standard errors (a paired t-test over a fading window, as J. Gama, R. Sebastião and P. Rodrigues
 * compare two learners in "On evaluating stream learning algorithms", Machine Learning 2013;
 * differs in taking the logarithmic loss, so that probabilities count and not only the class). The
 * errors of neighbouring tasks resemble each other, so that the standard errors are too small by
 * some factor: hence a high bound, and a margin beside it.
 *
 * <p>Invariants: the champion is one of the learners; two changes are at least a rest apart.
 * Deterministic, no clock. O(learners) for each example, and constant memory. Not thread-safe.
 */
public final class Championship {

  private static final int LAYOUT = 1;

  /** As much as one answer can lose: a sure one that is wrong must not decide alone. */
  private static final double MOST_LOSS = 10;

  private final List<String> learners;
  private final Rules rules;

  /** Of each learner: fading sums of champion's loss minus its own, of squares, and of weights. */
  private final double[] advantage;

  private final double[] squares;
  private final double[] weight;
  private final double[] squaredWeight;

  private int champion;

  /** Who served before, while that one may still come back; else −1. */
  private int before = -1;

  private long examples;
  private long changedAt;

  /**
   * When a challenger becomes champion.
   *
   * @param fading what an example still counts after one more, above 0 and below 1
   * @param margin mean advantage that is worth a change, nats, at least 0
   * @param standardErrors how many of its standard errors the advantage must be, at least 0
   * @param rest examples between two changes, at least 1
   * @param probation examples for which a new champion can be rolled back; for that, half as many
   *     standard errors and no margin are enough
   */
  public record Rules(
      double fading, double margin, double standardErrors, long rest, long probation) {

    /** A window of about 5,000; a hundredth of a nat; five standard errors. */
    public static final Rules STANDARD = new Rules(0.9998, 0.01, 5, 1_000, 10_000);

    public Rules {
      if (!(fading > 0 && fading < 1)
          || !(margin >= 0)
          || !(standardErrors >= 0)
          || rest < 1
          || probation < 0) {
        throw new IllegalArgumentException(
            "fading %s, margin %s, standardErrors %s, rest %d, probation %d"
                .formatted(fading, margin, standardErrors, rest, probation));
      }
    }
  }

  /**
   * Another learner serves from now on.
   *
   * @param rolledBack whether it is the one that served before
   * @param note why, for people
   */
  public record Change(String from, String to, boolean rolledBack, String note) {}

  /**
   * A championship in which nothing is known yet.
   *
   * @param learners who takes part, at least one, no name twice
   * @param first who serves until another is better, one of them
   */
  public Championship(List<String> learners, String first, Rules rules) {
    this.learners = List.copyOf(learners);
    this.rules = rules;
    this.champion = this.learners.indexOf(first);
    if (champion < 0 || this.learners.stream().distinct().count() != learners.size()) {
      throw new IllegalArgumentException("%s first of %s".formatted(first, learners));
    }
    advantage = new double[learners.size()];
    squares = new double[learners.size()];
    weight = new double[learners.size()];
    squaredWeight = new double[learners.size()];
  }

  /** Who serves. */
  public String champion() {
    return learners.get(champion);
  }

  /** How many examples were compared. */
  public long examples() {
    return examples;
  }

  /**
   * By how much a learner was better than the champion lately.
   *
   * @return mean advantage in logarithmic loss, nats; 0 of the champion, NaN before the first
   *     comparison
   */
  public double advantage(String learner) {
    int index = index(learner);
    return index == champion ? 0 : advantage[index] / weight[index];
  }

  /**
   * Compares what all learners answered about one task.
   *
   * @param losses of each learner, in their order: the negative logarithm of the probability that
   *     it gave to the truth, at least 0; NaN: it gave no answer. Not kept
   * @return the change that follows; null: none
   */
  public @Nullable Change add(double[] losses) {
    if (losses.length != learners.size()) {
      throw new IllegalArgumentException(
          "%d losses of %d learners".formatted(losses.length, learners.size()));
    }
    examples++;
    double ofChampion = Math.min(MOST_LOSS, losses[champion]);
    for (int i = 0; i < losses.length; i++) {
      if (i != champion && !Double.isNaN(losses[i]) && !Double.isNaN(ofChampion)) {
        add(i, ofChampion - Math.min(MOST_LOSS, losses[i]));
      }
    }
    return examples - changedAt < rules.rest ? null : change();
  }

  private void add(int learner, double difference) {
    advantage[learner] = advantage[learner] * rules.fading + difference;
    squares[learner] = squares[learner] * rules.fading + difference * difference;
    weight[learner] = weight[learner] * rules.fading + 1;
    squaredWeight[learner] = squaredWeight[learner] * rules.fading * rules.fading + 1;
  }

  private @Nullable Change change() {
    if (before >= 0 && examples - changedAt > rules.probation) {
      before = -1;
    }
    if (before >= 0 && isBetter(before, 0, rules.standardErrors / 2)) {
      return changeTo(before, true);
    }
    int best = -1;
    for (int i = 0; i < learners.size(); i++) {
      if (i != champion
          && isBetter(i, rules.margin, rules.standardErrors)
          && (best < 0 || advantage[i] / weight[i] > advantage[best] / weight[best])) {
        best = i;
      }
    }
    return best < 0 ? null : changeTo(best, false);
  }

  private boolean isBetter(int learner, double margin, double standardErrors) {
    // Two answers at least, or there is no variance to speak of.
    if (squaredWeight[learner] < 2) {
      return false;
    }
    double mean = advantage[learner] / weight[learner];
    return mean > 0 && mean >= margin && mean >= standardErrors * standardError(learner);
  }

  private double standardError(int learner) {
    double mean = advantage[learner] / weight[learner];
    double variance = Math.max(0, squares[learner] / weight[learner] - mean * mean);
    double effective = weight[learner] * weight[learner] / squaredWeight[learner];
    return StrictMath.sqrt(variance / effective);
  }

  private Change changeTo(int next, boolean rolledBack) {
    String note =
        String.format(
            Locale.ROOT,
            "%s lost %.4f nats less than %s on a task, lately; standard error %.4f",
            learners.get(next),
            advantage[next] / weight[next],
            learners.get(champion),
            standardError(next));
    Change change = new Change(learners.get(champion), learners.get(next), rolledBack, note);
    before = rolledBack ? -1 : champion;
    champion = next;
    changedAt = examples;
    // Everything was measured against the old champion.
    Arrays.fill(advantage, 0);
    Arrays.fill(squares, 0);
    Arrays.fill(weight, 0);
    Arrays.fill(squaredWeight, 0);
    return change;
  }

  private int index(String learner) {
    int index = learners.indexOf(learner);
    if (index < 0) {
      throw new IllegalArgumentException("no learner " + learner + " among " + learners);
    }
    return index;
  }

  /** Writes what it knows, to be read by {@link #readFrom}. */
  public void writeTo(DataOutput out) throws IOException {
    out.writeByte(LAYOUT);
    out.writeInt(learners.size());
    for (String learner : learners) {
      out.writeUTF(learner);
    }
    out.writeInt(champion);
    out.writeInt(before);
    out.writeLong(examples);
    out.writeLong(changedAt);
    for (double[] sums : sums()) {
      for (double sum : sums) {
        out.writeDouble(sum);
      }
    }
  }

  /**
   * Reads what {@link #writeTo} wrote.
   *
   * @throws IOException if it is of another layout, or cannot be right
   */
  public static Championship readFrom(DataInput in, Rules rules) throws IOException {
    int layout = in.readUnsignedByte();
    if (layout != LAYOUT) {
      throw new IOException("A championship of layout %d; %d is known".formatted(layout, LAYOUT));
    }
    int size = in.readInt();
    if (size < 1 || size > 1024) {
      throw new IOException("A championship of %d learners".formatted(size));
    }
    String[] names = new String[size];
    for (int i = 0; i < size; i++) {
      names[i] = in.readUTF();
    }
    int champion = in.readInt();
    int before = in.readInt();
    if (champion < 0 || champion >= size || before < -1 || before >= size) {
      throw new IOException("Champion %d after %d of %d".formatted(champion, before, size));
    }
    Championship read = new Championship(List.of(names), names[champion], rules);
    read.before = before;
    read.examples = in.readLong();
    read.changedAt = in.readLong();
    for (double[] sums : read.sums()) {
      for (int i = 0; i < size; i++) {
        sums[i] = in.readDouble();
      }
    }
    return read;
  }

  /** Who takes part, in order. */
  public List<String> learners() {
    return learners;
  }

  private double[][] sums() {
    return new double[][] {advantage, squares, weight, squaredWeight};
  }
}
