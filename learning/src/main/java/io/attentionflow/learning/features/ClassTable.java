package io.attentionflow.learning.features;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * How often each class followed in each of many contexts, counted twice: with a fast and with a
 * slow decay.
 *
 * <p>A hash table of buckets of {@value #WAYS}. It grows up to its bound; from then on a new
 * context takes the place of the one in its bucket that was not counted for longest. Finding takes
 * constant time and allocates nothing. Deterministic. Not thread-safe.
 */
public final class ClassTable {

  /** What is left of a count when the next label comes in the same context. */
  public static final float FAST_DECAY = 0.8f;

  public static final float SLOW_DECAY = 0.995f;

  /** No such context. */
  public static final int ABSENT = -1;

  private static final int WAYS = 8;

  private final int classes;
  private final int largestCapacity;
  private long[] contexts;
  private int[] countedAt;
  private float[] counts;
  private int size;
  private int clock;

  /**
   * @param classes how many classes, at least 2
   * @param largestCapacity how many contexts it keeps at most, rounded up to a power of two
   */
  public ClassTable(int classes, int largestCapacity) {
    this.classes = classes;
    this.largestCapacity = Math.max(WAYS, Integer.highestOneBit(largestCapacity * 2 - 1));
    this.contexts = new long[WAYS];
    this.countedAt = new int[WAYS];
    this.counts = new float[WAYS * 2 * classes];
  }

  private ClassTable(ClassTable other) {
    classes = other.classes;
    largestCapacity = other.largestCapacity;
    contexts = other.contexts.clone();
    countedAt = other.countedAt.clone();
    counts = other.counts.clone();
    size = other.size;
    clock = other.clock;
  }

  /** A copy that shares nothing with this one. */
  public ClassTable copy() {
    return new ClassTable(this);
  }

  /** How many contexts it knows. */
  public int size() {
    return size;
  }

  /** How many contexts it keeps at most. */
  public int largestCapacity() {
    return largestCapacity;
  }

  /**
   * Finds a context.
   *
   * @param context its key, not 0
   * @return its slot, good until the next {@link #count}; or {@link #ABSENT}
   */
  public int find(long context) {
    int start = bucketOf(context);
    for (int slot = start; slot < start + WAYS; slot++) {
      if (contexts[slot] == context) {
        return slot;
      }
    }
    return ABSENT;
  }

  /** Decayed count of a class, recent labels only, from 0 to 1 / (1 - FAST_DECAY). */
  public float fast(int slot, int label) {
    return counts[slot * 2 * classes + label];
  }

  /** Decayed count of a class over a longer time, from 0 to 1 / (1 - SLOW_DECAY). */
  public float slow(int slot, int label) {
    return counts[(slot * 2 + 1) * classes + label];
  }

  /**
   * Codes all counts of a context by {@link Evidence}: the fast ones of the classes, then the slow
   * ones.
   *
   * @param codes filled from {@code at} on with twice as many codes as there are classes
   */
  public void encode(int slot, byte[] codes, int at) {
    int from = slot * 2 * classes;
    for (int i = 0; i < 2 * classes; i++) {
      codes[at + i] = Evidence.encode(counts[from + i]);
    }
  }

  /**
   * Counts a label in a context.
   *
   * @param context its key, not 0
   * @param label index of the class
   * @param weight how much it counts, above 0
   */
  public void count(long context, int label, float weight) {
    int slot = findOrClaim(context);
    countedAt[slot] = ++clock;
    int base = slot * 2 * classes;
    for (int i = 0; i < classes; i++) {
      counts[base + i] *= FAST_DECAY;
      counts[base + classes + i] *= SLOW_DECAY;
    }
    counts[base + label] += weight;
    counts[base + classes + label] += weight;
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
      if (contexts.length >= largestCapacity) {
        contexts[oldest] = context;
        Arrays.fill(counts, oldest * 2 * classes, (oldest + 1) * 2 * classes, 0);
        return oldest;
      }
      grow();
    }
  }

  /** Doubles the buckets: what was in bucket b goes to b or to b + as many as there were. */
  private void grow() {
    ClassTable larger = new ClassTable(classes, largestCapacity);
    int capacity = contexts.length * 2;
    larger.contexts = new long[capacity];
    larger.countedAt = new int[capacity];
    larger.counts = new float[capacity * 2 * classes];
    for (int slot = 0; slot < contexts.length; slot++) {
      if (contexts[slot] != 0) {
        int to = larger.freeSlot(contexts[slot]);
        larger.contexts[to] = contexts[slot];
        larger.countedAt[to] = countedAt[slot];
        System.arraycopy(counts, slot * 2 * classes, larger.counts, to * 2 * classes, 2 * classes);
      }
    }
    contexts = larger.contexts;
    countedAt = larger.countedAt;
    counts = larger.counts;
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

  /** Writes it, to be read by {@link #readFrom}. */
  public void writeTo(DataOutput out) throws IOException {
    out.writeInt(classes);
    out.writeInt(largestCapacity);
    out.writeInt(contexts.length);
    out.writeInt(size);
    out.writeInt(clock);
    for (int slot = 0; slot < contexts.length; slot++) {
      if (contexts[slot] != 0) {
        out.writeInt(slot);
        out.writeLong(contexts[slot]);
        out.writeInt(countedAt[slot]);
        for (int i = slot * 2 * classes; i < (slot + 1) * 2 * classes; i++) {
          out.writeFloat(counts[i]);
        }
      }
    }
  }

  /**
   * Reads what {@link #writeTo} wrote.
   *
   * @throws IOException if it cannot be right
   */
  public static ClassTable readFrom(DataInput in) throws IOException {
    int classes = in.readInt();
    int largestCapacity = in.readInt();
    if (classes < 2 || classes > 1024) {
      throw new IOException("A table of %d classes".formatted(classes));
    }
    return readContexts(in, classes, largestCapacity);
  }

  /**
   * Reads what {@link #writeTo} wrote of a table of the same classes that may be as large as this;
   * for what comes from elsewhere, and could ask for any amount of memory.
   *
   * @return another table; this one is left as it is
   * @throws IOException if it cannot be right
   */
  public ClassTable read(DataInput in) throws IOException {
    int writtenClasses = in.readInt();
    int writtenCapacity = in.readInt();
    if (writtenClasses != classes || writtenCapacity != largestCapacity) {
      throw new IOException(
          "A table of %d classes and at most %d contexts, not of %d and %d"
              .formatted(writtenClasses, writtenCapacity, classes, largestCapacity));
    }
    return readContexts(in, classes, largestCapacity);
  }

  private static ClassTable readContexts(DataInput in, int classes, int largestCapacity)
      throws IOException {
    int capacity = in.readInt();
    int size = in.readInt();
    if (capacity < WAYS
        || capacity > largestCapacity
        || Integer.bitCount(capacity) != 1
        || size < 0
        || size > capacity) {
      throw new IOException(
          "Not a table of classes: %d of %d contexts, at most %d"
              .formatted(size, capacity, largestCapacity));
    }
    ClassTable table = new ClassTable(classes, largestCapacity);
    table.contexts = new long[capacity];
    table.countedAt = new int[capacity];
    table.counts = new float[capacity * 2 * classes];
    table.size = size;
    table.clock = in.readInt();
    for (int i = 0; i < size; i++) {
      int slot = in.readInt();
      if (slot < 0 || slot >= capacity) {
        throw new IOException("Slot %d of a table of %d".formatted(slot, capacity));
      }
      table.contexts[slot] = in.readLong();
      table.countedAt[slot] = in.readInt();
      for (int j = slot * 2 * classes; j < (slot + 1) * 2 * classes; j++) {
        table.counts[j] = in.readFloat();
      }
    }
    return table;
  }
}
