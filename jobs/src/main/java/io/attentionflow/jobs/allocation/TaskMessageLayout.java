package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How a {@link TaskMessage} goes from {@code decode} to {@code profile}. */
public enum TaskMessageLayout implements Layout<TaskMessage> {
  INSTANCE;

  @Override
  public Class<TaskMessage> type() {
    return TaskMessage.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(TaskMessage message, DataOutputView out) throws IOException {
    boolean submitted = message instanceof TaskMessage.Submitted;
    out.writeBoolean(submitted);
    if (message instanceof TaskMessage.Submitted submission) {
      writeSubmitted(submission, out);
    } else if (message instanceof TaskMessage.Cancelled cancellation) {
      writeCancelled(cancellation, out);
    } else {
      throw new IllegalStateException("No case for " + message);
    }
  }

  @Override
  public TaskMessage read(int version, DataInputView in) throws IOException {
    return in.readBoolean() ? readSubmitted(in) : readCancelled(in);
  }

  static void writeSubmitted(TaskMessage.Submitted message, DataOutputView out) throws IOException {
    message.origin().writeTo(out);
    Fields.writeText(message.pool(), out);
    EngineFields.writeTask(message.task(), out);
    Fields.writeLong(message.inputBytes(), out);
    Fields.writeTextMap(message.attributes(), out);
  }

  static TaskMessage.Submitted readSubmitted(DataInputView in) throws IOException {
    return new TaskMessage.Submitted(
        Origin.readFrom(in),
        Fields.readSharedText(in),
        EngineFields.readTask(in),
        Fields.readLong(in),
        Fields.readTextMap(in));
  }

  static void writeCancelled(TaskMessage.Cancelled message, DataOutputView out) throws IOException {
    message.origin().writeTo(out);
    Fields.writeText(message.pool(), out);
    Fields.writeText(message.tenant(), out);
    Fields.writeText(message.taskId(), out);
    Fields.writeInstant(message.at(), out);
  }

  static TaskMessage.Cancelled readCancelled(DataInputView in) throws IOException {
    return new TaskMessage.Cancelled(
        Origin.readFrom(in),
        Fields.readText(in),
        Fields.readText(in),
        Fields.readText(in),
        Fields.readInstant(in));
  }
}
