package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import java.io.IOException;
import java.util.TreeMap;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How a {@link PolicyMessage} goes to {@code allocate}, and is kept there. */
public enum PolicyMessageLayout implements Layout<PolicyMessage> {
  INSTANCE;

  @Override
  public Class<PolicyMessage> type() {
    return PolicyMessage.class;
  }

  @Override
  public int version() {
    return 2;
  }

  @Override
  public void write(PolicyMessage message, DataOutputView out) throws IOException {
    message.origin().writeTo(out);
    Fields.writeText(message.pool(), out);
    Fields.writeLong(message.version(), out);
    Fields.writeTextMap(message.settings(), out);
    out.writeBoolean(message.proposal());
    Fields.writeOptionalText(message.shadow(), out);
    out.writeBoolean(message.ended());
    Fields.writeInstant(message.at(), out);
  }

  @Override
  public PolicyMessage read(int version, DataInputView in) throws IOException {
    return new PolicyMessage(
        Origin.readFrom(in),
        Fields.readText(in),
        Fields.readLong(in),
        new TreeMap<>(Fields.readTextMap(in)),
        in.readBoolean(),
        version == 1 ? null : Fields.readOptionalText(in),
        version > 1 && in.readBoolean(),
        Fields.readInstant(in));
  }
}
