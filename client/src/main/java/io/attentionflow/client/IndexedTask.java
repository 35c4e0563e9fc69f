package io.attentionflow.client;

import io.attentionflow.client.TaskAnswer.State;
import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.AllocationDecision;
import io.attentionflow.schema.NodeScore;
import io.attentionflow.schema.PendingTask;
import io.attentionflow.schema.Reason;
import io.attentionflow.schema.ShardPlacement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A task as {@link AllocationIndex} keeps it. Mutable. */
final class IndexedTask {

  private static final int LONGEST_HISTORY = TaskAnswer.LONGEST_HISTORY;

  final String id;

  /** Where the index has it listed. */
  final List<String> nodeIds = new ArrayList<>();

  Origin origin;
  @Nullable PendingTask pending;

  private @Nullable AllocationCommand command;
  private @Nullable AllocationDecision decision;
  private final List<TaskAnswer.Command> history = new ArrayList<>();

  IndexedTask(String id, Origin origin) {
    this.id = id;
    this.origin = origin;
  }

  /**
   * Takes a command, unless it came before or belongs to an older generation.
   *
   * @return true if it changed anything
   */
  boolean accept(AllocationCommand next) {
    for (TaskAnswer.Command seen : history) {
      if (seen.commandId().equals(next.getCommandId())) {
        return false;
      }
    }
    if (command != null && next.getGeneration() < command.getGeneration()) {
      return false;
    }
    command = next;
    if (history.size() == LONGEST_HISTORY) {
      history.remove(0);
    }
    history.add(
        new TaskAnswer.Command(
            next.getCommandId(),
            next.getGeneration(),
            next.getAction().name(),
            next.getReason().name(),
            next.getShards().stream().map(ShardPlacement::getNodeId).toList(),
            next.getDecidedAt()));
    return true;
  }

  /**
   * Takes a decision, unless it is older than the one that is known, or only ends a placement: that
   * a task was released explains nothing, and why it was where it was remains worth knowing.
   */
  void accept(AllocationDecision next) {
    if (decision == null
        || (opens(next) && !next.getDecidedAt().isBefore(decision.getDecidedAt()))
        || !opens(decision)) {
      decision = next;
    }
  }

  boolean holdsAPlace() {
    return command != null
        && (command.getAction() == Action.ALLOCATE || command.getAction() == Action.RESIZE);
  }

  /** Where it is; empty if it holds no place. */
  List<ShardPlacement> shards() {
    return command != null && holdsAPlace() ? command.getShards() : List.of();
  }

  /** What it waits for; null if it does not wait, whatever was said of waiting before. */
  @Nullable PendingTask waitsFor() {
    if (pending == null || holdsAPlace()) {
      return null;
    }
    boolean over =
        command != null
            && (command.getAction() == Action.RELEASE || command.getAction() == Action.REJECT)
            && !pending.getObservedAt().isAfter(command.getDecidedAt());
    return over ? null : pending;
  }

  String pool() {
    if (command != null) {
      return command.getPool();
    }
    if (pending != null) {
      return pending.getPool();
    }
    return decision == null ? "" : decision.getPool();
  }

  int generation() {
    if (command != null) {
      return command.getGeneration();
    }
    return decision == null ? 0 : decision.getGeneration();
  }

  Instant since() {
    PendingTask waits = waitsFor();
    if (waits != null) {
      return waits.getSince();
    }
    if (command != null) {
      return command.getDecidedAt();
    }
    return decision == null ? origin.writtenAt() : decision.getDecidedAt();
  }

  TaskAnswer answer() {
    PendingTask waits = waitsFor();
    return new TaskAnswer(
        id,
        pool(),
        command != null ? command.getTenant() : pending != null ? pending.getTenant() : "",
        command != null ? command.getTaskType() : pending != null ? pending.getTaskType() : "",
        state(),
        generation(),
        reason().name(),
        complexity(),
        command != null ? command.getPriority() : pending != null ? pending.getPriority() : 0,
        since(),
        shards().stream()
            .map(
                shard ->
                    new TaskAnswer.Placement(
                        shard.getShard(),
                        shard.getNodeId(),
                        Amounts.of(shard.getResources()),
                        shard.getGpuIndices()))
            .toList(),
        waits == null ? null : answer(waits),
        decision == null ? null : answer(decision),
        history);
  }

  static PendingAnswer answer(PendingTask pending) {
    return new PendingAnswer(
        pending.getTaskId(),
        pending.getPool(),
        pending.getTenant(),
        pending.getTaskType(),
        pending.getComplexity(),
        pending.getPriority(),
        pending.getReason().name(),
        pending.getPosition(),
        pending.getSince(),
        pending.getObservedAt(),
        new TreeMap<>(pending.getNodesFiltered()),
        pending.getEstimatedStart());
  }

  private static boolean opens(AllocationDecision decision) {
    return switch (decision.getAction()) {
      case ALLOCATE, RESIZE, REJECT -> true;
      case PREEMPT, RELEASE, UNKNOWN -> false;
    };
  }

  private static TaskAnswer.Decision answer(AllocationDecision decision) {
    Map<String, Double> bestScores = new LinkedHashMap<>();
    for (NodeScore score : decision.getBestScores()) {
      bestScores.put(score.getNodeId(), score.getScore());
    }
    return new TaskAnswer.Decision(
        decision.getCommandId(),
        new TreeMap<>(decision.getClassProbabilities()),
        decision.getOrdering(),
        decision.getPlacement(),
        decision.getAttentionShare(),
        decision.getTemperature(),
        decision.getNodesConsidered(),
        new TreeMap<>(decision.getNodesFiltered()),
        bestScores,
        decision.getQueuePosition(),
        decision.getSizing().name(),
        decision.getWaitMillis(),
        decision.getExpectedDurationMillis(),
        decision.getModelVersion(),
        decision.getPolicyVersion(),
        decision.getDecidedAt());
  }

  private State state() {
    if (waitsFor() != null) {
      return State.PENDING;
    }
    if (command == null) {
      return State.UNKNOWN;
    }
    return switch (command.getAction()) {
      case ALLOCATE, RESIZE -> State.PLACED;
      case PREEMPT -> State.PREEMPTED;
      case RELEASE -> State.RELEASED;
      case REJECT -> State.REJECTED;
      case UNKNOWN -> State.UNKNOWN;
    };
  }

  private Reason reason() {
    PendingTask waits = waitsFor();
    if (waits != null) {
      return waits.getReason();
    }
    if (command != null) {
      return command.getReason();
    }
    return decision == null ? Reason.UNKNOWN : decision.getReason();
  }

  private String complexity() {
    if (command != null) {
      return command.getComplexity();
    }
    if (pending != null) {
      return pending.getComplexity();
    }
    return decision == null ? "" : decision.getComplexity();
  }
}
