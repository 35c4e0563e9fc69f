package io.attentionflow.allocation.demand;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * How often values of each size came, for quantiles with a bounded relative error.
 *
 * <p>Source: C. Masson, J. E. Rim, H. K. Lee, "DDSketch: a fast and fully-mergeable quantile sketch
 * with relative-error guarantees", PVLDB 12(12), 2019. Differs from it in the buckets: each power
 * of two is cut into 64 equal parts, as in G. Tene's HdrHistogram, so that a bucket is found by
 * shifting and not by a logarithm, values below 128 are exact, and two machines always agree; and
 * no buckets are ever collapsed, since there are 3,712 at most. A quantile is off by at most 1/128
 * of itself.
 *
 * <p>Values can be taken out again, which is exact. Takes 12 bytes for each bucket in use, and
 * O(log buckets) time for a value in a known bucket. Not thread-safe.
 */
final class LogHistogram {

  private static final int SUB_BUCKET_BITS = 6;

  private int[] buckets = {};
  private long[] counts = {};
  private int size;
  private long total;

  /**
   * Counts a value.
   *
   * @param value at least 0
   */
  void add(long value) {
    addToBucket(bucketOf(value), 1);
  }

  /** Counts all that the other one counted. */
  void addAll(LogHistogram other) {
    for (int i = 0; i < other.size; i++) {
      addToBucket(other.buckets[i], other.counts[i]);
    }
  }

  /**
   * Takes out all that the other one counted.
   *
   * @throws IllegalStateException if it was not counted here
   */
  void removeAll(LogHistogram other) {
    for (int i = 0; i < other.size; i++) {
      addToBucket(other.buckets[i], -other.counts[i]);
    }
  }

  /**
   * The smallest value that at least this fraction of the values does not exceed.
   *
   * @param fraction above 0, at most 1
   * @return within 1/128 of it; 0 if nothing was counted
   */
  double quantile(double fraction) {
    long rank = (long) Math.ceil(fraction * total);
    long seen = 0;
    for (int i = 0; i < size; i++) {
      seen += counts[i];
      if (seen >= rank) {
        return middleOf(buckets[i]);
      }
    }
    return 0;
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeInt(size);
    for (int i = 0; i < size; i++) {
      out.writeInt(buckets[i]);
      out.writeLong(counts[i]);
    }
  }

  static LogHistogram readFrom(DataInput in) throws IOException {
    var histogram = new LogHistogram();
    int size = in.readInt();
    for (int i = 0; i < size; i++) {
      histogram.addToBucket(in.readInt(), in.readLong());
    }
    return histogram;
  }

  private void addToBucket(int bucket, long count) {
    int at = Arrays.binarySearch(buckets, 0, size, bucket);
    if (at < 0) {
      at = -at - 1;
      insert(at, bucket);
    }
    counts[at] += count;
    total += count;
    if (counts[at] < 0) {
      throw new IllegalStateException("%d values in bucket %d".formatted(counts[at], bucket));
    }
    if (counts[at] == 0) {
      remove(at);
    }
  }

  private void insert(int at, int bucket) {
    if (size == buckets.length) {
      int capacity = Math.max(4, size * 2);
      buckets = Arrays.copyOf(buckets, capacity);
      counts = Arrays.copyOf(counts, capacity);
    }
    System.arraycopy(buckets, at, buckets, at + 1, size - at);
    System.arraycopy(counts, at, counts, at + 1, size - at);
    buckets[at] = bucket;
    counts[at] = 0;
    size++;
  }

  private void remove(int at) {
    size--;
    System.arraycopy(buckets, at + 1, buckets, at, size - at);
    System.arraycopy(counts, at + 1, counts, at, size - at);
  }

  /** Its top seven bits, and how far they were shifted down. */
  private static int bucketOf(long value) {
    if (value < 0) {
      throw new IllegalArgumentException("value " + value);
    }
    int highestBit = Long.SIZE - 1 - Long.numberOfLeadingZeros(value | 1);
    int shift = Math.max(0, highestBit - SUB_BUCKET_BITS);
    return (shift << SUB_BUCKET_BITS) + (int) (value >>> shift);
  }

  private static double middleOf(int bucket) {
    int shift = Math.max(0, (bucket >> SUB_BUCKET_BITS) - 1);
    double lowest = (double) (bucket - (shift << SUB_BUCKET_BITS)) * (1L << shift);
    return lowest + ((1L << shift) - 1) / 2.0;
  }
}
