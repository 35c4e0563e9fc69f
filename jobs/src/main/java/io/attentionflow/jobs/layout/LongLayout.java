package io.attentionflow.jobs.layout;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How a whole number lies in state, such as a time. */
public enum LongLayout implements Layout<Long> {
  INSTANCE;

  @Override
  public Class<Long> type() {
    return Long.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(Long number, DataOutputView out) throws IOException {
    Fields.writeLong(number, out);
  }

  @Override
  public Long read(int version, DataInputView in) throws IOException {
    return Fields.readLong(in);
  }
}
