package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How a {@link ModelMessage} goes to {@code classify}, and is kept there. */
public enum ModelMessageLayout implements Layout<ModelMessage> {
  INSTANCE;

  @Override
  public Class<ModelMessage> type() {
    return ModelMessage.class;
  }

  @Override
  public int version() {
    return 3;
  }

  @Override
  public void write(ModelMessage message, DataOutputView out) throws IOException {
    message.origin().writeTo(out);
    Fields.writeText(message.model(), out);
    Fields.writeLong(message.member(), out);
    Fields.writeLong(message.members(), out);
    Fields.writeLong(message.version(), out);
    Fields.writeLong(message.examples(), out);
    Fields.writeText(message.featureSchema(), out);
    Fields.writeTexts(message.classes(), out);
    out.writeDouble(message.drift());
    Fields.writeBytes(message.snapshot(), out);
    Fields.writeInstant(message.at(), out);
  }

  @Override
  public ModelMessage read(int version, DataInputView in) throws IOException {
    return new ModelMessage(
        Origin.readFrom(in),
        Fields.readText(in),
        version < 3 ? 0 : (int) Fields.readLong(in),
        version < 3 ? 1 : (int) Fields.readLong(in),
        Fields.readLong(in),
        Fields.readLong(in),
        Fields.readText(in),
        Fields.readTexts(in),
        version < 2 ? 0 : in.readDouble(),
        Fields.readBytes(in),
        Fields.readInstant(in));
  }
}
