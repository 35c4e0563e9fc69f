package io.attentionflow.jobs.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.schema.topic.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllocationJobTest {

  /** Flink checks sinks, uids and types when the graph is made; no broker is asked for that. */
  @ParameterizedTest
  @ValueSource(strings = {"exactly-once", "at-least-once"})
  void hasAUidAndANameForEveryStep(String guarantee) {
    StreamExecutionEnvironment env = new StreamExecutionEnvironment(new Configuration());
    AllocationJob.build(env, PipelineOptions.with(Map.of("delivery.guarantee", guarantee)));

    List<String> uids = new ArrayList<>();
    for (StreamNode node : env.getStreamGraph().getStreamNodes()) {
      assertThat(node.getTransformationUID()).as(node.getOperatorName()).isNotEmpty();
      assertThat(node.getOperatorName()).isNotEmpty();
      uids.add(node.getTransformationUID());
    }
    assertThat(uids)
        .doesNotHaveDuplicates()
        .contains(
            "read-" + Topic.TASK_EVENTS.baseName(), "profile", "classify", "allocate", "train");
  }
}
