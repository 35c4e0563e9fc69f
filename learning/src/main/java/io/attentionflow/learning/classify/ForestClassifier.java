package io.attentionflow.learning.classify;

import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Adaptive random forest: Hoeffding trees that each learn from their own random resampling of the
 * stream, look at random attributes, and are replaced when they begin to err more. They vote,
 * weighted by how often each was right.
 *
 * <p>Source: H. M. Gomes et al., "Adaptive random forests for evolving data stream classification",
 * Machine Learning 106, 2017, algorithm 1, with online bagging by Poisson(6) and ADWIN for warnings
 * and drifts. Differs from it: a member's error is of its answer before learning from the example;
 * only rising errors count as a change; a background tree is bagged as the tree that it may
 * replace; votes are weighted by accuracy pulled to one half while few were counted. For how trees
 * differ from theirs see {@link HoeffdingTree}.
 *
 * <p>Takes O(members · (depth + attributes of a leaf · classes)) time. Memory is bounded by the
 * parameters: members · 2 · leaves · (attributes of a leaf) statistics. Predicting allocates
 * nothing. Deterministic: the state of its random numbers is part of the snapshot. Each member has
 * its own, and learns the same by itself as among the others. Not thread-safe.
 */
public final class ForestClassifier implements Classifier {

  /** Its name in configuration. */
  public static final String NAME = "forest";

  private static final int LAYOUT = 4;
  private static final int MOST_ATTRIBUTES = 0xffff;
  private static final int ENOUGH = 12;

  /**
   * What it is tuned by.
   *
   * @param members how many trees vote, at least 1
   * @param leaves how many leaves a tree may have, at least 1
   * @param attributes how many attributes a leaf looks at; 0: twice the square root of all, at most
   *     {@value #ENOUGH}
   * @param values how many values of a key a leaf tells apart, at least 1
   * @param lambda how often an example counts on average, above 0
   * @param grace how much weight a leaf takes in between two looks for a split, above 0
   * @param delta how improbable it must be that another split was better, between 0 and 1
   * @param tie below which difference of gains splits are as good as each other, not negative
   * @param warning chance of a false alarm at which a background tree begins to grow
   * @param drift chance of a false alarm at which a tree is replaced
   */
  public record Parameters(
      int members,
      int leaves,
      int attributes,
      int values,
      double lambda,
      double grace,
      double delta,
      double tie,
      double warning,
      double drift) {

    /**
     * Bagging, grace, bounds and chances of false alarms are the source's. Twice the square root of
     * the attributes lies between the square root, which leaves a leaf few to choose from where
     * many attributes say little each, and the three fifths that the authors' program takes. More
     * than a dozen make a leaf slow and large for nothing: of a task's eighty, nine, twelve and
     * eighteen tell about as much, as leaves that look at different ones vote. With 512 leaves a
     * tree over tasks takes some 2 MB at most, and ten with ten growing beside them 40.
     */
    public static final Parameters DEFAULT =
        new Parameters(10, 512, 0, 8, 6, 50, 0.01, 0.05, 0.01, 0.001);

    public Parameters {
      if (members < 1 || leaves < 1 || attributes < 0 || values < 1) {
        throw new IllegalArgumentException(
            "%d members, %d leaves, %d attributes, %d values: at least 1, attributes 0"
                .formatted(members, leaves, attributes, values));
      }
      if (!(lambda > 0 && lambda <= Poisson.MOST_MEAN && grace > 0 && tie >= 0)) {
        throw new IllegalArgumentException(
            "lambda %s, grace %s must be above 0 (lambda at most %s), tie %s not below"
                .formatted(lambda, grace, Poisson.MOST_MEAN, tie));
      }
      if (!(isChance(delta) && isChance(warning) && isChance(drift))) {
        throw new IllegalArgumentException(
            "delta %s, warning %s, drift %s: between 0 and 1".formatted(delta, warning, drift));
      }
    }

    private static boolean isChance(double number) {
      return number > 0 && number < 1;
    }

    /** These, with so many trees. */
    public Parameters withMembers(int newMembers) {
      return new Parameters(
          newMembers, leaves, attributes, values, lambda, grace, delta, tie, warning, drift);
    }

    /** These, with another bound on a tree's leaves. */
    public Parameters withLeaves(int newLeaves) {
      return new Parameters(
          members, newLeaves, attributes, values, lambda, grace, delta, tie, warning, drift);
    }

    /** These, with leaves that look at so many attributes. */
    public Parameters withAttributes(int newAttributes) {
      return new Parameters(
          members, leaves, newAttributes, values, lambda, grace, delta, tie, warning, drift);
    }

    /** How many of {@code count} attributes a leaf looks at. */
    int attributesOf(int count) {
      int wanted =
          attributes == 0 ? Math.min(ENOUGH, (int) Math.ceil(2 * Math.sqrt(count))) : attributes;
      return Math.min(count, wanted);
    }
  }

  private final FeatureSchema schema;
  private final Parameters parameters;
  private final Snapshot envelope;
  private final Snapshot memberEnvelope;
  private final boolean whole;
  private final Attributes x;
  private final Poisson poisson;
  private final ForestMember[] members;
  private final float[] votes;
  private final float[] scratch;

  /** Of each member: the leaf where the vector ends. */
  private final int[] reached;

  /** Of each member, as its tree is now. */
  private final long[][] nodes;

  /** What those answer from that answer by naive Bayes, and behind them the others. */
  private final LeafDensities[] answers;

  private final float[] weights;

  /**
   * A forest of saplings.
   *
   * @param schema what it learns from
   * @param seed of its randomness
   */
  public ForestClassifier(FeatureSchema schema, Parameters parameters, long seed) {
    this(schema, parameters, seeds(seed, parameters.members), true);
  }

  private static long[] seeds(long seed, int members) {
    Draws draws = new Draws(seed);
    long[] seeds = new long[members];
    for (int i = 0; i < members; i++) {
      seeds[i] = draws.nextLong();
    }
    return seeds;
  }

  private ForestClassifier(
      FeatureSchema schema, Parameters parameters, long[] seeds, boolean whole) {
    this.schema = schema;
    this.parameters = parameters;
    this.whole = whole;
    envelope = new Snapshot(NAME, LAYOUT, schema);
    memberEnvelope = new Snapshot("member of " + NAME, LAYOUT, schema);
    x = new Attributes(schema);
    if (x.count > MOST_ATTRIBUTES) {
      throw new IllegalArgumentException(
          "%d attributes; at most %d".formatted(x.count, MOST_ATTRIBUTES));
    }
    poisson = new Poisson(parameters.lambda);
    members = new ForestMember[seeds.length];
    votes = new float[schema.classes()];
    scratch = new float[schema.classes()];
    reached = new int[members.length];
    nodes = new long[members.length][];
    answers = new LeafDensities[members.length + 1];
    weights = new float[answers.length];
    for (int i = 0; i < members.length; i++) {
      members[i] = newMember(seeds[i]);
    }
    lookAtTrees();
  }

  /**
   * A member of such a forest, to learn by itself.
   *
   * @param seed of the whole forest
   * @param member which, from 0
   */
  static ForestClassifier member(
      FeatureSchema schema, Parameters parameters, long seed, int member) {
    if (member < 0 || member >= parameters.members) {
      throw new IllegalArgumentException(
          "There is no member %d of %d".formatted(member, parameters.members));
    }
    long[] own = {seeds(seed, parameters.members)[member]};
    return new ForestClassifier(schema, parameters, own, false);
  }

  private ForestMember newMember(long seed) {
    return new ForestMember(parameters, schema.classes(), x, poisson, new Draws(seed));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int classes() {
    return schema.classes();
  }

  /** Leaves of all trees, background trees included. */
  public int leaves() {
    int leaves = 0;
    for (ForestMember member : members) {
      leaves += member.leaves();
    }
    return leaves;
  }

  @Override
  public void predict(FeatureVector vector, double[] probabilities) {
    x.fill(vector);
    reach();
    Arrays.fill(votes, 0);
    int bayes = sort();
    for (int i = 0; i < bayes; i++) {
      answers[i].vote(x, weights[i], scratch, votes);
    }
    for (int i = bayes + 1; i <= members.length; i++) {
      answers[i].voteByFrequency(weights[i], votes);
    }
    double total = 0;
    for (float vote : votes) {
      total += vote;
    }
    // No class is ever ruled out.
    double least = Softmax.LEAST;
    for (int label = 0; label < votes.length; label++) {
      probabilities[label] = (votes[label] / total + least) / (1 + votes.length * least);
    }
  }

  /**
   * Sets those that answer by naive Bayes before the others: which do, nobody could foresee, and
   * whoever had to jump by it would wait for each leaf to come from memory.
   *
   * @return how many answer by naive Bayes
   */
  private int sort() {
    int bayes = 0;
    int last = members.length;
    for (int i = 0; i < members.length; i++) {
      LeafDensities answer = members[i].tree().densities(reached[i]);
      float weight = (float) members[i].accuracy();
      int is = answer.bayes();
      // Both places are free; the one that is not meant is taken by the next.
      answers[bayes] = answer;
      weights[bayes] = weight;
      answers[last] = answer;
      weights[last] = weight;
      bayes += is;
      last -= 1 - is;
    }
    return bayes;
  }

  /** Takes the vector down all trees, {@value HoeffdingTree#AT_ONCE} at once. */
  private void reach() {
    int i = 0;
    for (; i + HoeffdingTree.AT_ONCE <= members.length; i += HoeffdingTree.AT_ONCE) {
      HoeffdingTree.reachAtOnce(nodes, x.code, i, reached);
    }
    for (; i < members.length; i++) {
      reached[i] = HoeffdingTree.reach(nodes[i], x.code);
    }
  }

  @Override
  public void learn(FeatureVector vector, int label, double weight) {
    x.fill(vector);
    x.observe();
    for (ForestMember member : members) {
      member.learn(label, weight, scratch);
    }
    lookAtTrees();
  }

  private void lookAtTrees() {
    for (int i = 0; i < members.length; i++) {
      nodes[i] = members[i].tree().nodes();
    }
  }

  @Override
  public int members() {
    return members.length;
  }

  @Override
  public byte[] snapshot() {
    return (whole ? envelope : memberEnvelope).write(this::writeTo);
  }

  private void writeTo(DataOutput out) throws IOException {
    out.writeUTF(parameters.toString());
    x.writeTo(out);
    for (ForestMember member : members) {
      member.writeTo(out);
    }
  }

  @Override
  public void restore(byte[] snapshot) {
    (whole ? envelope : memberEnvelope).read(snapshot, this::readFrom);
  }

  private void readFrom(DataInput in) throws IOException {
    checkParameters(in);
    x.readFrom(in);
    for (ForestMember member : members) {
      member.readFrom(in);
    }
    lookAtTrees();
  }

  private void checkParameters(DataInput in) throws IOException {
    String written = in.readUTF();
    if (!written.equals(parameters.toString())) {
      throw new IllegalArgumentException(
          "The snapshot was learned with %s, this one learns with %s"
              .formatted(written, parameters));
    }
  }

  @Override
  public void restore(int member, byte[] snapshot) {
    Attributes seen = new Attributes(schema);
    ForestMember restored = newMember(0);
    memberEnvelope.read(
        snapshot,
        in -> {
          checkParameters(in);
          seen.readFrom(in);
          restored.readFrom(in);
        });
    x.set(seen);
    members[member] = restored;
    lookAtTrees();
  }
}
