package io.attentionflow.jobs.allocation;

import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.LabelledExample;
import io.attentionflow.learning.features.Profile;
import java.time.Instant;
import java.util.List;

/** What {@link TenantProfiles} know about a tenant's tasks, for a model to be asked. */
public sealed interface ProfiledMessage {

  /**
   * A task was submitted.
   *
   * @param profile what to expect of it; of one that is open already, what was expected then
   */
  record Submitted(TaskMessage.Submitted message, Profile profile) implements ProfiledMessage {}

  /**
   * A task is wanted no more.
   *
   * @param forgotten false: there is one of this id, but in another pool
   */
  record Cancelled(TaskMessage.Cancelled message, boolean forgotten) implements ProfiledMessage {}

  /** A task ended by itself. */
  record Ended(LabelledExample example) implements ProfiledMessage {}

  /**
   * Tasks wait of which more is known by now, since another one of their tenant has ended.
   *
   * @param origin of the word of that end
   */
  record Waiting(Origin origin, List<Task> tasks, Instant at) implements ProfiledMessage {

    public Waiting {
      tasks = List.copyOf(tasks);
    }

    /**
     * One of them.
     *
     * @param pool where it waits
     * @param features as they are by now
     */
    record Task(String taskId, String pool, FeatureVector features) {}
  }
}
