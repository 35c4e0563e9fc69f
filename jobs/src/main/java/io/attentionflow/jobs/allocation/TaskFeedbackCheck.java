package io.attentionflow.jobs.allocation;

import io.attentionflow.schema.DeadLetterReason;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.TaskFeedback;
import io.attentionflow.schema.wire.Decoded;

/** Of what nodes say about tasks. */
record TaskFeedbackCheck(PipelineOptions.Input bounds, PipelineOptions.Time time)
    implements Check<TaskFeedback, FeedbackMessage> {

  private static final int NO_GENERATION = 0;

  /** Most digits of a generation. */
  private static final int MOST_DIGITS = 9;

  @Override
  public Decoded<FeedbackMessage> check(TaskFeedback feedback, Origin origin) {
    Inspection inspection = new Inspection(bounds, time, origin);
    inspection.id("taskId", feedback.getTaskId());
    inspection.id("commandId", feedback.getCommandId(), bounds.maxText() + 1 + MOST_DIGITS);
    inspection.nodeId("nodeId", feedback.getNodeId());
    inspection.pool(feedback.getPool());
    inspection.text("tenant", feedback.getTenant());
    inspection.text("taskType", feedback.getTaskType());
    inspection.known("state", feedback.getState());
    inspection.eventTime("observedAt", feedback.getObservedAt());
    inspection.amount("shard", feedback.getShard(), bounds.maxShards() - 1L);
    inspection.durationMillis("durationMillis", feedback.getDurationMillis());
    inspection.usage("peakUsage", feedback.getPeakUsage());
    inspection.usage("meanUsage", feedback.getMeanUsage());
    int generation = generation(feedback.getCommandId(), feedback.getTaskId());
    if (generation == NO_GENERATION) {
      inspection.flaw(
          DeadLetterReason.MISMATCHED_COMMAND,
          "commandId '%s' is not '%s#' and a generation from 1"
              .formatted(feedback.getCommandId(), feedback.getTaskId()));
    }
    return inspection.orElse(() -> message(feedback, origin, generation));
  }

  /** The number after {@code taskId#}, or {@link #NO_GENERATION}. */
  private static int generation(String commandId, String taskId) {
    int digits = taskId.length() + 1;
    int length = commandId.length();
    if (length <= digits
        || length > digits + MOST_DIGITS
        || !commandId.startsWith(taskId)
        || commandId.charAt(digits - 1) != '#') {
      return NO_GENERATION;
    }
    int generation = 0;
    for (int i = digits; i < length; i++) {
      int digit = commandId.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return NO_GENERATION;
      }
      generation = generation * 10 + digit;
    }
    return generation;
  }

  private static FeedbackMessage message(TaskFeedback feedback, Origin origin, int generation) {
    Resources peak = feedback.getPeakUsage();
    return new FeedbackMessage(
        origin,
        feedback.getPool(),
        feedback.getTenant(),
        feedback.getTaskId(),
        generation,
        feedback.getNodeId(),
        feedback.getShard(),
        feedback.getState(),
        feedback.getObservedAt(),
        feedback.getDurationMillis(),
        peak.getCpuMillis(),
        peak.getMemoryMib(),
        peak.getGpuCount() * peak.getGpuMillis());
  }
}
