package io.attentionflow.allocation;

import java.time.Duration;

/**
 * When a task that runs is moved to another node, where it begins anew.
 *
 * @param draining whether nodes that drain are emptied
 * @param overloaded whose tasks are moved off nodes that have more in use than they should bear
 * @param overloadAbove the part of a resource in use, as the node reports it, that it should bear;
 *     above 0; 1 is all of it
 * @param overloadFor a node is overloaded once it has reported more for so long
 * @param interval between two looks at what may be moved, above 0
 * @param mostPerInterval so many tasks are moved in one look, at least 0; 0: none ever is
 * @param coolDown a task that was moved is not moved again for so long
 * @param loopWindow a task is not moved back, off an overloaded node, to one that it was moved off,
 *     for so long
 * @param overhead what it takes to begin again, besides the run time that is lost
 * @param gainFactor so many times the cost must be gained by a move, at least 1
 * @param drainGrace a node that drains is emptied after so long whatever it costs
 */
public record MovePolicy(
    boolean draining,
    Displaceable overloaded,
    double overloadAbove,
    Duration overloadFor,
    Duration interval,
    int mostPerInterval,
    Duration coolDown,
    Duration loopWindow,
    Duration overhead,
    double gainFactor,
    Duration drainGrace) {

  /** The largest {@code overloadAbove} and {@code gainFactor}. */
  public static final double MOST = 1e6;

  /** The least part in use that may count as overload. */
  public static final double LEAST_OVERLOAD = 1e-3;

  public MovePolicy {
    if (!(overloadAbove >= LEAST_OVERLOAD && overloadAbove <= MOST)) {
      throw new IllegalArgumentException("overloadAbove is " + overloadAbove);
    }
    if (!(gainFactor >= 1 && gainFactor <= MOST)) {
      throw new IllegalArgumentException("gainFactor is " + gainFactor);
    }
    if (mostPerInterval < 0) {
      throw new IllegalArgumentException("mostPerInterval is %d".formatted(mostPerInterval));
    }
    check("overloadFor", overloadFor);
    check("interval", interval);
    check("coolDown", coolDown);
    check("loopWindow", loopWindow);
    check("overhead", overhead);
    check("drainGrace", drainGrace);
    if (interval.isZero()) {
      throw new IllegalArgumentException("interval is zero");
    }
  }

  private static void check(String name, Duration duration) {
    if (duration.isNegative() || duration.compareTo(PoolPolicy.FOR_EVER) > 0) {
      throw new IllegalArgumentException("%s is %s".formatted(name, duration));
    }
  }

  /** Empties draining nodes within an hour; spares but those who asked for no more than that. */
  public static MovePolicy defaults() {
    return new MovePolicy(
        true,
        Displaceable.BEST_EFFORT,
        1.0,
        Duration.ofMinutes(2),
        Duration.ofSeconds(30),
        10,
        Duration.ofMinutes(10),
        Duration.ofHours(1),
        Duration.ofSeconds(10),
        1.5,
        Duration.ofHours(1));
  }
}
