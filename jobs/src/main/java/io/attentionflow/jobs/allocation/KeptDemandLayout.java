package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How {@code demand} keeps its counts; they have a layout of their own, with a version. */
public enum KeptDemandLayout implements Layout<KeptDemand> {
  INSTANCE;

  @Override
  public Class<KeptDemand> type() {
    return KeptDemand.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(KeptDemand kept, DataOutputView out) throws IOException {
    Fields.writeBytes(kept.toBytes(), out);
  }

  @Override
  public KeptDemand read(int version, DataInputView in) throws IOException {
    return KeptDemand.of(Fields.readBytes(in));
  }

  /** It counts in place, so a snapshot under way needs one of its own. */
  @Override
  public boolean immutable() {
    return false;
  }

  @Override
  public KeptDemand copy(KeptDemand kept) {
    try {
      return KeptDemand.of(kept.toBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory cannot fail", e);
    }
  }
}
