package io.attentionflow.jobs.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.JudgedPeak;
import io.attentionflow.learning.features.LabelledExample;
import io.attentionflow.learning.features.PeakPromise;
import java.io.IOException;
import java.util.List;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ScoredExampleLayoutTest {

  private static final JudgedPeak PEAK = new JudgedPeak(new PeakPromise(1, 2, 3, 4), 3);
  private static final byte[] NOTHING = {};

  @Test
  void readsWhatCameOfPromises() throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    ScoredExampleLayout.INSTANCE.write(new ScoredExample(example(PEAK), Answers.NONE), out);
    DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
    LabelledExample read = ScoredExampleLayout.INSTANCE.read(2, in).example();

    assertThat(in.available()).isZero();
    assertThat(read.cpu()).isEqualTo(PEAK);
    assertThat(read.memory()).isNull();
    assertThat(read.gpu()).isEqualTo(PEAK);
  }

  @Test
  void readsAnExampleOfBeforeGpusWereJudged() throws IOException {
    Answers answers = new Answers(List.of(new Answers.Answer("m", 3, new double[] {1}, NOTHING)));
    DataOutputSerializer out = new DataOutputSerializer(64);
    // The last byte says that there is none of GPU.
    ScoredExampleLayout.writeExample(example(null), out);
    DataOutputSerializer before = new DataOutputSerializer(64);
    before.write(out.getCopyOfBuffer(), 0, out.length() - 1);
    AnswersLayout.INSTANCE.write(answers, before);
    DataInputDeserializer in = new DataInputDeserializer(before.getCopyOfBuffer());
    ScoredExample read = ScoredExampleLayout.INSTANCE.read(1, in);

    assertThat(in.available()).isZero();
    assertThat(read.example().cpu()).isEqualTo(PEAK);
    assertThat(read.answers().answers()).extracting(Answers.Answer::version).containsExactly(3L);
  }

  private static LabelledExample example(@Nullable JudgedPeak gpu) {
    FeatureVector nothing = new FeatureVector(new double[0], new long[0]);
    return new LabelledExample("t", nothing, 0, 1, 1, PEAK, null, gpu);
  }
}
