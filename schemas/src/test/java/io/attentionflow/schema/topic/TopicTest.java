package io.attentionflow.schema.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attentionflow.schema.TaskEvent;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TopicTest {

  @Test
  void hasOneNameAndOneRecordForEachTopic() {
    assertThat(Arrays.stream(Topic.values()).map(Topic::baseName)).doesNotHaveDuplicates();
    assertThat(Arrays.stream(Topic.values()).map(Topic::record)).doesNotHaveDuplicates();
  }

  @Test
  void isKeptForEverOnlyWhereCompacted() {
    assertThat(Topic.values())
        .allSatisfy(
            topic ->
                assertThat(topic.defaultRetention().isEmpty())
                    .isEqualTo(topic.cleanup() == Topic.Cleanup.COMPACT));
  }

  @Test
  void isNamedWithThePrefixOfItsInstallation() {
    TopicNames names = new TopicNames("staging.");

    assertThat(names.of(Topic.TASK_EVENTS)).isEqualTo("staging.task-events");
    assertThat(names.find("staging.task-events")).contains(Topic.TASK_EVENTS);
    assertThat(names.find("task-events")).isEmpty();
    assertThat(TopicNames.PLAIN.find("task-events").orElseThrow().record())
        .isEqualTo(TaskEvent.class);
  }

  @Test
  void refusesAPrefixThatKafkaWouldNotTake() {
    assertThatThrownBy(() -> new TopicNames("a/b")).hasMessageContaining("a/b");
    assertThatThrownBy(() -> new TopicNames("x".repeat(201)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
