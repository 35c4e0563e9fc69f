package io.attentionflow.allocation;

import io.attentionflow.allocation.Command.Action;

/** The random numbers of one shard's placement: of the seed and the command's id, and no other. */
final class Draw {

  private final PoolPolicy policy;
  private final TaskState waiting;
  private final int shard;
  private long number;
  private boolean drawn;

  /** Of the first shard of a task that is about to be placed. */
  Draw(PoolPolicy policy, TaskState waiting) {
    this(policy, waiting, 0);
  }

  private Draw(PoolPolicy policy, TaskState waiting, int shard) {
    this.policy = policy;
    this.waiting = waiting;
    this.shard = shard;
  }

  /** Of another shard of the same task. */
  Draw ofShard(int otherShard) {
    return new Draw(policy, waiting, otherShard);
  }

  /** One that belongs to a node, by the node's own number. */
  long ofNode(long nodeDraw) {
    return Draws.of(number(), nodeDraw);
  }

  /** The i-th of them, from 0, below a bound. */
  int below(int i, int bound) {
    return (int) Math.floorMod(Draws.of(number(), i), (long) bound);
  }

  /** Most placements never ask. */
  private long number() {
    if (!drawn) {
      String id = Command.id(Action.ALLOCATE, waiting.task().taskId(), waiting.generation() + 1);
      number = Draws.of(Draws.of(policy.seed(), Draws.of(id)), shard);
      drawn = true;
    }
    return number;
  }
}
