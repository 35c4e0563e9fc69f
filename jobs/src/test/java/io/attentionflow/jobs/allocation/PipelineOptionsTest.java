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
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineOptionsTest {

  private static final List<String> ABSURD_VALUES =
      List.of(
          "",
          " ",
          ",",
          "/",
          "0",
          "-0",
          "-1",
          "1",
          "1.5",
          "1e999",
          "1e18",
          "NaN",
          "Infinity",
          "-Infinity",
          "2147483647",
          "2147483648",
          "9223372036854775807",
          "-9223372036854775808",
          "99999999999999999999",
          "0x10",
          "_",
          "0s",
          "-1s",
          "1ns",
          "1ms",
          "10",
          "10 parsecs",
          "1 s",
          "364999d",
          "365000d",
          "365001d",
          "9223372036854775807ms",
          "9223372036854775807d",
          "PT0S",
          "PT0.0000001S",
          "PT-1S",
          "P1D",
          "PT2562047788015215H",
          "PT-2562047788015215H",
          "true",
          "TRUE",
          "maybe",
          "null",
          "~",
          "[]",
          "{}",
          "a:1",
          "a:65536",
          "a b",
          "a\nb",
          "\u0000",
          "\ud83d\ude00",
          "A,B,C,D",
          "a,a",
          "x".repeat(100_000));

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
        "input.max-text | 65536 | from 1 to",
        "learning.class-bounds | 60s,10m,999999999999d | longer than 365000 days",
        "learning.class-bounds | 0.5ms,10m,2h | not a duration",
        "learning.class-bounds | 0ms,10m,2h | do not ascend",
        "learning.class-bounds | PT0.0001S,PT0.0002S,2h | whole milliseconds",
        "learning.class-bounds | 60s,,2h | empty",
        "learning.classes | A,,B/x,C | empty",
        "learning.classes | A,B/x,C,D | slash",
        "learning.classes | A,B,B,D | twice",
        "learning.classes | A,B,C,{text of 201} | at most 200",
        "learning.learners | prior,,logistic | empty",
        "learning.publish-interval | PT0.0001S | whole milliseconds",
        "input.pools | , | empty",
        "input.pools | a,b,a | twice",
        "input.max-cpu-millis | 9223372036854775807 | from 1 to 1000000000000",
        "delivery.transaction-timeout | 300d | longer than 2147483647ms",
        "delivery.transaction-prefix | {text of 201} | at most 200",
        "kafka.group-id | {text of 201} | at most 200",
        "kafka.bootstrap-servers | localhost:99999 | 1 to 65535",
        "kafka.bootstrap-servers | localhost:0 | 1 to 65535",
        "kafka.bootstrap-servers | a:1, | empty",
        "kafka.bootstrap-servers | a:1,b c:2 | host:port",
        "kafka.bootstrap-servers | :9092 | host:port",
        "kafka.properties.linger.ms | abc | Not a number",
        "kafka.properties.linger.ms | -1 | at least 0",
        "kafka.properties.security.protocol | TSL | SASL_SSL",
        "kafka.properties.security.protocl | SSL | client",
        "kafka.properties.bootstrap.servers | a:1 | kafka.bootstrap-servers",
        "kafka.properties.group.id | mine | kafka.group-id",
        "kafka.properties.transaction.timeout.ms | 1 | delivery.transaction-timeout",
        "kafka.properties.acks | 1 | acks",
        "kafka.properties.delivery.timeout.ms | 10 | linger.ms",
        "kafka.properties.partitioner.class | no.such.Class | no.such.Class",
        "execution.parallelism | 300 | pipeline.max-parallelism",
        "execution.flink.parallelism.default | abc | abc",
        "execution.flink.parallelism.default | -3 | arallelism",
        "execution.flink.parallelism.default | 300 | pipeline.max-parallelism",
        "execution.flink.pipeline.max-parallelism | 0 | arallelism",
        "execution.flink.execution.checkpointing.intervall | 1s | Flink",
        "execution.flink.execution.checkpointing.interval | 1ms | 10",
        "execution.flink.execution.checkpointing.max-concurrent-checkpoints | 0 | ",
        "execution.flink.execution.runtime-mode | batch | streaming",
        "execution.flink.execution.runtime-mode | sometimes | sometimes",
        "execution.flink.state.backend.type | rocksbd | rocksbd",
        "execution.flink.execution.checkpointing.storage | nowhere | nowhere",
        "execution.flink.restart-strategy.type | never-mind | never-mind",
        "execution.flink.nonsense | 1 | Flink"
      })
  void namesTheKeyAndWhatIsAllowed(String key, String value, @Nullable String allowed) {
    String given = value.replace("{text of 201}", "x".repeat(201));
    assertThatThrownBy(() -> PipelineOptions.with(Map.of(key, given)))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining(key)
        .hasMessageContaining(allowed == null ? "" : allowed);
  }

  /**
   * Whatever is written, it is taken, or refused by the name of the option: nothing else happens.
   */
  @ParameterizedTest
  @MethodSource("keys")
  void takesAnyValueOrRefusesItByKey(String key) {
    for (String value : ABSURD_VALUES) {
      try {
        StreamExecutionEnvironment env = new StreamExecutionEnvironment(new Configuration());
        AllocationJob.build(env, PipelineOptions.with(Map.of(key, value)));
        assertThat(env.getStreamGraph().getJobGraph().getNumberOfVertices()).isPositive();
      } catch (InvalidOptionException e) {
        assertThat(e).as("%s=%s", key, value).hasMessageContaining(key);
      } catch (RuntimeException | LinkageError e) {
        throw new AssertionError("%s=%s".formatted(key, value), e);
      }
    }
  }

  static Stream<String> keys() {
    return Stream.concat(
        PipelineOptions.documented().keySet().stream(),
        Stream.of(
            "kafka.properties",
            "kafka.properties.",
            "kafka.properties.linger.ms",
            "kafka.properties.batch.size",
            "kafka.properties.request.timeout.ms",
            "kafka.properties.max.poll.records",
            "kafka.properties.acks",
            "kafka.properties.security.protocol",
            "kafka.properties.sasl.mechanism",
            "execution.flink",
            "execution.flink.",
            "execution.flink.parallelism.default",
            "execution.flink.pipeline.max-parallelism",
            "execution.flink.execution.checkpointing.interval",
            "execution.flink.execution.checkpointing.timeout",
            "execution.flink.execution.checkpointing.dir",
            "execution.flink.execution.checkpointing.max-concurrent-checkpoints",
            "execution.flink.execution.checkpointing.tolerable-failed-checkpoints",
            "execution.flink.execution.buffer-timeout.interval",
            "execution.flink.restart-strategy.type",
            "execution.flink.state.backend.type",
            "execution.flink.state.backend.rocksdb.thread.num",
            "execution.flink.taskmanager.numberOfTaskSlots"));
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

  @Test
  void namesOneLineOfAFileThatIsNotYaml() throws IOException {
    Path file = write("kafka:\n  group-id: a\n   topic-prefix: b\nlearning:\n");

    assertThatThrownBy(() -> PipelineOptions.load(file, Map.of(), Map.of()))
        .isInstanceOf(InvalidOptionException.class)
        .message()
        .containsOnlyOnce("line ")
        .contains("line 3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'kafka:\n  group-id: a\nkafka:\n  start: latest\n' | kafka",
        "'kafka:\n  group-id: a\n  group-id: b\n' | group-id",
        "'kafka:\n  group-id: a\nkafka.group-id: b\n' | kafka.group-id",
        "'kafka:\n  group-id: a\n---\nkafka:\n  start: latest\n' | second document",
        "'kafka:\n  group-id: &a x\n  topic-prefix: *a\n' | kafka.topic-prefix",
        "'input:\n  pools: [a, [b]]\n' | input.pools",
        "'input:\n  pools: [a, {b: c}]\n' | input.pools",
        "'input:\n  pools: [\"a,b\"]\n' | input.pools",
        "'input:\n  pools: [a, ]\n  max-text: \n' | input.max-text",
        "'kafka: x\n' | kafka",
        "'- kafka\n' | keys and values",
        "'kafka\n' | keys and values"
      })
  void refusesAFileOfWhichAPartWouldBeLost(String yaml, String named) {
    assertThatThrownBy(() -> PipelineOptions.load(write(yaml), Map.of(), Map.of()))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining(named);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "# nothing\n",
        "---\n",
        "kafka:\n#  group-id: x\nlearning:\n",
        "kafka: {}\nexecution:\n  flink:\n",
        "kafka:\n  properties:\npolicy:\n  attention:\n",
        "---\nkafka:\n...\n"
      })
  void takesAnEmptySectionForNothing(String yaml) throws IOException {
    assertThat(PipelineOptions.load(write(yaml), Map.of(), Map.of()))
        .isEqualTo(PipelineOptions.defaults());
  }

  @Test
  void takesScalarsAsTheyAreWritten() throws IOException {
    Path file =
        write(
            """
            kafka:
              properties:
                ssl.key.password: 0012
                ssl.keystore.password: 1_000
            learning:
              seed: 1_000
              promote: True
            execution:
              flink:
                pipeline.jars: [a.jar, b.jar]
            """);

    PipelineOptions options = PipelineOptions.load(file, Map.of(), Map.of());

    assertThat(options.kafka().properties())
        .containsEntry("ssl.key.password", "0012")
        .containsEntry("ssl.keystore.password", "1_000");
    assertThat(options.learning().seed()).isEqualTo(1000);
    assertThat(options.learning().promote()).isTrue();
    assertThat(options.execution().flink()).containsEntry("pipeline.jars", "a.jar;b.jar");
  }

  private Path write(String yaml) throws IOException {
    return Files.writeString(directory.resolve("mine.yaml"), yaml);
  }

  @ParameterizedTest
  @CsvSource({
    "PIPELINE_AUTO_WATERMARK_INTERVAL, 200 ms, pipeline.auto-watermark-interval",
    "PIPELINE_AUTO__WATERMARK__INTERVAL, 200 ms, pipeline.auto-watermark-interval",
    "TASKMANAGER_NUMBEROFTASKSLOTS, 3, taskmanager.numberOfTaskSlots",
    "STATE_BACKEND_TYPE, rocksdb, state.backend.type",
    "STATE_BACKEND_LOCAL_RECOVERY, true, state.backend.local-recovery",
    "RESTART_STRATEGY, fixed-delay, restart-strategy",
    "S3_SECRET_KEY, hush, s3.secret-key",
    "S3_PATH_STYLE_ACCESS, true, s3.path-style-access",
    "FS_OSS_ACCESSKEYSECRET, hush, fs.oss.accessKeySecret",
    "FS_AZURE_ACCOUNT_KEY_MY__STORE_NET, hush, fs.azure.account.key.my-store.net",
    "FS_X_A___B, 1, fs.x.a_b"
  })
  void readsOptionsOfFlinkFromTheEnvironment(String variable, String value, String key) {
    Map<String, String> environment = Map.of("ATTENTIONFLOW_EXECUTION_FLINK_" + variable, value);

    assertThat(PipelineOptions.load(null, environment, Map.of()).execution().flink())
        .containsExactly(Map.entry(key, value));
  }

  @Test
  void readsEveryPropertyOfKafkaFromTheEnvironment() {
    for (String key : KafkaProperties.known()) {
      assertThat(KafkaProperties.ofVariable(variable("ATTENTIONFLOW_KAFKA_PROPERTIES_", key)))
          .isEqualTo(key);
    }
  }

  @Test
  void readsEveryOptionOfFlinkFromTheEnvironment() {
    for (String key : FlinkSettings.known()) {
      String variable = variable("ATTENTIONFLOW_EXECUTION_FLINK_", key);
      assertThat(EnvironmentNames.key("execution.flink.", variable, FlinkSettings.known()))
          .isEqualTo("execution.flink." + key);
      assertThat(FlinkSettings.mayBeRead(key)).as(key).isTrue();
    }
  }

  private static String variable(String beginning, String key) {
    return beginning + key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
  }

  @Test
  void refusesAVariableThatMayMeanSeveralOptions() {
    assertThatThrownBy(
            () -> EnvironmentNames.key("x.", "ATTENTIONFLOW_X_A_B", Set.of("a.b", "a-b")))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("ATTENTIONFLOW_X_A_B")
        .hasMessageContaining("a-b or a.b");
  }

  @ParameterizedTest
  @CsvSource({
    "EXECUTION_FLINK_PIPELINE_AUTO_WATERMARK_INTERVAL, abc,"
        + " execution.flink.pipeline.auto-watermark-interval",
    "EXECUTION_FLINK_PIPELINE_AUTO_WATERMARK_INTERVALL, 1 s,"
        + " ATTENTIONFLOW_EXECUTION_FLINK_PIPELINE_AUTO_WATERMARK_INTERVALL",
    "EXECUTION_FLINK_, 1, ATTENTIONFLOW_EXECUTION_FLINK_",
    "KAFKA_PROPERTIES_LINGER_MSS, 1, ATTENTIONFLOW_KAFKA_PROPERTIES_LINGER_MSS"
  })
  void refusesAVariableThatMeansNothing(String variable, String value, String named) {
    Map<String, String> environment = Map.of("ATTENTIONFLOW_" + variable, value);

    assertThatThrownBy(() -> PipelineOptions.load(null, environment, Map.of()))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining(named);
  }

  @Test
  void namesTheVariableOfABadValueUnlessTheCommandLineSaysOtherwise() {
    Map<String, String> environment = Map.of("ATTENTIONFLOW_DEMAND_SMOOTHING", "2");

    assertThatThrownBy(() -> PipelineOptions.load(null, environment, Map.of()))
        .hasMessage(
            "demand.smoothing: '2' is not a number above 0, at most 1"
                + " (set as ATTENTIONFLOW_DEMAND_SMOOTHING in the environment)");
    assertThatThrownBy(
            () -> PipelineOptions.load(null, environment, Map.of("demand.smoothing", "3")))
        .hasMessage("demand.smoothing: '3' is not a number above 0, at most 1");
  }

  @Test
  void refusesTwoVariablesOfTheSameOption() {
    Map<String, String> environment =
        Map.of(
            "ATTENTIONFLOW_EXECUTION_FLINK_PIPELINE_AUTO_WATERMARK_INTERVAL", "1 s",
            "ATTENTIONFLOW_EXECUTION_FLINK_PIPELINE_AUTO__WATERMARK__INTERVAL", "2 s");

    assertThatThrownBy(() -> PipelineOptions.load(null, environment, Map.of()))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageContaining("execution.flink.pipeline.auto-watermark-interval")
        .hasMessageContaining("PIPELINE_AUTO__WATERMARK__INTERVAL");
  }

  /** Interceptors, serializers and their like have settings of which Kafka knows nothing. */
  @Test
  void leavesUnknownPropertiesToClassesThatMayReadThem() {
    assertThat(
            PipelineOptions.with(
                    Map.of(
                        "kafka.properties.interceptor.classes", "com.example.Tracing",
                        "kafka.properties.tracing.endpoint", "a"))
                .kafka()
                .properties())
        .containsEntry("tracing.endpoint", "a");
  }

  @Test
  void leavesOptionsOfPluginsToFlink() {
    assertThat(
            PipelineOptions.with(
                    Map.of(
                        "execution.flink.s3.endpoint", "http://minio:9000",
                        "execution.flink.metrics.reporter.prom.port", "9249",
                        "execution.flink.pipeline.global-job-parameters.owner", "us"))
                .execution()
                .flink())
        .hasSize(3);
  }

  /** Such as a storage, and under its former key the directory that it needs. */
  @Test
  void takesOptionsOfFlinkThatAreRightOnlyTogether() {
    Map<String, String> together =
        Map.of(
            "execution.flink.execution.checkpointing.storage", "filesystem",
            "execution.flink.state.checkpoints.dir", "s3://bucket/checkpoints");

    assertThat(PipelineOptions.with(together).execution().flink()).hasSize(2);
  }

  @Test
  void namesTheOptionOfFlinkThatIsWrongAmongOthers() {
    Map<String, String> options = new HashMap<>();
    options.put("execution.flink.execution.checkpointing.storage", "filesystem");
    options.put("execution.flink.execution.checkpointing.dir", "s3://bucket/checkpoints");
    options.put("execution.flink.state.backend.type", "rocksbd");

    assertThatThrownBy(() -> PipelineOptions.with(options))
        .isInstanceOf(InvalidOptionException.class)
        .hasMessageStartingWith("execution.flink.state.backend.type: ")
        .hasMessageContaining("rocksbd");

    options.put("execution.flink.restart-strategy.type", "never-mind");

    assertThatThrownBy(() -> PipelineOptions.with(options))
        .hasMessageStartingWith("execution.flink.state.backend.type: ")
        .hasMessageContaining("rocksbd");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "broker:9092",
        "a_b-c.example:1,10.0.0.1:65535",
        "[::1]:9092",
        "::1:9092",
        "SASL_SSL://broker:9092"
      })
  void takesBrokersAsKafkaDoes(String servers) {
    assertThat(
            PipelineOptions.with(Map.of("kafka.bootstrap-servers", servers))
                .kafka()
                .bootstrapServers())
        .isEqualTo(servers);
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
