package io.attentionflow.benchmarks.pipeline;

import io.attentionflow.schema.NodeEvent;
import io.attentionflow.schema.TaskEvent;
import io.attentionflow.schema.TaskFeedback;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.topic.TopicNames;
import io.attentionflow.schema.wire.RecordCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Writes what submitters and nodes say. For one thread. */
final class Feed implements AutoCloseable {

  private final TopicNames names;
  private final Producer<byte[], byte[]> producer;
  private final RecordCodec<TaskEvent> tasks = RecordCodec.of(TaskEvent.class);
  private final RecordCodec<TaskFeedback> feedback = RecordCodec.of(TaskFeedback.class);
  private final RecordCodec<NodeEvent> nodes = RecordCodec.of(NodeEvent.class);
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

  /**
   * @param linger how long a record may wait for others to go with
   */
  Feed(String bootstrapServers, TopicNames names, Duration linger) {
    this.names = names;
    producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.LINGER_MS_CONFIG,
                linger.toMillis(),
                ProducerConfig.BATCH_SIZE_CONFIG,
                1 << 18),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  void task(TaskEvent event) {
    send(Topic.TASK_EVENTS, event.getTaskId(), tasks.encode(event));
  }

  void feedback(TaskFeedback event) {
    send(Topic.TASK_FEEDBACK, event.getTaskId(), feedback.encode(event));
  }

  void node(NodeEvent event) {
    send(Topic.NODE_EVENTS, event.getNodeId(), nodes.encode(event));
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the callback hears of a failure
  private void send(Topic topic, String key, byte[] value) {
    producer.send(
        new ProducerRecord<>(names.of(topic), key.getBytes(StandardCharsets.UTF_8), value),
        (metadata, e) -> {
          if (e != null) {
            failure.compareAndSet(null, e);
          }
        });
  }

  /**
   * Waits until the broker has all.
   *
   * @throws KafkaException if it refused something
   */
  void flush() {
    producer.flush();
    Exception refused = failure.get();
    if (refused != null) {
      throw new KafkaException("the broker took not all records", refused);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
