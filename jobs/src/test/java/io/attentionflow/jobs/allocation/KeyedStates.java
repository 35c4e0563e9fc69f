package io.attentionflow.jobs.allocation;

import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/** Keyed state of an operator that does nothing, for tests of what is kept in it. */
final class KeyedStates implements AutoCloseable {

  private final KeyedProcessOperator<String, String, String> operator =
      new KeyedProcessOperator<>(new Nothing());
  private final KeyedOneInputStreamOperatorTestHarness<String, String, String> harness;

  private static final class Nothing extends KeyedProcessFunction<String, String, String> {
    private static final long serialVersionUID = 1;

    @Override
    public void processElement(String value, Context context, Collector<String> out) {}
  }

  /** Where state is. */
  enum Backend {
    HEAP,
    ROCKSDB
  }

  KeyedStates() throws Exception {
    this(Backend.HEAP, null);
  }

  /**
   * @param saved what it begins with
   */
  KeyedStates(Backend backend, @Nullable OperatorSubtaskState saved) throws Exception {
    harness = new KeyedOneInputStreamOperatorTestHarness<>(operator, key -> key, Types.STRING);
    harness.setStateBackend(
        backend == Backend.HEAP ? new HashMapStateBackend() : new EmbeddedRocksDBStateBackend());
    harness.setup();
    if (saved != null) {
      harness.initializeState(saved);
    }
    harness.open();
  }

  OperatorSubtaskState save() throws Exception {
    return harness.snapshot(1, 0);
  }

  RuntimeContext context() {
    return operator.getRuntimeContext();
  }

  /** Makes a key the current one. */
  void become(String key) {
    operator.setCurrentKey(key);
  }

  @Override
  public void close() throws Exception {
    harness.close();
  }
}
