package io.attentionflow.learning.drift;

import java.util.ArrayList;
import java.util.List;

/** The same window, kept as the numbers themselves, and everything computed anew every time. */
final class PlainAdwin {

  private final double delta;

  /** Oldest first. */
  private final List<List<Double>> buckets = new ArrayList<>();

  private long added;

  PlainAdwin(double delta) {
    this.delta = delta;
  }

  Adwin.Change add(double value) {
    buckets.add(new ArrayList<>(List.of(value)));
    for (int size = 1; merge(size); size *= 2) {
      // Merging two of one size may leave one too many of the next.
    }
    added++;
    if (added % Adwin.CHECK_EVERY != 0) {
      return Adwin.Change.NONE;
    }
    double before = mean();
    boolean cut = false;
    while (partsDiffer()) {
      buckets.remove(0);
      cut = true;
    }
    if (!cut) {
      return Adwin.Change.NONE;
    }
    return mean() > before ? Adwin.Change.ROSE : Adwin.Change.FELL;
  }

  private boolean merge(int size) {
    List<Integer> ofSize = new ArrayList<>();
    for (int i = 0; i < buckets.size(); i++) {
      if (buckets.get(i).size() == size) {
        ofSize.add(i);
      }
    }
    if (ofSize.size() <= Adwin.ROW_LENGTH) {
      return false;
    }
    buckets.get(ofSize.get(0)).addAll(buckets.remove((int) ofSize.get(1)));
    return true;
  }

  private boolean partsDiffer() {
    List<Double> all = numbers();
    double confidence = Math.log(2 * Math.log(all.size()) / delta);
    int older = 0;
    for (List<Double> bucket : buckets) {
      older += bucket.size();
      int newer = all.size() - older;
      if (older < Adwin.SHORTEST_PART || newer < Adwin.SHORTEST_PART) {
        continue;
      }
      double apart = Math.abs(mean(all.subList(0, older)) - mean(all.subList(older, all.size())));
      if (apart > Adwin.bound(older, newer, variance(all), confidence)) {
        return true;
      }
    }
    return false;
  }

  double mean() {
    return mean(numbers());
  }

  int width() {
    return numbers().size();
  }

  private List<Double> numbers() {
    return buckets.stream().flatMap(List::stream).toList();
  }

  private static double mean(List<Double> numbers) {
    return numbers.stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }

  private static double variance(List<Double> numbers) {
    double mean = mean(numbers);
    return numbers.stream().mapToDouble(x -> (x - mean) * (x - mean)).average().orElse(0);
  }
}
