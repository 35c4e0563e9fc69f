package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How a {@link DemandMessage} goes from {@code allocate} to {@code demand}. */
public enum DemandMessageLayout implements Layout<DemandMessage> {
  INSTANCE;

  @Override
  public Class<DemandMessage> type() {
    return DemandMessage.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(DemandMessage message, DataOutputView out) throws IOException {
    Fields.writeText(message.pool(), out);
    Fields.writeText(message.complexity(), out);
    out.writeBoolean(message.arrived());
    EngineFields.writeResources(message.request(), out);
    Fields.writeInstant(message.at(), out);
  }

  @Override
  public DemandMessage read(int version, DataInputView in) throws IOException {
    return new DemandMessage(
        Fields.readText(in),
        Fields.readText(in),
        in.readBoolean(),
        EngineFields.readResources(in),
        Fields.readInstant(in));
  }
}
