package io.attentionflow.learning.runtime;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * What run times were seen in each of many contexts: decayed counts of bins, with a fast and a slow
 * decay, and the logarithms of the probabilities that follow.
 *
 * <p>The logarithms are worked out when a context is counted and not when it is asked for: there
 * are several predictions for each label, since what waits is predicted again and again.
 *
 * <p>A hash table of buckets of {@value #WAYS}. It grows up to its bound; from then on a new
 * context takes the place of the one in its bucket that was not counted for longest. {@value
 * #BYTES_PER_CONTEXT} bytes a context. Finding takes constant time and allocates nothing.
 * Deterministic. Not thread-safe.
 */
final class RunTimeTable {

  /** No such context. */
  static final int ABSENT = -1;

  /** Bytes of the heap that one context takes. */
  static final int BYTES_PER_CONTEXT = 2 * RunTimeScale.BINS * (Float.BYTES + 1) + 24;

  /** What a step of a coded logarithm stands for. */
  static final float LOG_STEP = -1 / 16f;

  private static final int LAST_CODE = 255;

  /** What each code stands for. */
  private static final float[] LOGS = logs();

  private static final int BINS = RunTimeScale.BINS;
  private static final int WAYS = 8;
  static final float FAST_DECAY = 0.75f;
  static final float SLOW_DECAY = 0.99f;

  /** Of a label, this much counts for each neighbour of its bin. */
  private static final float NEIGHBOUR = 0.05f;

  /** Weight of the parent context, in labels. */
  private static final float PARENT = 2;

  /** Nothing is impossible. */
  private static final float LEAST = 1e-5f;

  /** A count that has become less is none. */
  private static final float NO_COUNT = 1e-3f;

  private final int largestCapacity;
  private long[] contexts;
  private int[] countedAt;
  private int[] labels;

  /** For each context: fast counts, slow counts. */
  private float[] counts;

  private float[] fastTotals;
  private float[] slowTotals;

  /** For each context: logarithms of the fast, then of the slow probabilities, coded. */
  private byte[] logs;

  private int size;
  private int clock;

  /**
   * @param largestCapacity how many contexts it keeps at most, rounded up to a power of two
   */
  RunTimeTable(int largestCapacity) {
    this(Math.max(WAYS, Integer.highestOneBit(largestCapacity * 2 - 1)), WAYS);
  }

  private RunTimeTable(int largestCapacity, int capacity) {
    this.largestCapacity = largestCapacity;
    contexts = new long[capacity];
    countedAt = new int[capacity];
    labels = new int[capacity];
    counts = new float[capacity * 2 * BINS];
    fastTotals = new float[capacity];
    slowTotals = new float[capacity];
    logs = new byte[capacity * 2 * BINS];
  }

  private static float[] logs() {
    float[] logs = new float[LAST_CODE + 1];
    for (int code = 0; code < logs.length; code++) {
      logs[code] = code * LOG_STEP;
    }
    return logs;
  }

  int size() {
    return size;
  }

  /**
   * Finds a context.
   *
   * @param context its key, not 0
   * @return its slot, good until the next {@link #count}; or {@link #ABSENT}
   */
  int find(long context) {
    int start = bucketOf(context);
    for (int slot = start; slot < start + WAYS; slot++) {
      if (contexts[slot] == context) {
        return slot;
      }
    }
    return ABSENT;
  }

  /** How many labels a context has seen. */
  int labels(int slot) {
    return labels[slot];
  }

  /**
   * Reads the logarithms of a slot's probabilities.
   *
   * @param to filled with the fast ones, and after them the slow ones, from {@code at} on
   */
  void readLogs(int slot, float[] to, int at) {
    int from = slot * 2 * BINS;
    for (int i = 0; i < 2 * BINS; i++) {
      to[at + i] = LOGS[logs[from + i] & LAST_CODE];
    }
  }

  /**
   * Counts a run time in a context.
   *
   * @param context its key, not 0
   * @param bin of the run time
   * @param parent slow probabilities of the wider context, now
   * @param slow filled with the slow probabilities of this one
   */
  void count(long context, int bin, float[] parent, float[] slow) {
    int slot = findOrClaim(context);
    countedAt[slot] = ++clock;
    labels[slot]++;
    int fastAt = slot * 2 * BINS;
    int slowAt = fastAt + BINS;
    for (int i = 0; i < BINS; i++) {
      counts[fastAt + i] = decayed(counts[fastAt + i], FAST_DECAY);
      counts[slowAt + i] = decayed(counts[slowAt + i], SLOW_DECAY);
    }
    add(counts, fastAt, bin, 1);
    add(counts, slowAt, bin, 1);
    fastTotals[slot] = fastTotals[slot] * FAST_DECAY + 1;
    slowTotals[slot] = slowTotals[slot] * SLOW_DECAY + 1;
    float ofFast = normalizer(fastTotals[slot]);
    float ofSlow = normalizer(slowTotals[slot]);
    for (int i = 0; i < BINS; i++) {
      float before = before(parent[i]);
      slow[i] = (counts[slowAt + i] + before) * ofSlow;
      logs[fastAt + i] = code(Logarithms.log((counts[fastAt + i] + before) * ofFast));
      logs[slowAt + i] = code(Logarithms.log(slow[i]));
    }
  }

  private static float decayed(float count, float decay) {
    float left = count * decay;
    return left < NO_COUNT ? 0 : left;
  }

  private static byte code(float log) {
    return (byte) Math.max(0, Math.min(LAST_CODE, Math.round(log / LOG_STEP)));
  }

  /** Counts a run time and, a little, the bins beside its own. */
  static void add(float[] counts, int at, int bin, float weight) {
    counts[at + bin] += weight * (1 - 2 * NEIGHBOUR);
    counts[at + Math.max(0, bin - 1)] += weight * NEIGHBOUR;
    counts[at + Math.min(BINS - 1, bin + 1)] += weight * NEIGHBOUR;
  }

  /** What is counted for a bin before anything is, by what the wider context says. */
  static float before(float parent) {
    return parent * PARENT + LEAST;
  }

  /** What a count and what was before it are to be multiplied by to be a probability. */
  static float normalizer(float total) {
    return 1 / (total + PARENT + BINS * LEAST);
  }

  private int findOrClaim(long context) {
    int found = find(context);
    if (found != ABSENT) {
      return found;
    }
    while (true) {
      int start = bucketOf(context);
      int oldest = start;
      for (int slot = start; slot < start + WAYS; slot++) {
        if (contexts[slot] == 0) {
          contexts[slot] = context;
          size++;
          return slot;
        }
        // By the difference: the clock counts beyond its end within days of a busy pipeline.
        if (countedAt[slot] - countedAt[oldest] < 0) {
          oldest = slot;
        }
      }
      if (contexts.length >= largestCapacity || size * 2 < contexts.length) {
        contexts[oldest] = context;
        labels[oldest] = 0;
        fastTotals[oldest] = 0;
        slowTotals[oldest] = 0;
        Arrays.fill(counts, oldest * 2 * BINS, (oldest + 1) * 2 * BINS, 0);
        return oldest;
      }
      grow();
    }
  }

  /** Doubles the buckets: what was in bucket b goes to b or to b + as many as there were. */
  private void grow() {
    RunTimeTable larger = new RunTimeTable(largestCapacity, contexts.length * 2);
    for (int slot = 0; slot < contexts.length; slot++) {
      if (contexts[slot] != 0) {
        int to = larger.freeSlot(contexts[slot]);
        larger.contexts[to] = contexts[slot];
        larger.countedAt[to] = countedAt[slot];
        larger.labels[to] = labels[slot];
        larger.fastTotals[to] = fastTotals[slot];
        larger.slowTotals[to] = slowTotals[slot];
        System.arraycopy(counts, slot * 2 * BINS, larger.counts, to * 2 * BINS, 2 * BINS);
        System.arraycopy(logs, slot * 2 * BINS, larger.logs, to * 2 * BINS, 2 * BINS);
      }
    }
    contexts = larger.contexts;
    countedAt = larger.countedAt;
    labels = larger.labels;
    counts = larger.counts;
    fastTotals = larger.fastTotals;
    slowTotals = larger.slowTotals;
    logs = larger.logs;
  }

  private int freeSlot(long context) {
    int slot = bucketOf(context);
    while (contexts[slot] != 0) {
      slot++;
    }
    return slot;
  }

  private int bucketOf(long context) {
    return (int) (context ^ (context >>> 32)) & (contexts.length - 1) & -WAYS;
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeInt(largestCapacity);
    out.writeInt(contexts.length);
    out.writeInt(size);
    out.writeInt(clock);
    for (int slot = 0; slot < contexts.length; slot++) {
      if (contexts[slot] != 0) {
        out.writeInt(slot);
        out.writeLong(contexts[slot]);
        out.writeInt(countedAt[slot]);
        out.writeInt(labels[slot]);
        out.writeFloat(fastTotals[slot]);
        out.writeFloat(slowTotals[slot]);
        SparseFloats.write(counts, slot * 2 * BINS, 2 * BINS, out);
        out.write(logs, slot * 2 * BINS, 2 * BINS);
      }
    }
  }

  /**
   * Reads what {@link #writeTo} wrote of a table that may be as large.
   *
   * @return another table; this one is left as it is
   * @throws IOException if it cannot be right
   */
  RunTimeTable read(DataInput in) throws IOException {
    int writtenLargest = in.readInt();
    int capacity = in.readInt();
    int size = in.readInt();
    if (writtenLargest != largestCapacity
        || capacity < WAYS
        || capacity > largestCapacity
        || Integer.bitCount(capacity) != 1
        || size < 0
        || size > capacity) {
      throw new IOException(
          "Not a table of run times of at most %d contexts: %d of %d, at most %d"
              .formatted(largestCapacity, size, capacity, writtenLargest));
    }
    RunTimeTable table = new RunTimeTable(largestCapacity, capacity);
    table.size = size;
    table.clock = in.readInt();
    for (int n = 0; n < size; n++) {
      int slot = in.readInt();
      if (slot < 0 || slot >= capacity) {
        throw new IOException("Slot %d of a table of %d".formatted(slot, capacity));
      }
      table.contexts[slot] = in.readLong();
      table.countedAt[slot] = in.readInt();
      table.labels[slot] = in.readInt();
      table.fastTotals[slot] = in.readFloat();
      table.slowTotals[slot] = in.readFloat();
      SparseFloats.read(table.counts, slot * 2 * BINS, 2 * BINS, in);
      in.readFully(table.logs, slot * 2 * BINS, 2 * BINS);
    }
    return table;
  }
}
