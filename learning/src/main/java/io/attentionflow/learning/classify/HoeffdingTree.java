package io.attentionflow.learning.classify;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * A decision tree that grows as examples come, and never looks back at one: a leaf splits once the
 * Hoeffding bound says that the best split is the best with high probability.
 *
 * <p>Source: P. Domingos and G. Hulten, "Mining high-speed data streams", KDD 2000 (VFDT, with its
 * tie threshold and grace period); for a forest, each leaf looks at a few attributes drawn at
 * random. Differs from it: numbers are summed up as normal distributions and answers are by naive
 * Bayes where that does better, both as in J. Gama, R. Rocha, P. Medas, "Accurate decision trees
 * for mining high-speed data streams", KDD 2003; a key splits into one value and the rest, so that
 * a key of many values does no harm; what is missing goes to the side where it gains most, and may
 * be a split of its own; the number of leaves is bounded, and a full tree stops growing but goes on
 * counting in its leaves.
 *
 * <p>Takes O(depth + attributes of a leaf · classes) time. Answering allocates nothing. Not
 * thread-safe.
 */
final class HoeffdingTree {

  private final ForestClassifier.Parameters parameters;
  private final int classes;
  private final Attributes x;
  private final Draws draws;
  private final SplitSearch search;
  private final double bound;

  /**
   * Two longs a node, so that a step down touches one line of cache. The upper half of the first
   * says where to go on: the first of two children, or below 0 the complement of a leaf's position.
   * The lower half is twice the attribute, plus one if what is missing goes left. The second is the
   * threshold, up to which numbers go left, or the key that goes left.
   */
  private long[] nodes = new long[2];

  private TreeLeaf[] leaves;
  private int nodeCount;
  private int leafCount;

  /**
   * A tree that has seen nothing.
   *
   * @param x where the vectors stand
   * @param draws for the attributes of leaves
   */
  HoeffdingTree(
      ForestClassifier.Parameters parameters,
      int classes,
      Attributes x,
      Draws draws,
      SplitSearch search) {
    this.parameters = parameters;
    this.classes = classes;
    this.x = x;
    this.draws = draws;
    this.search = search;
    double range = StrictMath.log(classes) / StrictMath.log(2);
    bound = range * range * StrictMath.log(1 / parameters.delta()) / 2;
    leaves = new TreeLeaf[] {newLeaf(new double[classes], 0)};
    leafCount = 1;
    nodeCount = 1;
    nodes[0] = head(~0, 0, false);
  }

  private static long head(int link, int attribute, boolean missingLeft) {
    return ((long) link << Integer.SIZE) | (attribute << 1) | (missingLeft ? 1 : 0);
  }

  private static int link(long head) {
    return (int) (head >> Integer.SIZE);
  }

  private TreeLeaf newLeaf(double[] expected, int from) {
    int wanted = parameters.attributesOf(x.count);
    int[] drawn = new int[wanted];
    int found = 0;
    int numbers = 0;
    // Selection sampling: each attribute in turn with the probability that keeps all sets alike.
    for (int attribute = 0; found < wanted; attribute++) {
      if (draws.nextInt(x.count - attribute) < wanted - found) {
        drawn[found] = attribute;
        found++;
        numbers += attribute < x.numbers ? 1 : 0;
      }
    }
    TreeLeaf leaf = new TreeLeaf(classes, drawn, numbers, parameters.values());
    leaf.begin(x, expected, from);
    return leaf;
  }

  /** The node where the vector ends. */
  private int reach() {
    int node = 0;
    long head = nodes[0];
    int link = link(head);
    while (link >= 0) {
      node = goesLeft((int) head, nodes[2 * node + 1]) ? link : link + 1;
      head = nodes[2 * node];
      link = link(head);
    }
    return node;
  }

  private boolean goesLeft(int what, long test) {
    int attribute = what >>> 1;
    if (attribute >= x.numbers) {
      return x.key[attribute - x.numbers] == test;
    }
    double value = x.number[attribute];
    double threshold = Double.longBitsToDouble(test);
    return (what & 1) == 0 ? value <= threshold : !(value > threshold);
  }

  /**
   * Answers, and changes nothing.
   *
   * @param votes length classes; filled with probabilities
   */
  void vote(float[] votes) {
    leaves[~link(nodes[2 * reach()])].vote(x, votes);
  }

  /**
   * Answers, then learns.
   *
   * @param weight of the example; 0 only answers
   * @param scratch length classes; overwritten
   * @return index of the class that it answered
   */
  int answerAndLearn(int label, double weight, float[] scratch) {
    int node = reach();
    int position = ~link(nodes[2 * node]);
    TreeLeaf leaf = leaves[position];
    int answer = leaf.answerAndLearn(x, label, weight, scratch);
    if (weight > 0 && leafCount < parameters.leaves() && leaf.isDue(parameters.grace())) {
      leaf.propose(search);
      if (isSure()) {
        split(node, position);
      }
    }
    return answer;
  }

  private boolean isSure() {
    if (search.gain <= 0) {
      return false;
    }
    double epsilon = Math.sqrt(bound / search.weight);
    return search.gain - search.secondGain > epsilon || epsilon < parameters.tie();
  }

  private void split(int node, int position) {
    boolean number = search.attribute < x.numbers;
    int first = nodeCount;
    nodeCount += 2;
    if (nodes.length < 2 * nodeCount) {
      nodes = Arrays.copyOf(nodes, Math.max(2 * nodeCount, nodes.length + nodes.length / 2));
    }
    if (leaves.length == leafCount) {
      leaves = Arrays.copyOf(leaves, leafCount + leafCount / 2 + 1);
    }
    nodes[2 * node] = head(first, search.attribute, number && search.missingLeft);
    nodes[2 * node + 1] = number ? Double.doubleToLongBits(search.threshold) : search.key;
    nodes[2 * first] = head(~position, 0, false);
    nodes[2 * first + 2] = head(~leafCount, 0, false);
    leaves[position] = newLeaf(search.sides, 0);
    leaves[leafCount] = newLeaf(search.sides, classes);
    leafCount++;
  }

  int leafCount() {
    return leafCount;
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeInt(leafCount);
    for (int i = 0; i < 2 * nodeCount; i++) {
      out.writeLong(nodes[i]);
    }
    for (int i = 0; i < leafCount; i++) {
      leaves[i].writeTo(out);
    }
  }

  /**
   * Becomes what {@link #writeTo} wrote.
   *
   * @throws IOException if that cannot be right
   */
  void readFrom(DataInput in) throws IOException {
    leafCount = in.readInt();
    if (leafCount < 1 || leafCount > parameters.leaves()) {
      throw new IOException("%d leaves of %d".formatted(leafCount, parameters.leaves()));
    }
    nodeCount = 2 * leafCount - 1;
    nodes = new long[2 * nodeCount];
    for (int i = 0; i < nodes.length; i++) {
      nodes[i] = in.readLong();
    }
    leaves = new TreeLeaf[leafCount];
    for (int i = 0; i < leafCount; i++) {
      leaves[i] = TreeLeaf.readFrom(in, classes, parameters.values(), x.numbers, x.count);
    }
    check();
  }

  /** A wrong link would lead astray, or round in circles. */
  private void check() throws IOException {
    for (int node = 0; node < nodeCount; node++) {
      int link = link(nodes[2 * node]);
      int attribute = (int) nodes[2 * node] >>> 1;
      boolean right =
          link < 0 ? ~link < leafCount : link > node && link + 1 < nodeCount && attribute < x.count;
      if (!right) {
        throw new IOException("Node %d leads to %d".formatted(node, link));
      }
    }
  }
}
