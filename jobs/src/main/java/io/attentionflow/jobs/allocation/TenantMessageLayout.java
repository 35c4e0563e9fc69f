package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Frames;
import io.attentionflow.jobs.layout.Layout;
import io.attentionflow.schema.FeedbackState;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How a {@link TenantMessage} goes from {@code decode} to {@code classify}. */
public enum TenantMessageLayout implements Layout<TenantMessage> {
  INSTANCE;

  private static final int SUBMITTED = 1;
  private static final int CANCELLED = 2;
  private static final int FEEDBACK = 3;

  @Override
  public Class<TenantMessage> type() {
    return TenantMessage.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(TenantMessage message, DataOutputView out) throws IOException {
    Frames.write(out, frame -> writeFields(message, frame));
  }

  private static void writeFields(TenantMessage message, DataOutputView out) throws IOException {
    if (message instanceof TaskMessage.Submitted submission) {
      out.writeByte(SUBMITTED);
      writeSubmitted(submission, out);
    } else if (message instanceof TaskMessage.Cancelled cancellation) {
      out.writeByte(CANCELLED);
      writeCancelled(cancellation, out);
    } else if (message instanceof FeedbackMessage feedback) {
      out.writeByte(FEEDBACK);
      writeFeedback(feedback, out);
    } else {
      throw new IllegalStateException("No case for " + message);
    }
  }

  @Override
  public TenantMessage read(int version, DataInputView in) throws IOException {
    return readFields(Frames.read(in));
  }

  private static TenantMessage readFields(DataInputView in) throws IOException {
    int kind = in.readByte();
    return switch (kind) {
      case SUBMITTED -> readSubmitted(in);
      case CANCELLED -> readCancelled(in);
      case FEEDBACK -> readFeedback(in);
      default -> throw new IOException("No message of kind " + kind);
    };
  }

  private static void writeSubmitted(TaskMessage.Submitted message, DataOutputView out)
      throws IOException {
    message.origin().writeTo(out);
    Fields.writeText(message.pool(), out);
    EngineFields.writeTask(message.task(), out);
    Fields.writeLong(message.inputBytes(), out);
    Fields.writeTextMap(message.attributes(), out);
  }

  private static TaskMessage.Submitted readSubmitted(DataInputView in) throws IOException {
    return new TaskMessage.Submitted(
        Origin.readFrom(in),
        Fields.readSharedText(in),
        EngineFields.readTask(in),
        Fields.readLong(in),
        Fields.readTextMap(in));
  }

  private static void writeCancelled(TaskMessage.Cancelled message, DataOutputView out)
      throws IOException {
    message.origin().writeTo(out);
    Fields.writeText(message.pool(), out);
    Fields.writeText(message.tenant(), out);
    Fields.writeText(message.taskId(), out);
    Fields.writeInstant(message.at(), out);
  }

  private static TaskMessage.Cancelled readCancelled(DataInputView in) throws IOException {
    return new TaskMessage.Cancelled(
        Origin.readFrom(in),
        Fields.readSharedText(in),
        Fields.readSharedText(in),
        Fields.readText(in),
        Fields.readInstant(in));
  }

  private static void writeFeedback(FeedbackMessage message, DataOutputView out)
      throws IOException {
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

  private static FeedbackMessage readFeedback(DataInputView in) throws IOException {
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
