package io.attentionflow.jobs.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.JudgedPeak;
import io.attentionflow.learning.features.LabelledExample;
import io.attentionflow.learning.features.PeakPromise;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProfiledMessageLayoutTest {

  private static final JudgedPeak PEAK = new JudgedPeak(new PeakPromise(1, 2, 3, 4), 3);
  private static final byte[] NOTHING = {};

  @Test
  void readsWhatCameOfPromises() throws IOException {
    LabelledExample read = ended(2, written(PEAK));

    assertThat(read.cpu()).isEqualTo(PEAK);
    assertThat(read.memory()).isNull();
    assertThat(read.gpu()).isEqualTo(PEAK);
  }

  @Test
  void readsAnExampleOfBeforeGpusWereJudged() throws IOException {
    byte[] bytes = written(null);
    // The last byte says that there is none of GPU.
    LabelledExample read = ended(1, Arrays.copyOf(bytes, bytes.length - 1));

    assertThat(read.cpu()).isEqualTo(PEAK);
    assertThat(read.gpu()).isNull();
  }

  @Test
  void readsAScoredExampleOfBeforeGpusWereJudged() throws IOException {
    Answers answers = new Answers(List.of(new Answers.Answer("m", 3, new double[] {1}, NOTHING)));
    DataOutputSerializer out = new DataOutputSerializer(64);
    ProfiledMessageLayout.writeExample(example(null), out);
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

  private static byte[] written(@Nullable JudgedPeak gpu) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(64);
    ProfiledMessageLayout.INSTANCE.write(new ProfiledMessage.Ended("ann", example(gpu)), out);
    return out.getCopyOfBuffer();
  }

  private static LabelledExample ended(int version, byte[] bytes) throws IOException {
    DataInputDeserializer in = new DataInputDeserializer(bytes);
    ProfiledMessage message = ProfiledMessageLayout.INSTANCE.read(version, in);
    assertThat(in.available()).isZero();
    return ((ProfiledMessage.Ended) message).example();
  }
}
