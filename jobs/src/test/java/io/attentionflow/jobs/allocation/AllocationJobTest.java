package io.attentionflow.jobs.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The job as it is submitted; that needs no Kafka. */
class AllocationJobTest {

  /** For ever: a savepoint finds an operator by these. */
  private static final List<String> UIDS =
      List.of(
          "read-task-events",
          "read-task-feedback",
          "read-node-events",
          "read-model-updates",
          "read-policy-updates",
          "decode-tasks",
          "decode-feedback",
          "decode-nodes",
          "decode-models",
          "decode-policies",
          "time-tasks",
          "time-feedback",
          "time-nodes",
          "time-models",
          "time-policies",
          "classify",
          "feedback-to-pool",
          "allocate",
          "demand",
          "train",
          "write-allocation-commands",
          "write-allocation-decisions",
          "write-allocation-pending",
          "write-resource-demand",
          "write-model-updates",
          "write-model-evaluations",
          "write-dead-letters");

  @ParameterizedTest
  @ValueSource(strings = {"exactly-once", "at-least-once"})
  void givesEveryOperatorAUidForEverAndANameForPeople(String guarantee) {
    List<String> uids = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (StreamNode node : operators(guarantee)) {
      names.add(node.getOperatorName());
      uids.add(String.valueOf(node.getTransformationUID()));
    }

    // Committers are made by Flink, with an id and a name that follow from the sink's.
    uids.removeIf(uid -> uid.startsWith("Sink Committer: write-"));
    assertThat(uids).containsExactlyInAnyOrderElementsOf(UIDS);
    assertThat(names).doesNotHaveDuplicates().allMatch(name -> name.matches("[A-Za-z: -]+"));
    assertThat(names).noneMatch(name -> name.matches("Source|Process|Co-Process.*|Map|Filter"));
  }

  @Test
  void refusesGenericTypesAndOperatorsWithoutUid() {
    StreamExecutionEnvironment env = new StreamExecutionEnvironment(new Configuration());

    AllocationJob.build(env, PipelineOptions.defaults());

    var configuration = env.getConfiguration();
    assertThat(configuration.get(org.apache.flink.configuration.PipelineOptions.GENERIC_TYPES))
        .isFalse();
    assertThat(configuration.get(org.apache.flink.configuration.PipelineOptions.AUTO_GENERATE_UIDS))
        .isFalse();
  }

  private static Collection<StreamNode> operators(String guarantee) {
    StreamExecutionEnvironment env = new StreamExecutionEnvironment(new Configuration());
    AllocationJob.build(env, PipelineOptions.with(Map.of("delivery.guarantee", guarantee)));
    return env.getStreamGraph().getStreamNodes();
  }
}
