package io.attentionflow.launcher.world;

/**
 * What has happened in a simulated cluster so far.
 *
 * @param submitted tasks that were submitted
 * @param allocated of these, those that got a place at least once
 * @param reallocated places given beyond the first, after a loss or a failure
 * @param rejected tasks that were turned away
 * @param over tasks that are over: ended, given up, cancelled or rejected
 * @param running tasks that have a place now
 * @param busyNodes nodes that have a task now
 * @param nodes nodes there are
 * @param overcommitments shards that found no room where they were to start; always 0, or the job
 *     is wrong
 */
public record ClusterCounts(
    long submitted,
    long allocated,
    long reallocated,
    long rejected,
    long over,
    long running,
    int busyNodes,
    int nodes,
    long overcommitments) {

  /** Tasks that were submitted and wait for a decision or a place. */
  public long waiting() {
    return submitted - over - running;
  }
}
