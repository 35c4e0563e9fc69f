package io.attentionflow.jobs.allocation;

import io.attentionflow.schema.wire.RecordCodec;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.DefaultKafkaDatasetIdentifier;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacet;
import org.apache.flink.connector.kafka.lineage.KafkaDatasetFacetProvider;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes records of one kind to one topic. Their time on the broker is the broker's own.
 *
 * @param <T> what the stream carries
 * @param <A> the record of the topic
 */
final class RecordSerializer<T, A extends SpecificRecord>
    implements KafkaRecordSerializationSchema<T>, KafkaDatasetFacetProvider {

  private final String topic;
  private final Class<A> type;
  private final Part<T, String> key;
  private final Part<T, @Nullable A> value;
  private transient RecordCodec<A> codec;

  /** What a record is made of; null: a tombstone. */
  interface Part<T, P extends @Nullable Object> extends Function<T, P>, Serializable {}

  @SuppressWarnings("NullAway.Init") // the codec is there from open() on
  RecordSerializer(String topic, Class<A> type, Part<T, String> key, Part<T, @Nullable A> value) {
    this.topic = topic;
    this.type = type;
    this.key = key;
    this.value = value;
  }

  @Override
  public void open(SerializationSchema.InitializationContext context, KafkaSinkContext sink) {
    codec = RecordCodec.of(type);
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      T element, KafkaSinkContext context, @Nullable Long timestamp) {
    A record = value.apply(element);
    return new ProducerRecord<>(
        topic,
        key.apply(element).getBytes(StandardCharsets.UTF_8),
        record == null ? null : codec.encode(record));
  }

  /** Pooled transactions are found again, after a failure, by the topics that they wrote to. */
  @Override
  public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
    return Optional.of(
        new DefaultKafkaDatasetFacet(
            DefaultKafkaDatasetIdentifier.ofTopics(List.of(topic)), new Properties()));
  }
}
