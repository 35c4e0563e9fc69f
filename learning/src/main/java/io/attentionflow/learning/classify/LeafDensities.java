package io.attentionflow.learning.classify;

import java.util.Arrays;

/**
 * What a {@link TreeLeaf} answers from: the logarithms and densities that naive Bayes adds up, or
 * how frequent classes are. Follows from the leaf's statistics; kept apart from them, and as small
 * as can be, since it is read far more often than it changes, and most of the time to read it is
 * spent waiting for memory.
 *
 * <pre>
 * table: odds of classes | frequencies of classes | nothing, of each class
 *        | per number: mean at birth, what a float loses of it, 1 / deviation at birth
 *                      | means | halves of 1 / variance | logarithms of 1 / deviation, by class
 *        | per key attribute: a row of logarithms by class per value, and of others
 * plan:  per number: attribute
 *        | per key attribute: attribute, values in use, first of them, first row, row of others
 * </pre>
 *
 * <p>There is room for as many values of a key as were seen, not for as many as may come. Not
 * thread-safe.
 */
final class LeafDensities {

  /** Numbers of a number that are not of a class. */
  private static final int FRAME = 3;

  /** Numbers of a number that are of a class. */
  private static final int DENSITY = 3;

  /** Of a key attribute, what the plan says. */
  private static final int PLAN = 5;

  private static final int USED = 1;
  private static final int FIRST_KEY = 2;
  private static final int FIRST_ROW = 3;
  private static final int OTHERS = 4;

  /** Of what never came with a class. */
  private static final float NEVER = Logarithm.of(1);

  /** How many classes are added up at once, in places that need no memory. */
  private static final int BLOCK = 4;

  private final int classes;
  private final int numbers;
  private final int keyAttributes;
  private final int values;
  private final int[] plan;
  private float[] table;
  private long[] keys = {};
  private int bayes;

  /**
   * One that knows no keys.
   *
   * @param attributes numbers first
   * @param numbers how many of them are numbers
   * @param firstKey attribute that is the first key
   * @param values how many values of a key to tell apart
   */
  LeafDensities(int classes, int[] attributes, int numbers, int firstKey, int values) {
    this.classes = classes;
    this.numbers = numbers;
    this.values = values;
    keyAttributes = attributes.length - numbers;
    plan = new int[numbers + PLAN * keyAttributes];
    System.arraycopy(attributes, 0, plan, 0, numbers);
    for (int i = 0; i < keyAttributes; i++) {
      plan[plan(i)] = attributes[numbers + i] - firstKey;
      plan[plan(i) + FIRST_ROW] = frame(numbers);
      plan[plan(i) + OTHERS] = nothing();
    }
    table = new float[frame(numbers)];
  }

  private int plan(int i) {
    return numbers + PLAN * i;
  }

  private int nothing() {
    return 2 * classes;
  }

  private int frame(int i) {
    return 3 * classes + i * (FRAME + DENSITY * classes);
  }

  private int density(int i) {
    return frame(i) + FRAME;
  }

  /** How many values of a key attribute are told apart so far. */
  int used(int i) {
    return plan[plan(i) + USED];
  }

  /** One of them. */
  long key(int i, int value) {
    return keys[plan[plan(i) + FIRST_KEY] + value];
  }

  /**
   * Position of a key among the values of its attribute.
   *
   * @return as many as are told apart at most if it has none
   */
  int find(int i, long key) {
    int first = plan[plan(i) + FIRST_KEY];
    int used = used(i);
    for (int value = 0; value < used; value++) {
      if (keys[first + value] == key) {
        return value;
      }
    }
    return values;
  }

  /** Makes room for another value of a key attribute, of which there is room for one. */
  void add(int i, long key) {
    int used = used(i);
    boolean full = used + 1 == values;
    int rows = full ? 2 : 1;
    int afterKeys = plan[plan(i) + FIRST_KEY] + used;
    int afterRows = plan[plan(i) + FIRST_ROW] + used * classes;
    keys = widened(keys, afterKeys, 1);
    keys[afterKeys] = key;
    table = widened(table, afterRows, rows * classes);
    plan[plan(i) + USED]++;
    for (int later = i + 1; later < keyAttributes; later++) {
      plan[plan(later) + FIRST_KEY]++;
      plan[plan(later) + FIRST_ROW] += rows * classes;
      if (plan[plan(later) + OTHERS] != nothing()) {
        plan[plan(later) + OTHERS] += rows * classes;
      }
    }
    if (full) {
      plan[plan(i) + OTHERS] = afterRows + classes;
    }
  }

  private static long[] widened(long[] array, int at, int by) {
    long[] wider = Arrays.copyOf(array, array.length + by);
    System.arraycopy(array, at, wider, at + by, array.length - at);
    return wider;
  }

  private static float[] widened(float[] array, int at, int by) {
    float[] wider = Arrays.copyOf(array, array.length + by);
    System.arraycopy(array, at, wider, at + by, array.length - at);
    Arrays.fill(wider, at, at + by, NEVER);
    return wider;
  }

  /** How a number was spread when the leaf was born. */
  void setFrame(int i, double mean, double deviation) {
    int to = frame(i);
    table[to] = (float) mean;
    table[to + 1] = (float) (mean - table[to]);
    table[to + 2] = (float) (1 / deviation);
  }

  /** How a number is spread in a class, in units of the deviation at birth. */
  void setDensity(int i, int label, float mean, float variance) {
    int to = density(i) + label;
    table[to] = mean;
    table[to + classes] = 0.5f / variance;
    table[to + 2 * classes] = -0.5f * Logarithm.of(variance);
  }

  /**
   * How often a value came in a class.
   *
   * @param value of a key attribute, by its position; as many as are told apart: any other
   */
  void setRow(int i, int value, int label, float logarithm) {
    int first =
        value < values ? plan[plan(i) + FIRST_ROW] + value * classes : plan[plan(i) + OTHERS];
    table[first + label] = logarithm;
  }

  /** The odds of a class before anything is known of the vector, a logarithm. */
  void setOdds(int label, float odds) {
    table[label] = odds;
  }

  /** How frequent a class is beside the others, above 0. */
  void setFrequency(int label, float frequency) {
    table[classes + label] = frequency;
  }

  /** Which of the two answers. */
  void answerByBayes(boolean bayes) {
    this.bayes = bayes ? 1 : 0;
  }

  /** 1 if by naive Bayes, 0 if by frequencies. */
  int bayes() {
    return bayes;
  }

  /**
   * Adds its probabilities by naive Bayes to a sum.
   *
   * @param weight of its vote
   * @param scratch length classes; overwritten
   * @param sum length classes; {@code weight} is added, spread over the classes
   */
  void vote(Attributes x, float weight, float[] scratch, float[] sum) {
    standardise(x);
    findRows(x);
    if (classes == BLOCK) {
      voteBlock(x, weight, sum);
      return;
    }
    addAll(x, scratch);
    float total = odds(scratch);
    if (!(total > 0)) {
      // What came is so far off that nothing can be said of how far.
      voteByFrequency(weight, sum);
      return;
    }
    float factor = weight / total;
    for (int label = 0; label < classes; label++) {
      sum[label] += factor * scratch[label];
    }
  }

  /** The same by how frequent classes are. */
  void voteByFrequency(float weight, float[] sum) {
    float total = 0;
    for (int label = 0; label < classes; label++) {
      total += table[classes + label];
    }
    float factor = weight / total;
    for (int label = 0; label < classes; label++) {
      sum[label] += factor * table[classes + label];
    }
  }

  /** From logarithms of odds to odds; returns their sum. */
  private static float odds(float[] scores) {
    float largest = scores[0];
    for (float score : scores) {
      largest = score > largest ? score : largest;
    }
    float total = 0;
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Exponential.of(scores[i] - largest);
      total += scores[i];
    }
    return total;
  }

  /** Logarithms of the classes' odds by naive Bayes, up to a constant. */
  void scores(Attributes x, float[] scores) {
    standardise(x);
    findRows(x);
    addAll(x, scores);
  }

  private void addAll(Attributes x, float[] scores) {
    if (classes < BLOCK) {
      for (int label = 0; label < classes; label++) {
        addOne(x, label, scores);
      }
      return;
    }
    for (int label = 0; label < classes; label += BLOCK) {
      // The last block may do again what the one before has done.
      addBlock(x, Math.min(label, classes - BLOCK), scores);
    }
  }

  private void standardise(Attributes x) {
    float[] standard = x.standard;
    float[] present = x.present;
    int frame = frame(0);
    int stride = FRAME + DENSITY * classes;
    for (int i = 0; i < numbers; i++) {
      int attribute = plan[i];
      double apart = x.number[attribute] - table[frame] - table[frame + 1];
      standard[i] = (float) (apart * table[frame + 2]);
      present[i] = x.known[attribute];
      frame += stride;
    }
  }

  /** Without jumps that nobody could foresee. */
  private void findRows(Attributes x) {
    int[] rows = x.rows;
    for (int i = 0; i < keyAttributes; i++) {
      int at = plan(i);
      long key = x.key[plan[at]];
      int used = plan[at + USED];
      int first = plan[at + FIRST_KEY];
      int others = plan[at + OTHERS];
      int found = others;
      int apart = plan[at + FIRST_ROW] - others;
      for (int value = 0; value < used; value++) {
        long differs = keys[first + value] ^ key;
        int same = (int) (~(differs | -differs) >> (Long.SIZE - 1));
        found += same & apart;
        apart += classes;
      }
      rows[i] = found;
    }
  }

  private void addBlock(Attributes x, int label, float[] scores) {
    float[] t = table;
    float a = t[label];
    float b = t[label + 1];
    float c = t[label + 2];
    float d = t[label + 3];
    int at = density(0) + label;
    int stride = FRAME + DENSITY * classes;
    for (int i = 0; i < numbers; i++) {
      float standard = x.standard[i];
      float present = x.present[i];
      float ofA = standard - t[at];
      float ofB = standard - t[at + 1];
      float ofC = standard - t[at + 2];
      float ofD = standard - t[at + 3];
      int half = at + classes;
      int log = half + classes;
      a += present * (t[log] - ofA * ofA * t[half]);
      b += present * (t[log + 1] - ofB * ofB * t[half + 1]);
      c += present * (t[log + 2] - ofC * ofC * t[half + 2]);
      d += present * (t[log + 3] - ofD * ofD * t[half + 3]);
      at += stride;
    }
    for (int i = 0; i < keyAttributes; i++) {
      int row = x.rows[i] + label;
      a += t[row];
      b += t[row + 1];
      c += t[row + 2];
      d += t[row + 3];
    }
    scores[label] = a;
    scores[label + 1] = b;
    scores[label + 2] = c;
    scores[label + 3] = d;
  }

  /** All that {@link #vote} does where there is one block of classes. */
  private void voteBlock(Attributes x, float weight, float[] sum) {
    float[] t = table;
    float[] standards = x.standard;
    float[] presents = x.present;
    float a = t[0];
    float b = t[1];
    float c = t[2];
    float d = t[3];
    int at = 3 * BLOCK + FRAME;
    for (int i = 0; i < numbers; i++) {
      float standard = standards[i];
      float present = presents[i];
      float ofA = standard - t[at];
      float ofB = standard - t[at + 1];
      float ofC = standard - t[at + 2];
      float ofD = standard - t[at + 3];
      a += present * (t[at + 8] - ofA * ofA * t[at + 4]);
      b += present * (t[at + 9] - ofB * ofB * t[at + 5]);
      c += present * (t[at + 10] - ofC * ofC * t[at + 6]);
      d += present * (t[at + 11] - ofD * ofD * t[at + 7]);
      at += FRAME + DENSITY * BLOCK;
    }
    for (int i = 0; i < keyAttributes; i++) {
      int row = x.rows[i];
      a += t[row];
      b += t[row + 1];
      c += t[row + 2];
      d += t[row + 3];
    }
    float ab = a > b ? a : b;
    float cd = c > d ? c : d;
    float largest = ab > cd ? ab : cd;
    a = Exponential.of(a - largest);
    b = Exponential.of(b - largest);
    c = Exponential.of(c - largest);
    d = Exponential.of(d - largest);
    float total = a + b + c + d;
    if (!(total > 0)) {
      voteByFrequency(weight, sum);
      return;
    }
    float factor = weight / total;
    sum[0] += factor * a;
    sum[1] += factor * b;
    sum[2] += factor * c;
    sum[3] += factor * d;
  }

  private void addOne(Attributes x, int label, float[] scores) {
    float[] t = table;
    float a = t[label];
    int at = density(0) + label;
    int stride = FRAME + DENSITY * classes;
    for (int i = 0; i < numbers; i++) {
      float ofA = x.standard[i] - t[at];
      a += x.present[i] * (t[at + 2 * classes] - ofA * ofA * t[at + classes]);
      at += stride;
    }
    for (int i = 0; i < keyAttributes; i++) {
      a += t[x.rows[i] + label];
    }
    scores[label] = a;
  }
}
