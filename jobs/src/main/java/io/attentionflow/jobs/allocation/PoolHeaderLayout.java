package io.attentionflow.jobs.allocation;

import io.attentionflow.allocation.PoolHeader;
import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How {@code allocate} keeps what a pool remembers besides nodes and tasks. */
public enum PoolHeaderLayout implements Layout<PoolHeader> {
  INSTANCE;

  @Override
  public Class<PoolHeader> type() {
    return PoolHeader.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(PoolHeader header, DataOutputView out) throws IOException {
    EngineFields.writePolicy(header.policy(), out);
    Fields.writeInstant(header.now(), out);
    Fields.writeLong(header.nextSequence(), out);
    Fields.writeOptionalText(header.lastNodeId(), out);
    Fields.writeOptionalInstant(header.wakeAt(), out);
  }

  @Override
  public PoolHeader read(int version, DataInputView in) throws IOException {
    return new PoolHeader(
        EngineFields.readPolicy(in),
        Fields.readInstant(in),
        Fields.readLong(in),
        Fields.readOptionalText(in),
        Fields.readOptionalInstant(in));
  }
}
