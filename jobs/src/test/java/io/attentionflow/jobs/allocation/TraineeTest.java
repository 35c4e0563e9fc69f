package io.attentionflow.jobs.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.learning.classify.Classifier;
import io.attentionflow.learning.features.ComplexityScale;
import io.attentionflow.learning.features.FeatureSchema;
import io.attentionflow.learning.features.FeatureVector;
import io.attentionflow.schema.ModelUpdate;
import io.attentionflow.schema.topic.Topic;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TraineeTest {

  private static final ComplexityScale SCALE = ComplexityScale.DEFAULT;

  @Test
  void doesNotPublishWhatTheTopicDoesNotTake() {
    assertThat(published(Topic.MODEL_UPDATES.maxMessageBytes())).isNull();
  }

  @Test
  void publishesWhatTheTopicTakesWithAllThatIsAroundIt() {
    ModelUpdate update = published(Topic.MODEL_UPDATES.maxMessageBytes() - 64 * 1024);

    assertThat(update).isNotNull().extracting(ModelUpdate::getVersion).isEqualTo(1L);
  }

  private static @Nullable ModelUpdate published(int snapshotBytes) {
    return Trainee.begin(
            new TaughtClassifier(new Large(snapshotBytes)), 0, 1, FeatureSchema.ofTasks(SCALE))
        .publish(FeatureSchema.ofTasks(SCALE), SCALE.names(), 0, false);
  }

  /** A classifier that knows nothing, and much of it. */
  private record Large(int snapshotBytes) implements Classifier {

    @Override
    public String name() {
      return "large";
    }

    @Override
    public int classes() {
      return SCALE.classes();
    }

    @Override
    public void predict(FeatureVector x, double[] probabilities) {}

    @Override
    public void learn(FeatureVector x, int label, double weight) {}

    @Override
    public byte[] snapshot() {
      return new byte[snapshotBytes];
    }

    @Override
    public void restore(byte[] snapshot) {}
  }
}
