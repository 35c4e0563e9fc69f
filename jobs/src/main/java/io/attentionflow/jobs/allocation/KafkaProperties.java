package io.attentionflow.jobs.allocation;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.flink.connector.kafka.source.KafkaSourceOptions;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What Kafka's clients make of the properties that are passed on to all of them. A client that
 * refuses one would fail the job whenever it starts, so all are asked before.
 *
 * <p>Most that is unknown would be read by nobody, and is refused as misspelt. Where properties
 * name classes, such as interceptors, those may have properties of their own: then it is let
 * through.
 */
public final class KafkaProperties {

  private static final String PREFIX = PipelineOptions.KAFKA;

  private static final List<ConfigDef> CLIENTS =
      List.of(
          ProducerConfig.configDef(), ConsumerConfig.configDef(), AdminClientConfig.configDef());

  /** What Flink's source and sink, and the reporter that every client has, read beside Kafka's. */
  private static final Set<String> READ_BY_OTHERS =
      Set.of(
          KafkaSourceOptions.CLIENT_ID_PREFIX.key(),
          KafkaSourceOptions.PARTITION_DISCOVERY_INTERVAL_MS.key(),
          KafkaSourceOptions.REGISTER_KAFKA_CONSUMER_METRICS.key(),
          KafkaSourceOptions.COMMIT_OFFSETS_ON_CHECKPOINT.key(),
          "register.producer.metrics",
          "flink.disable-metrics",
          "metrics.jmx.exclude",
          "metrics.jmx.include");

  /** What has an option of its own: one of the two would be lost. */
  private static final Map<String, String> OURS =
      Map.of(
          ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "kafka.bootstrap-servers",
          ConsumerConfig.GROUP_ID_CONFIG, "kafka.group-id",
          ProducerConfig.TRANSACTIONAL_ID_CONFIG, "delivery.transaction-prefix",
          ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, "delivery.transaction-timeout");

  /** Properties that name classes, beside those that Kafka itself calls so. */
  private static final Set<String> LISTS_OF_CLASSES =
      Set.of(
          ProducerConfig.INTERCEPTOR_CLASSES_CONFIG,
          ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG,
          ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
          ProducerConfig.SECURITY_PROVIDERS_CONFIG,
          "sasl.jaas.config",
          "config.providers");

  /** Clients that are only asked connect to nothing. */
  private static final String ANY_SERVER = "localhost:9092";

  private KafkaProperties() {}

  /** Every property that is known. */
  public static SortedSet<String> known() {
    SortedSet<String> known = new TreeSet<>(READ_BY_OTHERS);
    CLIENTS.forEach(client -> known.addAll(client.names()));
    return known;
  }

  /**
   * The property that a variable of the environment means, one that begins with {@code
   * ATTENTIONFLOW_KAFKA_PROPERTIES_}.
   */
  public static String ofVariable(String variable) {
    return EnvironmentNames.key(PREFIX, variable, known()).substring(PREFIX.length());
  }

  /**
   * Asks every kind of client.
   *
   * @throws InvalidOptionException if one would refuse them; it names the property
   */
  static void check(SortedMap<String, String> properties, PipelineOptions.Delivery delivery) {
    SortedSet<String> known = known();
    boolean othersRead = properties.keySet().stream().anyMatch(KafkaProperties::namesClasses);
    properties.forEach(
        (key, value) -> {
          if (OURS.containsKey(key)) {
            throw new InvalidOptionException(
                PREFIX + key, "has an option of its own, " + OURS.get(key));
          }
          if (!known.contains(key) && !othersRead) {
            throw new InvalidOptionException(
                PREFIX + key, "no client of Kafka has such a property");
          }
        });
    // Providers put other values in the place of those that are written.
    if (!properties.containsKey("config.providers")) {
      properties.forEach(KafkaProperties::checkByItself);
      checkTogether(properties, delivery);
    }
  }

  private static boolean namesClasses(String key) {
    return LISTS_OF_CLASSES.contains(key)
        || CLIENTS.stream()
            .map(client -> client.configKeys().get(key))
            .anyMatch(known -> known != null && known.type() == ConfigDef.Type.CLASS);
  }

  private static void checkByItself(String key, String value) {
    for (ConfigDef client : CLIENTS) {
      ConfigDef.ConfigKey known = client.configKeys().get(key);
      if (known != null) {
        try {
          Object parsed = ConfigDef.parseType(key, value, known.type());
          if (known.validator != null) {
            known.validator.ensureValid(key, parsed);
          }
        } catch (ConfigException e) {
          throw new InvalidOptionException(PREFIX + key, String.valueOf(e.getMessage()));
        }
      }
    }
  }

  /** What is right by itself may contradict the rest, such as too few acks for exactly-once. */
  private static void checkTogether(
      SortedMap<String, String> properties, PipelineOptions.Delivery delivery) {
    try {
      ProducerConfig producer = new ProducerConfig(producer(properties, delivery));
      long longest =
          producer.getLong(ProducerConfig.LINGER_MS_CONFIG)
              + producer.getInt(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG);
      if (properties.containsKey(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG)
          && producer.getInt(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG) < longest) {
        throw new InvalidOptionException(
            PREFIX + ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
            "is less than linger.ms and request.timeout.ms together, %d".formatted(longest));
      }
      Map<String, Object> consumer = new TreeMap<>(properties);
      consumer.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, ANY_SERVER);
      consumer.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
      consumer.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
      new ConsumerConfig(consumer);
      Map<String, Object> admin = new TreeMap<>(properties);
      admin.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, ANY_SERVER);
      new AdminClientConfig(admin);
    } catch (ConfigException e) {
      String problem = String.valueOf(e.getMessage());
      throw new InvalidOptionException(PREFIX + mentioned(problem, properties), problem);
    }
  }

  private static Properties producer(
      SortedMap<String, String> properties, PipelineOptions.Delivery delivery) {
    Properties producer = AllocationJob.producerProperties(delivery.guarantee(), properties);
    producer.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, ANY_SERVER);
    producer.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    producer.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    if (delivery.guarantee() == PipelineOptions.Delivery.Guarantee.EXACTLY_ONCE) {
      producer.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, delivery.transactionPrefix());
    }
    return producer;
  }

  /** The property that a complaint is about: the longest that it contains, else any. */
  private static String mentioned(String complaint, SortedMap<String, String> properties) {
    return properties.keySet().stream()
        .filter(complaint::contains)
        .max(Comparator.comparingInt(String::length))
        .orElse(String.join(", ", properties.keySet()));
  }
}
