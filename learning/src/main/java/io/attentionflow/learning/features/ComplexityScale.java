package io.attentionflow.learning.features;

import java.time.Duration;
import java.util.List;

/**
 * What makes a task light or heavy: classes by what it really cost, in ascending order.
 *
 * @param names names of the classes, lightest first, at least 2 and at most {@link #MOST_CLASSES},
 *     none of them blank or with a slash, which stands between pool and class where both are a key
 * @param upperBounds the most that still belongs to each class but the last, ascending, in what a
 *     long of milliseconds can hold; one fewer than the names
 * @param measure what is compared with the bounds
 */
public record ComplexityScale(List<String> names, List<Duration> upperBounds, Measure measure) {

  /** What a task's cost is measured in. */
  public enum Measure {
    /** How long it ran. */
    RUN_TIME,
    /** How long it ran, times the cores it asked for. */
    CORE_SECONDS
  }

  /** Most classes that a scale can have. */
  public static final int MOST_CLASSES = 32;

  /** LIGHT up to 60 s, MODERATE up to 10 min, HEAVY up to 2 h, EXTREME beyond; by run time. */
  public static final ComplexityScale DEFAULT =
      new ComplexityScale(
          List.of("LIGHT", "MODERATE", "HEAVY", "EXTREME"),
          List.of(Duration.ofSeconds(60), Duration.ofMinutes(10), Duration.ofHours(2)),
          Measure.RUN_TIME);

  public ComplexityScale {
    names = List.copyOf(names);
    upperBounds = List.copyOf(upperBounds);
    if (names.size() < 2 || names.size() > MOST_CLASSES) {
      throw new IllegalArgumentException(
          "%d classes; 2 to %d are possible".formatted(names.size(), MOST_CLASSES));
    }
    if (names.stream().distinct().count() != names.size()) {
      throw new IllegalArgumentException("A class is named twice in " + names);
    }
    for (String name : names) {
      if (name.isBlank() || name.contains("/")) {
        throw new IllegalArgumentException(
            "A class is named '%s': a name is not blank and has no slash".formatted(name));
      }
    }
    if (upperBounds.size() != names.size() - 1) {
      throw new IllegalArgumentException(
          "%d classes need %d upper bounds, not %d"
              .formatted(names.size(), names.size() - 1, upperBounds.size()));
    }
    Duration below = Duration.ZERO;
    for (Duration bound : upperBounds) {
      if (bound.compareTo(below) <= 0) {
        throw new IllegalArgumentException("Upper bounds do not ascend: " + upperBounds);
      }
      below = bound;
    }
    if (below.compareTo(Duration.ofMillis(Long.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException("An upper bound is too long: " + below);
    }
  }

  /** How many classes there are. */
  public int classes() {
    return names.size();
  }

  /**
   * The class of what a task cost.
   *
   * @param durationMillis its run time, not negative
   * @param cpuMillis thousandths of a core it asked for; counts only in core-seconds
   * @return from 0, an index into {@link #names()}
   */
  public int classOf(long durationMillis, long cpuMillis) {
    double cost =
        measure == Measure.RUN_TIME ? durationMillis : durationMillis * (cpuMillis / 1000.0);
    int label = 0;
    while (label < upperBounds.size() && cost > upperBounds.get(label).toMillis()) {
      label++;
    }
    return label;
  }
}
