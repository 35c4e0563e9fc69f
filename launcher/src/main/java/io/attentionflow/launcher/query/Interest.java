package io.attentionflow.launcher.query;

import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.PendingTask;
import java.util.HashSet;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Which changes somebody wants to see.
 *
 * <p>A tombstone names no pool. Of a pool's tasks, it is of interest where the same task was seen
 * to wait before, so their ids are kept while they wait.
 */
final class Interest {

  private final @Nullable String pool;
  private final @Nullable String taskId;
  private final Set<String> waiting = new HashSet<>();

  /**
   * @param pool null: any
   * @param taskId null: any
   */
  Interest(@Nullable String pool, @Nullable String taskId) {
    this.pool = pool;
    this.taskId = taskId;
  }

  /** Whether this change is of interest; every change is to be shown here, once and in order. */
  boolean in(Change change) {
    if (taskId != null && !taskId.equals(change.taskId())) {
      return false;
    }
    if (pool == null) {
      return true;
    }
    SpecificRecord record = change.record();
    if (record == null) {
      return waiting.remove(change.taskId());
    }
    if (record instanceof AllocationCommand command) {
      return pool.equals(command.getPool());
    }
    if (record instanceof PendingTask pending) {
      boolean mine = pool.equals(pending.getPool());
      if (mine) {
        waiting.add(change.taskId());
      }
      return mine;
    }
    throw new IllegalStateException("No case for " + record);
  }
}
