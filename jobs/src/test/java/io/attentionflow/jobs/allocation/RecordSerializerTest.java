package io.attentionflow.jobs.allocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attentionflow.allocation.Command;
import io.attentionflow.allocation.Decision;
import io.attentionflow.allocation.PoolEngine;
import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.Prediction;
import io.attentionflow.allocation.Probabilities;
import io.attentionflow.allocation.Qos;
import io.attentionflow.allocation.Reason;
import io.attentionflow.allocation.Resources;
import io.attentionflow.allocation.ShardPlacement;
import io.attentionflow.allocation.TaskRequest;
import io.attentionflow.allocation.TaskSize;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.AllocationDecision;
import io.attentionflow.schema.DeadLetter;
import io.attentionflow.schema.DeadLetterReason;
import io.attentionflow.schema.PendingTask;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.topic.TopicNames;
import io.attentionflow.schema.wire.RecordCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.util.SimpleUserCodeClassLoader;
import org.apache.flink.util.UserCodeClassLoader;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.AbstractRecords;
import org.apache.kafka.common.record.RecordBatch;
import org.junit.jupiter.api.Test;

class RecordSerializerTest {

  private static final TopicNames NAMES = new TopicNames("staging.");

  /** What producers send and brokers take of it, with all that is around it. */
  private static final int MEBIBYTE = 1 << 20;

  /** In characters that take three bytes each, which is the most: others take two for each half. */
  private static final String LONGEST_TEXT =
      "\u20AC".repeat(PipelineOptions.with(Map.of("input.max-text", "16384")).input().maxText());

  private static final String LONGEST_NODE_ID = "\u20AC".repeat(Inspection.LONGEST_NODE_ID);

  private final RecordedMetrics metrics = new RecordedMetrics();

  @Test
  void writesARecordThatFitsAsItIs() {
    AllocationCommand command = command("t", 1, "node", List.of());

    ProducerRecord<byte[], byte[]> written = serialize(command);

    assertThat(written.topic()).isEqualTo("staging.allocation-commands");
    assertThat(text(written.key())).isEqualTo("t");
    assertThat(RecordCodec.of(AllocationCommand.class).decode(written.value()).orElseThrow())
        .isEqualTo(command);
  }

  @Test
  void writesATombstone() {
    var pending =
        new RecordSerializer<>(
            Topic.ALLOCATION_PENDING,
            NAMES,
            PendingTask.class,
            PendingChange::taskId,
            PendingChange::task);

    ProducerRecord<byte[], byte[]> written = serialize(pending, new PendingChange("t", null), 0L);

    assertThat(written.topic()).isEqualTo("staging.allocation-pending");
    assertThat(text(written.key())).isEqualTo("t");
    assertThat(written.value()).isNull();
  }

  /** Kafka would refuse it, again and again, and no other record would get by. */
  @Test
  void writesADeadLetterInPlaceOfWhatItsTopicDoesNotTake() {
    ProducerRecord<byte[], byte[]> written =
        serialize(command("t", 256, "n".repeat(5000), List.of()));

    assertThat(written.topic()).isEqualTo("staging.dead-letters");
    assertThat(text(written.key())).isEqualTo("staging.allocation-commands");
    DeadLetter letter = letter(written);
    assertThat(letter.getTopic()).isEqualTo("staging.allocation-commands");
    assertThat(letter.getPartition()).isEqualTo(-1);
    assertThat(letter.getOffset()).isEqualTo(-1);
    assertThat(letter.getReason()).isEqualTo(DeadLetterReason.ABSURD_AMOUNT);
    assertThat(letter.getDetail()).matches("AllocationCommand of 1\\d{6} bytes, more than 1047552");
    assertThat(letter.getObservedAt()).isEqualTo(Samples.NOON);
    assertThat(letter.getKey()).isEqualTo(ByteBuffer.wrap(new byte[] {'t'}));
    assertThat(letter.getValue()).isNull();
    assertThat(metrics.count("dead_letters_total")).isEqualTo(1);
  }

  @Test
  void writesADeadLetterThatFitsHoweverLargeTheKey() {
    ProducerRecord<byte[], byte[]> written =
        serialize(command("t".repeat(2 * MEBIBYTE), 1, "node", List.of()));

    assertThat(written.topic()).isEqualTo("staging.dead-letters");
    assertThat(letter(written).getKey()).isNull();
    assertFits(written);
  }

  @Test
  void handsOnNothingThatKafkaWouldRefuse() {
    List<String> topics = new ArrayList<>();
    for (int length = MEBIBYTE - 2000; length < MEBIBYTE; length += 9) {
      ProducerRecord<byte[], byte[]> written =
          serialize(command("t", 1, "n".repeat(length), List.of()));
      assertFits(written);
      topics.add(written.topic());
    }
    assertThat(topics).contains("staging.allocation-commands", "staging.dead-letters").isSorted();
  }

  /** A transaction that a failed run left open is looked for in these. */
  @Test
  void namesEveryTopicThatItMayWriteTo() {
    assertThat(topics(Topic.ALLOCATION_COMMANDS, AllocationCommand.class))
        .containsExactly("staging.allocation-commands", "staging.dead-letters");
    assertThat(topics(Topic.DEAD_LETTERS, DeadLetter.class))
        .containsExactly("staging.dead-letters");
  }

  private static <A extends SpecificRecord> List<String> topics(Topic topic, Class<A> type) {
    return new RecordSerializer<A, A>(topic, NAMES, type, record -> "", record -> record)
        .getKafkaDatasetFacet()
        .orElseThrow()
        .getTopicIdentifier()
        .getTopics();
  }

  /**
   * A command that nobody hears of would be worse than a record that nobody reads: so none is too
   * large, whatever {@code input.*} allows.
   */
  @Test
  void thereIsNoCommandThatItsTopicDoesNotTake() {
    assertThatThrownBy(() -> PipelineOptions.with(Map.of("input.max-text", "16385")))
        .isInstanceOf(InvalidOptionException.class);

    ProducerRecord<byte[], byte[]> written =
        serialize(Records.command(LONGEST_TEXT, largest(Command.Action.PREEMPT)));

    assertThat(written.topic()).isEqualTo("staging.allocation-commands");
    assertThat(written.value()).hasSizeGreaterThan(800_000);
    assertFits(written);
  }

  /** Those of shadows are the largest, for they say where, too. */
  @Test
  void thereIsNoDecisionThatItsTopicDoesNotTake() {
    Command command = largest(Command.Action.ALLOCATE);
    SortedMap<Reason, Integer> filtered = new TreeMap<>();
    for (Reason reason : Reason.values()) {
      filtered.put(reason, Integer.MAX_VALUE);
    }
    Duration longest = Duration.ofMillis(Long.MAX_VALUE);
    Prediction prediction =
        new Prediction(
            "EXTREME",
            List.of("LIGHT", "EXTREME"),
            Probabilities.of(0.25, 0.75),
            longest,
            longest,
            longest,
            longest,
            command.task().request(),
            command.task().request(),
            Long.MAX_VALUE,
            1);
    Decision decision =
        new Decision(
            prediction,
            PoolPolicy.defaults().withVersion(Long.MAX_VALUE),
            Integer.MAX_VALUE,
            filtered,
            Collections.nCopies(5, new Decision.NodeScore(LONGEST_NODE_ID, 0.1)),
            Integer.MAX_VALUE,
            LONGEST_TEXT,
            0.1,
            0.1,
            longest,
            null,
            TaskSize.of(command.task().request()));
    RecordSerializer<AllocationDecision, AllocationDecision> decisions =
        new RecordSerializer<>(
            Topic.ALLOCATION_DECISIONS,
            NAMES,
            AllocationDecision.class,
            AllocationDecision::getCommandId,
            record -> record);

    ProducerRecord<byte[], byte[]> written =
        serialize(decisions, Records.shadowed(LONGEST_TEXT, command, decision, LONGEST_TEXT), 0L);

    assertThat(written.topic()).isEqualTo("staging.allocation-decisions");
    assertThat(written.value()).hasSizeGreaterThan(800_000);
    assertFits(written);
  }

  /** As many shards as there can be, on nodes with as many GPUs and as long ids. */
  private static Command largest(Command.Action action) {
    return command(
        action,
        LONGEST_TEXT,
        PoolEngine.MAX_SHARDS,
        LONGEST_NODE_ID,
        IntStream.range(0, PoolEngine.MAX_GPUS).boxed().toList());
  }

  /** Its pool, tenant and type are called like the task. */
  private static AllocationCommand command(
      String taskId, int shards, String nodeId, List<Integer> gpuIndices) {
    return Records.command(
        taskId, command(Command.Action.PREEMPT, taskId, shards, nodeId, gpuIndices));
  }

  private static Command command(
      Command.Action action, String taskId, int shards, String nodeId, List<Integer> gpuIndices) {
    Resources all = new Resources(Long.MAX_VALUE, Long.MAX_VALUE, 1, 1000, Long.MAX_VALUE);
    Resources each =
        new Resources(
            Long.MAX_VALUE,
            Long.MAX_VALUE,
            gpuIndices.size(),
            gpuIndices.isEmpty() ? 0 : 1000,
            Long.MAX_VALUE);
    List<ShardPlacement> placements =
        IntStream.range(0, shards)
            .mapToObj(shard -> new ShardPlacement(shard, nodeId, each, gpuIndices))
            .toList();
    TaskRequest task =
        new TaskRequest(
            taskId,
            taskId,
            taskId,
            Samples.NOON,
            all,
            null,
            Integer.MIN_VALUE,
            Qos.BURSTABLE,
            null,
            1,
            shards,
            List.of());
    return new Command(
        action,
        task,
        Integer.MAX_VALUE,
        placements,
        "EXTREME",
        Reason.MORE_IMPORTANT_WAITS,
        Long.MAX_VALUE,
        Long.MAX_VALUE,
        null,
        Samples.NOON);
  }

  private ProducerRecord<byte[], byte[]> serialize(AllocationCommand command) {
    RecordSerializer<AllocationCommand, AllocationCommand> serializer =
        new RecordSerializer<>(
            Topic.ALLOCATION_COMMANDS,
            NAMES,
            AllocationCommand.class,
            AllocationCommand::getTaskId,
            record -> record);
    return serialize(serializer, command, Samples.NOON.toEpochMilli());
  }

  private <T> ProducerRecord<byte[], byte[]> serialize(
      RecordSerializer<T, ?> serializer, T element, long timestamp) {
    serializer.open(
        new SerializationSchema.InitializationContext() {
          @Override
          public MetricGroup getMetricGroup() {
            return metrics.group();
          }

          @Override
          public UserCodeClassLoader getUserCodeClassLoader() {
            return SimpleUserCodeClassLoader.create(RecordSerializerTest.class.getClassLoader());
          }
        },
        CONTEXT);
    return serializer.serialize(element, CONTEXT, timestamp);
  }

  private static final KafkaRecordSerializationSchema.KafkaSinkContext CONTEXT =
      new KafkaRecordSerializationSchema.KafkaSinkContext() {
        @Override
        public int getParallelInstanceId() {
          return 0;
        }

        @Override
        public int getNumberOfParallelInstances() {
          return 1;
        }

        @Override
        public int[] getPartitionsForTopic(String topic) {
          return new int[] {0};
        }
      };

  private static void assertFits(ProducerRecord<byte[], byte[]> written) {
    assertThat(
            AbstractRecords.estimateSizeInBytesUpperBound(
                RecordBatch.CURRENT_MAGIC_VALUE,
                Compression.NONE.type(),
                written.key(),
                written.value(),
                written.headers().toArray()))
        .isLessThan(MEBIBYTE);
  }

  private static DeadLetter letter(ProducerRecord<byte[], byte[]> written) {
    return RecordCodec.of(DeadLetter.class).decode(written.value()).orElseThrow();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
