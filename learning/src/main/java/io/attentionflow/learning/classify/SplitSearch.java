package io.attentionflow.learning.classify;

/**
 * The best split of a leaf, by information gain, and how far ahead it is of the best split of
 * another attribute. Scratch space, shared by all trees of a forest. Not thread-safe.
 */
final class SplitSearch {

  /** How many thresholds are tried, evenly between the least and the most. */
  static final int THRESHOLDS = 10;

  /** Each side must get this share, or nothing is gained however pure it is. */
  private static final double LEAST_SHARE = 0.01;

  private static final double LN_2 = StrictMath.log(2);

  private final int classes;
  private final double[] own;

  /** What goes left, by class; to be filled in before an offer. */
  final double[] left;

  /** The best split's sides: left, then right. */
  final double[] sides;

  /** What the leaf has seen, its parent's expectation included. */
  double weight;

  double gain;
  double secondGain;
  int attribute;
  double threshold;
  long key;
  boolean missingLeft;
  private double total;
  private double unsplit;
  private double attributeGain;

  SplitSearch(int classes) {
    this.classes = classes;
    own = new double[classes];
    left = new double[classes];
    sides = new double[2 * classes];
  }

  /**
   * Begins with not splitting, which gains nothing.
   *
   * @param ofLeaf weight of each class, from 0; copied
   */
  void begin(float[] ofLeaf, double leafWeight) {
    for (int label = 0; label < classes; label++) {
      own[label] = ofLeaf[label];
    }
    weight = leafWeight;
    total = 0;
    double sum = 0;
    for (int label = 0; label < classes; label++) {
      total += own[label];
      sum += timesLogarithm(own[label]);
    }
    unsplit = timesLogarithm(total) - sum;
    gain = 0;
    secondGain = 0;
    attribute = -1;
    attributeGain = 0;
  }

  /** The next offers are of another attribute. */
  void beginAttribute() {
    attributeGain = 0;
  }

  void offerThreshold(int ofAttribute, double at, boolean missing) {
    if (offer(ofAttribute)) {
      threshold = at;
      missingLeft = missing;
    }
  }

  void offerKey(int ofAttribute, long value) {
    if (offer(ofAttribute)) {
      key = value;
    }
  }

  private boolean offer(int ofAttribute) {
    double leftTotal = 0;
    double sum = 0;
    for (int label = 0; label < classes; label++) {
      leftTotal += left[label];
      sum += timesLogarithm(left[label]) + timesLogarithm(own[label] - left[label]);
    }
    double rightTotal = total - leftTotal;
    if (Math.min(leftTotal, rightTotal) < LEAST_SHARE * total) {
      return false;
    }
    double split = timesLogarithm(leftTotal) + timesLogarithm(rightTotal) - sum;
    double offered = (unsplit - split) / (total * LN_2);
    if (offered > attributeGain) {
      if (offered > gain) {
        secondGain = attribute == ofAttribute ? secondGain : gain;
        gain = offered;
        attribute = ofAttribute;
        attributeGain = offered;
        keepSides();
        return true;
      }
      attributeGain = offered;
      if (attribute != ofAttribute) {
        secondGain = Math.max(secondGain, offered);
      }
    }
    return false;
  }

  private void keepSides() {
    for (int label = 0; label < classes; label++) {
      sides[label] = left[label];
      sides[classes + label] = Math.max(0, own[label] - left[label]);
    }
  }

  private static double timesLogarithm(double x) {
    return x < 1e-6 ? 0 : x * Logarithm.of((float) x);
  }
}
