package io.attentionflow.learning.features;

/**
 * How many of a tenant's tasks that wait are predicted again when one of its tasks ends, and how
 * often.
 *
 * @param mostTasks at a time, at least 0; 0: none ever
 * @param pauseMillis from one time to the next, at least 0; a task that has not waited for so long
 *     is not predicted again either: where nobody waits for long, nothing is
 */
public record Renewal(int mostTasks, long pauseMillis) {

  public Renewal {
    if (mostTasks < 0 || pauseMillis < 0) {
      throw new IllegalArgumentException("%d tasks, %d ms".formatted(mostTasks, pauseMillis));
    }
  }
}
