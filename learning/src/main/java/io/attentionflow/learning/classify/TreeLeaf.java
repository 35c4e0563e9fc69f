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
   * Least variance, as a part of that at birth. What a leaf has seen of a class is narrow by
   * accident more often than by nature: a bound of a hundredth costs a point on several streams.
   */
  private static final float LEAST_VARIANCE = 0.15f;

  /** Its square is still far from where floats end. */
  private static final double FURTHEST = 1e9;

  /** Stands for the weight of a class that never came. */
  private static final float HARDLY = 0.01f;

  private final int classes;
  private final int values;

  /** Which attributes it looks at: numbers first. */
  private final int[] attributes;

  private final int numbers;
  private final int firstKeyAttribute;

  /** Per number: its mean and its deviation when the leaf was born. */
  private final double[] births;

  /** In floats: a leaf that has seen millions counts no more exactly, and need not. */
  private final float[] statistics;

  /** What it answers from; the values of keys that it tells apart are there. */
  private final LeafDensities densities;

  /**
   * @param attributes to look at, numbers first; kept
   * @param numbers how many of them are numbers
   * @param firstKeyAttribute the attribute that is the first key
   * @param values how many values of a key to tell apart
   */
  TreeLeaf(int classes, int[] attributes, int numbers, int firstKeyAttribute, int values) {
    this.classes = classes;
    this.values = values;
    this.attributes = attributes;
    this.numbers = numbers;
    int keyAttributes = attributes.length - numbers;
    births = new double[2 * numbers];
    statistics = new float[firstKey() + keyAttributes * keyStride()];
    densities = new LeafDensities(classes, attributes, numbers, firstKeyAttribute, values);
    this.firstKeyAttribute = firstKeyAttribute;
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

  /** Row of a value; the one after all values is other. */
  private int row(int i, int value) {
    return firstKey() + i * keyStride() + value * classes;
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

  /** The odds of a class before anything is known; what keys' counts are divided by is in it. */
  private void updateClass(int label) {
    int keyAttributes = attributes.length - numbers;
    densities.setOdds(
        label,
        Logarithm.of(weight(label) + HARDLY)
            - keyAttributes * Logarithm.of(statistics[label] + values));
    densities.setFrequency(label, weight(label) + 1);
  }

  private void updateDensity(int i, int label) {
    int at = moments(i, label);
    float mean = 0;
    float variance = 1;
    if (statistics[at + WEIGHT] > 0) {
      mean = statistics[at + MEAN];
      variance = Math.max(variance(at), LEAST_VARIANCE);
    }
    densities.setDensity(i, label, mean, variance);
  }

  /** Of the numbers whose moments stand there, of which there are some. */
  private float variance(int at) {
    float weight = statistics[at + WEIGHT];
    return statistics[at + SQUARES] / (weight > 1 ? weight - 1 : weight);
  }

  /** What it answers from: good as long as there is the leaf. */
  LeafDensities densities() {
    return densities;
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

  /** What is further off than {@link #FURTHEST} deviations is not any more unlikely. */
  private static float cut(double deviations) {
    return (float) Math.max(-FURTHEST, Math.min(FURTHEST, deviations));
  }

  /**
   * Answers, notes which way of answering was right, and learns.
   *
   * @param votes length classes; overwritten
   * @param weight of the example; 0 only answers
   * @return index of the class that it voted for
   */
  int answerAndLearn(Attributes x, int label, double weight, float[] votes) {
    boolean bayes = densities.bayes() > 0;
    int majority = majority();
    densities.scores(x, votes);
    int best = 0;
    for (int i = 1; i < classes; i++) {
      best = votes[i] > votes[best] ? i : best;
    }
    if (weight > 0) {
      statistics[majorityRight()] += majority == label ? (float) weight : 0;
      statistics[bayesRight()] += best == label ? (float) weight : 0;
      chooseAnswer();
      count(x, label, weight);
    }
    return bayes ? best : majority;
  }

  private void count(Attributes x, int label, double weight) {
    statistics[label] += (float) weight;
    for (int i = 0; i < numbers; i++) {
      countNumber(i, x, label, weight);
    }
    for (int i = 0; i < attributes.length - numbers; i++) {
      countKey(i, x.key[attributes[numbers + i] - firstKeyAttribute], label, weight);
    }
    updateClass(label);
  }

  private void countNumber(int i, Attributes x, int label, double weight) {
    int at = moments(i, label);
    int attribute = attributes[i];
    if (x.known[attribute] == 0) {
      statistics[at + MISSING] += (float) weight;
      return;
    }
    float unit = cut((x.number[attribute] - births[2 * i]) / births[2 * i + 1]);
    statistics[at + WEIGHT] += (float) weight;
    float apart = unit - statistics[at + MEAN];
    statistics[at + MEAN] += (float) (apart * weight / statistics[at + WEIGHT]);
    statistics[at + SQUARES] += (float) (weight * apart * (unit - statistics[at + MEAN]));
    statistics[at + LEAST] = Math.min(statistics[at + LEAST], unit);
    statistics[at + MOST] = Math.max(statistics[at + MOST], unit);
    updateDensity(i, label);
  }

  private void countKey(int i, long key, int label, double weight) {
    int value = densities.find(i, key);
    if (value == values && densities.used(i) < values) {
      value = densities.used(i);
      densities.add(i, key);
    }
    statistics[row(i, value) + label] += (float) weight;
    updateKeyDensity(i, value, label);
  }

  private void updateKeyDensity(int i, int value, int label) {
    densities.setRow(i, value, label, Logarithm.of(statistics[row(i, value) + label] + 1));
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
      int used = densities.used(i);
      for (int value = 0; value < used; value++) {
        for (int label = 0; label < classes; label++) {
          search.left[label] = statistics[row(i, value) + label];
        }
        search.offerKey(attributes[numbers + i], densities.key(i, value));
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
    for (int i = 0; i < attributes.length - numbers; i++) {
      int used = densities.used(i);
      out.writeLong(used);
      for (int value = 0; value < values; value++) {
        out.writeLong(value < used ? densities.key(i, value) : 0);
      }
    }
  }

  private void derive() {
    chooseAnswer();
    for (int i = 0; i < numbers; i++) {
      densities.setFrame(i, births[2 * i], births[2 * i + 1]);
      for (int label = 0; label < classes; label++) {
        updateDensity(i, label);
      }
    }
    for (int i = 0; i < attributes.length - numbers; i++) {
      int used = densities.used(i);
      for (int value = 0; value <= values; value++) {
        if (value < used || used == values) {
          for (int label = 0; label < classes; label++) {
            updateKeyDensity(i, value, label);
          }
        }
      }
    }
    for (int label = 0; label < classes; label++) {
      updateClass(label);
    }
  }

  /** Naive Bayes answers where it was right at least as often as the most frequent class. */
  private void chooseAnswer() {
    densities.answerByBayes(statistics[bayesRight()] >= statistics[majorityRight()]);
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
    for (int i = 0; i < attributes.length; i++) {
      if ((attributes[i] < numbers) != (i < ofNumbers)) {
        throw new IOException(
            "Attribute %d at %d, where none of its kind is".formatted(attributes[i], i));
      }
    }
    TreeLeaf leaf = new TreeLeaf(classes, attributes, ofNumbers, numbers, values);
    for (int i = 0; i < leaf.births.length; i++) {
      leaf.births[i] = in.readDouble();
    }
    for (int i = 0; i < leaf.statistics.length; i++) {
      leaf.statistics[i] = in.readFloat();
    }
    for (int i = 0; i < attributes.length - ofNumbers; i++) {
      long used = in.readLong();
      if (used < 0 || used > values) {
        throw new IOException("%d keys of %d".formatted(used, values));
      }
      for (int value = 0; value < values; value++) {
        long key = in.readLong();
        if (value < used) {
          leaf.densities.add(i, key);
        }
      }
    }
    leaf.derive();
    return leaf;
  }
}
