package io.attentionflow.jobs.layout;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Texts that have the same hash, as keys of a {@link Page}. */
public final class SameHash {

  /** Among so many there are some: about a dozen pairs. */
  private static final int TRIED = 300_000;

  /** Pairs of them. */
  public static final List<List<String>> PAIRS = pairs();

  private SameHash() {}

  private static List<List<String>> pairs() {
    List<List<String>> pairs = new ArrayList<>();
    Map<Integer, String> byHash = new HashMap<>();
    for (int i = 0; i < TRIED; i++) {
      // Texts that follow each other have other hashes, all of them.
      String text = Long.toString(i * 0x9e3779b97f4a7c15L, Character.MAX_RADIX);
      String other = byHash.put(Page.Key.of(text).hash(), text);
      if (other != null) {
        pairs.add(List.of(other, text));
      }
    }
    return pairs;
  }
}
