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

  /** What is larger than 1e100 would overflow when squared; nobody means it. */
  private static final double BEYOND = Double.MAX_VALUE / 1e100;

  private static final long INFINITY = Double.doubleToRawLongBits(Double.POSITIVE_INFINITY);
  private static final int ONE = Float.floatToRawIntBits(1);

  /** Code of a number that is missing. */
  static final long MISSING = Long.MIN_VALUE;

  private final FeatureSchema schema;
  private final int plain;
  private final double[] means;
  private final double[] squares;
  private final long[] observed;

  /** How many attributes are numbers, and how many there are. */
  final int numbers;

  final int count;

  /** The vector's numbers, 0 where missing. */
  final double[] number;

  /** The vector's keys. */
  long[] key = {};

  /**
   * All attributes as trees compare them: a number as a long that is in the same order, {@link
   * #MISSING} before all others; a key as it is.
   */
  final long[] code;

  /** Of each of them: 1, and 0 where missing. */
  final float[] known;

  /** Scratch space of leaves: of their numbers, as they take them, and whether they are known. */
  final float[] standard;

  final float[] present;

  /** Likewise: where what their keys add begins. */
  final int[] rows;

  Attributes(FeatureSchema schema) {
    this.schema = schema;
    plain = schema.numbers().size();
    numbers = plain + schema.tables().size();
    count = numbers + schema.keys().size();
    means = new double[numbers];
    squares = new double[numbers];
    observed = new long[numbers];
    number = new double[numbers];
    code = new long[count];
    known = new float[numbers];
    standard = new float[numbers];
    present = new float[numbers];
    rows = new int[count - numbers];
  }

  /** Codes a number so that of two codes the larger is that of the larger number. */
  static long codeOf(double value) {
    // 0 is added so that there is one zero.
    return inOrder(Double.doubleToRawLongBits(value + 0.0));
  }

  /** Negative numbers are in reverse order as longs. */
  private static long inOrder(long bits) {
    return bits ^ ((bits >> (Long.SIZE - 1)) & Long.MAX_VALUE);
  }

  /**
   * Takes a vector in. Without jumps, for which numbers are missing, nobody could foresee; and in
   * loops that do little each, of which a processor takes several rounds at once.
   */
  void fill(FeatureVector x) {
    schema.check(x);
    double[] given = x.numbers();
    for (int i = 0; i < plain; i++) {
      // No times infinity is not a number, nor is what it is added to; there is one zero after it.
      number[i] = given[i] + (0.0 + 0.0 * (given[i] * BEYOND));
    }
    expectClasses(x.evidence(), schema.classes());
    sortOut();
    key = x.keys();
    System.arraycopy(key, 0, code, numbers, count - numbers);
  }

  /** The mean of the classes that each table counted; none of none is not a number. */
  private void expectClasses(byte[] evidence, int classes) {
    int slow = classes;
    for (int i = plain; i < numbers; i++) {
      number[i] = classes == 4 ? meanOfFour(evidence, slow) : mean(evidence, slow, classes);
      slow += 2 * classes;
    }
  }

  private static float mean(byte[] evidence, int from, int classes) {
    float total = 0;
    float sum = 0;
    for (int label = 0; label < classes; label++) {
      float counted = Evidence.decode(evidence[from + label]);
      total += counted;
      sum += label * counted;
    }
    return sum / total;
  }

  /** The same of as many classes as tasks have unless told otherwise, in a fraction of the time. */
  private static float meanOfFour(byte[] evidence, int from) {
    float zero = Evidence.decode(evidence[from]);
    float one = Evidence.decode(evidence[from + 1]);
    float two = Evidence.decode(evidence[from + 2]);
    float three = Evidence.decode(evidence[from + 3]);
    return (one + 2 * two + 3 * three) / (zero + one + two + three);
  }

  private void sortOut() {
    for (int i = 0; i < numbers; i++) {
      long bits = Double.doubleToRawLongBits(number[i]);
      // All ones if it is a number.
      long is = ((bits & Long.MAX_VALUE) - INFINITY) >> (Long.SIZE - 1);
      number[i] = Double.longBitsToDouble(bits & is);
      code[i] = (inOrder(bits) & is) | (MISSING & ~is);
      known[i] = Float.intBitsToFloat(ONE & (int) is);
    }
  }

  /** Takes the numbers of the vector last filled in into means and variances. */
  void observe() {
    for (int i = 0; i < numbers; i++) {
      if (known[i] > 0) {
        double value = number[i];
        observed[i]++;
        double difference = value - means[i];
        means[i] += difference / observed[i];
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
    return squares[attribute] > 0 ? squares[attribute] / observed[attribute] : 1;
  }

  /** Takes the means and variances of others for its own. */
  void set(Attributes other) {
    System.arraycopy(other.observed, 0, observed, 0, numbers);
    System.arraycopy(other.means, 0, means, 0, numbers);
    System.arraycopy(other.squares, 0, squares, 0, numbers);
  }

  void writeTo(DataOutput out) throws IOException {
    for (int i = 0; i < numbers; i++) {
      out.writeLong(observed[i]);
      out.writeDouble(means[i]);
      out.writeDouble(squares[i]);
    }
  }

  void readFrom(DataInput in) throws IOException {
    for (int i = 0; i < numbers; i++) {
      observed[i] = in.readLong();
      means[i] = in.readDouble();
      squares[i] = in.readDouble();
    }
  }
}
