package io.attentionflow.jobs.allocation;

import io.attentionflow.schema.FeedbackState;
import java.time.Instant;

/**
 * What a node said about one shard of one generation of a task.
 *
 * @param generation the placement it speaks of, from 1
 * @param shard which shard, from 0
 * @param state never UNKNOWN
 * @param durationMillis run time so far, not negative
 * @param peakGpuMillis of all its GPUs together, thousandths of one
 */
public record FeedbackMessage(
    Origin origin,
    String pool,
    String tenant,
    String taskId,
    int generation,
    String nodeId,
    int shard,
    FeedbackState state,
    Instant at,
    long durationMillis,
    long peakCpuMillis,
    long peakMemoryMib,
    long peakGpuMillis)
    implements TenantMessage {}
