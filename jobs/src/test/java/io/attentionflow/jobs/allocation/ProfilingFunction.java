package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Layout;
import io.attentionflow.jobs.layout.LayoutTypeInfo;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/** {@link TenantProfiles} as a function of their own: what they say is to be seen. */
final class ProfilingFunction extends KeyedProcessFunction<String, TenantMessage, ProfiledMessage> {

  private final TenantProfiles.Settings settings;
  private transient TenantProfiles profiles;
  private transient Sweeps sweeps;

  @SuppressWarnings("NullAway.Init") // Flink calls open() first
  private ProfilingFunction(PipelineOptions.Learning options) {
    settings = TenantProfiles.Settings.of(options);
  }

  static KeyedOneInputStreamOperatorTestHarness<String, TenantMessage, ProfiledMessage> harness(
      PipelineOptions.Learning options, @Nullable OperatorSubtaskState state) throws Exception {
    var harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            new Operator(new ProfilingFunction(options)), TenantMessage::tenant, Types.STRING);
    harness.setup(new LayoutTypeInfo<>(Said.INSTANCE).createSerializer(new SerializerConfigImpl()));
    if (state != null) {
      harness.initializeState(state);
    }
    harness.open();
    return harness;
  }

  /** Writes before state is saved, as {@link WriteBehind} does. */
  private static final class Operator
      extends KeyedProcessOperator<String, TenantMessage, ProfiledMessage> {
    private static final long serialVersionUID = 1;
    private final ProfilingFunction function;

    Operator(ProfilingFunction function) {
      super(function);
      this.function = function;
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
      function.profiles.write(this::setCurrentKey);
      super.snapshotState(context);
    }
  }

  @Override
  public void open(OpenContext context) {
    var deadLetters =
        new ReasonCounters(getRuntimeContext().getMetricGroup(), "dead_letters_total");
    profiles = new TenantProfiles(settings, getRuntimeContext(), deadLetters);
    sweeps = new Sweeps(settings.shortestTtl(), profiles.swept());
  }

  @Override
  public void processElement(TenantMessage message, Context ctx, Collector<ProfiledMessage> out) {
    if (message instanceof TaskMessage.Submitted) {
      sweeps.schedule(ctx.getCurrentKey(), ctx.timerService());
    }
    profiles
        .on(
            message,
            ctx.timerService().currentProcessingTime(),
            letter -> ctx.output(DeadLetters.TAG, letter))
        .forEach(out::collect);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext ctx, Collector<ProfiledMessage> out)
      throws Exception {
    sweeps.sweep(ctx.getCurrentKey(), ctx.timerService());
  }

  /** Goes from here to the test as it is. */
  private enum Said implements Layout<ProfiledMessage> {
    INSTANCE;

    @Override
    public Class<ProfiledMessage> type() {
      return ProfiledMessage.class;
    }

    @Override
    public int version() {
      return 1;
    }

    @Override
    public void write(ProfiledMessage message, DataOutputView out) {
      throw new AssertionError("Nobody writes " + message);
    }

    @Override
    public ProfiledMessage read(int version, DataInputView in) {
      throw new AssertionError("Nobody has written any");
    }
  }
}
