package io.attentionflow.jobs.allocation;

import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;

/**
 * Runs a function that keeps what it changes of its state for a while, and lets it write that
 * before state is saved, as a function cannot do by itself: when it is told of a checkpoint it has
 * no current key.
 */
class WriteBehind<A, B, C> extends CoBroadcastWithKeyedOperator<String, A, B, C> {

  private static final long serialVersionUID = 1;

  /** Such a function. */
  abstract static class Function<A, B, C> extends KeyedBroadcastProcessFunction<String, A, B, C> {

    private static final long serialVersionUID = 1;

    /**
     * Writes what was kept until now.
     *
     * @param become makes a key the current one
     */
    abstract void write(Consumer<String> become);
  }

  /**
   * @param broadcast the function's broadcast state
   */
  WriteBehind(Function<A, B, C> function, List<MapStateDescriptor<?, ?>> broadcast) {
    super(function, broadcast);
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    ((Function<A, B, C>) getUserFunction()).write(this::setCurrentKey);
    super.snapshotState(context);
  }
}
