package io.attentionflow.learning.classify;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A leaf of a {@link HoeffdingTree}: counts of what reached it, by class, over a few attributes
 * drawn at random; answers from them, and proposes splits.
 *
 * <p>Numbers are summed up as one normal distribution a class (weight, mean, squares, least, most,
 * and how often missing). Keys are counted one by one up to a bound; what comes later counts as
 * other.
 *
 * <pre>
 * statistics: own | inherited | majority right, Bayes right, weight at the last attempt
 *             | per number: mean and variance at birth, then MOMENTS a class
 *             | per key attribute: values in use, then a row of classes per value, and other
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

  /** Mean, half the inverse of the variance, and the logarithm of its root, negative. */
  private static final int DENSITY = 3;

  /** Mean at birth, what is lost of it in a float, and the inverse of the deviation at birth. */
  private static final int FRAME = 3;

  /**
   * Least variance, as a part of that at birth. What a leaf has seen of a class is narrow by
   * accident more often than by nature: a bound of a hundredth costs a point on several streams.
   */
  private static final double LEAST_VARIANCE = 0.4;

  /** What is less likely than the most likely by this is not likely at all. */
  private static final float UNLIKELY = -16;

  /** Stands for the weight of a class that never came. */
  private static final float HARDLY = 0.01f;

  private final int classes;
  private final int values;

  /** Which attributes it looks at: numbers first. */
  private final int[] attributes;

  private final int numbers;
  private final double[] statistics;
  private final long[] keys;

  /**
   * What naive Bayes adds up: per class, then FRAME and DENSITY of each class per number, in units
   * of the deviation at birth, then the logarithm of each key's count. Follows from the statistics;
   * kept since it is read far more often than it changes, and in floats since most of the time to
   * read it is spent waiting for memory.
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
    statistics = new double[firstKey() + keyAttributes * keyStride()];
    keys = new long[keyAttributes * values];
    densities = new float[keyDensity(keyAttributes, 0)];
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
    return 2 * classes + 3 + i * (2 + MOMENTS * classes);
  }

  private int moments(int i, int label) {
    return number(i) + 2 + label * MOMENTS;
  }

  private int firstKey() {
    return number(numbers);
  }

  private int keyStride() {
    return 1 + (values + 1) * classes;
  }

  /** Row of a value; the one after all values is other. */
  private int row(int i, int value) {
    return firstKey() + i * keyStride() + 1 + value * classes;
  }

  private int frame(int i) {
    return classes + i * (FRAME + classes * DENSITY);
  }

  private int keyDensity(int i, int value) {
    return frame(numbers) + (i * (values + 1) + value) * classes;
  }

  /** Begins with what its parent expects to come, and with how numbers are spread in general. */
  void begin(Attributes x, double[] expected, int from) {
    System.arraycopy(expected, from, statistics, classes, classes);
    for (int i = 0; i < numbers; i++) {
      statistics[number(i)] = x.mean(attributes[i]);
      statistics[number(i) + 1] = x.variance(attributes[i]);
      for (int label = 0; label < classes; label++) {
        int at = moments(i, label);
        statistics[at + LEAST] = Double.POSITIVE_INFINITY;
        statistics[at + MOST] = Double.NEGATIVE_INFINITY;
      }
    }
    derive();
  }

  private void updateClasses() {
    for (int label = 0; label < classes; label++) {
      updateClass(label);
    }
  }

  /** The odds of a class before anything is known; what keys' counts are divided by is in it. */
  private void updateClass(int label) {
    int keyAttributes = attributes.length - numbers;
    densities[label] =
        Logarithm.of((float) weight(label) + HARDLY)
            - keyAttributes * Logarithm.of((float) statistics[label] + values);
  }

  private void updateDensity(int i, int label) {
    int at = moments(i, label);
    int to = frame(i) + FRAME + label * DENSITY;
    double weight = statistics[at + WEIGHT];
    double atBirth = statistics[number(i) + 1];
    float mean = 0;
    float variance = 1;
    if (weight > 0) {
      mean = (float) ((statistics[at + MEAN] - statistics[number(i)]) / Math.sqrt(atBirth));
      variance = (float) Math.max(variance(at) / atBirth, LEAST_VARIANCE);
    }
    densities[to] = mean;
    densities[to + 1] = 0.5f / variance;
    densities[to + 2] = -0.5f * Logarithm.of(variance);
  }

  private void updateFrame(int i) {
    int to = frame(i);
    double mean = statistics[number(i)];
    densities[to] = (float) mean;
    densities[to + 1] = (float) (mean - densities[to]);
    densities[to + 2] = (float) (1 / Math.sqrt(statistics[number(i) + 1]));
  }

  /** Of the numbers whose moments stand there, of which there are some. */
  private double variance(int at) {
    double weight = statistics[at + WEIGHT];
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

  private double weight(int label) {
    return statistics[label] + statistics[classes + label];
  }

  /** Logarithms of the classes' odds by naive Bayes, up to a constant. */
  private void scores(Attributes x, float[] scores) {
    System.arraycopy(densities, 0, scores, 0, classes);
    for (int i = 0; i < numbers; i++) {
      double value = x.number[attributes[i]];
      if (Double.isNaN(value)) {
        continue;
      }
      int at = frame(i);
      float standard = (float) ((value - densities[at] - densities[at + 1]) * densities[at + 2]);
      at += FRAME;
      for (int label = 0; label < classes; label++) {
        float apart = standard - densities[at];
        scores[label] += densities[at + 2] - apart * apart * densities[at + 1];
        at += DENSITY;
      }
    }
    for (int i = 0; i < attributes.length - numbers; i++) {
      int at = keyDensity(i, find(i, x.key[attributes[numbers + i] - x.numbers]));
      for (int label = 0; label < classes; label++) {
        scores[label] += densities[at + label];
      }
    }
  }

  /** Position of a key; that of other if it has none. */
  private int find(int i, long key) {
    int used = (int) statistics[row(i, 0) - 1];
    int first = i * values;
    for (int value = 0; value < used; value++) {
      if (keys[first + value] == key) {
        return value;
      }
    }
    return values;
  }

  /**
   * Fills in probabilities: by naive Bayes where that was right at least as often as the most
   * frequent class.
   *
   * @param votes length classes; filled, the sum is 1
   */
  void vote(Attributes x, float[] votes) {
    if (answersByBayes) {
      scores(x, votes);
      normalize(votes);
    } else {
      frequencies(votes);
    }
  }

  private static void normalize(float[] scores) {
    float largest = scores[0];
    for (float score : scores) {
      largest = Math.max(largest, score);
    }
    float total = 0;
    for (int i = 0; i < scores.length; i++) {
      float below = scores[i] - largest;
      scores[i] = below < UNLIKELY ? 0 : (float) Exponential.of(below);
      total += scores[i];
    }
    for (int i = 0; i < scores.length; i++) {
      scores[i] /= total;
    }
  }

  private void frequencies(float[] votes) {
    double total = classes;
    for (int label = 0; label < classes; label++) {
      total += weight(label);
    }
    for (int label = 0; label < classes; label++) {
      votes[label] = (float) ((weight(label) + 1) / total);
    }
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
      statistics[majorityRight()] += majority == label ? weight : 0;
      statistics[bayesRight()] += best == label ? weight : 0;
      answersByBayes = statistics[bayesRight()] >= statistics[majorityRight()];
      count(x, label, weight);
    }
    return bayes ? best : majority;
  }

  private void count(Attributes x, int label, double weight) {
    statistics[label] += weight;
    updateClass(label);
    for (int i = 0; i < numbers; i++) {
      countNumber(i, x.number[attributes[i]], label, weight);
    }
    for (int i = 0; i < attributes.length - numbers; i++) {
      countKey(i, x.key[attributes[numbers + i] - x.numbers], label, weight);
    }
  }

  private void countNumber(int i, double value, int label, double weight) {
    int at = moments(i, label);
    if (Double.isNaN(value)) {
      statistics[at + MISSING] += weight;
      return;
    }
    statistics[at + WEIGHT] += weight;
    double apart = value - statistics[at + MEAN];
    statistics[at + MEAN] += apart * weight / statistics[at + WEIGHT];
    statistics[at + SQUARES] += weight * apart * (value - statistics[at + MEAN]);
    statistics[at + LEAST] = Math.min(statistics[at + LEAST], value);
    statistics[at + MOST] = Math.max(statistics[at + MOST], value);
    updateDensity(i, label);
  }

  private void countKey(int i, long key, int label, double weight) {
    int value = find(i, key);
    int used = row(i, 0) - 1;
    if (value == values && statistics[used] < values) {
      value = (int) statistics[used];
      keys[i * values + value] = key;
      statistics[used]++;
    }
    statistics[row(i, value) + label] += weight;
    updateKeyDensity(i, value, label);
  }

  private void updateKeyDensity(int i, int value, int label) {
    densities[keyDensity(i, value) + label] =
        Logarithm.of((float) statistics[row(i, value) + label] + 1);
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
    statistics[attempted()] = total;
    search.begin(statistics, total);
    for (int i = 0; i < numbers; i++) {
      proposeThresholds(i, search);
    }
    for (int i = 0; i < attributes.length - numbers; i++) {
      search.beginAttribute();
      int used = (int) statistics[row(i, 0) - 1];
      for (int value = 0; value < used; value++) {
        System.arraycopy(statistics, row(i, value), search.left, 0, classes);
        search.offerKey(attributes[numbers + i], keys[i * values + value]);
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
      double threshold = least + (most - least) * step / (SplitSearch.THRESHOLDS + 1);
      below(i, threshold, search.left);
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
  private void below(int i, double threshold, double[] left) {
    for (int label = 0; label < classes; label++) {
      int at = moments(i, label);
      double weight = statistics[at + WEIGHT];
      if (threshold >= statistics[at + MOST]) {
        left[label] = weight;
      } else if (threshold < statistics[at + LEAST]) {
        left[label] = 0;
      } else {
        double apart = threshold - statistics[at + MEAN];
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
    for (double number : statistics) {
      out.writeDouble(number);
    }
    for (long key : keys) {
      out.writeLong(key);
    }
  }

  private void derive() {
    answersByBayes = statistics[bayesRight()] >= statistics[majorityRight()];
    updateClasses();
    for (int i = 0; i < numbers; i++) {
      updateFrame(i);
    }
    for (int label = 0; label < classes; label++) {
      for (int i = 0; i < numbers; i++) {
        updateDensity(i, label);
      }
      for (int i = 0; i < attributes.length - numbers; i++) {
        for (int value = 0; value <= values; value++) {
          updateKeyDensity(i, value, label);
        }
      }
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
    for (int i = 0; i < leaf.statistics.length; i++) {
      leaf.statistics[i] = in.readDouble();
    }
    for (int i = 0; i < leaf.keys.length; i++) {
      leaf.keys[i] = in.readLong();
    }
    leaf.derive();
    return leaf;
  }
}
