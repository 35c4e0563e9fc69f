package io.attentionflow.learning.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.learning.features.GeneratedTasks;
import io.attentionflow.learning.features.GeneratedTasks.Event;
import io.attentionflow.learning.features.LabelledExample;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LearnersTest {

  private static final FeatureSchema SCHEMA = FeatureSchema.ofTasks(ComplexityScale.DEFAULT);

  @Test
  void makesEveryLearnerItNames() {
    for (String name : Learners.names()) {
      assertThat(Learners.create(name, SCHEMA, 1).name()).isEqualTo(name);
    }
  }

  @Test
  void saysWhichLearnersThereAre() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Learners.create("oracle", SCHEMA, 1))
        .withMessageContaining("'oracle'")
        .withMessageContaining(String.join(", ", Learners.names()));
  }

  private static List<String> names() {
    return Learners.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void putsTogetherWhatMembersHaveLearnedApart(String name) {
    Classifier together = Learners.create(name, SCHEMA, 7);
    List<Classifier> apart = new ArrayList<>();
    for (int i = 0; i < together.members(); i++) {
      apart.add(Learners.member(name, SCHEMA, 7, i));
    }
    List<LabelledExample> examples = examples();
    for (int i = 0; i < examples.size(); i++) {
      FeatureVector x = examples.get(i).features();
      int label = examples.get(i).label();
      byte[] memo = together.answer(x, new double[together.classes()]);
      together.learn(x, memo, label, 1);
      for (int member = 0; member < apart.size(); member++) {
        if (i == examples.size() / 2) {
          Classifier moved = Learners.member(name, SCHEMA, 7, member);
          moved.restore(apart.get(member).snapshot());
          apart.set(member, moved);
        }
        apart.get(member).learn(x, memo, label, 1);
      }
    }
    Classifier joined = Learners.create(name, SCHEMA, 7);
    for (int member = 0; member < apart.size(); member++) {
      joined.restore(member, apart.get(member).snapshot());
    }

    assertThat(joined.snapshot()).isEqualTo(together.snapshot());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Learners.member(name, SCHEMA, 7, together.members()))
        .withMessageContaining(Integer.toString(together.members()));
  }

  @Test
  void takesNoWholeForAMemberAndNoMemberForAWhole() {
    Classifier forest = Learners.create("forest", SCHEMA, 7);
    examples().forEach(example -> forest.learn(example.features(), example.label(), 1));
    byte[] before = forest.snapshot();
    byte[] member = Learners.member("forest", SCHEMA, 7, 0).snapshot();

    assertThatIllegalArgumentException().isThrownBy(() -> forest.restore(member));
    assertThatIllegalArgumentException().isThrownBy(() -> forest.restore(0, before));
    assertThat(forest.snapshot()).isEqualTo(before);
  }

  @Test
  void staysAsItWasIfAMembersSnapshotTurnsOutWrongAtItsVeryEnd() {
    Classifier forest = Learners.create("forest", SCHEMA, 7);
    Classifier member = Learners.member("forest", SCHEMA, 7, 3);
    for (LabelledExample example : examples()) {
      forest.learn(example.features(), example.label(), 1);
      member.learn(example.features(), example.label(), 1);
      member.learn(example.features(), example.label(), 1);
    }
    byte[] before = forest.snapshot();
    byte[] good = member.snapshot();
    int inner = good.length - 4;
    int length = nestedLength(good);
    byte[] longer = ByteBuffer.allocate(good.length + 1).put(good, 0, inner - 4).array();
    sum(longer, inner - length, inner - 3);
    ByteBuffer.wrap(longer).putInt(inner - length - 4, length + 1);
    sum(longer, 0, longer.length - 4);
    byte[] longerOutside = ByteBuffer.allocate(good.length + 1).put(good, 0, inner).array();
    sum(longerOutside, 0, longerOutside.length - 4);

    for (byte[] wrong : List.of(longer, longerOutside)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> forest.restore(3, wrong))
          .withMessageContaining("rest");
      assertThat(forest.snapshot()).isEqualTo(before);
      for (LabelledExample example : examples()) {
        forest.predict(example.features(), new double[forest.classes()]);
      }
    }
  }

  /** Of the snapshot that stands behind the calibration in that of a calibrated forest. */
  private static int nestedLength(byte[] snapshot) {
    int head = 4 + 2 + "calibrated forest".length() + 1 + 2 + SCHEMA.id().length() + 4;
    int at = head + 12 * 2 * Double.BYTES;
    int length = ByteBuffer.wrap(snapshot).getInt(at);
    assertThat(at + Integer.BYTES + length + Integer.BYTES).isEqualTo(snapshot.length);
    return length;
  }

  /** Writes the checksum of what stands from one position to another behind it. */
  private static void sum(byte[] bytes, int from, int to) {
    CRC32 checksum = new CRC32();
    checksum.update(bytes, from, to - from);
    ByteBuffer.wrap(bytes).putInt(to, (int) checksum.getValue());
  }

  private static List<LabelledExample> examples() {
    return GeneratedTasks.events(400, 8).stream()
        .filter(Event.Ended.class::isInstance)
        .map(event -> ((Event.Ended) event).example())
        .toList();
  }
}
