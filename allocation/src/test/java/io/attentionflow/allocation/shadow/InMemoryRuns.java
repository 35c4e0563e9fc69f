package io.attentionflow.allocation.shadow;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

final class InMemoryRuns implements ShadowRuns {

  private final Map<String, ShadowRun> runs = new HashMap<>();

  @Override
  public @Nullable ShadowRun get(String taskId) {
    return runs.get(taskId);
  }

  @Override
  public void put(ShadowRun run) {
    runs.put(run.taskId(), run);
  }

  @Override
  public void remove(String taskId) {
    runs.remove(taskId);
  }

  int size() {
    return runs.size();
  }
}
