package io.attentionflow.launcher.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.attentionflow.launcher.Failure;
import io.attentionflow.launcher.net.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class KafkaOptionsTest {

  private static final String SERVERS = "ATTENTIONFLOW_KAFKA_BOOTSTRAP_SERVERS";

  @TempDir private Path directory;

  @Test
  void standsForTheBrokerOfThisMachineUnlessToldOtherwise() {
    KafkaOptions options = options(Map.of());

    assertThat(options.clientSettings())
        .containsExactly(Map.entry("bootstrap.servers", "localhost:9092"));
    assertThat(options.topics().prefix()).isEmpty();
    assertThat(options.namesBrokers()).isFalse();
  }

  @Test
  void followsTheEnvironmentAsTheJobDoes() {
    KafkaOptions options =
        options(
            Map.of(
                SERVERS,
                "a:1,b:2",
                "ATTENTIONFLOW_KAFKA_TOPIC_PREFIX",
                "staging.",
                "ATTENTIONFLOW_KAFKA_PROPERTIES_SECURITY_PROTOCOL",
                "SSL"));

    assertThat(options.clientSettings())
        .containsExactly(
            Map.entry("bootstrap.servers", "a:1,b:2"), Map.entry("security.protocol", "SSL"));
    assertThat(options.topics().prefix()).isEqualTo("staging.");
    assertThat(options.namesBrokers()).isTrue();
  }

  @Test
  void overridesTheEnvironmentByTheFileAndTheFileByTheCommandLine() throws IOException {
    Path file = directory.resolve("client.properties");
    Files.writeString(file, "bootstrap.servers=file:1\nsecurity.protocol=SSL\nclient.id=file\n");
    Map<String, String> environment = Map.of(SERVERS, "environment:1");

    assertThat(options(environment, "--kafka-config", file.toString()).clientSettings())
        .containsExactly(
            Map.entry("bootstrap.servers", "file:1"),
            Map.entry("client.id", "file"),
            Map.entry("security.protocol", "SSL"));
    assertThat(
            options(
                    environment,
                    "--kafka-config",
                    file.toString(),
                    "--bootstrap-servers",
                    "line:1",
                    "--kafka-property",
                    "client.id=line",
                    "--kafka-property",
                    "ssl.key.password=a=b")
                .clientSettings())
        .containsExactly(
            Map.entry("bootstrap.servers", "line:1"),
            Map.entry("client.id", "line"),
            Map.entry("security.protocol", "SSL"),
            Map.entry("ssl.key.password", "a=b"));
  }

  @Test
  void refusesWhatCannotBeMeant() {
    assertThatExceptionOfType(ParameterException.class)
        .isThrownBy(() -> options(Map.of(), "--bootstrap-servers", "nohost").clientSettings())
        .withMessageContaining("'nohost' is not host:port");
    assertThatExceptionOfType(ParameterException.class)
        .isThrownBy(() -> options(Map.of(SERVERS, "host:99999")).bootstrapServers())
        .withMessageContaining("'host:99999' is not one of 1 to 65535");
    assertThatExceptionOfType(ParameterException.class)
        .isThrownBy(() -> options(Map.of(), "--topic-prefix", "a b").topics())
        .withMessageContaining("a b");
    assertThatExceptionOfType(ParameterException.class)
        .isThrownBy(() -> options(Map.of(), "--kafka-config", "/no/such/file").clientSettings())
        .withMessageContaining("there is no file '/no/such/file'");
    assertThatExceptionOfType(ParameterException.class)
        .isThrownBy(() -> options(Map.of(), "--kafka-property", "tops3cret").clientSettings())
        .withMessageContaining("KEY=VALUE")
        .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("tops3cret"));
  }

  @Test
  @Timeout(20)
  void saysAtOnceThatNothingListens() {
    String nowhere = "localhost:" + Ports.free();
    KafkaOptions options =
        options(Map.of(), "--bootstrap-servers", nowhere + ",no-such-host.invalid:9092");

    assertThatExceptionOfType(Failure.class)
        .isThrownBy(options::admin)
        .satisfies(
            failure ->
                assertThat(failure.advice())
                    .contains("no broker at " + nowhere, "unknown host", "--bootstrap-servers"));
  }

  @Test
  void connectsToABrokerThatIsThere() throws Exception {
    try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
      KafkaOptions options =
          options(
              Map.of(),
              "--bootstrap-servers",
              "localhost:" + Ports.free() + ", " + kafka.bootstrapServers());

      try (var admin = options.admin()) {
        assertThat(options.answer(admin.listTopics().names())).isEmpty();
      }
    }
  }

  @Test
  void saysWhatToDoForEachKindOfRefusal() {
    KafkaOptions options = options(Map.of());

    assertThat(advice(options, new TimeoutException("gave up")))
        .contains("localhost:9092", "do not answer in time", "--kafka-config", "gave up");
    assertThat(advice(options, new SaslAuthenticationException("who?")))
        .contains("do not accept who we are: who?");
    assertThat(advice(options, new TopicAuthorizationException("no")))
        .contains("do not allow this");
    assertThat(advice(options, new KafkaException("outer", new ConfigException("bad"))))
        .contains("a setting of the Kafka client is wrong: bad");
    assertThat(advice(options, new KafkaException("tired"))).isEqualTo("Kafka refuses: tired");
  }

  @Test
  void hidesSecretsInWhatKafkaSays() {
    KafkaOptions options =
        options(
            Map.of("ATTENTIONFLOW_KAFKA_PROPERTIES_SASL_JAAS_CONFIG", "jaas-tops3cret"),
            "--kafka-property",
            "basic.auth.user.info=ann:tops3cret");

    assertThat(advice(options, new ConfigException("not jaas-tops3cret, and not ann:tops3cret")))
        .contains("not [hidden], and not [hidden]")
        .doesNotContain("tops3cret");
  }

  private static String advice(KafkaOptions options, KafkaException refusal) {
    return options.failure(refusal).advice();
  }

  private static KafkaOptions options(Map<String, String> environment, String... args) {
    Holder holder = new Holder(new KafkaOptions(environment));
    new CommandLine(holder).parseArgs(args);
    return holder.kafka;
  }

  @Command(name = "holder")
  private static final class Holder {
    @Mixin private final KafkaOptions kafka;

    Holder(KafkaOptions kafka) {
      this.kafka = kafka;
    }
  }
}
