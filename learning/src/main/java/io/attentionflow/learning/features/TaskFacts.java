package io.attentionflow.learning.features;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a task when it is submitted, and all a prediction may use of it.
 *
 * @param submittedAtMillis event time, milliseconds since 1970
 * @param cpuMillis thousandths of a core asked for
 * @param memoryMib memory asked for, MiB; 0: not said
 * @param gpuMillis GPU asked for in all, thousandths of one GPU
 * @param ioMibps throughput asked for, MiB per second
 * @param requestedDurationMillis the submitter's own estimate; null: none
 * @param qos quality of service, by name
 * @param deadlineMillis when it should have ended, milliseconds since 1970; null: no deadline
 * @param inputBytes size of its input; 0: unknown
 * @param attributes whatever else is known, such as queue, group or executable
 */
public record TaskFacts(
    String taskId,
    String tenant,
    String taskType,
    long submittedAtMillis,
    long cpuMillis,
    long memoryMib,
    long gpuMillis,
    long ioMibps,
    @Nullable Long requestedDurationMillis,
    int priority,
    String qos,
    @Nullable Long deadlineMillis,
    long inputBytes,
    Map<String, String> attributes) {

  /**
   * The same without all that its keys as features say: who submitted what kind of task, and how.
   */
  TaskFacts withoutNames() {
    return new TaskFacts(
        taskId,
        "",
        "",
        submittedAtMillis,
        cpuMillis,
        memoryMib,
        gpuMillis,
        ioMibps,
        requestedDurationMillis,
        priority,
        "",
        deadlineMillis,
        inputBytes,
        Map.of());
  }
}
