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

  /** As many trees as there is room for in the places that need no memory. */
  static final int AT_ONCE = 5;

  /** Longs of a node. */
  private static final int NODE = 3;

  /** The width of all codes: whatever comes, it goes left. */
  private static final long ALL = -1;

  private final ForestClassifier.Parameters parameters;
  private final int classes;
  private final Attributes x;
  private final Draws draws;
  private final SplitSearch search;
  private final double bound;

  /**
   * Three longs a node. The upper half of the first says where to go on, the first of two children;
   * the lower half is the attribute. It goes left if its code is at least the second, and not more
   * than the third above that, both without sign: so one test does for numbers up to a threshold,
   * what is missing among them or not, and for one key. A leaf goes on to itself, and its second is
   * the leaf's position.
   */
  private long[] nodes = new long[NODE];

  private TreeLeaf[] leaves;

  /** What each leaf answers from. */
  private LeafDensities[] densities;

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
    leaves = new TreeLeaf[1];
    densities = new LeafDensities[1];
    put(0, newLeaf(new double[classes], 0));
    leafCount = 1;
    nodeCount = 1;
    putLeaf(0, 0);
  }

  private void put(int position, TreeLeaf leaf) {
    leaves[position] = leaf;
    densities[position] = leaf.densities();
  }

  private void putLeaf(int node, int position) {
    put(node, node, 0, position, ALL);
  }

  private void put(int node, int next, int attribute, long least, long width) {
    nodes[NODE * node] = ((long) next << Integer.SIZE) | attribute;
    nodes[NODE * node + 1] = least;
    nodes[NODE * node + 2] = width;
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
    TreeLeaf leaf = new TreeLeaf(classes, drawn, numbers, x.numbers, parameters.values());
    leaf.begin(x, expected, from);
    return leaf;
  }

  /** As the tree is now: good for {@link #next} until it learns or is restored. */
  long[] nodes() {
    return nodes;
  }

  /**
   * One step down.
   *
   * @param nodes of a tree
   * @param code of the vector's attributes
   * @return the node after {@code node}; itself if it is a leaf
   */
  private static int next(long[] nodes, long[] code, int node) {
    int at = NODE * node;
    long head = nodes[at];
    long above = code[(int) head] - nodes[at + 1];
    long width = nodes[at + 2];
    // Whether width < above, without sign and without a jump that nobody could foresee (H. Warren,
    // "Hacker's Delight", section 2-12).
    long right = ((~width & above) | ((~width | above) & (width - above))) >>> (Long.SIZE - 1);
    return (int) (head >> Integer.SIZE) + (int) right;
  }

  /** The leaf of a tree where a vector ends. */
  static int reach(long[] nodes, long[] code) {
    int node = 0;
    int next = next(nodes, code, 0);
    while (next != node) {
      node = next;
      next = next(nodes, code, node);
    }
    return node;
  }

  /**
   * The same in {@value #AT_ONCE} trees, a step in each in turn: while one waits for memory, the
   * others do not, and there is one jump for all of them that nobody could foresee. Who has come to
   * its leaf stays there while the others go on.
   *
   * @param nodes of all trees
   * @param from the first of them
   * @param reached filled from {@code from} on
   */
  static void reachAtOnce(long[][] nodes, long[] code, int from, int[] reached) {
    long[] ofA = nodes[from];
    long[] ofB = nodes[from + 1];
    long[] ofC = nodes[from + 2];
    long[] ofD = nodes[from + 3];
    long[] ofE = nodes[from + 4];
    int a = 0;
    int b = 0;
    int c = 0;
    int d = 0;
    int e = 0;
    int changed;
    do {
      int nextA = next(ofA, code, a);
      int nextB = next(ofB, code, b);
      int nextC = next(ofC, code, c);
      int nextD = next(ofD, code, d);
      int nextE = next(ofE, code, e);
      changed = (nextA ^ a) | (nextB ^ b) | (nextC ^ c) | (nextD ^ d) | (nextE ^ e);
      a = nextA;
      b = nextB;
      c = nextC;
      d = nextD;
      e = nextE;
    } while (changed != 0);
    reached[from] = a;
    reached[from + 1] = b;
    reached[from + 2] = c;
    reached[from + 3] = d;
    reached[from + 4] = e;
  }

  /**
   * What the leaf answers from where a vector ended.
   *
   * @param node a leaf, as {@link #next} came to
   */
  LeafDensities densities(int node) {
    return densities[(int) nodes[NODE * node + 1]];
  }

  /**
   * Answers, then learns.
   *
   * @param weight of the example; 0 only answers
   * @param scratch length classes; overwritten
   * @return index of the class that it answered
   */
  int answerAndLearn(int label, double weight, float[] scratch) {
    int node = reach(nodes, x.code);
    int position = (int) nodes[NODE * node + 1];
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
    if (nodes.length < NODE * nodeCount) {
      int wanted = NODE * nodeCount;
      nodes = Arrays.copyOf(nodes, wanted + wanted / 2);
    }
    if (leaves.length == leafCount) {
      leaves = Arrays.copyOf(leaves, leafCount + leafCount / 2 + 1);
      densities = Arrays.copyOf(densities, leaves.length);
    }
    if (number) {
      long least = search.missingLeft ? Attributes.MISSING : Attributes.MISSING + 1;
      long most = Attributes.codeOf(search.threshold);
      put(node, first, search.attribute, least, most - least);
    } else {
      put(node, first, search.attribute, search.key, 0);
    }
    putLeaf(first, position);
    putLeaf(first + 1, leafCount);
    put(position, newLeaf(search.sides, 0));
    put(leafCount, newLeaf(search.sides, classes));
    leafCount++;
  }

  int leafCount() {
    return leafCount;
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeInt(leafCount);
    for (int i = 0; i < NODE * nodeCount; i++) {
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
    nodes = new long[NODE * nodeCount];
    for (int i = 0; i < nodes.length; i++) {
      nodes[i] = in.readLong();
    }
    leaves = new TreeLeaf[leafCount];
    densities = new LeafDensities[leafCount];
    for (int i = 0; i < leafCount; i++) {
      put(i, TreeLeaf.readFrom(in, classes, parameters.values(), x.numbers, x.count));
    }
    check();
  }

  /** A wrong link would lead astray, or round in circles. */
  private void check() throws IOException {
    for (int node = 0; node < nodeCount; node++) {
      long next = nodes[NODE * node] >> Integer.SIZE;
      long attribute = nodes[NODE * node] & 0xffffffffL;
      long position = nodes[NODE * node + 1];
      boolean right =
          next == node
              ? position >= 0 && position < leafCount && nodes[NODE * node + 2] == ALL
              : next > node && next + 1 < nodeCount;
      if (!right || attribute >= x.count) {
        throw new IOException("Node %d leads to %d".formatted(node, next));
      }
    }
  }
}
