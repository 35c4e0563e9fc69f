package io.attentionflow.benchmarks.learning;

import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.Evidence;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.Keys;
import io.attentionflow.learning.features.Likelihood;
import java.util.SplittableRandom;

/**
 * Made-up tasks without end, in the features of the job. What decides a task's class changes again
 * and again, and so do the tenants: each is replaced after some time by one that was never seen, so
 * that whatever is kept of each would grow for ever.
 */
final class DriftingTasks {

  /** Tasks between two changes of what decides. */
  static final int CONCEPT = 50_000;

  private static final int TENANTS = 200;
  private static final int TYPES = 12;
  private static final int TASKS_OF_TENANT = 400;
  private static final int NOISY_ONE_IN = 10;
  private static final int UNKNOWN_ONE_IN = 4;

  private final FeatureSchema schema = FeatureSchema.ofTasks(ComplexityScale.DEFAULT);
  private final SplittableRandom random;
  private final long[] tenants = new long[TENANTS];
  private long tasks;
  private long seenTenants;
  private int label;

  DriftingTasks(long seed) {
    random = new SplittableRandom(seed);
    for (int i = 0; i < TENANTS; i++) {
      tenants[i] = ++seenTenants;
    }
  }

  FeatureSchema schema() {
    return schema;
  }

  /** How many tenants there were so far. */
  long tenants() {
    return seenTenants;
  }

  /** The class of the task that came last. */
  int label() {
    return label;
  }

  /** The next task. */
  FeatureVector next() {
    tasks++;
    int place = random.nextInt(TENANTS);
    if (random.nextInt(TASKS_OF_TENANT) == 0) {
      tenants[place] = ++seenTenants;
    }
    long tenant = tenants[place];
    int type = random.nextInt(TYPES);
    int size = random.nextInt(6);
    long concept = tasks / CONCEPT;
    boolean noisy = random.nextInt(NOISY_ONE_IN) == 0;
    label =
        noisy
            ? random.nextInt(schema.classes())
            : (int) Math.floorMod(Keys.of(Keys.of(tenant % 7, type), size / 2 + 10 * concept), 4L);
    return new FeatureVector(numbers(size), keys(tenant, type, size), evidence()).with(opinion());
  }

  /** Of all classes alike, or half of it for the one that comes. */
  private byte[] opinion() {
    byte[] opinion = new byte[schema.classes()];
    boolean knows = random.nextBoolean();
    for (int i = 0; i < opinion.length; i++) {
      double even = 1.0 / opinion.length;
      double share = i == label ? 0.5 : 0.5 / (opinion.length - 1);
      opinion[i] = Likelihood.encode(knows ? share : even);
    }
    return opinion;
  }

  private double[] numbers(int size) {
    double[] numbers = new double[schema.numbers().size()];
    for (int i = 0; i < numbers.length; i++) {
      boolean unknown = random.nextInt(UNKNOWN_ONE_IN) == 0;
      numbers[i] = unknown ? Double.NaN : 0.3 * label * (i % 3) + 4 * random.nextDouble();
    }
    numbers[0] = size;
    return numbers;
  }

  private long[] keys(long tenant, int type, int size) {
    long[] keys = new long[schema.keys().size()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = Keys.of(i, Keys.of(tenant, random.nextInt(3)));
    }
    keys[schema.keyIndex("tenant")] = Keys.of(tenant);
    keys[schema.keyIndex("type")] = Keys.of(type);
    keys[schema.keyIndex("cpu")] = Keys.of(size);
    return keys;
  }

  /** Counts in which the class that comes is the most frequent, more often than not. */
  private byte[] evidence() {
    byte[] evidence = new byte[schema.evidenceLength()];
    for (int i = 0; i < evidence.length; i++) {
      boolean right = i % schema.classes() == label;
      evidence[i] = Evidence.encode(random.nextInt(right ? 8 : 6));
    }
    return evidence;
  }
}
