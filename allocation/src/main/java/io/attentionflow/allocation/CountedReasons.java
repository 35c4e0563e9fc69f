package io.attentionflow.allocation;

import java.util.AbstractMap;
import java.util.Collections;
import java.util.Comparator;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How many nodes said no, by reason, as a map that is not changed any more: a few numbers until
 * somebody looks into it, since one is made for every decision and most are never read.
 */
@SuppressWarnings("JdkObsolete") // It is the type of what a decision carries.
final class CountedReasons extends AbstractMap<Reason, Integer>
    implements SortedMap<Reason, Integer> {

  private static final Reason[] REASONS = Reason.values();

  /** A reason's place among all, and how many said so; in order, and so on. */
  private final int[] pairs;

  /** Of the counts of all reasons those that are above 0. */
  CountedReasons(int[] counts) {
    int some = 0;
    for (int count : counts) {
      some += count > 0 ? 1 : 0;
    }
    pairs = new int[2 * some];
    int at = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        pairs[at++] = i;
        pairs[at++] = counts[i];
      }
    }
  }

  private SortedMap<Reason, Integer> sorted() {
    SortedMap<Reason, Integer> sorted = new TreeMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      sorted.put(REASONS[pairs[i]], pairs[i + 1]);
    }
    return Collections.unmodifiableSortedMap(sorted);
  }

  @Override
  public int size() {
    return pairs.length / 2;
  }

  @Override
  public Set<Entry<Reason, Integer>> entrySet() {
    return sorted().entrySet();
  }

  @Override
  public @Nullable Comparator<? super Reason> comparator() {
    return null;
  }

  @Override
  public SortedMap<Reason, Integer> subMap(Reason from, Reason to) {
    return sorted().subMap(from, to);
  }

  @Override
  public SortedMap<Reason, Integer> headMap(Reason to) {
    return sorted().headMap(to);
  }

  @Override
  public SortedMap<Reason, Integer> tailMap(Reason from) {
    return sorted().tailMap(from);
  }

  @Override
  public Reason firstKey() {
    return sorted().firstKey();
  }

  @Override
  public Reason lastKey() {
    return sorted().lastKey();
  }
}
