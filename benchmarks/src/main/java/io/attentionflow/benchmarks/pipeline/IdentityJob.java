package io.attentionflow.benchmarks.pipeline;

import io.attentionflow.jobs.allocation.AllocationJob;
import io.attentionflow.jobs.allocation.PipelineOptions;
import io.attentionflow.schema.topic.Topic;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.typeutils.TupleTypeInfo;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetIdentifier;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.sink.KafkaSinkBuilder;
import org.apache.flink.connector.kafka.sink.TransactionNamingStrategy;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Copies task events, byte for byte, to where the job {@code allocation} writes its commands: the
 * most that any job between Kafka topics can do on a machine.
 *
 * <p>Source, sink, checkpoints and parallelism are configured as those of the job {@code
 * allocation}. Both are chained, so that a record is never serialised in between.
 */
final class IdentityJob {

  private IdentityJob() {}

  /** Puts the job into an environment. */
  static void build(StreamExecutionEnvironment env, PipelineOptions options) {
    AllocationJob.configure(env, options);
    env.fromSource(source(options), WatermarkStrategy.noWatermarks(), "read task-events")
        .uid("read-task-events")
        .sinkTo(sink(options, Topic.ALLOCATION_COMMANDS, Unchanged::new))
        .uid("write-task-events")
        .name("write task-events");
  }

  /** Reads task events as the job {@code allocation} does. */
  static KafkaSource<Tuple2<byte[], byte[]>> source(PipelineOptions options) {
    return KafkaSource.<Tuple2<byte[], byte[]>>builder()
        .setTopics(options.kafka().topics().of(Topic.TASK_EVENTS))
        .setGroupId(options.kafka().groupId())
        .setClientIdPrefix(options.kafka().groupId() + "-identity")
        .setStartingOffsets(OffsetsInitializer.earliest())
        .setDeserializer(new KeyAndValue())
        .setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed")
        .setProperties(properties(options))
        .setBootstrapServers(options.kafka().bootstrapServers())
        .build();
  }

  /** Writes to a topic as the job {@code allocation} does. */
  static <T> KafkaSink<T> sink(
      PipelineOptions options,
      Topic to,
      Function<String, KafkaRecordSerializationSchema<T>> serializer) {
    String topic = options.kafka().topics().of(to);
    KafkaSinkBuilder<T> sink =
        KafkaSink.<T>builder()
            .setBootstrapServers(options.kafka().bootstrapServers())
            .setKafkaProducerConfig(AllocationJob.producerProperties(options))
            .setRecordSerializer(serializer.apply(topic));
    switch (options.delivery().guarantee()) {
      case EXACTLY_ONCE ->
          sink.setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
              .setTransactionalIdPrefix(options.delivery().transactionPrefix() + "-" + topic)
              .setTransactionNamingStrategy(TransactionNamingStrategy.POOLING)
              .setProperty(
                  ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                  Long.toString(options.delivery().transactionTimeout().toMillis()));
      case AT_LEAST_ONCE -> sink.setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE);
    }
    return sink.build();
  }

  /** The topic that a serializer writes to, by which pooled transactions are found again. */
  static Optional<KafkaDatasetFacet> facet(String topic) {
    return Optional.of(
        new DefaultKafkaDatasetFacet(
            DefaultKafkaDatasetIdentifier.ofTopics(List.of(topic)), new Properties()));
  }

  private static Properties properties(PipelineOptions options) {
    Properties properties = new Properties();
    properties.putAll(options.kafka().properties());
    return properties;
  }

  /** A record as its two arrays of bytes. */
  private static final class KeyAndValue
      implements KafkaRecordDeserializationSchema<Tuple2<byte[], byte[]>> {

    @Override
    public void deserialize(
        ConsumerRecord<byte[], byte[]> record, Collector<Tuple2<byte[], byte[]>> out) {
      out.collect(Tuple2.of(record.key(), record.value()));
    }

    @Override
    public TypeInformation<Tuple2<byte[], byte[]>> getProducedType() {
      return new TupleTypeInfo<>(
          PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO,
          PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);
    }
  }

  /** The two arrays as a record again. */
  private record Unchanged(String topic)
      implements KafkaRecordSerializationSchema<Tuple2<byte[], byte[]>>, KafkaDatasetFacetProvider {

    @Override
    public ProducerRecord<byte[], byte[]> serialize(
        Tuple2<byte[], byte[]> element, KafkaSinkContext context, @Nullable Long timestamp) {
      return new ProducerRecord<>(topic, element.f0, element.f1);
    }

    /** Pooled transactions ask for it. */
    @Override
    public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
      return facet(topic);
    }
  }
}
