package io.attentionflow.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.attentionflow.learning.classify.Classifier;
import io.attentionflow.learning.classify.Learners;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.TaskFacts;
import io.attentionflow.schema.ModelUpdate;
import io.attentionflow.schema.wire.RecordCodec;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.ml.linalg.DenseVector;
import org.apache.flink.ml.servable.api.DataFrame;
import org.apache.flink.ml.servable.api.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ClassifierServableTest {

  private static final ComplexityScale SCALE = ComplexityScale.DEFAULT;
  private static final FeatureSchema SCHEMA = FeatureSchema.ofTasks(SCALE);

  private static List<String> learners() {
    return Learners.names();
  }

  @ParameterizedTest
  @MethodSource("learners")
  void answersAsTheLearnerThatWasPublished(String name) throws IOException {
    Classifier learner = trained(name);
    ClassifierServable served = ClassifierServable.of(published(learner, SCHEMA.id()));

    List<FeatureVector> features = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      features.add(vector(new Random(i), i % 4));
    }
    List<Row> rows = served.transform(TaskFrame.ofFeatures(features)).collect();

    assertThat(served.model()).isEqualTo(name);
    assertThat(served.version()).isEqualTo(3);
    assertThat(served.classes()).isEqualTo(SCALE.names());
    for (int i = 0; i < features.size(); i++) {
      double[] expected = new double[4];
      learner.predict(features.get(i), expected);
      DenseVector probabilities = rows.get(i).getAs(2);
      assertThat(probabilities.toArray()).isEqualTo(expected);
      int best = SCALE.names().indexOf(rows.get(i).<String>getAs(1));
      for (double probability : expected) {
        assertThat(probability).isLessThanOrEqualTo(expected[best]);
      }
      assertThat(rows.get(i).<Long>getAs(3)).isEqualTo(3);
    }
  }

  @Test
  void answersFromMembersThatWerePublishedEachByItself() throws IOException {
    Classifier forest = Learners.create("forest", SCHEMA, 5);
    List<Classifier> members = new ArrayList<>();
    for (int i = 0; i < forest.members(); i++) {
      members.add(Learners.member("forest", SCHEMA, 5, i));
    }
    Random random = new Random(11);
    for (int i = 0; i < 400; i++) {
      FeatureVector x = vector(random, i % 4);
      byte[] memo = forest.answer(x, new double[4]);
      forest.learn(x, memo, i % 4, 1);
      for (Classifier member : members) {
        member.learn(x, memo, i % 4, 1);
      }
    }
    byte[][] records = new byte[members.size()][];
    for (int i = 0; i < records.length; i++) {
      // The last comes first.
      int member = records.length - 1 - i;
      records[i] = record(members.get(member), member, records.length);
    }

    DataFrame answered =
        ClassifierServable.of(records)
            .transform(TaskFrame.ofFeatures(List.of(vector(new Random(3), 2))));

    double[] expected = new double[4];
    forest.predict(vector(new Random(3), 2), expected);
    assertThat(answered.collect().get(0).<DenseVector>getAs(2).toArray()).isEqualTo(expected);
    assertThatIOException()
        .isThrownBy(() -> ClassifierServable.of(records[0], records[1]))
        .withMessageContaining("10 members");
    assertThatIOException()
        .isThrownBy(() -> ClassifierServable.of(records[0], records[0]))
        .withMessageContaining("twice");
    assertThatIOException()
        .isThrownBy(() -> ClassifierServable.of(record(members.get(0), -1, records.length)))
        .withMessageContaining("member -1");
  }

  @Test
  void classifiesTasksOfWhichOnlyTheRequestIsKnown(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("prior.avro");
    Files.write(file, published(trained("prior"), SCHEMA.id()));
    TaskFacts task =
        new TaskFacts(
            "t", "ann", "train", 0, 1000, 512, 0, 0, null, 0, "BURSTABLE", null, 0, Map.of());

    DataFrame answered =
        ClassifierServable.load(file).transform(TaskFrame.ofTasks(List.of(task, task)));

    assertThat(answered.getColumnNames())
        .containsExactly("features", "prediction", "probabilities", "modelVersion");
    assertThat(answered.collect())
        .hasSize(2)
        .allSatisfy(row -> assertThat(SCALE.names()).contains(row.<String>getAs(1)));
  }

  @Test
  void refusesWhatIsNoModelAndKeepsTheOneBefore() throws IOException {
    ClassifierServable served = ClassifierServable.of(published(trained("prior"), SCHEMA.id()));
    for (byte[] wrong :
        List.of(
            new byte[0],
            new byte[] {1, 2, 3},
            published(trained("prior"), "tasks/0"),
            record("prior", SCHEMA.id(), new byte[] {1, 2}),
            record("champion", SCHEMA.id(), new byte[] {1, 2}))) {
      assertThatIOException()
          .isThrownBy(
              () -> {
                try (InputStream in = new ByteArrayInputStream(wrong)) {
                  served.setModelData(in);
                }
              });
    }
    assertThatIOException().isThrownBy(served::setModelData).withMessageContaining("one stream");
    assertThatIOException()
        .isThrownBy(
            () ->
                ClassifierServable.of(
                    published(trained("prior"), SCHEMA.id()),
                    published(trained("mixture"), SCHEMA.id())))
        .withMessageContaining("mixture");
    assertThat(served.version()).isEqualTo(3);
  }

  @Test
  void refusesRowsThatAreNoTasks() throws IOException {
    ClassifierServable served = ClassifierServable.of(published(trained("prior"), SCHEMA.id()));
    FeatureVector other = new FeatureVector(new double[] {1}, new long[] {2});

    assertThatIllegalArgumentException()
        .isThrownBy(() -> served.transform(TaskFrame.ofFeatures(List.of(other))));
    assertThatIllegalStateException()
        .isThrownBy(() -> new ClassifierServable().transform(TaskFrame.ofFeatures(List.of())));
  }

  private static Classifier trained(String name) {
    Classifier learner = Learners.create(name, SCHEMA, 5);
    Random random = new Random(11);
    for (int i = 0; i < 400; i++) {
      learner.learn(vector(random, i % 4), i % 4, 1);
    }
    return learner;
  }

  private static FeatureVector vector(Random random, int label) {
    double[] numbers = new double[SCHEMA.numbers().size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = random.nextInt(4) == 0 ? Double.NaN : label + random.nextGaussian();
    }
    long[] keys = new long[SCHEMA.keys().size()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = 1 + (i + label) * 10L + random.nextInt(3);
    }
    byte[] evidence = new byte[SCHEMA.evidenceLength()];
    random.nextBytes(evidence);
    return new FeatureVector(numbers, keys, evidence);
  }

  private static byte[] published(Classifier learner, String features) {
    return record(learner.name(), features, learner.snapshot());
  }

  private static byte[] record(Classifier learner, int member, int members) {
    return record(learner.name(), SCHEMA.id(), learner.snapshot(), member, members);
  }

  private static byte[] record(String model, String features, byte[] snapshot) {
    return record(model, features, snapshot, 0, 1);
  }

  private static byte[] record(
      String model, String features, byte[] snapshot, int member, int members) {
    return RecordCodec.of(ModelUpdate.class)
        .encode(
            ModelUpdate.newBuilder()
                .setModel(model)
                .setMember(member)
                .setMembers(members)
                .setVersion(3)
                .setPublishedAt(Instant.parse("2026-01-01T12:00:00Z"))
                .setExamples(400)
                .setSeed(5)
                .setFeatureSchema(features)
                .setClasses(SCALE.names())
                .setSnapshot(ByteBuffer.wrap(snapshot))
                .build());
  }
}
