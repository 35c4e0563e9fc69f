package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Layout;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** How a {@link ScoredExample} goes from {@code classify} to {@code train}. */
public enum ScoredExampleLayout implements Layout<ScoredExample> {
  INSTANCE;

  /** The first version that judges what was promised of GPUs. */
  private static final int WITH_GPU = 2;

  @Override
  public Class<ScoredExample> type() {
    return ScoredExample.class;
  }

  @Override
  public int version() {
    return WITH_GPU;
  }

  @Override
  public void write(ScoredExample scored, DataOutputView out) throws IOException {
    ProfiledMessageLayout.writeExample(scored.example(), out);
    AnswersLayout.INSTANCE.write(scored.answers(), out);
  }

  @Override
  public ScoredExample read(int version, DataInputView in) throws IOException {
    return new ScoredExample(
        ProfiledMessageLayout.readExample(in, version >= WITH_GPU),
        AnswersLayout.INSTANCE.read(AnswersLayout.INSTANCE.version(), in));
  }
}
