package io.attentionflow.jobs.allocation;

import io.attentionflow.schema.DeadLetter;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.topic.TopicNames;
import io.attentionflow.schema.wire.RecordCodec;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import java.util.stream.Stream;
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
 * <p>A record that is larger than the topic takes would stop the job, and again after each restart.
 * In its place a dead letter is written that says so. The bounds of the input are such that this
 * befalls no command and no decision, see {@link Inspection#LONGEST_NODE_ID}.
 *
 * @param <T> what the stream carries
 * @param <A> the record of the topic
 */
final class RecordSerializer<T, A extends SpecificRecord>
    implements KafkaRecordSerializationSchema<T>, KafkaDatasetFacetProvider {

  /** More than what a batch and a request have around a record. */
  private static final int AROUND = 1024;

  private final String topic;
  private final int mostBytes;
  private final String deadLetterTopic;
  private final Class<A> type;
  private final Part<T, String> key;
  private final Part<T, @Nullable A> value;
  private transient RecordCodec<A> codec;
  private transient RecordCodec<DeadLetter> deadLetterCodec;
  private transient ReasonCounters deadLetters;

  /** What a record is made of; null: a tombstone. */
  interface Part<T, P extends @Nullable Object> extends Function<T, P>, Serializable {}

  @SuppressWarnings("NullAway.Init") // the codecs are there from open() on
  RecordSerializer(
      Topic topic,
      TopicNames names,
      Class<A> type,
      Part<T, String> key,
      Part<T, @Nullable A> value) {
    this.topic = names.of(topic);
    mostBytes = topic.maxMessageBytes() - AROUND;
    deadLetterTopic = names.of(Topic.DEAD_LETTERS);
    this.type = type;
    this.key = key;
    this.value = value;
  }

  @Override
  public void open(SerializationSchema.InitializationContext context, KafkaSinkContext sink) {
    codec = RecordCodec.of(type);
    deadLetterCodec = RecordCodec.of(DeadLetter.class);
    deadLetters = new ReasonCounters(context.getMetricGroup(), "dead_letters_total");
  }

  @Override
  public ProducerRecord<byte[], byte[]> serialize(
      T element, KafkaSinkContext context, @Nullable Long timestamp) {
    byte[] keyBytes = key.apply(element).getBytes(StandardCharsets.UTF_8);
    A record = value.apply(element);
    byte[] bytes = record == null ? null : codec.encode(record);
    int size = keyBytes.length + (bytes == null ? 0 : bytes.length);
    return size > mostBytes
        ? buried(keyBytes, size, timestamp)
        : new ProducerRecord<>(topic, keyBytes, bytes);
  }

  private ProducerRecord<byte[], byte[]> buried(
      byte[] keyBytes, int size, @Nullable Long timestamp) {
    DeadLetter letter =
        DeadLetters.unwritten(
            topic,
            keyBytes,
            Instant.ofEpochMilli(timestamp == null ? 0 : timestamp),
            "%s of %d bytes, more than %d".formatted(type.getSimpleName(), size, mostBytes));
    deadLetters.count(letter.getReason());
    return new ProducerRecord<>(
        deadLetterTopic,
        letter.getTopic().getBytes(StandardCharsets.UTF_8),
        deadLetterCodec.encode(letter));
  }

  /** Pooled transactions are found again, after a failure, by the topics that they wrote to. */
  @Override
  public Optional<KafkaDatasetFacet> getKafkaDatasetFacet() {
    return Optional.of(
        new DefaultKafkaDatasetFacet(
            DefaultKafkaDatasetIdentifier.ofTopics(
                Stream.of(topic, deadLetterTopic).distinct().toList()),
            new Properties()));
  }
}
