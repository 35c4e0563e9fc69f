package io.attentionflow.learning.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureSchema;
import org.junit.jupiter.api.Test;

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
}
