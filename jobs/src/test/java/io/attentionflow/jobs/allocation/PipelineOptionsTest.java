package io.attentionflow.jobs.allocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.attentionflow.allocation.PoolPolicy;
import io.attentionflow.allocation.RightSizing;
import io.attentionflow.learning.features.ComplexityScale;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PipelineOptionsTest {

  @TempDir Path directory;

  /** Every key that is documented is read, or loading would fail; and none is read beside them. */
  @Test
  void givesEveryDocumentedKeyAMeaning() {
    PipelineOptions options = PipelineOptions.defaults();

    assertThat(options.kafka().bootstrapServers()).isEqualTo("localhost:9092");
    assertThat(options.delivery().guarantee())
        .isEqualTo(PipelineOptions.Delivery.Guarantee.EXACTLY_ONCE);
    assertThat(options.learning().scale()).isEqualTo(ComplexityScale.DEFAULT);
    assertThat(options.policy()).isEqualTo(PoolPolicy.defaults());
  }

  @Test
  void documentsEveryKey() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("../config/pipeline.yaml"));
    for (int i = 1; i < lines.size(); i++) {
      if (lines.get(i).matches(" +[a-z-]+:.*")) {
        assertThat(lines.get(i - 1).strip()).as(lines.get(i)).startsWith("#");
      }
    }
  }

  @Test
  void letsTheFileTheEnvironmentAndTheCommandLineOverrideInThisOrder() throws IOException {
    Path file = directory.resolve("mine.yaml");
    Files.writeString(
        file,
        """
        kafka:
          group-id: of-file
          topic-prefix: of-file
          bootstrap-servers: file:1
        input:
          pools: [a, b]
        """);

    PipelineOptions options =
        PipelineOptions.load(
            file,
            Map.of(
                "ATTENTIONFLOW_KAFKA_TOPIC_PREFIX", "of-environment",
                "ATTENTIONFLOW_KAFKA_BOOTSTRAP_SERVERS", "environment:1",
                "PATH", "/bin"),
            Map.of("kafka.bootstrap-servers", "line:1,line:2"));

    assertThat(options.kafka().groupId()).isEqualTo("of-file");
    assertThat(options.kafka().topics().prefix()).isEqualTo("of-environment");
    assertThat(options.kafka().bootstrapServers()).isEqualTo("line:1,line:2");
    assertThat(options.input().pools()).containsExactly("a", "b");
  }

  @Test
  void passesOnWhatBelongsToKafkaAndFlink() {
    PipelineOptions options =
        PipelineOptions.load(
            null,
            Map.of("ATTENTIONFLOW_KAFKA_PROPERTIES_SASL_JAAS_CONFIG", "secret"),
            Map.of("execution.flink.state.backend.type", "rocksdb"));

    assertThat(options.kafka().properties()).containsEntry("sasl.jaas.config", "secret");
    assertThat(options.execution().flink()).containsEntry("state.backend.type", "rocksdb");
  }

  @Test
  void printsNoSecret() {
    PipelineOptions options =
        PipelineOptions.with(
            Map.of(
                "kafka.properties.ssl.key.password", "hush",
                "execution.flink.s3.secret-key", "hush"));

    assertThat(options.toString()).contains("ssl.key.password").doesNotContain("hush");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kafka.bootstrap-server | a:1 | kafka.bootstrap-servers",
        "nonsense | 1 | sections are delivery",
        "kafka.bootstrap-servers | nowhere | host:port",
        "delivery.guarantee | twice | exactly-once, at-least-once",
        "delivery.checkpoint-interval | soon | 250ms, 10s",
        "delivery.checkpoint-interval | 1ms | shorter than 10ms",
        "policy.ordering | by-mood | fcfs, priority",
        "policy.max-queued | -1 | from 0 to",
        "policy.reject-after-deadline | perhaps | true or false",
        "learning.serving | oracle | prior, logistic",
        "learning.learners | prior,oracle,logistic | oracle",
        "learning.class-bounds | 60s | upper bounds",
        "demand.window | 25s | whole number of panes",
        "input.max-shards | many | whole number",
        "kafka.topic-prefix | a/b | topic prefix",
        "policy.retention | 400000d | longer than 365000 days",
        "policy.heartbeat-timeout | PT2562047788015215H | longer than",
        "delivery.checkpoint-interval | PT2562047788015215H | longer than",
        "delivery.transaction-timeout | 1s | checkpoint-interval",
        "demand.pane | PT2562047788015215H | longer than",
        "time.max-ahead | PT2562047788015215H | longer than",
        "learning.learners | mixture,prior,mixture | twice",
        "input.max-text | 65536 | from 1 to"
      })
  void namesTheKeyAndWhatIsAllowed(String key, String value, String allowed) {
    assertThatThrownBy(() -> PipelineOptions.with(Map.of(key, value)))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining(key)
        .hasMessageContaining(allowed);
  }

  @Test
  void refusesAnUnknownVariableOfItsOwn() {
    assertThatThrownBy(
            () -> PipelineOptions.load(null, Map.of("ATTENTIONFLOW_KAFKA_SERVER", "a:1"), Map.of()))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("ATTENTIONFLOW_KAFKA_SERVER");
  }

  @Test
  void refusesAFileThatIsNotYaml() throws IOException {
    Path file = directory.resolve("mine.yaml");
    Files.writeString(file, "kafka: [");

    assertThatThrownBy(() -> PipelineOptions.load(file, Map.of(), Map.of()))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("mine.yaml");
  }

  @ParameterizedTest
  @CsvSource({
    "250ms, 250",
    "10s, 10000",
    "5m, 300000",
    "2h, 7200000",
    "7d, 604800000",
    "PT1M, 60000"
  })
  void readsDurations(String text, long millis) {
    assertThat(PipelineOptions.with(Map.of("time.max-ahead", text)).time().maxAhead())
        .isEqualTo(Duration.ofMillis(millis));
  }

  @Test
  void writesAPolicyAsItReadsIt() {
    PoolPolicy policy =
        PoolPolicy.defaults()
            .withOrdering(PoolPolicy.Ordering.FCFS)
            .withPlacement(PoolPolicy.Placement.ROUND_ROBIN)
            .withHeartbeatTimeout(Duration.ofMillis(1500))
            .withRetention(Duration.ZERO)
            .withRightSizing(new RightSizing(RightSizing.Mode.ON, 0.2, 0, 1, 0.25, 0.3, 4))
            .withSeed(-7);

    assertThat(PolicySettings.parse(PolicySettings.format(policy), PoolPolicy.defaults()))
        .isEqualTo(policy);
  }
}
