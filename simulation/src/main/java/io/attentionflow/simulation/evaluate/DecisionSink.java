package io.attentionflow.simulation.evaluate;

import io.attentionflow.allocation.PoolOutput.Commanded;

/** Is told every command, and how it came about. */
@FunctionalInterface
public interface DecisionSink {

  /** Keeps nothing. */
  DecisionSink NONE = (pool, commanded) -> {};

  /** A pool's engine has decided. */
  void decided(String pool, Commanded commanded);
}
