package io.attentionflow.jobs.allocation;

import io.attentionflow.schema.AllocationCommand;
import java.util.List;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;

/**
 * Runs {@link AllocateFunction}, and lets it write each pool before state is saved, as a function
 * cannot do by itself: when it is told of a checkpoint it has no current key.
 */
class AllocateOperator
    extends CoBroadcastWithKeyedOperator<String, PoolMessage, PolicyMessage, AllocationCommand> {

  private static final long serialVersionUID = 1;

  AllocateOperator(AllocateFunction function) {
    super(function, List.of(AllocateFunction.POLICIES, AllocateFunction.SHADOWS));
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    ((AllocateFunction) getUserFunction()).write(this::setCurrentKey);
    super.snapshotState(context);
  }
}
