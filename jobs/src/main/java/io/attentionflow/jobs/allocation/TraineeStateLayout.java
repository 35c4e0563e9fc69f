package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How {@code train} keeps a learner. */
public enum TraineeStateLayout implements Layout<TraineeState> {
  INSTANCE;

  @Override
  public Class<TraineeState> type() {
    return TraineeState.class;
  }

  @Override
  public int version() {
    return 4;
  }

  @Override
  public void write(TraineeState state, DataOutputView out) throws IOException {
    Fields.writeText(state.learner(), out);
    Fields.writeLong(state.member(), out);
    Fields.writeLong(state.version(), out);
    Fields.writeLong(state.examples(), out);
    Fields.writeLong(state.examplesPublished(), out);
    Fields.writeLong(state.publishedAtMillis(), out);
    Fields.writeLong(state.latestMillis(), out);
    Fields.writeLong(state.answeredVersion(), out);
    Fields.writeBytes(state.snapshot(), out);
    Fields.writeBytes(state.evaluation(), out);
    Fields.writeBytes(state.uncalibrated(), out);
    Fields.writeBytes(state.drift(), out);
    Fields.writeBytes(state.tally(), out);
  }

  @Override
  public TraineeState read(int version, DataInputView in) throws IOException {
    return new TraineeState(
        Fields.readText(in),
        version < 4 ? 0 : (int) Fields.readLong(in),
        Fields.readLong(in),
        Fields.readLong(in),
        Fields.readLong(in),
        Fields.readLong(in),
        Fields.readLong(in),
        Fields.readLong(in),
        Fields.readBytes(in),
        Fields.readBytes(in),
        version < 2 ? new byte[0] : Fields.readBytes(in),
        version < 2 ? new byte[0] : Fields.readBytes(in),
        version < 3 ? new byte[0] : Fields.readBytes(in));
  }
}
