package io.attentionflow.allocation;

/**
 * When a task that runs is stopped for a more important one that waits.
 *
 * @param victims whose place may be taken away at all
 * @param priorityGap by how much the priority of who waits must be higher, at least 1
 * @param mostPerTask so often a task is stopped for others; then it runs to its end; at least 0
 * @param mostPerMinute so many tasks are stopped for others in a minute, at least 0; 0: none ever
 *     is
 */
public record PreemptionPolicy(
    Displaceable victims, int priorityGap, int mostPerTask, int mostPerMinute) {

  public PreemptionPolicy {
    if (priorityGap < 1) {
      throw new IllegalArgumentException("priorityGap is %d".formatted(priorityGap));
    }
    if (mostPerTask < 0 || mostPerMinute < 0) {
      throw new IllegalArgumentException(
          "mostPerTask is %d, mostPerMinute %d".formatted(mostPerTask, mostPerMinute));
    }
  }

  /** Only who asked for no more than best effort is stopped, three times at most. */
  public static PreemptionPolicy defaults() {
    return new PreemptionPolicy(Displaceable.BEST_EFFORT, 1, 3, 100);
  }

  public PreemptionPolicy withVictims(Displaceable newVictims) {
    return new PreemptionPolicy(newVictims, priorityGap, mostPerTask, mostPerMinute);
  }
}
