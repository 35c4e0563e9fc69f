package io.attentionflow.learning.runtime;

import io.attentionflow.learning.features.ComplexityScale;
import java.time.Duration;

/**
 * Run times cut into bins of about half an octave, with an edge at every class boundary.
 *
 * <p>Bin b holds what is longer than {@code upper(b - 1)} and at most {@code upper(b)} seconds; the
 * first holds all that is shorter, the last all that is longer. Since no bin lies across a class
 * boundary, a distribution over bins is also one over classes. Immutable.
 */
public final class RunTimeScale {

  /** How many bins there are. */
  public static final int BINS = 44;

  private static final double SHORTEST_SECONDS = 1;
  private static final double STEP = StrictMath.sqrt(2);

  // Below what it is made with.
  /** The four default classes, and about a month at the upper end. */
  public static final RunTimeScale DEFAULT = of(ComplexityScale.DEFAULT);

  private final double[] uppers = new double[BINS];
  private final double[] typicals = new double[BINS];
  private final double[] widths = new double[BINS];
  private final int[] classes = new int[BINS];
  private final int classCount;

  private RunTimeScale(double[] boundaries) {
    int bin = 0;
    double from = SHORTEST_SECONDS;
    for (double boundary : boundaries) {
      double ratio = boundary / from;
      int steps = (int) Math.max(1, Math.rint(StrictMath.log(ratio) / StrictMath.log(STEP)));
      if (bin + steps >= BINS) {
        throw new IllegalArgumentException(
            "A class boundary at %s s is beyond %d bins".formatted(boundary, BINS));
      }
      for (int i = 1; i < steps; i++) {
        uppers[bin++] = from * StrictMath.pow(ratio, (double) i / steps);
      }
      uppers[bin++] = boundary;
      from = boundary;
    }
    for (; bin < BINS; bin++) {
      uppers[bin] = uppers[bin - 1] * STEP;
    }
    for (int i = 0; i < BINS; i++) {
      widths[i] = StrictMath.log(uppers[i] / Math.max(SHORTEST_SECONDS, lower(i)));
      typicals[i] = i == 0 ? uppers[0] : StrictMath.sqrt(uppers[i - 1] * uppers[i]);
      while (classes[i] < boundaries.length && uppers[i] > boundaries[classes[i]]) {
        classes[i]++;
      }
    }
    classCount = boundaries.length + 1;
  }

  /**
   * Bins for these classes.
   *
   * @param scale classes by run time, the first bounded by more than a second
   * @throws IllegalArgumentException if the classes are not by run time, or need too many bins
   */
  public static RunTimeScale of(ComplexityScale scale) {
    if (scale.measure() != ComplexityScale.Measure.RUN_TIME) {
      throw new IllegalArgumentException("Classes by " + scale.measure() + ", not by run time");
    }
    double[] boundaries = new double[scale.upperBounds().size()];
    for (int i = 0; i < boundaries.length; i++) {
      boundaries[i] = seconds(scale.upperBounds().get(i));
      if (boundaries[i] <= SHORTEST_SECONDS) {
        throw new IllegalArgumentException("A class ends at %s s".formatted(boundaries[i]));
      }
    }
    return new RunTimeScale(boundaries);
  }

  /** Whether {@link #of} makes bins for these classes. */
  public static boolean suits(ComplexityScale scale) {
    try {
      of(scale);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  /** The bin of a run time. */
  public int binOf(double seconds) {
    int low = 0;
    int high = BINS - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (seconds <= uppers[middle]) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Where a bin starts, seconds; 0 for the first. */
  public double lower(int bin) {
    return bin == 0 ? 0 : uppers[bin - 1];
  }

  /** The longest run time of a bin, seconds; the last bin also holds what is longer. */
  public double upper(int bin) {
    return uppers[bin];
  }

  /** A run time in the middle of a bin, seconds. */
  double typical(int bin) {
    return typicals[bin];
  }

  /** Natural logarithm of how many times as long its longest run time is as its shortest. */
  double width(int bin) {
    return widths[bin];
  }

  /** The class of all run times of a bin. */
  public int classOf(int bin) {
    return classes[bin];
  }

  /** How many classes there are. */
  public int classCount() {
    return classCount;
  }
}
