package io.attentionflow.allocation;

import org.jspecify.annotations.Nullable;

/**
 * How much a task is to get when it is placed next, or got when it was placed last.
 *
 * @param given in all, over its shards
 * @param sizing how it came to that, or would have, if right-sizing is only recorded
 * @param rightSized what right-sizing says it should get; null: it says nothing
 * @param outOfMemories how often it ran out of memory
 * @param leastMemoryMib so much memory at least, since it ran out of less, MiB; 0: it never did
 * @param cutOutOfMemories how often of those it had less than it requests: those were not its fault
 */
public record TaskSize(
    Resources given,
    Sizing sizing,
    @Nullable Resources rightSized,
    int outOfMemories,
    long leastMemoryMib,
    int cutOutOfMemories) {

  /** Of a task that is over. */
  static final TaskSize NONE = new TaskSize(Resources.NONE, Sizing.OFF, null, 0, 0);

  /** Of a task that never ran out of memory while it had less than it requests. */
  public TaskSize(
      Resources given,
      Sizing sizing,
      @Nullable Resources rightSized,
      int outOfMemories,
      long leastMemoryMib) {
    this(given, sizing, rightSized, outOfMemories, leastMemoryMib, 0);
  }

  /** Of a task as it was submitted. */
  public static TaskSize of(Resources request) {
    return new TaskSize(request, Sizing.OFF, null, 0, 0);
  }

  /**
   * It ran out of memory, and is to get so much at least from now on.
   *
   * @param wasCut whether it had less than it requests
   */
  TaskSize raisedTo(long memoryMib, boolean wasCut) {
    return new TaskSize(
        given,
        sizing,
        rightSized,
        outOfMemories + 1,
        memoryMib,
        cutOutOfMemories + (wasCut ? 1 : 0));
  }

  /** How often it ran out of all that it requests, or more. */
  int ownOutOfMemories() {
    return outOfMemories - cutOutOfMemories;
  }
}
