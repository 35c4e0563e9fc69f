package io.attentionflow.simulation.trace;

import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.learning.features.TaskFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A task of a trace: what was known when it was submitted, and what it turned out to be.
 *
 * @param pool the pool that decides about it
 * @param request what the submitter asked for
 * @param inputBytes size of its input; 0: unknown
 * @param attributes whatever else was known at submission; in order of their names
 * @param cancelledAt when the submitter took it back; null: never
 * @param truth what it turned out to be
 */
public record TraceTask(
    String pool,
    TaskRequest request,
    long inputBytes,
    SortedMap<String, String> attributes,
    @Nullable Instant cancelledAt,
    TaskTruth truth) {

  public TraceTask {
    if (pool.isEmpty()) {
      throw new IllegalArgumentException("%s: no pool".formatted(request.taskId()));
    }
    attributes = Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
  }

  public String taskId() {
    return request.taskId();
  }

  public Instant submittedAt() {
    return request.submittedAt();
  }

  /** What a model may know of it at submission. */
  public TaskFacts facts() {
    Resources asked = request.request();
    Duration estimate = request.requestedDuration();
    Instant deadline = request.deadline();
    return new TaskFacts(
        request.taskId(),
        request.tenant(),
        request.taskType(),
        request.submittedAt().toEpochMilli(),
        asked.cpuMillis(),
        asked.memoryMib(),
        asked.totalGpuMillis(),
        asked.ioMibps(),
        estimate == null ? null : estimate.toMillis(),
        request.priority(),
        request.qos().name(),
        deadline == null ? null : deadline.toEpochMilli(),
        inputBytes,
        attributes);
  }

  /**
   * The same task submitted at another time under another id: deadline and cancellation move along.
   */
  public TraceTask movedTo(Instant submittedAt, String taskId) {
    Duration shift = Duration.between(request.submittedAt(), submittedAt);
    return at(taskId, time -> time.plus(shift));
  }

  /**
   * The same task in a world that runs faster: when it is submitted, cancelled and due moves closer
   * to a start. What is said of its run time stays as it is.
   *
   * @param start the new time of {@code origin}
   * @param origin when the trace begins; not after the submission
   * @param speedup how many times faster, above 0
   */
  public TraceTask playedFrom(Instant start, Instant origin, double speedup) {
    return at(taskId(), time -> start.plus(shorter(Duration.between(origin, time), speedup)));
  }

  private TraceTask at(String taskId, UnaryOperator<Instant> moved) {
    Instant deadline = request.deadline();
    TaskRequest asked =
        new TaskRequest(
            taskId,
            request.tenant(),
            request.taskType(),
            moved.apply(request.submittedAt()),
            request.request(),
            request.requestedDuration(),
            request.priority(),
            request.qos(),
            deadline == null ? null : moved.apply(deadline),
            request.minShards(),
            request.maxShards(),
            request.gpuModels());
    return new TraceTask(
        pool,
        asked,
        inputBytes,
        attributes,
        cancelledAt == null ? null : moved.apply(cancelledAt),
        truth);
  }

  private static Duration shorter(Duration span, double speedup) {
    return Duration.ofMillis(Math.round(span.toMillis() / speedup));
  }

  /** The same task with another truth. */
  public TraceTask withTruth(TaskTruth newTruth) {
    return new TraceTask(pool, request, inputBytes, attributes, cancelledAt, newTruth);
  }

  /** Attributes from a map in any order. */
  static SortedMap<String, String> sorted(Map<String, String> attributes) {
    return new TreeMap<>(attributes);
  }
}
