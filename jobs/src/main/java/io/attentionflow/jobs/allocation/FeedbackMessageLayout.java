package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import io.attentionflow.schema.FeedbackState;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How a {@link FeedbackMessage} goes from {@code decode} to {@code profile}. */
public enum FeedbackMessageLayout implements Layout<FeedbackMessage> {
  INSTANCE;

  @Override
  public Class<FeedbackMessage> type() {
    return FeedbackMessage.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(FeedbackMessage message, DataOutputView out) throws IOException {
    message.origin().writeTo(out);
    Fields.writeText(message.pool(), out);
    Fields.writeText(message.tenant(), out);
    Fields.writeText(message.taskId(), out);
    Fields.writeInt(message.generation(), out);
    Fields.writeText(message.nodeId(), out);
    Fields.writeInt(message.shard(), out);
    Fields.writeName(message.state(), out);
    Fields.writeInstant(message.at(), out);
    Fields.writeLong(message.durationMillis(), out);
    Fields.writeLong(message.peakCpuMillis(), out);
    Fields.writeLong(message.peakMemoryMib(), out);
    Fields.writeLong(message.peakGpuMillis(), out);
  }

  @Override
  public FeedbackMessage read(int version, DataInputView in) throws IOException {
    return new FeedbackMessage(
        Origin.readFrom(in),
        Fields.readSharedText(in),
        Fields.readSharedText(in),
        Fields.readText(in),
        Fields.readInt(in),
        Fields.readSharedText(in),
        Fields.readInt(in),
        Fields.readName(FeedbackState.class, in),
        Fields.readInstant(in),
        Fields.readLong(in),
        Fields.readLong(in),
        Fields.readLong(in),
        Fields.readLong(in));
  }
}
