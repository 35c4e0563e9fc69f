package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.Command;
import io.attentionflow.allocation.Decision;
import io.attentionflow.allocation.Displacement;
import io.attentionflow.allocation.PoolOutput;
import io.attentionflow.allocation.Prediction;
import io.attentionflow.allocation.StartPace;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.allocation.TaskSize;
import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.AllocationDecision;
import io.attentionflow.schema.NodeScore;
import io.attentionflow.schema.PendingTask;
import io.attentionflow.schema.Reason;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.ShardPlacement;
import io.attentionflow.schema.Sizing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the engine says, as records of the wire. */
final class Records {

  private static final Map<io.attentionflow.allocation.Sizing, Sizing> SIZINGS = sizings();
  private static final Map<io.attentionflow.allocation.Reason, Reason> REASONS = reasons();

  private Records() {}

  /** Both have the same names; a test sees to it. */
  private static Map<io.attentionflow.allocation.Reason, Reason> reasons() {
    Map<io.attentionflow.allocation.Reason, Reason> reasons =
        new EnumMap<>(io.attentionflow.allocation.Reason.class);
    for (io.attentionflow.allocation.Reason reason : io.attentionflow.allocation.Reason.values()) {
      reasons.put(reason, Reason.valueOf(reason.name()));
    }
    return reasons;
  }

  private static Map<io.attentionflow.allocation.Sizing, Sizing> sizings() {
    Map<io.attentionflow.allocation.Sizing, Sizing> sizings =
        new EnumMap<>(io.attentionflow.allocation.Sizing.class);
    for (io.attentionflow.allocation.Sizing sizing : io.attentionflow.allocation.Sizing.values()) {
      sizings.put(sizing, Sizing.valueOf(sizing.name()));
    }
    return sizings;
  }

  static AllocationCommand command(String pool, Command command) {
    TaskRequest task = command.task();
    AllocationCommand record = new AllocationCommand();
    record.setCommandId(command.id());
    record.setTaskId(task.taskId());
    record.setGeneration(command.generation());
    record.setPool(pool);
    record.setTenant(task.tenant());
    record.setTaskType(task.taskType());
    record.setAction(action(command.action()));
    record.setShards(shards(command.shards()));
    record.setComplexity(command.complexity());
    record.setPriority(task.priority());
    record.setReason(reason(command.reason()));
    record.setModelVersion(command.modelVersion());
    record.setPolicyVersion(command.policyVersion());
    record.setExpectedDurationMillis(millis(command.expectedDuration()));
    record.setDecidedAt(command.decidedAt());
    return record;
  }

  /** What a shadow decided: nobody is commanded, so the decision says where, too. */
  static AllocationDecision shadowed(
      String pool, Command command, Decision decision, String shadow) {
    AllocationDecision record = decision(pool, command, decision);
    record.setShadow(true);
    record.setShadowPolicy(shadow);
    record.setShards(shards(command.shards()));
    return record;
  }

  static AllocationDecision decision(String pool, Command command, Decision decision) {
    Prediction prediction = decision.prediction();
    AllocationDecision record = new AllocationDecision();
    record.setCommandId(command.id());
    record.setTaskId(command.task().taskId());
    record.setGeneration(command.generation());
    record.setPool(pool);
    record.setAction(action(command.action()));
    record.setReason(reason(command.reason()));
    record.setDecidedAt(command.decidedAt());
    record.setComplexity(prediction.complexity());
    record.setClassProbabilities(probabilities(prediction));
    record.setPredictedUsage(
        prediction.expectedUsage() == null ? null : resources(prediction.expectedUsage()));
    record.setExpectedDurationMillis(millis(prediction.expectedDuration()));
    record.setDurationP50Millis(optionalMillis(prediction.durationP50()));
    record.setDurationP90Millis(optionalMillis(prediction.durationP90()));
    record.setDurationP95Millis(optionalMillis(prediction.durationP95()));
    record.setModelVersion(prediction.modelVersion());
    record.setPolicyVersion(decision.policy().version());
    record.setOrdering(decision.policy().ordering().name());
    record.setPlacement(decision.policy().placement().name());
    record.setAttentionShare(decision.attentionShare());
    record.setTemperature(decision.temperature());
    record.setNodesConsidered(decision.nodesConsidered());
    record.setNodesFiltered(counts(decision.nodesFiltered()));
    record.setBestScores(scores(decision.bestScores()));
    record.setQueuePosition(decision.queuePosition());
    record.setOvertook(decision.overtook());
    record.setWaitMillis(decision.waited().toMillis());
    Displacement displacement = decision.displacement();
    if (displacement != null) {
      record.setMadeRoomFor(displacement.madeRoomFor());
      record.setExpectedGainMillis(optionalMillis(displacement.gain()));
      record.setDisplacementCostMillis(optionalMillis(displacement.cost()));
    }
    record.setRequested(resources(command.task().request()));
    record.setUsageP95(prediction.usageP95() == null ? null : resources(prediction.usageP95()));
    TaskSize size = decision.size();
    record.setSizing(sizing(size.sizing()));
    record.setRightSized(size.rightSized() == null ? null : resources(size.rightSized()));
    record.setHeadroom(decision.headroom(command.action()));
    record.setOutOfMemories(size.outOfMemories());
    record.setShadow(false);
    record.setShards(List.of());
    return record;
  }

  static PendingTask pending(String pool, PoolOutput.Waiting waiting) {
    TaskRequest task = waiting.task();
    PendingTask record = new PendingTask();
    record.setTaskId(task.taskId());
    record.setPool(pool);
    record.setTenant(task.tenant());
    record.setTaskType(task.taskType());
    record.setComplexity(waiting.complexity());
    record.setPriority(task.priority());
    record.setReason(reason(waiting.reason()));
    record.setPosition(waiting.position());
    record.setSince(waiting.since());
    record.setObservedAt(waiting.at());
    record.setNodesFiltered(counts(waiting.nodesFiltered()));
    StartPace.Estimate estimate = waiting.estimate();
    if (estimate != null) {
      record.setEstimatedStart(estimate.expected());
      record.setEstimatedStartEarliest(estimate.earliest());
      record.setEstimatedStartLatest(estimate.latest());
    }
    return record;
  }

  static Resources resources(io.attentionflow.allocation.Resources resources) {
    return new Resources(
        resources.cpuMillis(),
        resources.memoryMib(),
        resources.gpuCount(),
        resources.gpuMillis(),
        resources.ioMibps());
  }

  static Reason reason(io.attentionflow.allocation.Reason reason) {
    return REASONS.getOrDefault(reason, Reason.UNKNOWN);
  }

  static Action action(Command.Action action) {
    return switch (action) {
      case ALLOCATE -> Action.ALLOCATE;
      case RESIZE -> Action.RESIZE;
      case REJECT -> Action.REJECT;
      case PREEMPT -> Action.PREEMPT;
      case RELEASE -> Action.RELEASE;
    };
  }

  private static List<ShardPlacement> shards(
      List<io.attentionflow.allocation.ShardPlacement> placements) {
    List<ShardPlacement> records = new ArrayList<>(placements.size());
    for (io.attentionflow.allocation.ShardPlacement placement : placements) {
      records.add(
          new ShardPlacement(
              placement.shard(),
              placement.nodeId(),
              resources(placement.resources()),
              placement.gpuIndices()));
    }
    return records;
  }

  private static Map<String, Double> probabilities(Prediction prediction) {
    return new ListedMap<>(prediction.classes(), prediction.probabilities());
  }

  private static Map<String, Integer> counts(
      Map<io.attentionflow.allocation.Reason, Integer> byReason) {
    if (byReason.isEmpty()) {
      return Map.of();
    }
    Map<String, Integer> counts = new LinkedHashMap<>();
    byReason.forEach((reason, count) -> counts.put(reason.name(), count));
    return counts;
  }

  private static List<NodeScore> scores(List<Decision.NodeScore> best) {
    List<NodeScore> records = new ArrayList<>(best.size());
    for (Decision.NodeScore score : best) {
      records.add(new NodeScore(score.nodeId(), score.score()));
    }
    return records;
  }

  /** Both have the same names; a test sees to it. */
  static Sizing sizing(io.attentionflow.allocation.Sizing sizing) {
    return SIZINGS.getOrDefault(sizing, Sizing.UNKNOWN);
  }

  private static long millis(@Nullable Duration duration) {
    return duration == null ? 0 : duration.toMillis();
  }

  private static @Nullable Long optionalMillis(@Nullable Duration duration) {
    return duration == null ? null : Long.valueOf(duration.toMillis());
  }
}
