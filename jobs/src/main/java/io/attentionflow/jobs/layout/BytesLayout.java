package io.attentionflow.jobs.layout;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * How bytes lie in state that were laid out before, by {@link Packing}. Nobody changes them, so
 * they are never copied on the heap.
 */
public enum BytesLayout implements Layout<byte[]> {
  INSTANCE;

  @Override
  public Class<byte[]> type() {
    return byte[].class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(byte[] bytes, DataOutputView out) throws IOException {
    Fields.writeBytes(bytes, out);
  }

  @Override
  public byte[] read(int version, DataInputView in) throws IOException {
    return Fields.readBytes(in);
  }
}
