package io.attentionflow.jobs.allocation;

import io.attentionflow.learning.features.LabelledExample;
import io.attentionflow.learning.features.Profile;
import org.jspecify.annotations.Nullable;

/** What {@code profile} knows about one tenant's tasks, for {@code classify} of the same tenant. */
public sealed interface ProfiledMessage {

  String tenant();

  /**
   * A task was submitted.
   *
   * @param profile null: it has ended before, so that there is nothing to predict
   */
  record Submitted(TaskMessage.Submitted message, @Nullable Profile profile)
      implements ProfiledMessage {

    @Override
    public String tenant() {
      return message.tenant();
    }
  }

  /** A task is wanted no more. */
  record Cancelled(TaskMessage.Cancelled message) implements ProfiledMessage {

    @Override
    public String tenant() {
      return message.tenant();
    }
  }

  /** A task ended by itself. */
  record Ended(String tenant, LabelledExample example) implements ProfiledMessage {}
}
