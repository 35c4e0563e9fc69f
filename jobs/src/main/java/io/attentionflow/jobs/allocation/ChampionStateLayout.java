package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How {@code train} keeps the championship. */
public enum ChampionStateLayout implements Layout<ChampionState> {
  INSTANCE;

  @Override
  public Class<ChampionState> type() {
    return ChampionState.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(ChampionState state, DataOutputView out) throws IOException {
    Fields.writeLong(state.version(), out);
    Fields.writeLong(state.latestMillis(), out);
    Fields.writeBytes(state.championship(), out);
  }

  @Override
  public ChampionState read(int version, DataInputView in) throws IOException {
    return new ChampionState(Fields.readLong(in), Fields.readLong(in), Fields.readBytes(in));
  }
}
