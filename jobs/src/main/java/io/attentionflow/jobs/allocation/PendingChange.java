package io.attentionflow.jobs.allocation;

import io.attentionflow.schema.PendingTask;
import org.jspecify.annotations.Nullable;

/**
 * A task waits, or waits no more.
 *
 * @param task why it waits; null: it waits no more, a tombstone in the topic
 */
public record PendingChange(String taskId, @Nullable PendingTask task) {}
