package io.attentionflow.allocation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A task as the pool knows it.
 *
 * <pre>
 * QUEUED  -- placed -----------------------------> PLACED
 * PLACED  -- every shard has started ------------> RUNNING
 * PLACED, RUNNING -- place lost, attempts left --> QUEUED
 * any of them -- ended, cancelled, given up -----> ENDED
 * </pre>
 *
 * <p>What a node says of a shard counts if generation, shard and node are those of the open
 * placement; anything else is answered and changes nothing. A shard that succeeds gives its share
 * back at once; the task is over when all have, or with the first that fails or runs out of memory.
 * If one loses its place, the whole task does: what runs of it elsewhere is stopped. A task placed
 * as often as the policy allows is given up when it loses its place again. A queued task keeps its
 * place in the queue by its submission, however often it comes back.
 *
 * @param sequence arrival number within the pool
 * @param phase where it is in its life
 * @param generation the newest placement, from 1, a REJECT counting as one; 0: none yet
 * @param shards where it is; empty unless PLACED or RUNNING
 * @param since when it entered its phase
 * @param reason why it waits, or how it ended; {@link Reason#PLACED} otherwise
 * @param moves how often it was made to give up its place for others
 * @param size what it is to get, or got; nothing once it has ended and is only remembered
 */
public record TaskState(
    TaskRequest task,
    Prediction prediction,
    long sequence,
    Phase phase,
    int generation,
    List<ShardState> shards,
    Instant since,
    Reason reason,
    TaskMoves moves,
    TaskSize size) {

  private static final Prediction NO_PREDICTION =
      new Prediction("", List.of(), List.of(), null, null, null, null, 0);

  public TaskState {
    shards = List.copyOf(shards);
  }

  /** Where its shards are, those that ended too. */
  List<ShardPlacement> placements() {
    if (shards.size() == 1) {
      return List.of(shards.get(0).placement());
    }
    return shards.stream().map(ShardState::placement).toList();
  }

  /** It has a place, and so opens its next generation. */
  TaskState placed(List<ShardPlacement> placements, Instant now) {
    List<ShardState> placed =
        placements.size() == 1
            ? List.of(new ShardState(placements.get(0), null, false))
            : placements.stream().map(placement -> new ShardState(placement, null, false)).toList();
    return new TaskState(
        task,
        prediction,
        sequence,
        Phase.PLACED,
        generation + 1,
        placed,
        now,
        Reason.PLACED,
        moves,
        size);
  }

  /** One of its shards is otherwise than it was; it runs once all have started. */
  TaskState withShard(ShardState shard, Instant now) {
    List<ShardState> changed = shards.size() == 1 ? List.of(shard) : changed(shard);
    boolean starts = phase == Phase.PLACED;
    for (ShardState one : changed) {
      starts &= one.ended() || one.startedAt() != null;
    }
    return new TaskState(
        task,
        prediction,
        sequence,
        starts ? Phase.RUNNING : phase,
        generation,
        changed,
        starts ? now : since,
        reason,
        moves,
        size);
  }

  private List<ShardState> changed(ShardState shard) {
    List<ShardState> changed = new ArrayList<>(shards);
    changed.set(shard.placement().shard(), shard);
    return changed;
  }

  /** Whether all its shards have ended once this one does. */
  boolean isOverWith(ShardState last) {
    for (ShardState shard : shards) {
      if (!shard.ended() && shard.placement().shard() != last.placement().shard()) {
        return false;
      }
    }
    return true;
  }

  /** It has no place, and begins to wait. */
  TaskState queued(Instant now) {
    return new TaskState(
        task,
        prediction,
        sequence,
        Phase.QUEUED,
        generation,
        List.of(),
        now,
        Reason.WAITS_FOR_EARLIER,
        moves,
        size);
  }

  TaskState nextGeneration() {
    return new TaskState(
        task, prediction, sequence, phase, generation + 1, shards, since, reason, moves, size);
  }

  TaskState ended(Reason why, Instant now) {
    return new TaskState(
        task, prediction, sequence, Phase.ENDED, generation, List.of(), now, why, moves, size);
  }

  /**
   * What has to be known of one that is over, so that late and repeated words about it are
   * recognised: which it was, and how and when it ended; and what it asked for, which placements
   * learn from.
   */
  TaskState remembered() {
    TaskRequest id =
        new TaskRequest(
            task.taskId(),
            "",
            "",
            Instant.EPOCH,
            task.request(),
            null,
            0,
            Qos.BEST_EFFORT,
            null,
            task.minShards(),
            task.maxShards(),
            task.gpuModels());
    return new TaskState(
        id,
        NO_PREDICTION,
        sequence,
        phase,
        generation,
        shards,
        since,
        reason,
        TaskMoves.NONE,
        TaskSize.NONE);
  }

  TaskState withPrediction(Prediction newPrediction) {
    return new TaskState(
        task, newPrediction, sequence, phase, generation, shards, since, reason, moves, size);
  }

  /** What it asks a node for: its request, in the amounts that it is to get. */
  TaskRequest asks() {
    return size.given().equals(task.request()) ? task : task.withRequest(size.given());
  }

  /** It is to get what right-sizing says by now. */
  public TaskState sizedBy(RightSizing rightSizing) {
    return withSize(rightSizing.size(task, prediction, size));
  }

  TaskState withSize(TaskSize newSize) {
    return new TaskState(
        task, prediction, sequence, phase, generation, shards, since, reason, moves, newSize);
  }

  TaskState because(Reason why) {
    return new TaskState(
        task, prediction, sequence, phase, generation, shards, since, why, moves, size);
  }

  TaskState withMoves(TaskMoves newMoves) {
    return new TaskState(
        task, prediction, sequence, phase, generation, shards, since, reason, newMoves, size);
  }

  /** Where a task is in its life. */
  public enum Phase {
    QUEUED,
    PLACED,
    RUNNING,
    ENDED
  }

  /**
   * One shard, where it is and how far it has come.
   *
   * @param startedAt when its node said that it started; null: not yet
   * @param ended true once it succeeded
   */
  public record ShardState(ShardPlacement placement, @Nullable Instant startedAt, boolean ended) {}
}
