package io.attentionflow.jobs.layout;

import java.io.IOException;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Messages with their length before them, so that they are taken from the network's memory in one
 * piece: field by field that costs several times as much.
 */
public final class Frames {

  private Frames() {}

  /** What goes into a frame. */
  @FunctionalInterface
  public interface Body {
    void write(DataOutputView out) throws IOException;
  }

  /**
   * Writes a frame.
   *
   * @param out that of a {@link LayoutSerializer}, which is in memory
   */
  public static void write(DataOutputView out, Body body) throws IOException {
    DataOutputSerializer memory = (DataOutputSerializer) out;
    int at = memory.length();
    memory.writeInt(0);
    body.write(memory);
    memory.writeIntUnsafe(memory.length() - at - Integer.BYTES, at);
  }

  /** What is in a frame. */
  public static DataInputView read(DataInputView in) throws IOException {
    byte[] bytes = new byte[in.readInt()];
    in.readFully(bytes);
    return new DataInputDeserializer(bytes);
  }
}
