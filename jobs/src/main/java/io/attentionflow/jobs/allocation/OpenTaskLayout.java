package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Layout;
import io.attentionflow.learning.features.OpenTask;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How {@code profile} keeps a task until its end; it has a layout of its own, with a version. */
public enum OpenTaskLayout implements Layout<OpenTask> {
  INSTANCE;

  @Override
  public Class<OpenTask> type() {
    return OpenTask.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(OpenTask task, DataOutputView out) throws IOException {
    task.writeTo(out);
  }

  @Override
  public OpenTask read(int version, DataInputView in) throws IOException {
    return OpenTask.readFrom(in);
  }
}
