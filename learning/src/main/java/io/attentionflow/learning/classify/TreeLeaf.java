package io.attentionflow.learning.classify;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A leaf of a {@link HoeffdingTree}: counts of what reached it, by class, over a few attributes
 * drawn at random; answers from them, and proposes splits.
 *
 * <p>Numbers are summed up as one normal distribution a class (weight, mean, squares, least, most,
 * and how often missing), in units of the deviation that the number had when the leaf was born.
 * Keys are counted one by one up to a bound; what comes later counts as other.
 *
 * <pre>
 * statistics: own | inherited | majority right, Bayes right, weight at the last attempt
 *             | per number: MOMENTS a class
 *             | per key attribute: a row of classes per value, and other
 * </pre>
 */
final class TreeLeaf {

  private static final int MOMENTS = 6;
  private static final int WEIGHT = 0;
  private static final int MEAN = 1;
  private static final int SQUARES = 2;
  private static final int LEAST = 3;
  private static final int MOST = 4;
  private static final int MISSING = 5;

  /**
   * Of each class the mean, then of each half the inverse of the variance, then the logarithm of
   * its root, negative.
   */
  private static final int DENSITY = 3;

  /** Mean at birth, what is lost of it in a float, and the inverse of the deviation at birth. */
  private static final int FRAME = 3;

  /**
   * Least variance, as a part of that at birth. What a leaf has seen of a class is narrow by
   * accident more often than by nature: a bound of a hundredth costs a point on several streams.
   */
  private static final float LEAST_VARIANCE = 0.15f;

  /**
   * How many attributes are added up in one go: with the few classes there are, a loop for each
   * takes longer to begin than to end.
   */
  static final int AT_ONCE = 4;

  /** Its square is still far from where floats end. */
  private static final double FURTHEST = 1e9;

  /** Stands for the weight of a class that never came. */
  private static final float HARDLY = 0.01f;

  private final int classes;
  private final int values;

  /** Which attributes it looks at: numbers first. */
  private final int[] attributes;

  private final int numbers;

  /** Per number: its mean and its deviation when the leaf was born. */
  private final double[] births;

  /** In floats: a leaf that has seen millions counts no more exactly, and need not. */
  private final float[] statistics;

  /** Per key attribute: how many values are in use, then these. */
  private final long[] keys;

  /**
   * What naive Bayes adds up: per class what does not depend on the vector; then per number FRAME
   * and DENSITY, in units of the deviation at birth; then the logarithm of each key's count; then
   * zeros, where nothing is to be added. Follows from the statistics; kept since it is read far
   * more often than it changes, and in floats since most of the time to read it is spent waiting
   * for memory.
   */
  private final float[] densities;

  /** Whether naive Bayes was right at least as often as the most frequent class. */
  private boolean answersByBayes = true;

  /**
   * @param attributes to look at, numbers first; kept
   * @param numbers how many of them are numbers
   * @param values how many values of a key to tell apart
   */
  TreeLeaf(int classes, int[] attributes, int numbers, int values) {
    this.classes = classes;
    this.values = values;
    this.attributes = attributes;
    this.numbers = numbers;
    int keyAttributes = attributes.length - numbers;
    births = new double[2 * numbers];
    statistics = new float[firstKey() + keyAttributes * keyStride()];
    keys = new long[keyAttributes * (1 + values)];
    densities = new float[nothing() + DENSITY * classes];
  }

  private int majorityRight() {
    return 2 * classes;
  }

  private int bayesRight() {
    return 2 * classes + 1;
  }

  private int attempted() {
    return 2 * classes + 2;
  }

  private int number(int i) {
    return 2 * classes + 3 + i * MOMENTS * classes;
  }

  private int moments(int i, int label) {
    return number(i) + label * MOMENTS;
  }

  private int firstKey() {
    return number(numbers);
  }

  private int keyStride() {
    return (values + 1) * classes;
  }

  private int used(int i) {
    return (int) keys[i * (1 + values)];
  }

  private long key(int i, int value) {
    return keys[i * (1 + values) + 1 + value];
  }

  /** Row of a value; the one after all values is other. */
  private int row(int i, int value) {
    return firstKey() + i * keyStride() + value * classes;
  }

  private int frame(int i) {
    return classes + i * (FRAME + classes * DENSITY);
  }

  private int keyDensity(int i, int value) {
    return frame(numbers) + (i * (values + 1) + value) * classes;
  }

  private int nothing() {
    return keyDensity(attributes.length - numbers, 0);
  }

  /** Begins with what its parent expects to come, and with how numbers are spread in general. */
  void begin(Attributes x, double[] expected, int from) {
    for (int label = 0; label < classes; label++) {
      statistics[classes + label] = (float) expected[from + label];
    }
    for (int i = 0; i < numbers; i++) {
      births[2 * i] = x.mean(attributes[i]);
      births[2 * i + 1] = Math.sqrt(x.variance(attributes[i]));
      for (int label = 0; label < classes; label++) {
        int at = moments(i, label);
        statistics[at + LEAST] = Float.POSITIVE_INFINITY;
        statistics[at + MOST] = Float.NEGATIVE_INFINITY;
      }
    }
    derive();
  }

  /**
   * The odds of a class before anything is known; what keys' counts are divided by is in it, and
   * the logarithms of all deviations.
   */
  private void updateClass(int label) {
    int keyAttributes = attributes.length - numbers;
    float odds =
        Logarithm.of(weight(label) + HARDLY)
            - keyAttributes * Logarithm.of(statistics[label] + values);
    for (int i = 0; i < numbers; i++) {
      odds += densities[frame(i) + FRAME + 2 * classes + label];
    }
    densities[label] = odds;
  }

  private void updateDensity(int i, int label) {
    int at = moments(i, label);
    int to = frame(i) + FRAME + label;
    float mean = 0;
    float variance = 1;
    if (statistics[at + WEIGHT] > 0) {
      mean = statistics[at + MEAN];
      variance = Math.max(variance(at), LEAST_VARIANCE);
    }
    densities[to] = mean;
    densities[to + classes] = 0.5f / variance;
    densities[to + 2 * classes] = -0.5f * Logarithm.of(variance);
  }

  private void updateFrame(int i) {
    int to = frame(i);
    double mean = births[2 * i];
    densities[to] = (float) mean;
    densities[to + 1] = (float) (mean - densities[to]);
    densities[to + 2] = (float) (1 / births[2 * i + 1]);
  }

  /** Of the numbers whose moments stand there, of which there are some. */
  private float variance(int at) {
    float weight = statistics[at + WEIGHT];
    return statistics[at + SQUARES] / (weight > 1 ? weight - 1 : weight);
  }

  /** Index of the class that came most often. */
  private int majority() {
    int best = 0;
    double most = -1;
    for (int label = 0; label < classes; label++) {
      double weight = weight(label);
      if (weight > most) {
        most = weight;
        best = label;
      }
    }
    return best;
  }

  private float weight(int label) {
    return statistics[label] + statistics[classes + label];
  }

  /** Logarithms of the classes' odds by naive Bayes, up to a constant. */
  private void scores(Attributes x, float[] scores) {
    for (int label = 0; label < classes; label++) {
      scores[label] = densities[label];
    }
    int count = gatherNumbers(x, scores);
    for (int i = 0; i < count; i += AT_ONCE) {
      addNumbers(x.terms, x.standard, i, scores);
    }
    count = gatherKeys(x);
    for (int i = 0; i < count; i += AT_ONCE) {
      addKeys(x.terms, i, scores);
    }
  }

  /** What is missing is left out. Returns how many terms there are. */
  private int gatherNumbers(Attributes x, float[] scores) {
    int count = 0;
    for (int i = 0; i < numbers; i++) {
      double value = x.number[attributes[i]];
      int at = frame(i);
      if (Double.isNaN(value)) {
        leaveOut(at + FRAME + 2 * classes, scores);
      } else {
        double apart = value - densities[at] - densities[at + 1];
        x.standard[count] = (float) (apart * densities[at + 2]);
        x.terms[count] = at + FRAME;
        count++;
      }
    }
    return fillUp(x.terms, count);
  }

  /** What is further off than {@link #FURTHEST} deviations is not any more unlikely. */
  private static float cut(double deviations) {
    return (float) Math.max(-FURTHEST, Math.min(FURTHEST, deviations));
  }

  private void leaveOut(int logarithms, float[] scores) {
    for (int label = 0; label < classes; label++) {
      scores[label] -= densities[logarithms + label];
    }
  }

  private int gatherKeys(Attributes x) {
    int count = attributes.length - numbers;
    for (int i = 0; i < count; i++) {
      x.terms[i] = keyDensity(i, find(i, x.key[attributes[numbers + i] - x.numbers]));
    }
    return fillUp(x.terms, count);
  }

  /** To a multiple of {@link #AT_ONCE}. */
  private int fillUp(int[] terms, int count) {
    int full = count;
    while (full % AT_ONCE != 0) {
      terms[full] = nothing();
      full++;
    }
    return full;
  }

  private void addNumbers(int[] terms, float[] standard, int from, float[] scores) {
    int a = terms[from];
    int b = terms[from + 1];
    int c = terms[from + 2];
    int d = terms[from + 3];
    float atA = standard[from];
    float atB = standard[from + 1];
    float atC = standard[from + 2];
    float atD = standard[from + 3];
    for (int label = 0; label < classes; label++) {
      float apartA = atA - densities[a + label];
      float apartB = atB - densities[b + label];
      float apartC = atC - densities[c + label];
      float apartD = atD - densities[d + label];
      int half = classes + label;
      scores[label] -=
          apartA * apartA * densities[a + half]
              + apartB * apartB * densities[b + half]
              + apartC * apartC * densities[c + half]
              + apartD * apartD * densities[d + half];
    }
  }

  private void addKeys(int[] terms, int from, float[] scores) {
    int a = terms[from];
    int b = terms[from + 1];
    int c = terms[from + 2];
    int d = terms[from + 3];
    for (int label = 0; label < classes; label++) {
      scores[label] +=
          densities[a + label] + densities[b + label] + densities[c + label] + densities[d + label];
    }
  }

  /** Position of a key; that of other if it has none. Without jumps that nobody could foresee. */
  private int find(int i, long key) {
    int used = used(i);
    int found = values;
    for (int value = 0; value < used; value++) {
      long apart = key(i, value) ^ key;
      int same = (int) (~(apart | -apart) >>> (Long.SIZE - 1));
      found += same * (value - values);
    }
    return found;
  }

  /**
   * Adds its probabilities to a sum: by naive Bayes where that was right at least as often as the
   * most frequent class.
   *
   * @param weight of its vote
   * @param scratch length classes; overwritten
   * @param sum length classes; {@code weight} is added, spread over the classes
   */
  void vote(Attributes x, float weight, float[] scratch, float[] sum) {
    float total;
    if (answersByBayes) {
      scores(x, scratch);
      total = odds(scratch);
    } else {
      total = 0;
    }
    if (!(total > 0)) {
      // Or what came is so far off that nothing can be said of how far.
      total = frequencies(scratch);
    }
    float factor = weight / total;
    for (int label = 0; label < classes; label++) {
      sum[label] += factor * scratch[label];
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

  private float frequencies(float[] odds) {
    float total = 0;
    for (int label = 0; label < classes; label++) {
      odds[label] = weight(label) + 1;
      total += odds[label];
    }
    return total;
  }

  /**
   * Answers, notes which way of answering was right, and learns.
   *
   * @param votes length classes; filled as by {@link #vote}
   * @param weight of the example; 0 only answers
   * @return index of the class that it voted for
   */
  int answerAndLearn(Attributes x, int label, double weight, float[] votes) {
    boolean bayes = answersByBayes;
    int majority = majority();
    scores(x, votes);
    int best = 0;
    for (int i = 1; i < classes; i++) {
      best = votes[i] > votes[best] ? i : best;
    }
    if (weight > 0) {
      statistics[majorityRight()] += majority == label ? (float) weight : 0;
      statistics[bayesRight()] += best == label ? (float) weight : 0;
      answersByBayes = statistics[bayesRight()] >= statistics[majorityRight()];
      count(x, label, weight);
    }
    return bayes ? best : majority;
  }

  private void count(Attributes x, int label, double weight) {
    statistics[label] += (float) weight;
    for (int i = 0; i < numbers; i++) {
      countNumber(i, x.number[attributes[i]], label, weight);
    }
    for (int i = 0; i < attributes.length - numbers; i++) {
      countKey(i, x.key[attributes[numbers + i] - x.numbers], label, weight);
    }
    updateClass(label);
  }

  private void countNumber(int i, double value, int label, double weight) {
    int at = moments(i, label);
    if (Double.isNaN(value)) {
      statistics[at + MISSING] += (float) weight;
      return;
    }
    float unit = cut((value - births[2 * i]) / births[2 * i + 1]);
    statistics[at + WEIGHT] += (float) weight;
    float apart = unit - statistics[at + MEAN];
    statistics[at + MEAN] += (float) (apart * weight / statistics[at + WEIGHT]);
    statistics[at + SQUARES] += (float) (weight * apart * (unit - statistics[at + MEAN]));
    statistics[at + LEAST] = Math.min(statistics[at + LEAST], unit);
    statistics[at + MOST] = Math.max(statistics[at + MOST], unit);
    updateDensity(i, label);
  }

  private void countKey(int i, long key, int label, double weight) {
    int value = find(i, key);
    int used = used(i);
    if (value == values && used < values) {
      value = used;
      keys[i * (1 + values)]++;
      keys[i * (1 + values) + 1 + value] = key;
    }
    statistics[row(i, value) + label] += (float) weight;
    updateKeyDensity(i, value, label);
  }

  private void updateKeyDensity(int i, int value, int label) {
    densities[keyDensity(i, value) + label] = Logarithm.of(statistics[row(i, value) + label] + 1);
  }

  /** Whether so much has come since the last attempt that a split is worth looking for. */
  boolean isDue(double grace) {
    double total = 0;
    int present = 0;
    for (int label = 0; label < classes; label++) {
      total += weight(label);
      present += weight(label) > 0 ? 1 : 0;
    }
    return present > 1 && total - statistics[attempted()] >= grace;
  }

  /** Looks for the best splits of all its attributes. */
  void propose(SplitSearch search) {
    double total = 0;
    for (int label = 0; label < classes; label++) {
      total += weight(label);
    }
    statistics[attempted()] = (float) total;
    search.begin(statistics, total);
    for (int i = 0; i < numbers; i++) {
      proposeThresholds(i, search);
    }
    for (int i = 0; i < attributes.length - numbers; i++) {
      search.beginAttribute();
      int used = used(i);
      for (int value = 0; value < used; value++) {
        for (int label = 0; label < classes; label++) {
          search.left[label] = statistics[row(i, value) + label];
        }
        search.offerKey(attributes[numbers + i], key(i, value));
      }
    }
  }

  private void proposeThresholds(int i, SplitSearch search) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    double missing = 0;
    for (int label = 0; label < classes; label++) {
      int at = moments(i, label);
      least = Math.min(least, statistics[at + LEAST]);
      most = Math.max(most, statistics[at + MOST]);
      missing += statistics[at + MISSING];
    }
    search.beginAttribute();
    for (int step = 1; step <= SplitSearch.THRESHOLDS && least < most; step++) {
      double unit = least + (most - least) * step / (SplitSearch.THRESHOLDS + 1);
      double threshold = births[2 * i] + unit * births[2 * i + 1];
      below(i, unit, search.left);
      search.offerThreshold(attributes[i], threshold, false);
      if (missing > 0) {
        addMissing(i, search.left);
        search.offerThreshold(attributes[i], threshold, true);
      }
    }
    if (missing > 0) {
      below(i, Double.POSITIVE_INFINITY, search.left);
      search.offerThreshold(attributes[i], Double.POSITIVE_INFINITY, false);
    }
  }

  /** How much of each class is expected at or below a threshold. */
  private void below(int i, double unit, double[] left) {
    for (int label = 0; label < classes; label++) {
      int at = moments(i, label);
      double weight = statistics[at + WEIGHT];
      if (unit >= statistics[at + MOST]) {
        left[label] = weight;
      } else if (unit < statistics[at + LEAST]) {
        left[label] = 0;
      } else {
        double apart = unit - statistics[at + MEAN];
        left[label] = weight * NormalDistribution.below(apart / Math.sqrt(variance(at)));
      }
    }
  }

  private void addMissing(int i, double[] left) {
    for (int label = 0; label < classes; label++) {
      left[label] += statistics[moments(i, label) + MISSING];
    }
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeShort(attributes.length);
    for (int attribute : attributes) {
      out.writeShort(attribute);
    }
    for (double number : births) {
      out.writeDouble(number);
    }
    for (float number : statistics) {
      out.writeFloat(number);
    }
    for (long key : keys) {
      out.writeLong(key);
    }
  }

  private void derive() {
    answersByBayes = statistics[bayesRight()] >= statistics[majorityRight()];
    for (int i = 0; i < numbers; i++) {
      updateFrame(i);
      for (int label = 0; label < classes; label++) {
        updateDensity(i, label);
      }
    }
    for (int i = 0; i < attributes.length - numbers; i++) {
      for (int value = 0; value <= values; value++) {
        for (int label = 0; label < classes; label++) {
          updateKeyDensity(i, value, label);
        }
      }
    }
    for (int label = 0; label < classes; label++) {
      updateClass(label);
    }
  }

  /**
   * @param numbers how many attributes are numbers
   * @param count how many attributes there are
   */
  static TreeLeaf readFrom(DataInput in, int classes, int values, int numbers, int count)
      throws IOException {
    int[] attributes = new int[in.readUnsignedShort()];
    int ofNumbers = 0;
    for (int i = 0; i < attributes.length; i++) {
      attributes[i] = in.readUnsignedShort();
      if (attributes[i] >= count) {
        throw new IOException("Attribute %d of %d".formatted(attributes[i], count));
      }
      ofNumbers += attributes[i] < numbers ? 1 : 0;
    }
    TreeLeaf leaf = new TreeLeaf(classes, attributes, ofNumbers, values);
    for (int i = 0; i < leaf.births.length; i++) {
      leaf.births[i] = in.readDouble();
    }
    for (int i = 0; i < leaf.statistics.length; i++) {
      leaf.statistics[i] = in.readFloat();
    }
    for (int i = 0; i < leaf.keys.length; i++) {
      leaf.keys[i] = in.readLong();
    }
    for (int i = 0; i < attributes.length - ofNumbers; i++) {
      if (leaf.used(i) < 0 || leaf.used(i) > values) {
        throw new IOException("%d keys of %d".formatted(leaf.used(i), values));
      }
    }
    leaf.derive();
    return leaf;
  }
}
