package io.attentionflow.learning.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** A leaf beside naive Bayes written down as plainly as can be, over all that it has learned. */
class TreeLeafTest {

  private static final int NUMBERS = 3;
  private static final int KEYS = 2;
  private static final int VALUES = 3;

  private record Example(FeatureVector x, int label) {}

  private final List<Example> learned = new ArrayList<>();

  @Property(tries = 60)
  void answersAsNaiveBayesDoes(
      @ForAll @IntRange(min = 2, max = 11) int classes,
      @ForAll @IntRange(max = 80) int examples,
      @ForAll @IntRange(max = 100_000) int seed)
      throws IOException {
    Random random = new Random(seed);
    learned.clear();
    FeatureSchema schema =
        FeatureSchema.ofRows("rows/1", List.of("a", "b", "c"), List.of("k", "l"), classes);
    Attributes x = new Attributes(schema);
    for (int i = 0; i < 20; i++) {
      x.fill(vector(random, classes, random.nextInt(classes)));
      x.observe();
    }
    TreeLeaf leaf = new TreeLeaf(classes, new int[] {0, 1, 2, 3, 4}, NUMBERS, NUMBERS, VALUES);
    leaf.begin(x, new double[classes], 0);
    float[] scratch = new float[classes];
    for (int i = 0; i < examples; i++) {
      int label = random.nextInt(classes);
      Example example = new Example(vector(random, classes, label), label);
      x.fill(example.x);
      leaf.answerAndLearn(x, label, 1, scratch);
      learned.add(example);
    }
    TreeLeaf read = readAgain(leaf, classes);
    for (int i = 0; i < 10; i++) {
      FeatureVector asked = vector(random, classes, random.nextInt(classes));
      x.fill(asked);
      float[] answer = new float[classes];
      leaf.densities().vote(x, 1, scratch, answer);
      float[] afterReading = new float[classes];
      read.densities().vote(x, 1, scratch, afterReading);

      double[] plain = plainly(asked, x, classes);
      for (int label = 0; label < classes; label++) {
        assertThat((double) answer[label]).isCloseTo(plain[label], within(0.005));
      }
      assertThat(afterReading).containsExactly(answer);
    }
  }

  private static TreeLeaf readAgain(TreeLeaf leaf, int classes) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    leaf.writeTo(new DataOutputStream(bytes));
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
    TreeLeaf read = TreeLeaf.readFrom(in, classes, VALUES, NUMBERS, NUMBERS + KEYS);
    assertThat(in.available()).isZero();
    return read;
  }

  /** Far from zero, so that a float alone could not tell numbers apart; now and then missing. */
  private static FeatureVector vector(Random random, int classes, int label) {
    double[] numbers = new double[NUMBERS];
    for (int i = 0; i < NUMBERS; i++) {
      boolean missing = random.nextInt(4) == 0;
      numbers[i] = missing ? Double.NaN : 1e8 * i + label * i + 2 * random.nextGaussian();
    }
    long[] keys = {random.nextInt(2), 10 + random.nextInt(classes + 3)};
    return new FeatureVector(numbers, keys);
  }

  private double[] plainly(FeatureVector asked, Attributes x, int classes) {
    double[] scores = new double[classes];
    double largest = Double.NEGATIVE_INFINITY;
    for (int label = 0; label < classes; label++) {
      List<FeatureVector> like = new ArrayList<>();
      for (Example example : learned) {
        if (example.label == label) {
          like.add(example.x);
        }
      }
      double score = Math.log(like.size() + 0.01);
      for (int i = 0; i < NUMBERS; i++) {
        score += ofNumber(asked.numbers()[i], i, like, x);
      }
      for (int i = 0; i < KEYS; i++) {
        score += Math.log(1.0 + timesOf(asked.keys()[i], i, like));
        score -= Math.log(like.size() + VALUES);
      }
      scores[label] = score;
      largest = Math.max(largest, score);
    }
    double total = 0;
    for (int label = 0; label < classes; label++) {
      scores[label] = Math.exp(scores[label] - largest);
      total += scores[label];
    }
    for (int label = 0; label < classes; label++) {
      scores[label] /= total;
    }
    return scores;
  }

  private static double ofNumber(double asked, int i, List<FeatureVector> like, Attributes x) {
    if (Double.isNaN(asked)) {
      return 0;
    }
    List<Double> units = new ArrayList<>();
    for (FeatureVector one : like) {
      if (!Double.isNaN(one.numbers()[i])) {
        units.add((one.numbers()[i] - x.mean(i)) / Math.sqrt(x.variance(i)));
      }
    }
    double mean = 0;
    double variance = 1;
    if (!units.isEmpty()) {
      mean = units.stream().mapToDouble(u -> u).average().orElseThrow();
      double squares = 0;
      for (double unit : units) {
        squares += (unit - mean) * (unit - mean);
      }
      variance = Math.max(squares / Math.max(1, units.size() - 1), 0.15);
    }
    double unit = (asked - x.mean(i)) / Math.sqrt(x.variance(i));
    return -(unit - mean) * (unit - mean) / 2 / variance - Math.log(variance) / 2;
  }

  /** The values that came first have counts of their own; the others are one. */
  private int timesOf(long asked, int i, List<FeatureVector> like) {
    List<Long> told = new ArrayList<>();
    for (Example example : learned) {
      long key = example.x.keys()[i];
      if (!told.contains(key) && told.size() < VALUES) {
        told.add(key);
      }
    }
    boolean full = told.size() == VALUES;
    int times = 0;
    for (FeatureVector one : like) {
      boolean same = one.keys()[i] == asked;
      boolean bothOthers = full && !told.contains(one.keys()[i]) && !told.contains(asked);
      times += same || bothOthers ? 1 : 0;
    }
    return times;
  }
}
