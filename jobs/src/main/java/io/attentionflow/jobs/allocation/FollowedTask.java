package io.attentionflow.jobs.allocation;

import io.attentionflow.learning.features.OpenTask;

/**
 * A task that {@code profile} follows until its end.
 *
 * @param pool where it was submitted
 * @param afterMillis what happened by then happened to an earlier task of the same id
 * @param sighting where it runs, as far as nodes have said
 */
public record FollowedTask(OpenTask task, String pool, long afterMillis, Sighting sighting) {

  /** Whether feedback can be about it, as it is now. */
  boolean admits(FeedbackMessage feedback) {
    return feedback.at().toEpochMilli() > afterMillis && sighting.admits(feedback);
  }

  FollowedTask with(OpenTask newTask) {
    return new FollowedTask(newTask, pool, afterMillis, sighting);
  }

  FollowedTask with(Sighting newSighting) {
    return new FollowedTask(task, pool, afterMillis, newSighting);
  }
}
