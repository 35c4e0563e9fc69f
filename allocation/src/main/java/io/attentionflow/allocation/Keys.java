package io.attentionflow.allocation;

import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Which of two nodes with equal scores goes first: the one with the lower key. */
final class Keys {

  /** By id. */
  static final Keys BY_ID = new Keys(null);

  private final @Nullable LongUnaryOperator ofDraw;

  private Keys(@Nullable LongUnaryOperator ofDraw) {
    this.ofDraw = ofDraw;
  }

  /** As a policy wants it for one shard. */
  static Keys of(TieBreak ties, Draw draw) {
    return ties == TieBreak.FIRST ? BY_ID : new Keys(draw::ofNode);
  }

  long of(Node node) {
    return ofDraw == null ? node.order() : ofDraw.applyAsLong(node.draw());
  }

  /** Whether they rise with the nodes' ids. */
  boolean areByOrder() {
    return ofDraw == null;
  }

  /** The lowest key that a node may have that does not come before this one by id. */
  long lowestFrom(Node first) {
    return ofDraw == null ? first.order() : Long.MIN_VALUE;
  }

  /** A key of a node's draw; null: by id. */
  @Nullable LongUnaryOperator ofDraw() {
    return ofDraw;
  }
}
