package io.attentionflow.allocation;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Small things that the tests of a pool are made of. */
final class Pools {

  static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  static final Prediction UNKNOWN =
      new Prediction("LIGHT", List.of(), List.of(), null, null, null, null, 0);

  /** Priority order, and nobody runs out of patience. */
  static final PoolPolicy BY_PRIORITY =
      PoolPolicy.defaults()
          .withOrdering(PoolPolicy.Ordering.PRIORITY)
          .withPatience(PoolPolicy.FOR_EVER);

  private Pools() {}

  static Instant at(long seconds) {
    return NOON.plusSeconds(seconds);
  }

  static Resources cores(long cores) {
    return new Resources(cores * 1000, 0, 0, 0, 0);
  }

  static Resources cores(long cores, long memoryMib) {
    return new Resources(cores * 1000, memoryMib, 0, 0, 0);
  }

  static Resources gpus(int count) {
    return new Resources(0, 0, count, 1000, 0);
  }

  static Resources gpuShare(long millis) {
    return new Resources(0, 0, 1, millis, 0);
  }

  /** Expected to run for so long, and hardly for longer than that. */
  static Prediction runs(Duration expected, @Nullable Duration hardlyLonger) {
    return new Prediction("LIGHT", List.of(), List.of(), expected, null, hardlyLonger, null, 1);
  }

  /** The same prediction, of a class of three. */
  static Prediction ofClass(String complexity, Prediction prediction) {
    return new Prediction(
        complexity,
        List.of("LIGHT", "HEAVY", "EXTREME"),
        List.of(0.5, 0.25, 0.25),
        prediction.expectedDuration(),
        prediction.durationP50(),
        prediction.durationP95(),
        prediction.expectedUsage(),
        prediction.modelVersion());
  }

  static Ask task(String taskId) {
    return new Ask(taskId, cores(1), 0, NOON, null, 1, 1, List.of(), null, Qos.BURSTABLE);
  }

  /** A task request in the making, with what most tests leave as it is. */
  record Ask(
      String taskId,
      Resources request,
      int priority,
      Instant submittedAt,
      @Nullable Instant deadline,
      int minShards,
      int maxShards,
      List<String> gpuModels,
      @Nullable Duration estimate,
      Qos qos) {

    Ask asking(Resources newRequest) {
      return new Ask(
          taskId,
          newRequest,
          priority,
          submittedAt,
          deadline,
          minShards,
          maxShards,
          gpuModels,
          estimate,
          qos);
    }

    Ask ofPriority(int newPriority) {
      return new Ask(
          taskId,
          request,
          newPriority,
          submittedAt,
          deadline,
          minShards,
          maxShards,
          gpuModels,
          estimate,
          qos);
    }

    Ask submittedAt(Instant newSubmittedAt) {
      return new Ask(
          taskId,
          request,
          priority,
          newSubmittedAt,
          deadline,
          minShards,
          maxShards,
          gpuModels,
          estimate,
          qos);
    }

    Ask dueBy(Instant newDeadline) {
      return new Ask(
          taskId,
          request,
          priority,
          submittedAt,
          newDeadline,
          minShards,
          maxShards,
          gpuModels,
          estimate,
          qos);
    }

    Ask inShards(int fewest, int most) {
      return new Ask(
          taskId, request, priority, submittedAt, deadline, fewest, most, gpuModels, estimate, qos);
    }

    Ask onModels(String... models) {
      return new Ask(
          taskId,
          request,
          priority,
          submittedAt,
          deadline,
          minShards,
          maxShards,
          List.of(models),
          estimate,
          qos);
    }

    Ask estimatedAt(Duration newEstimate) {
      return new Ask(
          taskId,
          request,
          priority,
          submittedAt,
          deadline,
          minShards,
          maxShards,
          gpuModels,
          newEstimate,
          qos);
    }

    Ask withQos(Qos newQos) {
      return new Ask(
          taskId,
          request,
          priority,
          submittedAt,
          deadline,
          minShards,
          maxShards,
          gpuModels,
          estimate,
          newQos);
    }

    TaskRequest build() {
      return new TaskRequest(
          taskId,
          "tenant",
          "type",
          submittedAt,
          request,
          estimate,
          priority,
          qos,
          deadline,
          minShards,
          maxShards,
          gpuModels);
    }
  }
}
