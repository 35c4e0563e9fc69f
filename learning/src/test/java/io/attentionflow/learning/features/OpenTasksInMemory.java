package io.attentionflow.learning.features;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Open tasks in a map, for tests. */
public final class OpenTasksInMemory implements OpenTasks {

  private final Map<String, OpenTask> tasks = new LinkedHashMap<>();

  @Override
  public @Nullable OpenTask get(String taskId) {
    return tasks.get(taskId);
  }

  @Override
  public void put(OpenTask task) {
    tasks.put(task.facts().taskId(), task);
  }

  @Override
  public void remove(String taskId) {
    tasks.remove(taskId);
  }
}
