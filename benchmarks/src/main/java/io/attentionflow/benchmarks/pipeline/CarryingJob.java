package io.attentionflow.benchmarks.pipeline;

import io.attentionflow.jobs.allocation.AllocationJob;
import io.attentionflow.jobs.allocation.PipelineOptions;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.AllocationDecision;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.wire.RecordCodec;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Carries the records that the job {@code allocation} carries, without a thought: decodes each task
 * event, hands it on by pool, and writes a command and a decision of it that are those of another
 * task but for their ids.
 *
 * <p>What it takes is what reading, shuffling and writing these records takes. It keeps no state,
 * and so its checkpoints have nothing to write.
 */
final class CarryingJob {

  private static final OutputTag<AllocationDecision> DECISIONS =
      new OutputTag<>("decisions", new AvroTypeInfo<>(AllocationDecision.class));

  private CarryingJob() {}

  /**
   * What is written of every task.
   *
   * @param command encoded, as the job {@code allocation} wrote it once
   * @param decision of that command, encoded
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Sample(byte[] command, byte[] decision) implements Serializable {}

  /** Puts the job into an environment. */
  static void build(StreamExecutionEnvironment env, PipelineOptions options, Sample sample) {
    AllocationJob.configure(env, options);
    SingleOutputStreamOperator<AllocationCommand> commands =
        env.fromSource(
                IdentityJob.source(options), WatermarkStrategy.noWatermarks(), "read task-events")
            .uid("read-task-events")
            .map(new Decode())
            .returns(new AvroTypeInfo<>(TaskEvent.class))
            .uid("decode")
            .keyBy(TaskEvent::getPool, Types.STRING)
            .process(new Answer(sample))
            .returns(new AvroTypeInfo<>(AllocationCommand.class))
            .uid("answer");
    commands
        .sinkTo(
            IdentityJob.sink(
                options,
                Topic.ALLOCATION_COMMANDS,
                topic ->
                    new Encoded<>(topic, AllocationCommand.class, AllocationCommand::getTaskId)))
        .uid("write-commands");
    commands
        .getSideOutput(DECISIONS)
        .sinkTo(
            IdentityJob.sink(
                options,
                Topic.ALLOCATION_DECISIONS,
                topic ->
                    new Encoded<>(
                        topic, AllocationDecision.class, AllocationDecision::getCommandId)))
        .uid("write-decisions");
  }

  private static final class Decode extends RichMapFunction<Tuple2<byte[], byte[]>, TaskEvent> {

    private transient @Nullable RecordCodec<TaskEvent> codec;

    @Override
    public void open(OpenContext context) {
      codec = RecordCodec.of(TaskEvent.class);
    }

    @Override
    public TaskEvent map(Tuple2<byte[], byte[]> record) {
      return opened(codec).decode(record.f1).orElseThrow();
    }
  }

  private static final class Answer
      extends KeyedProcessFunction<String, TaskEvent, AllocationCommand> {

    private final Sample sample;
    private transient @Nullable AllocationCommand command;
    private transient @Nullable AllocationDecision decision;

    Answer(Sample sample) {
      this.sample = sample;
    }

    @Override
    public void open(OpenContext context) {
      command = RecordCodec.of(AllocationCommand.class).decode(sample.command).orElseThrow();
      decision = RecordCodec.of(AllocationDecision.class).decode(sample.decision).orElseThrow();
    }

    /** Sinks are chained and encode at once, so that one record of each kind does for all. */
    @Override
    public void processElement(TaskEvent task, Context ctx, Collector<AllocationCommand> out) {
      String commandId = task.getTaskId() + "#1";
      AllocationCommand command = opened(this.command);
      command.setCommandId(commandId);
      command.setTaskId(task.getTaskId());
      command.setPool(task.getPool());
      out.collect(command);
      AllocationDecision decision = opened(this.decision);
      decision.setCommandId(commandId);
      decision.setTaskId(task.getTaskId());
      decision.setPool(task.getPool());
      ctx.output(DECISIONS, decision);
    }
  }

  private static final class Encoded<A extends SpecificRecord>
      implements KafkaRecordSerializationSchema<A>, KafkaDatasetFacetProvider {

    private final String topic;
    private final Class<A> type;
    private final Key<A> key;
    private transient @Nullable RecordCodec<A> codec;

    interface Key<A> extends Function<A, String>, Serializable {}

    Encoded(String topic, Class<A> type, Key<A> key) {
      this.topic = topic;
      this.type = type;
      this.key = key;
    }

    @Override
    public void open(SerializationSchema.InitializationContext context, KafkaSinkContext sink) {
      codec = RecordCodec.of(type);
    }

    @Override
    public ProducerRecord<byte[], byte[]> serialize(
        A record, KafkaSinkContext context, @Nullable Long timestamp) {
      return new ProducerRecord<>(
          topic, key.apply(record).getBytes(StandardCharsets.UTF_8), opened(codec).encode(record));
    }

    @Override
    public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
      return IdentityJob.facet(topic);
    }
  }

  private static <T> T opened(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("not opened");
    }
    return part;
  }
}
