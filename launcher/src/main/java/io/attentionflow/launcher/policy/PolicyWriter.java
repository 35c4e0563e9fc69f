package io.attentionflow.launcher.policy;

import io.attentionflow.launcher.kafka.KafkaOptions;
import io.attentionflow.launcher.kafka.LatestRecords;
import io.attentionflow.schema.PolicyUpdate;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.wire.RecordCodec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes policies: each with the version after that of its key. */
final class PolicyWriter {

  private PolicyWriter() {}

  /**
   * Writes a policy, made now by who runs this.
   *
   * @param key of the record
   * @param update everything but version, time and author
   * @throws KafkaException if it cannot be written
   */
  static PolicyUpdate write(
      KafkaOptions kafka, Duration timeout, String key, PolicyUpdate.Builder update)
      throws InterruptedException {
    PolicyUpdate before =
        LatestRecords.read(kafka, Topic.POLICY_UPDATES, PolicyUpdate.class, timeout).get(key);
    PolicyUpdate written =
        update
            .setVersion(before == null ? 1 : before.getVersion() + 1)
            .setUpdatedAt(Instant.now().truncatedTo(ChronoUnit.MILLIS))
            .setAuthor(System.getProperty("user.name", ""))
            .build();
    Map<String, Object> client = new HashMap<>(kafka.clientSettings());
    client.put("acks", "all");
    try (Producer<String, byte[]> producer =
        new KafkaProducer<>(client, new StringSerializer(), new ByteArraySerializer())) {
      byte[] value = RecordCodec.of(PolicyUpdate.class).encode(written);
      producer
          .send(new ProducerRecord<>(kafka.topics().of(Topic.POLICY_UPDATES), key, value))
          .get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException refusal
          ? refusal
          : new KafkaException("the policy could not be written", e);
    }
    return written;
  }
}
