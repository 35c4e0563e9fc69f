package io.attentionflow.learning.features;

import org.jspecify.annotations.Nullable;

/** Where a {@link TenantProfiler} keeps tasks between submission and end. */
public interface OpenTasks {

  /** The task of this id, or null. */
  @Nullable OpenTask get(String taskId);

  /** Keeps a task, in place of what was kept under its id. */
  void put(OpenTask task);

  /** Keeps it no longer; nothing happens if it was not kept. */
  void remove(String taskId);
}
