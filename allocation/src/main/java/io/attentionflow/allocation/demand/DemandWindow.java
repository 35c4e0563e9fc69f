package io.attentionflow.allocation.demand;

import java.time.Duration;

/**
 * Over what stretch of time demand is counted, and how fast its forecast follows.
 *
 * @param pane length of one pane, at least a millisecond; panes begin at multiples of it since the
 *     epoch
 * @param panes how many panes make the window, from 1 to 1000
 * @param smoothing weight of the newest pane in the forecast, above 0, at most 1
 */
public record DemandWindow(Duration pane, int panes, double smoothing) {

  /** Ten minutes in panes of ten seconds; the forecast forgets half in about 20 seconds. */
  public static final DemandWindow STANDARD = new DemandWindow(Duration.ofSeconds(10), 60, 0.3);

  /**
   * @throws IllegalArgumentException if one is out of its range
   */
  public DemandWindow {
    if (pane.toMillis() < 1) {
      throw new IllegalArgumentException("pane of " + pane);
    }
    if (panes < 1 || panes > 1000) {
      throw new IllegalArgumentException("window of %d panes".formatted(panes));
    }
    if (!(smoothing > 0 && smoothing <= 1)) {
      throw new IllegalArgumentException("smoothing " + smoothing);
    }
  }
}
