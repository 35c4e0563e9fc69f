package io.attentionflow.jobs.layout;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How a text lies in state where there are many, such as the ids that are keys of map state. */
public enum TextLayout implements Layout<String> {
  INSTANCE;

  @Override
  public Class<String> type() {
    return String.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(String text, DataOutputView out) throws IOException {
    Fields.writeText(text, out);
  }

  @Override
  public String read(int version, DataInputView in) throws IOException {
    return Fields.readText(in);
  }
}
