package io.attentionflow.client;

import java.util.List;
import java.util.SortedMap;

/**
 * What waits in a pool.
 *
 * @param total how many
 * @param byReason how many for each reason
 * @param tasks the first of them, by position as of when each was last told, then by how long they
 *     wait
 */
public record PendingList(
    String pool, int total, SortedMap<String, Integer> byReason, List<PendingAnswer> tasks) {

  public PendingList {
    tasks = List.copyOf(tasks);
  }
}
