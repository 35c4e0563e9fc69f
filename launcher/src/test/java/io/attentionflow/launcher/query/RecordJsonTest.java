package io.attentionflow.launcher.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.attentionflow.schema.Action;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.PendingTask;
import io.attentionflow.schema.Reason;
import io.attentionflow.schema.Resources;
import io.attentionflow.schema.ShardPlacement;
import io.attentionflow.schema.topic.Topic;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordJsonTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  @Test
  void writesFieldsByTheirNamesWithoutWrappingAndTimesForPeople() {
    AllocationCommand command =
        AllocationCommand.newBuilder()
            .setCommandId("t#1")
            .setTaskId("t")
            .setGeneration(1)
            .setPool("p")
            .setTenant("ann")
            .setTaskType("train")
            .setAction(Action.ALLOCATE)
            .setShards(
                List.of(
                    new ShardPlacement(
                        0, "n", new Resources(1000L, 512L, 1, 250L, 0L), List.of(3))))
            .setComplexity("LIGHT")
            .setReason(Reason.PLACED)
            .setExpectedDurationMillis(5000L)
            .setDecidedAt(NOON)
            .build();

    assertThat(RecordJson.of(command).toString())
        .contains(
            "\"taskId\":\"t\",\"generation\":1",
            "\"action\":\"ALLOCATE\"",
            "\"shards\":[{\"shard\":0,\"nodeId\":\"n\",\"resources\":{\"cpuMillis\":1000,",
            "\"gpuIndices\":[3]",
            "\"expectedDurationMillis\":5000",
            "\"decidedAt\":\"2026-01-01T12:00:00Z\"");
  }

  @Test
  void leavesOutWhatIsNotKnownAndSortsMaps() {
    PendingTask pending =
        PendingTask.newBuilder()
            .setTaskId("t")
            .setPool("p")
            .setTenant("ann")
            .setTaskType("train")
            .setReason(Reason.NO_NODES)
            .setPosition(0)
            .setSince(NOON)
            .setObservedAt(NOON)
            .setNodesFiltered(Map.of("B", 2, "A", 1, "C", 3))
            .build();

    assertThat(RecordJson.of(pending).has("estimatedStart")).isFalse();
    assertThat(RecordJson.of(pending).get("nodesFiltered").toString())
        .isEqualTo("{\"A\":1,\"B\":2,\"C\":3}");
  }

  @ParameterizedTest
  @EnumSource(Topic.class)
  void knowsEveryTypeThatAFieldCanHave(Topic topic) throws Exception {
    IndexedRecord record = topic.record().getDeclaredConstructor().newInstance();
    record
        .getSchema()
        .getFields()
        .forEach(
            field -> {
              if (field.hasDefaultValue()) {
                record.put(field.pos(), SpecificData.get().getDefaultValue(field));
              }
            });

    assertThat(RecordJson.of(record).isObject()).isTrue();
  }
}
