package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.JudgedPeak;
import io.attentionflow.learning.features.LabelledExample;
import io.attentionflow.learning.features.Profile;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How a {@link ProfiledMessage} goes from {@code profile} to {@code classify}. */
public enum ProfiledMessageLayout implements Layout<ProfiledMessage> {
  INSTANCE;

  private static final int SUBMITTED = 1;
  private static final int CANCELLED = 2;
  private static final int ENDED = 3;
  private static final int WAITING = 4;

  /** The first version that promises GPUs, and judges it. */
  private static final int WITH_GPU = 2;

  @Override
  public Class<ProfiledMessage> type() {
    return ProfiledMessage.class;
  }

  @Override
  public int version() {
    return WITH_GPU;
  }

  @Override
  public void write(ProfiledMessage message, DataOutputView out) throws IOException {
    if (message instanceof ProfiledMessage.Submitted submitted) {
      out.writeByte(SUBMITTED);
      TaskMessageLayout.writeSubmitted(submitted.message(), out);
      submitted.profile().writeTo(out);
    } else if (message instanceof ProfiledMessage.Cancelled cancelled) {
      out.writeByte(CANCELLED);
      TaskMessageLayout.writeCancelled(cancelled.message(), out);
      out.writeBoolean(cancelled.forgotten());
    } else if (message instanceof ProfiledMessage.Ended ended) {
      out.writeByte(ENDED);
      Fields.writeText(ended.tenant(), out);
      writeExample(ended.example(), out);
    } else if (message instanceof ProfiledMessage.Waiting waiting) {
      out.writeByte(WAITING);
      waiting.origin().writeTo(out);
      Fields.writeText(waiting.tenant(), out);
      Fields.writeInstant(waiting.at(), out);
      Fields.writeInt(waiting.tasks().size(), out);
      for (ProfiledMessage.Waiting.Task task : waiting.tasks()) {
        Fields.writeText(task.taskId(), out);
        Fields.writeText(task.pool(), out);
        task.features().writeTo(out);
      }
    } else {
      throw new IllegalStateException("No case for " + message);
    }
  }

  @Override
  public ProfiledMessage read(int version, DataInputView in) throws IOException {
    int kind = in.readByte();
    return switch (kind) {
      case SUBMITTED ->
          new ProfiledMessage.Submitted(
              TaskMessageLayout.readSubmitted(in), Profile.readFrom(in, version >= WITH_GPU));
      case CANCELLED ->
          new ProfiledMessage.Cancelled(TaskMessageLayout.readCancelled(in), in.readBoolean());
      case ENDED ->
          new ProfiledMessage.Ended(Fields.readText(in), readExample(in, version >= WITH_GPU));
      case WAITING -> readWaiting(in);
      default -> throw new IOException("No message of kind " + kind);
    };
  }

  private static ProfiledMessage readWaiting(DataInputView in) throws IOException {
    Origin origin = Origin.readFrom(in);
    String tenant = Fields.readText(in);
    Instant at = Fields.readInstant(in);
    int size = Fields.readInt(in);
    List<ProfiledMessage.Waiting.Task> tasks = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      tasks.add(
          new ProfiledMessage.Waiting.Task(
              Fields.readText(in), Fields.readSharedText(in), FeatureVector.readFrom(in)));
    }
    return new ProfiledMessage.Waiting(origin, tenant, tasks, at);
  }

  static void writeExample(LabelledExample example, DataOutputView out) throws IOException {
    Fields.writeText(example.taskId(), out);
    example.features().writeTo(out);
    Fields.writeInt(example.label(), out);
    Fields.writeLong(example.durationMillis(), out);
    Fields.writeLong(example.endedAtMillis(), out);
    JudgedPeak.writeNullable(out, example.cpu());
    JudgedPeak.writeNullable(out, example.memory());
    JudgedPeak.writeNullable(out, example.gpu());
  }

  static LabelledExample readExample(DataInputView in, boolean judgesGpu) throws IOException {
    return new LabelledExample(
        Fields.readText(in),
        FeatureVector.readFrom(in),
        Fields.readInt(in),
        Fields.readLong(in),
        Fields.readLong(in),
        JudgedPeak.readNullable(in),
        JudgedPeak.readNullable(in),
        judgesGpu ? JudgedPeak.readNullable(in) : null);
  }
}
