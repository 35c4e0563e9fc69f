package io.attentionflow.allocation;

import io.attentionflow.allocation.Placing.Blocked;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A task that waits: as it is now, where it stands in the orders of the {@link WaitingRoom}, and
 * what it is to be told. So it is looked up once, and followed from there on.
 *
 * <p>Its order by submission is by arrival where both came at once.
 */
final class WaitingTask implements Comparable<WaitingTask> {

  private TaskState state;

  // Of the state, kept at hand: every order asks for them.
  private final long sequence;
  private final long submittedSecond;
  private final int submittedNano;

  // Where it stands in each order, kept by that; null: it is not in it.
  ClassQueues.@Nullable ClassQueue classQueue;
  WaitingQueue.@Nullable Entry inClass;
  WaitingQueue.@Nullable Entry byLength;
  WaitingQueue.@Nullable Entry impatient;
  Patience.@Nullable Entry patient;

  // What it is to be told at the end of an event.
  private boolean isConcerned;
  private boolean isFresh;
  private @Nullable Blocked blocked;

  /** A task that is about to wait. */
  WaitingTask(TaskState state) {
    Instant submittedAt = state.task().submittedAt();
    this.state = state;
    this.sequence = state.sequence();
    this.submittedSecond = submittedAt.getEpochSecond();
    this.submittedNano = submittedAt.getNano();
  }

  /** By submission. */
  @Override
  public int compareTo(WaitingTask other) {
    int compared = Long.compare(submittedSecond, other.submittedSecond);
    compared = compared == 0 ? Integer.compare(submittedNano, other.submittedNano) : compared;
    return compared == 0 ? Long.compare(sequence, other.sequence) : compared;
  }

  TaskState state() {
    return state;
  }

  TaskRequest task() {
    return state.task();
  }

  long sequence() {
    return sequence;
  }

  /** It is the same task, and otherwise than it was. */
  void become(TaskState newState) {
    if (newState.sequence() != sequence) {
      throw new IllegalStateException(
          "%s is not %s".formatted(newState.task().taskId(), task().taskId()));
    }
    state = newState;
  }

  /** There is news of it from now on; says whether there was none. */
  boolean concern() {
    boolean isNew = !isConcerned;
    isConcerned = true;
    return isNew;
  }

  /** Whether there is news of it. */
  boolean isConcerned() {
    return isConcerned;
  }

  /** It began to wait within this event. */
  void begin() {
    isFresh = true;
  }

  /** Whether it was told that it waits. */
  boolean wasTold() {
    return !isFresh;
  }

  /** Why there is no room for it; null: it waits for others. */
  void block(@Nullable Blocked why) {
    blocked = why;
  }

  /**
   * Why there is no room for it, by what was found within this event; null: it waits for others.
   */
  @Nullable Blocked blocked() {
    return blocked;
  }

  /** It was told, or waits no more: there is no news of it. */
  void settle() {
    isConcerned = false;
    isFresh = false;
    blocked = null;
  }
}
