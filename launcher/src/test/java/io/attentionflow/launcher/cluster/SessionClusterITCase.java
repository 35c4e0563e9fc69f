package io.attentionflow.launcher.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.attentionflow.launcher.RunningCommand;
import io.attentionflow.launcher.kafka.EmbeddedKafka;
import io.attentionflow.schema.AllocationCommand;
import io.attentionflow.schema.topic.Topic;
import io.attentionflow.schema.topic.TopicNames;
import io.attentionflow.schema.wire.RecordCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The jar that is submitted to a cluster, on a cluster that has nothing else of ours. Needs the
 * jar, and so runs when that is packaged: with {@code mvn verify}.
 */
class SessionClusterITCase {

  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern NAME = Pattern.compile("_(attentionflow_[a-z_]+)\\{");
  private static final Pattern ROW =
      Pattern.compile("^\\| `(attentionflow_[a-z_]+)` \\|([^|]*)\\|");

  @Test
  void allocatesEveryTaskOnceThoughATaskManagerIsKilled(@TempDir Path home) throws Exception {
    Path jar = Path.of(System.getProperty("attentionflow.job-jar", "(not set)"));
    assertThat(jar).as("the job's jar, which mvn package makes").exists();
    try (EmbeddedKafka kafka = EmbeddedKafka.start();
        SessionCluster cluster = SessionCluster.start(Files.createDirectories(home))) {
      String broker = kafka.bootstrapServers();
      try (RunningCommand topics =
          RunningCommand.start("topics", "create", "--bootstrap-servers", broker)) {
        assertThat(topics.awaitExit(PATIENCE)).isZero();
      }
      Process first = cluster.startTaskManager();
      cluster.submit(jar, "kafka.bootstrap-servers=" + broker, "execution.parallelism=2");

      try (RunningCommand replay =
              RunningCommand.start(
                  "replay",
                  "../simulation/src/test/resources/traces/small.swf",
                  "--bootstrap-servers",
                  broker,
                  "--speedup",
                  "100");
          Commands commands = new Commands(broker)) {
        commands.awaitOne();
        first.destroyForcibly().waitFor();
        cluster.startTaskManager();
        cluster.await("the job was restored", () -> cluster.restores() == 1);

        assertThat(replay.awaitExit(PATIENCE)).isZero();
        JsonNode counts = JSON.readTree(replay.result());
        assertThat(counts.path("submitted").asLong()).isPositive();
        assertThat(counts.path("over")).isEqualTo(counts.path("submitted"));
        assertThat(counts.path("overcommitments").asLong()).isZero();
        commands.readToEnd();
        assertThat(commands.ids()).doesNotHaveDuplicates();
        assertThat(commands.ids())
            .filteredOn(id -> id.endsWith("#1"))
            .hasSize(counts.path("submitted").asInt());
      }
      sendGarbage(broker);
      cluster.await("the bad record was counted", () -> badRecords(cluster.metrics()) == 1);
      assertThat(names(cluster.metrics())).isSubsetOf(documented()).containsAll(alwaysThere());
    }
  }

  private static void sendGarbage(String broker) throws Exception {
    Map<String, Object> settings = Map.of("bootstrap.servers", broker);
    try (var producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer
          .send(new ProducerRecord<>(TopicNames.PLAIN.of(Topic.TASK_EVENTS), new byte[] {1, 2, 3}))
          .get();
    }
  }

  /** As the query in docs/metrics.md sums them. */
  private static double badRecords(List<String> metrics) {
    return metrics.stream()
        .filter(line -> line.matches("[a-z_]+_attentionflow_dead_letters_total\\{.*"))
        .filter(line -> line.contains("reason=\"NOT_SINGLE_OBJECT\""))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  private static SortedSet<String> names(List<String> metrics) {
    SortedSet<String> names = new TreeSet<>();
    for (String line : metrics) {
      Matcher name = NAME.matcher(line.substring(0, line.indexOf('{') + 1));
      if (name.find()) {
        names.add(name.group(1));
      }
    }
    return names;
  }

  private static Set<String> documented() throws IOException {
    return rows().keySet();
  }

  /** All but those of reasons that were not met. */
  private static Set<String> alwaysThere() throws IOException {
    Map<String, String> rows = rows();
    rows.values().removeIf(labels -> labels.contains("reason"));
    return rows.keySet();
  }

  /** Names and their labels in the table of docs/metrics.md. */
  private static Map<String, String> rows() throws IOException {
    Map<String, String> labels = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of("../docs/metrics.md"))) {
      Matcher row = ROW.matcher(line);
      if (row.find()) {
        labels.put(row.group(1), row.group(2));
      }
    }
    return labels;
  }

  /** The committed commands, as far as they were read. */
  private static final class Commands implements AutoCloseable {

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final RecordCodec<AllocationCommand> codec = RecordCodec.of(AllocationCommand.class);
    private final List<AllocationCommand> read = new ArrayList<>();

    Commands(String broker) {
      consumer =
          new KafkaConsumer<>(
              Map.of("bootstrap.servers", broker, "isolation.level", "read_committed"),
              new ByteArrayDeserializer(),
              new ByteArrayDeserializer());
      partitions =
          consumer.partitionsFor(TopicNames.PLAIN.of(Topic.ALLOCATION_COMMANDS)).stream()
              .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
    }

    private void poll() {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
        read.add(codec.decode(record.value()).orElseThrow());
      }
    }

    /** Something was committed, and more is to come. */
    void awaitOne() {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (read.isEmpty()) {
        assertThat(System.nanoTime()).as("commands are committed").isLessThan(deadline);
        poll();
      }
    }

    void readToEnd() {
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        poll();
      }
    }

    List<String> ids() {
      return read.stream().map(AllocationCommand::getCommandId).toList();
    }

    @Override
    public void close() {
      consumer.close();
    }
  }
}
