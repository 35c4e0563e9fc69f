package io.attentionflow.allocation.shadow;

import org.jspecify.annotations.Nullable;

/** Where the runs of a shadow pool's tasks are kept between events; beside its store. */
public interface ShadowRuns {

  /** The run of a task; null: nothing is known of it. */
  @Nullable ShadowRun get(String taskId);

  void put(ShadowRun run);

  void remove(String taskId);
}
