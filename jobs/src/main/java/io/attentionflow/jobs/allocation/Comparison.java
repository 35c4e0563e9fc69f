package io.attentionflow.jobs.allocation;

import io.attentionflow.learning.features.Keys;

/**
 * Chooses the tasks on which learners are compared: all while few come, and of many a sample.
 *
 * <p>A learner is compared by what it answered when a task arrived, so those that do not serve have
 * to answer, too, for no other use. To know who is better takes some thousand tasks, and not each
 * of a hundred thousand. One in 1, 2, 4, … tasks is chosen by the hash of its id, so that about as
 * many are chosen a second as are wanted; it says nothing about the task, so the sample is as good
 * as any.
 *
 * <p>Seconds are those of the broker's clock, in the order in which tasks come: the same records
 * are chosen when they are read again. For one subtask.
 */
final class Comparison {

  private static final long SECOND_MILLIS = 1000;

  private final int perSecond;
  private long second = Long.MIN_VALUE;
  private long arrived;
  private long arrivedBefore;

  /**
   * @param perSecond how many tasks are wanted, at least 1
   */
  Comparison(int perSecond) {
    this.perSecond = perSecond;
  }

  /** Whether all learners are asked about this task, which is the next that comes. */
  boolean includes(String taskId, long brokerTimeMillis) {
    count(Math.floorDiv(brokerTimeMillis, SECOND_MILLIS));
    long rate = Math.max(arrived, arrivedBefore);
    long oneIn = 1;
    while (oneIn * perSecond < rate) {
      oneIn *= 2;
    }
    return (Keys.of(taskId) & (oneIn - 1)) == 0;
  }

  /** Partitions take turns, so time may step back: what comes then belongs to the latest second. */
  private void count(long now) {
    if (now > second) {
      arrivedBefore = now == second + 1 ? arrived : 0;
      arrived = 0;
      second = now;
    }
    arrived++;
  }
}
