package io.attentionflow.client;

import java.time.Instant;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * A task that waits, and why.
 *
 * @param reason a name of {@code Reason}
 * @param position place in the queue when last written, from 0; -1: unknown
 * @param since since when it waits, in event time
 * @param observedAt when it was last told why it waits, in event time
 * @param nodesFiltered how many nodes were passed over, by reason
 * @param estimatedStart as of {@code observedAt}, so it may be past; null: no estimate
 */
public record PendingAnswer(
    String taskId,
    String pool,
    String tenant,
    String taskType,
    String complexity,
    int priority,
    String reason,
    int position,
    Instant since,
    Instant observedAt,
    SortedMap<String, Integer> nodesFiltered,
    @Nullable Instant estimatedStart) {}
