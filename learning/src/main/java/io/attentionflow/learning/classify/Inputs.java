package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.Evidence;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.Keys;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * A feature vector as a linear model takes it: a few active inputs out of many.
 *
 * <pre>
 * intercept | each number, standardised | each number is missing | each table and class | hashed keys
 * </pre>
 *
 * <p>Numbers are standardised by their mean and deviation so far and cut to 4 deviations; what is
 * missing counts as the mean, and has an input of its own to say so. A table gives the logarithm of
 * each class's frequency against even odds. Keys share a bounded number of inputs (Weinberger et
 * al., "Feature hashing for large scale multitask learning", ICML 2009; without their sign hash).
 */
final class Inputs {

  private static final double MOST_DEVIATIONS = 4;

  /** What is larger would overflow when squared; nobody means it. */
  private static final double FURTHEST = 1e100;

  private static final float EVEN = 0.5f;

  private final FeatureSchema schema;
  private final int buckets;
  private final float logClasses;
  private final double[] means;
  private final double[] squares;
  private final long[] known;

  final int dimension;
  final int[] indices;
  final double[] values;
  int active;

  /**
   * @param buckets how many inputs keys share, a power of two
   */
  Inputs(FeatureSchema schema, int buckets) {
    if (Integer.bitCount(buckets) != 1) {
      throw new IllegalArgumentException(buckets + " buckets; must be a power of two");
    }
    this.schema = schema;
    this.buckets = buckets;
    logClasses = Logarithm.of(schema.classes());
    int numbers = schema.numbers().size();
    int tableInputs = schema.tables().size() * schema.classes();
    means = new double[numbers];
    squares = new double[numbers];
    known = new long[numbers];
    dimension = 1 + 2 * numbers + tableInputs + buckets;
    int most = 1 + numbers + tableInputs + schema.keys().size();
    indices = new int[most];
    values = new double[most];
  }

  /** Fills in the active inputs of a vector; their number is {@link #active}. */
  void fill(FeatureVector x) {
    schema.check(x);
    active = 0;
    add(0, 1);
    int numbers = means.length;
    for (int i = 0; i < numbers; i++) {
      double number = x.numbers()[i];
      if (!isKnown(number)) {
        add(1 + numbers + i, 1);
      } else if (known[i] > 1 && squares[i] > 0) {
        double deviation = Math.sqrt(squares[i] / known[i]);
        double standard = (number - means[i]) / deviation;
        add(1 + i, Math.max(-MOST_DEVIATIONS, Math.min(MOST_DEVIATIONS, standard)));
      }
    }
    fillTables(x, 1 + 2 * numbers);
    int firstBucket = dimension - buckets;
    for (int i = 0; i < x.keys().length; i++) {
      if (x.keys()[i] != Keys.UNKNOWN) {
        add(firstBucket + (int) (Keys.of(i, x.keys()[i]) & (buckets - 1)), 1);
      }
    }
  }

  private void fillTables(FeatureVector x, int first) {
    int classes = schema.classes();
    byte[] evidence = x.evidence();
    for (int table = 0; table < schema.tables().size(); table++) {
      int slow = (table * 2 + 1) * classes;
      float total = 0;
      for (int label = 0; label < classes; label++) {
        total += Evidence.decode(evidence[slow + label]);
      }
      if (total == 0) {
        continue;
      }
      float even = Logarithm.of(total + EVEN * classes) - logClasses;
      for (int label = 0; label < classes; label++) {
        float count = Evidence.decode(evidence[slow + label]);
        add(first + table * classes + label, Logarithm.of(count + EVEN) - even);
      }
    }
  }

  private static boolean isKnown(double number) {
    return Math.abs(number) <= FURTHEST;
  }

  private void add(int index, double value) {
    indices[active] = index;
    values[active] = value;
    active++;
  }

  /** Takes a vector's numbers into means and deviations. */
  void observe(FeatureVector x) {
    for (int i = 0; i < means.length; i++) {
      double number = x.numbers()[i];
      if (isKnown(number)) {
        known[i]++;
        double difference = number - means[i];
        means[i] += difference / known[i];
        squares[i] += difference * (number - means[i]);
      }
    }
  }

  /** Takes over another's means and deviations; it must be of the same schema. */
  void copyFrom(Inputs other) {
    System.arraycopy(other.known, 0, known, 0, known.length);
    System.arraycopy(other.means, 0, means, 0, means.length);
    System.arraycopy(other.squares, 0, squares, 0, squares.length);
  }

  void writeTo(DataOutput out) throws IOException {
    for (int i = 0; i < means.length; i++) {
      out.writeLong(known[i]);
      out.writeDouble(means[i]);
      out.writeDouble(squares[i]);
    }
  }

  void readFrom(DataInput in) throws IOException {
    for (int i = 0; i < means.length; i++) {
      known[i] = in.readLong();
      means[i] = in.readDouble();
      squares[i] = in.readDouble();
    }
    Arrays.fill(values, 0);
    active = 0;
  }
}
