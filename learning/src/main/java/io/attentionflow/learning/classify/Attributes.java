package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.Evidence;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A feature vector as trees take it: numbers, of which any may be missing, and keys.
 *
 * <pre>
 * attribute  0 ...                                        numbers ...       count
 *            | each number | each table's expected class | each key        |
 * </pre>
 *
 * <p>A table of evidence becomes one number, the mean of the classes that it counted, since classes
 * of tasks are in order; a table without counts is missing. Not thread-safe.
 */
final class Attributes {

  /** What is larger would overflow when squared; nobody means it. */
  private static final double FURTHEST = 1e100;

  /** Code of a number that is missing. */
  static final long MISSING = Long.MIN_VALUE;

  private final FeatureSchema schema;
  private final int plain;
  private final double[] means;
  private final double[] squares;
  private final long[] known;

  /** How many attributes are numbers, and how many there are. */
  final int numbers;

  final int count;

  /** The vector's numbers, NaN where missing. */
  final double[] number;

  /** The vector's keys. */
  long[] key = {};

  /**
   * All attributes as trees compare them: a number as a long that is in the same order, {@link
   * #MISSING} before all others; a key as it is.
   */
  final long[] code;

  /**
   * Scratch space of leaves: where what they add up begins, and of numbers what it is applied to.
   */
  final int[] terms;

  final float[] standard;

  Attributes(FeatureSchema schema) {
    this.schema = schema;
    plain = schema.numbers().size();
    numbers = plain + schema.tables().size();
    count = numbers + schema.keys().size();
    means = new double[numbers];
    squares = new double[numbers];
    known = new long[numbers];
    number = new double[numbers];
    code = new long[count];
    terms = new int[count + TreeLeaf.AT_ONCE];
    standard = new float[terms.length];
  }

  /** Codes a number so that of two codes the larger is that of the larger number. */
  static long codeOf(double value) {
    // Negative numbers are in reverse order as longs; 0 is added so that there is one zero.
    long bits = Double.doubleToRawLongBits(value + 0.0);
    return bits ^ ((bits >> (Long.SIZE - 1)) & Long.MAX_VALUE);
  }

  /** Takes a vector in. */
  void fill(FeatureVector x) {
    schema.check(x);
    key = x.keys();
    for (int i = 0; i < plain; i++) {
      double value = x.numbers()[i];
      number[i] = Math.abs(value) <= FURTHEST ? value : Double.NaN;
    }
    int classes = schema.classes();
    byte[] evidence = x.evidence();
    for (int table = 0; table < numbers - plain; table++) {
      int slow = (table * 2 + 1) * classes;
      float total = 0;
      float sum = 0;
      for (int label = 0; label < classes; label++) {
        float counted = Evidence.decode(evidence[slow + label]);
        total += counted;
        sum += label * counted;
      }
      number[plain + table] = total == 0 ? Double.NaN : sum / total;
    }
    for (int i = 0; i < numbers; i++) {
      code[i] = Double.isNaN(number[i]) ? MISSING : codeOf(number[i]);
    }
    System.arraycopy(key, 0, code, numbers, count - numbers);
  }

  /** Takes the numbers of the vector last filled in into means and variances. */
  void observe() {
    for (int i = 0; i < numbers; i++) {
      double value = number[i];
      if (!Double.isNaN(value)) {
        known[i]++;
        double difference = value - means[i];
        means[i] += difference / known[i];
        squares[i] += difference * (value - means[i]);
      }
    }
  }

  /** Mean of an attribute over all vectors observed. */
  double mean(int attribute) {
    return means[attribute];
  }

  /** Its variance; 1 while there is none to be seen. */
  double variance(int attribute) {
    return squares[attribute] > 0 ? squares[attribute] / known[attribute] : 1;
  }

  /** Takes the means and variances of others for its own. */
  void set(Attributes other) {
    System.arraycopy(other.known, 0, known, 0, numbers);
    System.arraycopy(other.means, 0, means, 0, numbers);
    System.arraycopy(other.squares, 0, squares, 0, numbers);
  }

  void writeTo(DataOutput out) throws IOException {
    for (int i = 0; i < numbers; i++) {
      out.writeLong(known[i]);
      out.writeDouble(means[i]);
      out.writeDouble(squares[i]);
    }
  }

  void readFrom(DataInput in) throws IOException {
    for (int i = 0; i < numbers; i++) {
      known[i] = in.readLong();
      means[i] = in.readDouble();
      squares[i] = in.readDouble();
    }
  }
}
