package io.attentionflow.jobs.allocation;

import io.attentionflow.jobs.layout.Fields;
import io.attentionflow.jobs.layout.Layout;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.JudgedPeak;
import io.attentionflow.learning.features.LabelledExample;
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
    writeExample(scored.example(), out);
    AnswersLayout.INSTANCE.write(scored.answers(), out);
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

  @Override
  public ScoredExample read(int version, DataInputView in) throws IOException {
    return new ScoredExample(
        readExample(in, version >= WITH_GPU),
        AnswersLayout.INSTANCE.read(AnswersLayout.INSTANCE.version(), in));
  }

  private static LabelledExample readExample(DataInputView in, boolean judgesGpu)
      throws IOException {
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
