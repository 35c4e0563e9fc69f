package io.attentionflow.learning.runtime;

import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.NumberFeature;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * Learns online how long tasks run: for each task a whole {@link RunTimeDistribution}, and thereby
 * its class.
 *
 * <p>Run times are counted in tables, one for each {@link RunTimeContext} and with two decays each,
 * backed off to a wider context. The logarithms of what the tables say are added up, each with a
 * weight, and normalised. The weights are learned by gradient descent on the logarithmic loss, one
 * for each context, decay, and amount of evidence.
 *
 * <p>Source: mixing predictions of context tables by a softmax learned online: M. Mahoney,
 * "Adaptive weighing of context models for lossless data compression", Florida Tech CS-2005-16; C.
 * Mattern, "Mixing strategies in data compression", DCC 2012. Differs in that bins of run time
 * stand for symbols, neighbours of a bin share its label, bins beyond a limit are left out, and a
 * context that was never seen is answered by the wider one, with a weight of its own.
 *
 * <p>Mutable. A prediction takes some microseconds and allocates nothing; learning takes some ten
 * microseconds. Memory is bounded by the number of contexts: about 0.5 kB each. Deterministic to
 * the bit. Not thread-safe: {@code predict} changes no prediction, but uses scratch space.
 */
public final class RunTimeModel {

  private static final int MAGIC = 0x41465254;
  private static final int LAYOUT = 3;
  private static final int CHECKSUM_BYTES = 4;
  private static final int BINS = RunTimeScale.BINS;

  /** Position of the context that every task is in. */
  private static final int ROOT = 0;

  /** No label seen, 1, up to 3, up to 7, up to 15, more. */
  private static final int AMOUNTS = 6;

  private static final float FIRST_RATE = 1e-3f;
  private static final float LAST_RATE = 1e-4f;

  /** After so many labels, the rate has fallen to half. */
  private static final float HALF_RATE_AFTER = 1000;

  /** Before anything is learned, each bin beyond the estimate loses a factor of e². */
  private static final float FIRST_BEYOND = -2;

  private static final float BEYOND_STEP = 0.2f;

  /** An estimate on the edge of a bin belongs to it, whatever its logarithm was rounded to. */
  private static final double JUST_BELOW = 1 - 1e-9;

  /** Keeps every bin that is not beyond the limit possible. */
  private static final float LEAST = 1e-6f;

  private final RunTimeScale scale;
  private final int[] parents = RunTimeContext.parents();
  private final OwnRunTimes own;
  private RunTimeTable table;

  /** For each context: by amount of evidence, the weight of the fast and of the slow table. */
  private final float[] weights;

  /** How much less likely bins beyond the estimate are, by half octaves of the estimate. */
  private final float[] beyondWeights = new float[BINS];

  private final float[] beyondSquares = new float[BINS];

  private long labels;

  // Scratch space.
  private final long[] keys = new long[parents.length];
  private final int[] slots = new int[parents.length];
  private final int[] weightAt = new int[parents.length + OwnRunTimes.SCOPES];
  private final float[] logs = new float[parents.length * 2 * BINS];
  private final float[] mixed = new float[BINS];
  private final float[] shifts = new float[BINS];
  private final float[] probabilities = new float[BINS];
  private final float[][] slow = new float[parents.length][BINS];
  private final float[] even = new float[BINS];

  /** Probabilities across tenants, of every task. */
  private final float[] everybody = new float[BINS];

  /**
   * A model that has seen nothing.
   *
   * @param scale the bins
   * @param largestCapacity how many contexts it keeps at most, rounded up to a power of two; from
   *     then on, a new one takes the place of one long unused
   */
  public RunTimeModel(RunTimeScale scale, int largestCapacity) {
    this.scale = scale;
    table = new RunTimeTable(largestCapacity);
    own = new OwnRunTimes(scale);
    weights = new float[weightAt.length * AMOUNTS * 2];
    Arrays.fill(weights, 1f / (2 * weightAt.length));
    Arrays.fill(even, 1f / BINS);
    System.arraycopy(even, 0, everybody, 0, BINS);
    Arrays.fill(beyondWeights, FIRST_BEYOND);
  }

  /** The bins. */
  public RunTimeScale scale() {
    return scale;
  }

  /** How many run times it has learned from. */
  public long labels() {
    return labels;
  }

  /** How many contexts it knows. */
  public int contexts() {
    return table.size();
  }

  /**
   * Predicts, and changes no later prediction.
   *
   * @param x features as {@code FeatureSchema.ofTasks} lays them out; not kept
   * @param limitSeconds the longest that the task is let run, above 0; infinite: no limit
   * @param distribution of the same scale; filled
   */
  public void predict(FeatureVector x, double limitSeconds, RunTimeDistribution distribution) {
    int last = lastBin(limitSeconds);
    RunTimeContext.keysOf(x, keys);
    look(x);
    mix(last, estimatedBin(x), distribution.probabilities);
    distribution.limit(limitSeconds);
  }

  /**
   * Learns from a task that ended by itself, or at its limit.
   *
   * @param x its features, as they were predicted from; not kept
   * @param limitSeconds as it was predicted with
   * @param runSeconds how long it ran, at least 0
   */
  public void learn(FeatureVector x, double limitSeconds, double runSeconds) {
    int last = lastBin(limitSeconds);
    int bin = scale.binOf(runSeconds);
    RunTimeContext.keysOf(x, keys);
    if (bin <= last) {
      look(x);
      int estimated = estimatedBin(x);
      mix(last, estimated, probabilities);
      learnWeights(bin, last);
      learnBeyond(bin, last, estimated);
    }
    for (int i = 0; i < parents.length; i++) {
      float[] parent = parents[i] < 0 ? even : slow[parents[i]];
      table.count(keys[i], bin, parent, slow[i]);
    }
    System.arraycopy(slow[ROOT], 0, everybody, 0, BINS);
    labels++;
  }

  private int lastBin(double limitSeconds) {
    if (!(limitSeconds > 0)) {
      throw new IllegalArgumentException("a limit of %s s".formatted(limitSeconds));
    }
    return limitSeconds == Double.POSITIVE_INFINITY ? BINS - 1 : scale.binOf(limitSeconds);
  }

  /** The bin that the submitter's estimate lies in; without one, the last. */
  private int estimatedBin(FeatureVector x) {
    double logSeconds = NumberFeature.ESTIMATE.of(x);
    return Double.isNaN(logSeconds)
        ? BINS - 1
        : scale.binOf(StrictMath.exp(logSeconds) * JUST_BELOW);
  }

  /** Finds for each context its slot, or that of the narrowest wider one that was seen. */
  private void look(FeatureVector x) {
    for (int i = 0; i < parents.length; i++) {
      int slot = table.find(keys[i]);
      int seen = 0;
      if (slot != RunTimeTable.ABSENT) {
        seen = table.labels(slot);
      } else if (parents[i] >= 0) {
        slot = slots[parents[i]];
      }
      slots[i] = slot;
      weightAt[i] = weightAt(i, seen);
    }
    own.read(x.runs(), everybody);
    for (int scope = 0; scope < OwnRunTimes.SCOPES; scope++) {
      int i = parents.length + scope;
      weightAt[i] = weightAt(i, own.labels(scope));
    }
  }

  private static int weightAt(int input, int seen) {
    int amount = Math.min(AMOUNTS - 1, Integer.SIZE - Integer.numberOfLeadingZeros(seen));
    return (input * AMOUNTS + amount) * 2;
  }

  private void mix(int last, int estimated, float[] result) {
    Arrays.fill(mixed, 0);
    for (int i = 0; i < parents.length; i++) {
      if (slots[i] != RunTimeTable.ABSENT) {
        table.readLogs(slots[i], logs, i * 2 * BINS);
        add(logs, i * 2 * BINS, weightAt[i]);
      }
    }
    for (int scope = 0; scope < OwnRunTimes.SCOPES; scope++) {
      add(own.logs(), OwnRunTimes.at(scope), weightAt[parents.length + scope]);
    }
    for (int bin = estimated + 1; bin <= last; bin++) {
      mixed[bin] += beyondWeights[estimated];
    }
    float most = Float.NEGATIVE_INFINITY;
    for (int bin = 0; bin <= last; bin++) {
      most = Math.max(most, mixed[bin]);
    }
    for (int bin = 0; bin <= last; bin++) {
      mixed[bin] -= most;
    }
    Logarithms.exp(mixed, shifts, last + 1);
    float total = 0;
    for (int bin = 0; bin <= last; bin++) {
      result[bin] = mixed[bin] + LEAST;
      total += result[bin];
    }
    for (int bin = 0; bin < BINS; bin++) {
      result[bin] = bin <= last ? result[bin] / total : 0;
    }
  }

  /** Adds what a table says: fast logarithms, and the slow ones after them. */
  private void add(float[] logs, int at, int weightAt) {
    float ofFast = weights[weightAt];
    float ofSlow = weights[weightAt + 1];
    for (int bin = 0; bin < BINS; bin++) {
      mixed[bin] += ofFast * logs[at + bin] + ofSlow * logs[at + BINS + bin];
    }
  }

  /**
   * One step down the gradient of the logarithmic loss: what a table said, less what was expected.
   */
  private void learnWeights(int bin, int last) {
    float rate = Math.max(LAST_RATE, FIRST_RATE / (1 + labels / HALF_RATE_AFTER));
    for (int i = 0; i < parents.length; i++) {
      if (slots[i] != RunTimeTable.ABSENT) {
        learnWeights(logs, i * 2 * BINS, weightAt[i], bin, last, rate);
      }
    }
    for (int scope = 0; scope < OwnRunTimes.SCOPES; scope++) {
      int at = OwnRunTimes.at(scope);
      learnWeights(own.logs(), at, weightAt[parents.length + scope], bin, last, rate);
    }
  }

  private void learnWeights(float[] logs, int at, int weightAt, int bin, int last, float rate) {
    float expectedFast = 0;
    float expectedSlow = 0;
    for (int b = 0; b <= last; b++) {
      expectedFast += probabilities[b] * logs[at + b];
      expectedSlow += probabilities[b] * logs[at + BINS + b];
    }
    weights[weightAt] += rate * (logs[at + bin] - expectedFast);
    weights[weightAt + 1] += rate * (logs[at + BINS + bin] - expectedSlow);
  }

  private void learnBeyond(int bin, int last, int estimated) {
    float gradient = bin > estimated ? 1 : 0;
    for (int b = estimated + 1; b <= last; b++) {
      gradient -= probabilities[b];
    }
    if (gradient != 0) {
      beyondSquares[estimated] += gradient * gradient;
      beyondWeights[estimated] +=
          BEYOND_STEP * gradient / (1 + (float) Math.sqrt(beyondSquares[estimated]));
    }
  }

  /** Everything it has learned, in a versioned layout. */
  public byte[] snapshot() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(MAGIC);
      out.writeByte(LAYOUT);
      writeScale(out);
      out.writeShort(parents.length);
      out.writeLong(labels);
      for (float weight : weights) {
        out.writeFloat(weight);
      }
      for (int i = 0; i < BINS; i++) {
        out.writeFloat(beyondWeights[i]);
        out.writeFloat(beyondSquares[i]);
      }
      for (float probability : everybody) {
        out.writeFloat(probability);
      }
      table.writeTo(out);
      CRC32 checksum = new CRC32();
      checksum.update(bytes.toByteArray());
      out.writeInt((int) checksum.getValue());
    } catch (IOException impossible) {
      throw new UncheckedIOException("Writing to memory failed", impossible);
    }
    return bytes.toByteArray();
  }

  private void writeScale(DataOutputStream out) throws IOException {
    for (int bin = 0; bin < BINS; bin++) {
      out.writeDouble(scale.upper(bin));
    }
  }

  /**
   * Becomes what {@code snapshot} was taken of. It must have been made with the same scale.
   *
   * @throws IllegalArgumentException if the snapshot is of something else, or damaged; the model is
   *     then as before
   */
  public void restore(byte[] snapshot) {
    int length = snapshot.length - CHECKSUM_BYTES;
    if (length < 0) {
      throw new IllegalArgumentException("A snapshot of %d bytes".formatted(snapshot.length));
    }
    CRC32 checksum = new CRC32();
    checksum.update(snapshot, 0, length);
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(snapshot));
        DataInputStream end =
            new DataInputStream(new ByteArrayInputStream(snapshot, length, CHECKSUM_BYTES))) {
      expect("checksum", (int) checksum.getValue(), end.readInt());
      expect("magic number", MAGIC, in.readInt());
      expect("layout", LAYOUT, in.readUnsignedByte());
      for (int bin = 0; bin < BINS; bin++) {
        expect("edge of a bin", scale.upper(bin), in.readDouble());
      }
      expect("number of contexts", parents.length, in.readUnsignedShort());
      long restoredLabels = in.readLong();
      float[] restoredWeights = new float[weights.length];
      for (int i = 0; i < restoredWeights.length; i++) {
        restoredWeights[i] = in.readFloat();
      }
      float[] restoredBeyond = new float[2 * BINS];
      for (int i = 0; i < restoredBeyond.length; i++) {
        restoredBeyond[i] = in.readFloat();
      }
      float[] restoredEverybody = new float[BINS];
      for (int i = 0; i < BINS; i++) {
        restoredEverybody[i] = in.readFloat();
      }
      RunTimeTable restoredTable = table.read(in);
      expect("rest", CHECKSUM_BYTES, in.available());
      labels = restoredLabels;
      System.arraycopy(restoredWeights, 0, weights, 0, weights.length);
      System.arraycopy(restoredEverybody, 0, everybody, 0, BINS);
      for (int i = 0; i < BINS; i++) {
        beyondWeights[i] = restoredBeyond[2 * i];
        beyondSquares[i] = restoredBeyond[2 * i + 1];
      }
      table = restoredTable;
    } catch (IOException e) {
      throw new IllegalArgumentException("Damaged snapshot of run times: " + e.getMessage(), e);
    }
  }

  private static void expect(String what, Object expected, Object found) {
    if (!expected.equals(found)) {
      throw new IllegalArgumentException(
          "Not a snapshot of these run times: %s is %s, should be %s"
              .formatted(what, found, expected));
    }
  }
}
